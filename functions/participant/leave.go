package participant

import (
	"context"
	"net/http"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// leavePage says what leaving means for somebody, from where they are.
type leavePage struct {
	Link string
	Me   *enrolment.Enrolment
	// Active and Waiting are how many pairings go on, and matches wait for an answer.
	Active, Waiting int
	// Other is the same person's enrolment in the other role, or nil.
	Other *enrolment.Enrolment
}

// leaving is the person whose link the request came by, with what they would leave.
func (s *site) leaving(r *http.Request) (*programme.Programme, leavePage, error) {
	p, l, err := s.linked(r)
	if err != nil {
		return nil, leavePage{}, err
	}
	data := leavePage{Link: link.Path(r, purpose.Purpose(l.Purpose)), Me: l.Owner}
	pairings := map[string]*pairing.Pairing{}
	err = store.InParallel(r.Context(),
		func(context.Context) (err error) { data.Other, err = s.inOtherRole(r, p.ID, l.Owner); return err },
		func(ctx context.Context) error {
			with, err := s.Store.PairingsWith(ctx, p.ID, l.Person)
			for _, pair := range with {
				pairings[pair.ID] = pair
			}
			return err
		},
	)
	if err != nil {
		return nil, data, err
	}
	if data.Other != nil && data.Other.State == enrolment.Withdrawn {
		data.Other = nil
	}
	for _, id := range data.Me.Places {
		switch pair := pairings[id]; {
		case pair == nil:
			data.Waiting++
		case pair.State == pairing.Active:
			data.Active++
		}
	}
	return p, data, nil
}

// inOtherRole is the same person's enrolment in the other role, or nil.
func (s *site) inOtherRole(r *http.Request, p string, e *enrolment.Enrolment) (*enrolment.Enrolment, error) {
	found, err := s.Store.EnrolmentsOf(r.Context(), p, enrolment.IDs(enrolment.PersonOf(e.ID)))
	if err != nil {
		return nil, err
	}
	delete(found, e.ID)
	for _, other := range found {
		return other, nil
	}
	return nil, nil
}

func (s *site) showLeave(w http.ResponseWriter, r *http.Request) error {
	p, data, err := s.leaving(r)
	if err != nil {
		return err
	}
	return s.Pages.Show(w, r, "leave", web.Page{Title: "Leave the programme", Programme: p, Back: data.Link, Data: data})
}

// leave takes somebody out of the programme at their own word, from whichever state, and in
// both roles where they ask for it. Their links open nothing any more after that.
func (s *site) leave(w http.ResponseWriter, r *http.Request) error {
	p, data, err := s.leaving(r)
	if err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	ch, all := s.change(p), []*enrolment.Enrolment{data.Me}
	if data.Other != nil && posted.Get("both") == "yes" {
		all = append(all, data.Other)
	}
	if err := ch.Leave(r.Context(), all...); err != nil {
		return err
	}
	for _, e := range all {
		ch.Audit(store.AuditEntry{Programme: p.ID, By: e.ID, Did: "left the programme", To: e.ID, At: ch.Now})
	}
	ch.Enqueue(r.Context(), message.HasLeft(p, data.Me, ch.Now), ch.Now)
	if err := ch.Do(r.Context()); err != nil {
		return err
	}
	return web.Done(w, r, "/enrol/"+p.ID, "left")
}
