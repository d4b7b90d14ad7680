// Package pairing is the function for a participant's pages behind an emailed
// link: the match and its answer, and the sessions of the pairing.
package pairing

import (
	"context"
	"embed"
	"net/http"

	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
)

func init() { serve.Register("pairing", New) }

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

	route("GET /match/{link}", s.showMatch)
	route("GET /match/{link}/accept", s.showExpectations)
	route("POST /match/{link}/accept", anew(s.accept))
	route("GET /match/{link}/decline", s.showDecline)
	route("POST /match/{link}/decline", anew(s.decline))

	route("GET /pairing/{link}", s.showPairing)
	route("GET /pairing/{link}/book", s.showBook)
	route("POST /pairing/{link}/book", s.book)
	route("GET /pairing/{link}/log/{session}", s.showLog)
	route("POST /pairing/{link}/log/{session}", anew(s.log))
	route("POST /pairing/{link}/finish", anew(s.finish))
	return pages.Routes(mux), nil
}

// tries is how often a change is made anew when others are made at the same time.
const tries = 5

// anew has a change made once more where another came first, by the other side or
// by a double click: the handler reads what that one left, and goes by it.
func anew(h web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		for try := 1; ; try++ {
			if err := h(w, r); !store.Beaten(err) || try == tries {
				return err
			}
		}
	}
}
