// Package desk is the function for the staff desk, behind sign-in: who
// enrolled, who is ready, and which matches go out. A subject is a folder.
package desk

import (
	"context"
	"net/http"

	"github.com/cascading-leadership/cascade/functions/desk/matches"
	"github.com/cascading-leadership/cascade/functions/desk/messages"
	"github.com/cascading-leadership/cascade/functions/desk/people"
	"github.com/cascading-leadership/cascade/functions/desk/signin"
	"github.com/cascading-leadership/cascade/functions/desk/site"
	"github.com/cascading-leadership/cascade/functions/desk/supervisors"
	"github.com/cascading-leadership/cascade/functions/desk/today"
	"github.com/cascading-leadership/cascade/functions/desk/trail"
	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
)

func init() { serve.Register("desk", New) }

// New makes the function's handler.
func New(ctx context.Context, rt *serve.Runtime) (http.Handler, error) {
	var c signin.Config
	if err := serve.Environment(&c); err != nil {
		return nil, err
	}
	return With(c)(ctx, rt)
}

// With is New by which staff sign in as a configuration says.
func With(c signin.Config) serve.New {
	return func(ctx context.Context, rt *serve.Runtime) (http.Handler, error) {
		ways, err := signin.NewWays(c, rt)
		if err != nil {
			return nil, err
		}
		contents := func(at *serve.Site, route serve.Route) { routes(at, ways, route) }
		return serve.Pages(contents, signin.Pages, today.Pages, people.Pages, messages.Pages, supervisors.Pages, trail.Pages, matches.Pages)(ctx, rt)
	}
}

