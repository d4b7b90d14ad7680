// Package site is what the subjects of the desk share: who may come in, the pages,
// and the people of a programme by name.
package site

import (
	"net/http"
	"time"

	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/signin"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Site is what the handlers of each subject work with.
type Site struct{ *serve.Site }

// Coordinated is the programme that a request's address names, and the coordinator whose
// request it is.
func (s *Site) Coordinated(r *http.Request) (*programme.Programme, *store.Staff, error) {
	staff, err := signin.Of(r)
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
