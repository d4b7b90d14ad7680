// Package site is what the subjects of the desk share: who may come in, the pages,
// and the people of a programme by name.
package site

import (
	"net/http"
	"net/url"
	"time"

	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/signin"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
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

// Posted is Coordinated with the form that the coordinator sent.
func (s *Site) Posted(r *http.Request) (*programme.Programme, *store.Staff, url.Values, error) {
	p, staff, err := s.Coordinated(r)
	if err != nil {
		return nil, nil, nil, err
	}
	posted, err := web.Form(r)
	return p, staff, posted, err
}

// Page answers with a page to who is signed in.
func (s *Site) Page(w http.ResponseWriter, r *http.Request, name string, page web.Page) error {
	page.SignedIn = true
	return s.Pages.Show(w, r, name, page)
}

// GuardRuns makes a matching run that is under way, and counted on what this commit
// changes, come too late: a run names itself in the programme as it was read.
func GuardRuns(c *store.Commit, p *programme.Programme, now time.Time) {
	p.UpdatedAt = now
	c.UpdateProgramme(p)
}
