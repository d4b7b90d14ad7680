// Package desk is the function for the staff desk, behind sign-in: who
// enrolled, who is ready, and which matches go out. A subject is a folder.
package desk

import (
	"github.com/cascading-leadership/cascade/functions/desk/matches"
	"github.com/cascading-leadership/cascade/functions/desk/messages"
	"github.com/cascading-leadership/cascade/functions/desk/people"
	"github.com/cascading-leadership/cascade/functions/desk/signin"
	"github.com/cascading-leadership/cascade/functions/desk/site"
	"github.com/cascading-leadership/cascade/functions/desk/supervisors"
	"github.com/cascading-leadership/cascade/functions/desk/today"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/web"
)

func init() { serve.Register("desk", New) }

// New makes the function's handler.
var New = serve.Pages(routes, signin.Pages, today.Pages, people.Pages, messages.Pages, supervisors.Pages, matches.Pages)

// routes are the function's contents page.
func routes(at *serve.Site, route serve.Route) {
	s := &site.Site{Site: at}
	desk := func(pattern string, h web.Handler) { route(pattern, site.SignedIn(h)) }

	signin := signin.Handlers{Site: s}
	route("GET /desk/sign-in", signin.Show)
	route("POST /desk/sign-in", signin.SendLink)
	route("GET /desk/sign-in/{link}", signin.ShowLink)
	route("POST /desk/sign-in/{link}", signin.UseLink)
	route("POST /desk/sign-out", signin.SignOut)

	today := today.Handlers{Site: s}
	desk("GET /desk/{$}", today.ListProgrammes)
	desk("GET /desk/programmes/{programme}", today.ShowProgramme)
	desk("GET /desk/programmes/{programme}/waiting", today.ListWaiting)

	people := people.Handlers{Site: s}
	desk("GET /desk/programmes/{programme}/people", people.List)
	desk("GET /desk/programmes/{programme}/people/{enrolment}", people.Show)
	desk("POST /desk/programmes/{programme}/people/{enrolment}", serve.RetryOnConflict(people.Prepare))
	desk("POST /desk/programmes/{programme}/people/{enrolment}/leave", serve.RetryOnConflict(people.Leave))
	desk("POST /desk/programmes/{programme}/people/{enrolment}/emails", serve.RetryOnConflict(people.WriteAgain))
	desk("POST /desk/programmes/{programme}/people/{enrolment}/address", serve.RetryOnConflict(people.Readdress))

	messages := messages.Handlers{Site: s}
	desk("GET /desk/programmes/{programme}/emails", messages.List)
	desk("POST /desk/programmes/{programme}/emails", serve.RetryOnConflict(messages.TryAgain))

	supervisors := supervisors.Handlers{Site: s}
	desk("GET /desk/programmes/{programme}/supervisors", supervisors.List)
	desk("GET /desk/programmes/{programme}/supervisors/new", supervisors.ShowNew)
	desk("POST /desk/programmes/{programme}/supervisors/new", supervisors.Add)
	desk("GET /desk/programmes/{programme}/supervisors/{supervisor}", supervisors.Show)
	desk("POST /desk/programmes/{programme}/supervisors/{supervisor}", supervisors.Change)

	matches := matches.Handlers{Site: s}
	desk("GET /desk/programmes/{programme}/matches", matches.List)
	desk("POST /desk/programmes/{programme}/matches", matches.Release)
	desk("GET /desk/programmes/{programme}/matches/withdraw", matches.ShowWithdraw)
	desk("POST /desk/programmes/{programme}/matches/withdraw", matches.Withdraw)
	desk("GET /desk/programmes/{programme}/matches/of/{run}/{match}", matches.Show)
	desk("GET /desk/programmes/{programme}/matches/why", matches.ShowWhy)
	desk("GET /desk/programmes/{programme}/matches/bottlenecks", matches.ShowBottlenecks)
	desk("GET /desk/programmes/{programme}/matches/change", matches.ShowChange)
	desk("POST /desk/programmes/{programme}/matches/change", serve.RetryOnConflict(matches.Change))
	desk("GET /desk/programmes/{programme}/matches/decisions", matches.ListDecisions)
	desk("POST /desk/programmes/{programme}/matches/decisions", serve.RetryOnConflict(matches.Lift))
	desk("GET /desk/programmes/{programme}/matches/certificate", matches.DownloadCertificate)
	desk("GET /desk/programmes/{programme}/matches/proof", matches.DownloadProof)
}