// routes are the function's contents page.
func routes(at *serve.Site, ways *signin.Ways, route serve.Route) {
	s := &site.Site{Site: at}

	signin := signin.Handlers{Site: s, Ways: ways}
	route("GET /desk/sign-in", access.See, access.SignIn, signin.Show)
	route("POST /desk/sign-in", access.Change, access.SignIn, signin.SendLink)
	route("GET /desk/sign-in/{link}", access.See, access.OwnSignIn, signin.ShowLink)
	route("POST /desk/sign-in/{link}", access.Change, access.OwnSignIn, signin.UseLink)
	route("GET /desk/account", access.See, access.SignIn, signin.BeginAccount)
	route("GET /desk/account/back", access.See, access.SignIn, signin.FinishAccount)
	route("GET /desk/account/out", access.See, access.SignIn, signin.EndAccount)
	route("GET /desk/signed-out", access.See, access.SignIn, signin.ShowSignedOut)
	route("POST /desk/sign-out", access.Change, access.SignIn, serve.RetryOnConflict(signin.SignOut))
	route("GET /desk/sessions", access.See, access.OwnSessions, signin.ListSessions)
	route("POST /desk/sessions", access.Change, access.OwnSessions, serve.RetryOnConflict(signin.EndSessions))

	today := today.Handlers{Site: s}
	route("GET /desk/{$}", access.See, access.OwnProgrammes, today.ListProgrammes)
	route("GET /desk/programmes/{programme}", access.See, access.Overview, today.ShowProgramme)
	route("GET /desk/programmes/{programme}/report", access.See, access.Report, signin.OpenReport)
	route("GET /desk/programmes/{programme}/waiting", access.See, access.Overview, today.ListWaiting)

	people := people.Handlers{Site: s}
	route("GET /desk/programmes/{programme}/people", access.See, access.People, people.List)
	route("GET /desk/programmes/{programme}/people/{enrolment}", access.See, access.Person, people.Show)
	route("POST /desk/programmes/{programme}/people/{enrolment}", access.Change, access.People, serve.RetryOnConflict(people.Prepare))
	route("POST /desk/programmes/{programme}/people/{enrolment}/leave", access.Change, access.People, serve.RetryOnConflict(people.Leave))
	route("POST /desk/programmes/{programme}/people/{enrolment}/emails", access.Change, access.People, serve.RetryOnConflict(people.WriteAgain))
	route("POST /desk/programmes/{programme}/people/{enrolment}/address", access.Change, access.People, serve.RetryOnConflict(people.Readdress))
	route("POST /desk/programmes/{programme}/people/{enrolment}/leader", access.Change, access.People, serve.RetryOnConflict(people.Lead))
	route("POST /desk/programmes/{programme}/people/{enrolment}/organisation", access.Change, access.People, serve.RetryOnConflict(people.Join))
	route("GET /desk/programmes/{programme}/people/{enrolment}/data", access.See, access.Person, people.ShowData)
	route("GET /desk/programmes/{programme}/people/{enrolment}/data/{file}", access.See, access.PersonsData, people.DownloadData)
	route("POST /desk/programmes/{programme}/people/{enrolment}/data", access.Change, access.People, serve.RetryOnConflict(people.PostData))
	route("GET /desk/programmes/{programme}/people/{enrolment}/correct/{group}", access.See, access.Person, people.ShowCorrect)
	route("POST /desk/programmes/{programme}/people/{enrolment}/correct/{group}", access.Change, access.People, serve.RetryOnConflict(people.Correct))
	route("GET /desk/programmes/{programme}/requests", access.See, access.People, people.ListRequests)
	route("POST /desk/programmes/{programme}/requests", access.Change, access.People, serve.RetryOnConflict(people.EndRequest))
	route("GET /desk/programmes/{programme}/organisations", access.See, access.People, people.ListUnclear)
	route("POST /desk/programmes/{programme}/organisations", access.Change, access.People, serve.RetryOnConflict(people.Settle))

	messages := messages.Handlers{Site: s}
	route("GET /desk/programmes/{programme}/emails", access.See, access.FailedEmails, messages.List)
	route("POST /desk/programmes/{programme}/emails", access.Change, access.FailedEmails, serve.RetryOnConflict(messages.TryAgain))

	supervisors := supervisors.Handlers{Site: s}
	route("GET /desk/programmes/{programme}/supervisors", access.See, access.Supervisors, supervisors.List)
	route("GET /desk/programmes/{programme}/supervisors/new", access.See, access.Supervisors, supervisors.ShowNew)
	route("POST /desk/programmes/{programme}/supervisors/new", access.Add, access.Supervisors, supervisors.Add)
	route("GET /desk/programmes/{programme}/supervisors/{supervisor}", access.See, access.OneSupervisor, supervisors.Show)
	route("POST /desk/programmes/{programme}/supervisors/{supervisor}", access.Change, access.Supervisors, supervisors.Change)

	trail := trail.Handlers{Site: s}
	route("GET /desk/programmes/{programme}/audit", access.See, access.Audit, trail.List)
	route("POST /desk/programmes/{programme}/audit", access.See, access.Audit, trail.Find)

	matches := matches.Handlers{Site: s}
	route("GET /desk/programmes/{programme}/matches", access.See, access.Matches, matches.List)
	route("POST /desk/programmes/{programme}/matches", access.Change, access.Matches, matches.Release)
	route("GET /desk/programmes/{programme}/further", access.See, access.Further, matches.ListFurther)
	route("POST /desk/programmes/{programme}/further", access.Change, access.Further, serve.RetryOnConflict(matches.AnswerFurther))
	route("GET /desk/programmes/{programme}/matches/withdraw", access.See, access.Matches, matches.ShowWithdraw)
	route("POST /desk/programmes/{programme}/matches/withdraw", access.Change, access.Matches, matches.Withdraw)
	route("GET /desk/programmes/{programme}/matches/of/{run}/{match}", access.See, access.Match, matches.Show)
	route("POST /desk/programmes/{programme}/matches/of/{run}/{match}", access.Change, access.Matches, serve.RetryOnConflict(matches.ChangePairing))
	route("GET /desk/programmes/{programme}/matches/why", access.See, access.Pair, matches.ShowWhy)
	route("GET /desk/programmes/{programme}/matches/bottlenecks", access.See, access.Matches, matches.ShowBottlenecks)
	route("GET /desk/programmes/{programme}/matches/change", access.See, access.Pair, matches.ShowChange)
	route("POST /desk/programmes/{programme}/matches/change", access.Change, access.Decisions, serve.RetryOnConflict(matches.Change))
	route("GET /desk/programmes/{programme}/matches/decisions", access.See, access.Decisions, matches.ListDecisions)
	route("POST /desk/programmes/{programme}/matches/decisions", access.Change, access.Decisions, serve.RetryOnConflict(matches.Lift))
	route("GET /desk/programmes/{programme}/matches/certificate", access.See, access.Proof, matches.DownloadCertificate)
	route("GET /desk/programmes/{programme}/matches/proof", access.See, access.Proof, matches.DownloadProof)
}
