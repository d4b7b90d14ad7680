package participant

import (
	"errors"
	"net/http"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// newLeaderOf is where somebody says who leads their organisation now, under My programme.
const newLeaderOf = "new-leader"

// What has just been done about who leads an organisation now, see web.Done.
const didAskLeader, didLeadOn = "leader-asked", "lead-on"

// newLeaderPage is what is shown to who leads an organisation no longer.
type newLeaderPage struct {
	Link string
	Me   *enrolment.Enrolment
	// Waits says that somebody is asked already.
	Waits bool
	// Address and Goals are what was entered.
	Address string
	Goals   bool
}

// Passes is the choice of passing goals and actions on.
func (newLeaderPage) Passes() []web.Option {
	return []web.Option{{Value: "yes", Text: "Pass on what stands in our notebook as goals and actions",
		Hint: "Whoever takes your place then finds it as the organisation’s, if they go on with the same person. If you have your data deleted, it goes there, too. Without a tick nobody finds it"}}
}

// Passed is what is chosen of it.
func (d newLeaderPage) Passed() string {
	if d.Goals {
		return "yes"
	}
	return ""
}

// leading is the enrolment that a request is about, of who takes part on the side that its
// address names.
func (s *site) leading(w http.ResponseWriter, r *http.Request) (*programme.Programme, *enrolment.Enrolment, bool, error) {
	side := r.PathValue("side")
	m, stopped, err := s.behind(w, r, s.beforeMy, newLeaderOf+"/"+side)
	if stopped || err != nil {
		return nil, nil, stopped, err
	}
	e := m.link.Owner
	if e.Role != programme.RoleOf(side) {
		if e, err = s.inOtherRole(r, m.programme.ID, e); err != nil {
			return nil, nil, false, err
		}
	}
	if e == nil || e.Role != programme.RoleOf(side) || e.State == enrolment.Withdrawn {
		return nil, nil, false, errNoSuch
	}
	return m.programme, e, false, nil
}

func (s *site) showNewLeader(w http.ResponseWriter, r *http.Request) error {
	p, e, stopped, err := s.leading(w, r)
	if stopped || err != nil {
		return err
	}
	return s.renderNewLeader(w, r, p, newLeaderPage{Me: e}, nil)
}

func (s *site) renderNewLeader(w http.ResponseWriter, r *http.Request, p *programme.Programme, data newLeaderPage, invalid *fault.Invalid) error {
	data.Link, data.Waits = link.Path(r, purpose.My), data.Me.Handover.Waits(s.Now())
	page := web.Page{Title: "Somebody else leads your organisation now", Programme: p, Back: data.Link, Data: data, Invalid: invalid}
	switch did := web.WhatDone(r); {
	case invalid != nil:
	case did == didAskLeader && data.Waits:
		page.Said = "Thank you. That is all: until they take your place, it stays as it is."
	case did == didLeadOn && data.Me.Handover.Nomination == "":
		page.Said = "Nobody is asked any more, and your place stays as it is."
	}
	return s.Pages.Show(w, r, "new-leader", page)
}

// newLeader asks whoever leads the organisation now to take the place, or nobody any more.
// Sent twice it is once, and while one is asked, nobody else is.
func (s *site) newLeader(w http.ResponseWriter, r *http.Request) error {
	p, e, stopped, err := s.leading(w, r)
	if stopped || err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	ch, changed := s.change(p), false
	did, says := didAskLeader, "said that somebody else leads the organisation now"
	switch posted.Get("do") {
	case didAskLeader:
		data := newLeaderPage{Me: e, Address: posted.Get("email"), Goals: posted.Get("goals") == "yes"}
		changed, err = ch.AskLeader(r.Context(), data.Address, e, false, data.Goals)
		var invalid *fault.Invalid
		if errors.As(err, &invalid) {
			return s.renderNewLeader(w, r, p, data, invalid)
		}
	case didLeadOn:
		did, says = didLeadOn, "took back that somebody else leads the organisation now"
		changed = ch.StopAsking(e)
	default:
		return errNoSuch
	}
	to := link.Path(r, purpose.My) + "/" + newLeaderOf + "/" + e.Role.Side()
	if err != nil || !changed {
		return doneOr(w, r, to, did, err)
	}
	ch.Audit(store.AuditEntry{Programme: p.ID, By: e.ID, Did: says, To: e.ID, At: ch.Now})
	return s.commit(w, r, ch, to, did, nil)
}
