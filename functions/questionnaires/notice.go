package questionnaires

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/pseudonym"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
)

// noticePage says which privacy notice somebody has agreed to, and asks them to agree anew
// before they go on where it says something else by now.
type noticePage struct {
	Link, Version string
	Anew          bool
	AgreedAt      time.Time
	// To is the page under the link to which they were going, "" for its first.
	To string
}

// noticeBefore is the address of the page that asks to agree to the notice, for somebody who
// is to go on to a page under the link.
func (a answering) noticeBefore(page string) string {
	return a.Link + "/notice?to=" + url.QueryEscape(page)
}

// after is the address to which somebody goes on who has agreed: the page of the questions that
// a request names, or the first of the link.
func (a answering) after(to string) (page, address string) {
	if n, err := strconv.Atoi(to); to == "check" || err == nil && n > 0 && n <= len(a.Definition.Pages) {
		return to, a.Link + "/" + to
	}
	return "", a.Link
}

func (s *site) showNotice(w http.ResponseWriter, r *http.Request) error {
	p, a, err := s.open(r)
	if err != nil {
		return err
	}
	to, on := a.after(r.URL.Query().Get("to"))
	if a.over() && !a.agreed {
		return web.Redirect(w, r, on)
	}
	return s.renderNotice(w, r, p, a, to, nil)
}

func (s *site) renderNotice(w http.ResponseWriter, r *http.Request, p *programme.Programme, a answering, to string, invalid *fault.Invalid) error {
	data := noticePage{Link: a.Link, Version: s.Notice(p).Version, Anew: !a.agreed, AgreedAt: a.owner.Consent.At, To: to}
	title := "What you have agreed to"
	if data.Anew {
		title = "Our privacy notice has changed"
	} else if a.agreement != nil {
		at, err := a.agreement.At(p.Location())
		if err != nil {
			return err
		}
		data.AgreedAt = at
	}
	return s.Pages.Show(w, r, "notice", web.Page{Title: title, Programme: p, Back: a.Link, Invalid: invalid, Data: data})
}

// agree keeps that somebody has agreed to the notice as it is now: among the answers, since
// what is written beside people while they answer would say which answers are theirs.
func (s *site) agree(w http.ResponseWriter, r *http.Request) error {
	p, a, err := s.open(r)
	if err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	to, on := a.after(posted.Get("to"))
	if a.over() || a.agreed { // pressed twice
		return web.Redirect(w, r, on)
	}
	n := s.Notice(p)
	if posted.Get("consent") != n.Version {
		var invalid fault.Invalid
		invalid.Add("consent", "Select that you have read the privacy notice and agree")
		return s.renderNotice(w, r, p, a, to, &invalid)
	}
	agreed := &questionnaire.Agreed{ID: a.pseudonyms.Agreed(a.invitation.Enrolment), Version: n.Version, Facts: n.Facts, Day: s.Now().In(p.Location()).Format(time.DateOnly)}
	if a.agreement != nil {
		agreed.Written = a.agreement.Written
	}
	c := s.Answers.Commit()
	c.SaveAgreed(p.ID, agreed)
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	return web.Redirect(w, r, on)
}

// recordedAtOnce is how many enrolments are written in one commit, each with an entry of the
// audit trail.
const recordedAtOnce = 200

// recordAgreed writes beside people who has agreed to the notice on the way to their questions,
// and by which day: for all of them together and in random order. open are the invitations that
// are not marked as answered, since nobody is asked by another.
func (s *site) recordAgreed(ctx context.Context, p *programme.Programme, agreed []*questionnaire.Agreed, open []*questionnaire.Invitation) error {
	if len(agreed) == 0 {
		return nil
	}
	pseudonyms, err := pseudonym.Of(ctx, s.Answers, s.AnswerKeys, p.ID)
	if err != nil {
		return err
	}
	byID := map[string]*questionnaire.Agreed{}
	for _, a := range agreed {
		byID[a.ID] = a
	}
	roles := map[string]*questionnaire.Agreed{} // by the ids of enrolments
	for _, i := range open {
		if a := byID[pseudonyms.Agreed(i.Enrolment)]; a != nil {
			for _, id := range append(enrolment.IDs(enrolment.PersonOf(i.Enrolment)), i.Enrolment) {
				roles[id] = a
			}
		}
	}
	ids := slices.Collect(maps.Keys(roles))
	shuffle(ids)
	for some := range slices.Chunk(ids, recordedAtOnce) {
		if err := s.recordSome(ctx, p, some, roles); err != nil {
			return err
		}
	}
	for some := range slices.Chunk(agreed, store.MaxWrites) {
		c := s.Answers.Commit()
		for _, a := range some {
			c.DeleteAgreed(p.ID, a)
		}
		if err := c.Do(ctx); err != nil {
			return err
		}
	}
	return nil
}

// recordSome writes in some roles of people what they have agreed to.
func (s *site) recordSome(ctx context.Context, p *programme.Programme, ids []string, agreed map[string]*questionnaire.Agreed) error {
	found, err := s.Store.EnrolmentsOf(ctx, p.ID, ids)
	if err != nil {
		return err
	}
	now, notice, c := s.Now(), s.Notice(p), s.Store.Commit()
	for _, id := range ids {
		e, a := found[id], agreed[id]
		if e == nil || e.State == enrolment.Unconfirmed || e.HasAgreed(notice) { // on another page since
			continue
		}
		day, err := a.At(p.Location())
		if err != nil {
			return err
		}
		e.Consent = enrolment.Consent{Version: a.Version, Facts: a.Facts, At: day}
		e.UpdatedAt = now
		c.UpdateEnrolment(p.ID, e)
		c.Audit(store.AuditEntry{Programme: p.ID, By: e.ID, Did: "agreed to the privacy notice", To: e.ID, At: now})
	}
	return c.Do(ctx)
}
