package signin

import (
	"net/http"
	"slices"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/signin"
	"github.com/cascading-leadership/cascade/shared/platform/web"
)

// sessionsPage lists where somebody is signed in, this browser first.
type sessionsPage struct {
	Sessions []*access.StaffSession
	// This is the id of this browser's.
	This   string
	Limits access.SessionLimits
}

// ListSessions shows a member of staff where they are signed in.
func (h Handlers) ListSessions(w http.ResponseWriter, r *http.Request) error {
	m, this, err := signin.Session(r)
	if err != nil {
		return err
	}
	all, err := h.Store.StaffSessions(r.Context(), m.ID)
	if err != nil {
		return err
	}
	now := h.SignIn.Now()
	all = slices.DeleteFunc(all, func(s *access.StaffSession) bool { return !s.Open(h.SignIn.Limits, now) })
	slices.SortFunc(all, func(a, b *access.StaffSession) int {
		switch this.ID {
		case a.ID:
			return -1
		case b.ID:
			return 1
		}
		return b.SeenAt.Compare(a.SeenAt)
	})
	return h.Page(w, r, "sessions", web.Page{Title: "Where you are signed in", Back: deskpath.Home, Data: sessionsPage{all, this.ID, h.SignIn.Limits}})
}

// EndSessions signs a member of staff out in one browser, or everywhere.
func (h Handlers) EndSessions(w http.ResponseWriter, r *http.Request) error {
	m, this, err := signin.Session(r)
	if err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	all, err := h.Store.StaffSessions(r.Context(), m.ID)
	if err != nil {
		return err
	}
	if one := posted.Get("session"); one != "" {
		all = slices.DeleteFunc(all, func(s *access.StaffSession) bool { return s.ID != one })
	} else if posted.Get("all") == "" {
		return fault.New(fault.NotFound, "Choose where to sign out on the page before.")
	}
	c := h.Store.Commit()
	c.EndStaffSessions(m, m.ID, "signed out of sessions", all...)
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	if slices.ContainsFunc(all, func(s *access.StaffSession) bool { return s.ID == this.ID }) {
		signin.Forget(w)
		return h.signedOut(w, r, this)
	}
	return web.Redirect(w, r, deskpath.Sessions)
}
