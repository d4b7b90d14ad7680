package participant

import (
	"errors"
	"net/http"
	"slices"

	"github.com/cascading-leadership/cascade/shared/directory"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// rankField is the input for one place in the order of preference.
type rankField struct {
	Name, Label, Value string
	Options            []web.Option
}

// ranks are the inputs, with those to choose among who are on this page of the list, and
// those who are chosen: a list of everybody would be too long to read.
func (who *chooser) ranks(rows []candidateRow, chosen []string) []rankField {
	options := []web.Option{{Text: "Nobody"}}
	add := func(c directory.Candidate) {
		options = append(options, web.Option{Value: c.ID, Text: c.Organisation.Name + ", " + c.Organisation.Region})
	}
	for _, c := range who.list {
		onPage := slices.ContainsFunc(rows, func(row candidateRow) bool { return row.ID == c.ID })
		if onPage || slices.Contains(chosen, c.ID) {
			add(c)
		}
	}
	fields := make([]rankField, len(enrolment.Ranks))
	for i, rank := range enrolment.Ranks {
		fields[i] = rankField{Name: rank.Name, Label: rank.Words, Options: options}
		if i < len(chosen) {
			fields[i].Value = chosen[i]
		}
	}
	return fields
}

// rank saves whom somebody would like to work with, most of all first. The next
// matching run counts it as the programme says.
func (s *site) rank(w http.ResponseWriter, r *http.Request) error {
	who, err := s.choosing(r)
	if err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	if who.Programme.Mode != programme.Ranked {
		return fault.New(fault.NotFound, "People do not rank each other in this programme.")
	}
	data, err := s.choices(r, who)
	if err != nil {
		return err
	}
	if !data.CanChoose() || !data.Ready() {
		data.Problem = "Your choice was not saved."
		return s.renderChoices(w, r, who, data, nil)
	}
	wanted := make([]string, len(enrolment.Ranks))
	for i, rank := range enrolment.Ranks {
		wanted[i] = posted.Get(rank.Name)
	}
	err = who.Me.Prefer(wanted, func(id string) bool {
		return slices.ContainsFunc(who.list, func(c directory.Candidate) bool { return c.ID == id })
	})
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		data.Ranks = who.ranks(data.Rows, wanted)
		return s.renderChoices(w, r, who, data, invalid)
	}
	if err != nil {
		return err
	}
	now := s.Now()
	who.Me.UpdatedAt = now
	c := s.Store.Commit()
	c.UpdateEnrolment(who.Programme.ID, who.Me)
	c.Audit(store.AuditEntry{Programme: who.Programme.ID, By: who.Me.ID, Did: "said whom they prefer", To: who.Me.ID, At: now})
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	return web.Done(w, r, who.path, didRank)
}
