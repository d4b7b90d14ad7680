package enrolment

import (
	"net/http"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// linked is the enrolment that the request's link is for.
func (s *site) linked(r *http.Request) (*programme.Programme, *enrolment.Enrolment, error) {
	l, err := link.Of(r)
	if err != nil {
		return nil, nil, err
	}
	p, err := s.Store.Programme(r.Context(), l.Programme)
	if err != nil {
		return nil, nil, err
	}
	e, err := s.Store.Enrolment(r.Context(), l.Programme, l.Person)
	if fault.Is(err, fault.NotFound) {
		err = fault.New(fault.Gone, "This link is no longer used: the enrolment was taken back, or its address was corrected. If you enrolled, look for a newer email.")
	}
	return p, e, err
}

// showConfirm shows a button, or that it was pressed before. Mail scanners open
// this page too, so it changes nothing.
func (s *site) showConfirm(w http.ResponseWriter, r *http.Request) error {
	p, e, err := s.linked(r)
	if err != nil {
		return err
	}
	if e.State != enrolment.Unconfirmed {
		return s.Pages.Show(w, r, "confirmed", web.Page{Title: "Your enrolment is confirmed", Programme: p, Data: e})
	}
	return s.Pages.Show(w, r, "confirm", web.Page{Title: "Confirm your enrolment", Programme: p, Data: e})
}

func (s *site) confirm(w http.ResponseWriter, r *http.Request) error {
	p, e, err := s.linked(r)
	if err != nil {
		return err
	}
	if e.State == enrolment.Unconfirmed {
		now := s.Now()
		e.Confirm(now)
		e.UpdatedAt = now
		c := s.Store.Commit()
		c.UpdateEnrolment(p.ID, e)
		c.LogTransition("enrolment", e.ID, string(e.State))
		c.Enqueue(r.Context(), message.EnrolmentConfirmed(p, e), now)
		if err := c.Do(r.Context()); err != nil {
			return err
		}
	}
	return web.Redirect(w, r, link.Path(r, purpose.Confirm))
}
