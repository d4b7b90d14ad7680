// Package desk is the function for the staff desk, behind sign-in: who
// enrolled, who is ready, and which matches go out.
package desk

import (
	"context"
	"embed"
	"errors"
	"net/http"

	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/signin"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

func init() { serve.Register("desk", New) }

//go:embed pages/*.html
var files embed.FS

// site is what the handlers work with.
type site struct {
	*serve.Runtime
	pages *web.Pages
}

// New makes the function's handler. Its routes are the function's contents page.
func New(_ context.Context, rt *serve.Runtime) (http.Handler, error) {
	pages, err := web.Parse(files)
	if err != nil {
		return nil, err
	}
	s := &site{rt, pages}
	mux := http.NewServeMux()
	route := func(pattern string, h web.Handler) { mux.Handle(pattern, pages.Handle(h)) }
	desk := func(pattern string, h web.Handler) { route(pattern, signedIn(h)) }

	route("GET /desk/sign-in", s.showSignIn)
	route("POST /desk/sign-in", s.sendLink)
	route("GET /desk/sign-in/{link}", s.showLink)
	route("POST /desk/sign-in/{link}", s.useLink)
	route("POST /desk/sign-out", s.signOut)

	desk("GET /desk/{$}", s.showDesk)
	desk("GET /desk/programmes/{programme}", s.showProgramme)
	desk("GET /desk/programmes/{programme}/people", s.showPeople)
	desk("GET /desk/programmes/{programme}/people/{enrolment}", s.showPerson)
	desk("POST /desk/programmes/{programme}/people/{enrolment}", serve.RetryOnConflict(s.prepare))
	desk("POST /desk/programmes/{programme}/people/{enrolment}/leave", serve.RetryOnConflict(s.leave))
	desk("POST /desk/programmes/{programme}/people/{enrolment}/emails", serve.RetryOnConflict(s.writeAgain))
	desk("POST /desk/programmes/{programme}/people/{enrolment}/address", serve.RetryOnConflict(s.readdress))
	desk("GET /desk/programmes/{programme}/waiting", s.showWaiting)
	desk("GET /desk/programmes/{programme}/emails", s.showEmails)
	desk("POST /desk/programmes/{programme}/emails", serve.RetryOnConflict(s.tryAgain))
	desk("GET /desk/programmes/{programme}/supervisors", s.showSupervisors)
	desk("GET /desk/programmes/{programme}/supervisors/new", s.showNewSupervisor)
	desk("POST /desk/programmes/{programme}/supervisors/new", s.addSupervisor)
	desk("GET /desk/programmes/{programme}/supervisors/{supervisor}", s.showSupervisor)
	desk("POST /desk/programmes/{programme}/supervisors/{supervisor}", s.changeSupervisor)
	desk("GET /desk/programmes/{programme}/matches", s.showMatches)
	desk("POST /desk/programmes/{programme}/matches", s.release)
	desk("GET /desk/programmes/{programme}/matches/withdraw", s.showWithdraw)
	desk("POST /desk/programmes/{programme}/matches/withdraw", s.withdraw)
	desk("GET /desk/programmes/{programme}/matches/of/{run}/{match}", s.showMatch)
	desk("GET /desk/programmes/{programme}/matches/why", s.showWhy)
	desk("GET /desk/programmes/{programme}/matches/bottlenecks", s.showBottlenecks)
	desk("GET /desk/programmes/{programme}/matches/change", s.showChange)
	desk("POST /desk/programmes/{programme}/matches/change", serve.RetryOnConflict(s.change))
	desk("GET /desk/programmes/{programme}/matches/decisions", s.showDecisions)
	desk("POST /desk/programmes/{programme}/matches/decisions", serve.RetryOnConflict(s.lift))
	desk("GET /desk/programmes/{programme}/matches/certificate", s.downloadCertificate)
	desk("GET /desk/programmes/{programme}/matches/proof", s.downloadProof)
	return pages.Routes(mux), nil
}

// signedIn sends who is not signed in to the sign-in page.
func signedIn(next web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		err := next(w, r)
		if errors.Is(err, signin.ErrSignedOut) && r.Method == http.MethodGet {
			return web.Redirect(w, r, signin.Page)
		}
		return err
	}
}

// coordinated is the programme that a request's address names, for a coordinator.
func (s *site) coordinated(r *http.Request) (*programme.Programme, *store.Staff, error) {
	staff, err := s.SignIn.Authorise(r, r.PathValue("programme"), signin.Coordinator)
	if err != nil {
		return nil, nil, err
	}
	p, err := s.Store.Programme(r.Context(), r.PathValue("programme"))
	return p, staff, err
}

// showDesk lists the programmes in which the member of staff has a part.
func (s *site) showDesk(w http.ResponseWriter, r *http.Request) error {
	staff, err := s.SignIn.Staff(r)
	if err != nil {
		return err
	}
	all, err := s.Store.Programmes(r.Context())
	if err != nil {
		return err
	}
	type row struct {
		*programme.Programme
		Coordinates bool
	}
	var mine []row
	for _, p := range all {
		if role := staff.Roles[p.ID]; role != "" {
			mine = append(mine, row{p, role == string(signin.Coordinator)})
		}
	}
	return s.pages.Show(w, r, "desk", web.Page{Title: "Your programmes", SignedIn: true, Data: mine})
}
