// Package site is what the subjects of the desk share: who may come in, the pages,
// and the people of a programme by name.
package site

import (
	"errors"
	"net/http"
	"time"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/signin"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Site is what the handlers of each subject work with.
type Site struct{ *serve.Site }

// SignedIn sends who is not signed in to the sign-in page.
func SignedIn(next web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		err := next(w, r)
		if errors.Is(err, signin.ErrSignedOut) && r.Method == http.MethodGet {
			return web.Redirect(w, r, signin.Page)
		}
		return err
	}
}

// Coordinated is the programme that a request's address names, for a coordinator.
func (s *Site) Coordinated(r *http.Request) (*programme.Programme, *store.Staff, error) {
	staff, err := s.SignIn.Authorise(r, r.PathValue("programme"), access.Coordinator)
	if err != nil {
		return nil, nil, err
	}
	p, err := s.Store.Programme(r.Context(), r.PathValue("programme"))
	return p, staff, err
}

// GuardRuns makes a matching run that is under way, and counted on what this commit
// changes, come too late: a run names itself in the programme as it was read.
func GuardRuns(c *store.Commit, p *programme.Programme, now time.Time) {
	p.UpdatedAt = now
	c.UpdateProgramme(p)
}
