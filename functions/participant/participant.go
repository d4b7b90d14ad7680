// Package participant is the function for a participant's pages behind an emailed
// link: whom to choose, the match and its answer, the sessions of the pairing, and
// which emails they get.
package participant

import (
	"embed"

	"github.com/cascading-leadership/cascade/shared/platform/serve"
)

func init() { serve.Register("participant", New) }

//go:embed pages/*.html parts/*.html
var files embed.FS

// site is what the handlers work with.
type site struct{ *serve.Site }

// New makes the function's handler.
var New = serve.Pages(routes, files)

// routes are the function's contents page.
func routes(at *serve.Site, route serve.Route) {
	s := &site{at}

	route("GET /match/{link}", s.showMatch)
	route("GET /match/{link}/check", s.showCheck)
	route("GET /match/{link}/check/row", s.downloadRow)
	route("GET /match/{link}/accept", s.showExpectations)
	route("POST /match/{link}/accept", serve.RetryOnConflict(s.accept))
	route("GET /match/{link}/decline", s.showDecline(s.matched))
	route("POST /match/{link}/decline", serve.RetryOnConflict(s.decline(s.matched)))

	route("GET /choose/{link}", s.showChoices)
	route("POST /choose/{link}", serve.RetryOnConflict(s.rank))
	route("GET /choose/{link}/with/{person}", s.showAsk)
	route("POST /choose/{link}/with/{person}", serve.RetryOnConflict(s.ask))
	route("GET /choose/{link}/decline", s.showDecline(s.chosen))
	route("POST /choose/{link}/decline", serve.RetryOnConflict(s.decline(s.chosen)))

	route("GET /pairing/{link}", s.showPairing)
	route("GET /pairing/{link}/book", s.showBook)
	route("POST /pairing/{link}/book", s.book)
	route("GET /pairing/{link}/move/{session}", s.showMove)
	route("POST /pairing/{link}/move/{session}", serve.RetryOnConflict(s.move))
	route("GET /pairing/{link}/cancel/{session}", s.showCancel)
	route("POST /pairing/{link}/cancel/{session}", serve.RetryOnConflict(s.cancel))
	route("GET /pairing/{link}/log/{session}", s.showLog)
	route("POST /pairing/{link}/log/{session}", serve.RetryOnConflict(s.log))
	route("POST /pairing/{link}/finish", serve.RetryOnConflict(s.finish))

	route("GET /emails/{link}", s.showEmails)
	route("POST /emails/{link}", serve.RetryOnConflict(s.chooseEmails))
}
