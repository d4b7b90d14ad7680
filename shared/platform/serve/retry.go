package serve

import (
	"net/http"

	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
)

// tries is how often a change is made anew when others are made at the same time.
const tries = 5

// RetryOnConflict makes a change once more where another came first, by a double click, in
// another tab or by the other side: the handler reads what that one left, and goes
// by it.
func RetryOnConflict(h web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		for try := 1; ; try++ {
			if err := h(w, r); !store.IsConflict(err) || try == tries {
				return err
			}
			w.Header().Del("Set-Cookie") // it was about what did not come to be
		}
	}
}
