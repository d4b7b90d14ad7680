package participant

import (
	"net/http"
	"slices"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/reminder"
)

// description is somebody without their name or their organisation's: no more than tells whether
// there may be a conflict. Nothing of it is what they wrote themselves, and a place is no
// smaller than a region, since these lines together may tell who it is.
type description struct {
	Kinds        []string
	Region, Size string
	// Skills are what they offer, or need.
	Skills []string
}

// sizes are the bands of programme.Band in words.
var sizes = []string{"not known", "very small: an income below £10,000 a year", "small: below £100,000 a year", "medium: below £1 million a year",
	"large: below £10 million a year", "very large: £10 million a year or more", "very large: £10 million a year or more"}

// describe is the other side of a match as its reader may know it before names.
func describe(p *programme.Programme, other *enrolment.Enrolment, facts matching.Facts) *description {
	d := &description{Region: other.Organisation.Region, Size: sizes[programme.Band(other.Organisation.Income)]}
	for _, code := range other.Organisation.Categories {
		if name := p.CategoryName(code); !slices.Contains(d.Kinds, name) {
			d.Kinds = append(d.Kinds, name)
		}
	}
	for _, need := range facts.Met {
		d.Skills = append(d.Skills, p.SkillName(need.Skill))
	}
	return d
}

// What is said of a conflict.
const (
	noConflict  = "none"
	mayConflict = "maybe"
)

// Sees are what who reads of the other can say.
func (matchPage) Sees() []web.Option {
	return []web.Option{{Value: noConflict, Text: "No conflict that I can see"},
		{Value: mayConflict, Text: "There may be one", Hint: "Then this match does not go ahead, and we look for another. Nobody is blamed, and the other is not told why"}}
}

// checkConflict records whether somebody sees a conflict in what they read of the other. A
// conflict ends the match as declining does. Where neither sees one, both learn who it is: the
// first who said so by email.
func (s *site) checkConflict(w http.ResponseWriter, r *http.Request) error {
	p, data, err := s.matched(r)
	if err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	switch posted.Get("conflict") {
	case mayConflict:
		return s.declined(w, r, s.matched)
	case noConflict:
	default: // a scanner presses buttons, and chooses nothing
		return s.renderMatch(w, r, p, data, &fault.Invalid{Fields: []fault.Field{{Name: "conflict", Message: "Select whether you see a conflict"}}})
	}
	m, now := data.Match, s.Now()
	changed, err := m.Clear(data.Role, now)
	if err != nil {
		return err
	}
	if !changed { // sent twice
		return web.Done(w, r, data.Link, didClear)
	}
	c := s.Store.Commit()
	if m.Named() {
		client, consultant := data.Me, data.Other
		if data.Role == programme.Consultant {
			client, consultant = consultant, client
		}
		if by := reminder.AnswerBy(p, client, consultant, now); !m.ReplyBy.IsZero() && by.After(m.ReplyBy) {
			m.ReplyBy = by
		}
		c.Enqueue(r.Context(), message.MatchNamed(p, m, data.Role.Other()), now)
	}
	m.UpdatedAt = now
	c.UpdateMatch(p.ID, m)
	c.Audit(store.AuditEntry{Programme: p.ID, By: m.Side(data.Role).Enrolment, Did: "saw no conflict in the match", To: m.ID, About: m.Both(), At: now})
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	return web.Done(w, r, data.Link, didClear)
}
