package serve_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
)

// A function does not start with a route of which the table of access cannot say who may
// come to it; what it ends with names the route.
func TestRoutesThatNobodyDecidesAreNotAdded(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		pattern string
		action  access.Action
		kind    access.Kind
		says    string // "" where the route is added
	}{
		{"GET /desk/programmes/{programme}/people", access.See, access.People, ""},
		{"GET /match/{link}/accept", access.See, access.OwnMatch, ""},
		{"POST /webhooks/sendgrid", access.Deliver, access.Outcomes, ""},
		{"GET /desk/programmes/{programme}/people", "erase", access.People, "no row"},
		{"GET /desk/programmes/{programme}/people", access.See, "what nobody has heard of", "no row"},
		{"GET /desk/people", access.See, access.People, "names no programme"},
		{"GET /pairing/{link}", access.See, access.OwnMatch, "not where links lead"},
		{"GET /match/accept", access.See, access.OwnMatch, "not where links lead"},
	} {
		rs := serve.NewRoutes(nil, nil)
		said := func() (said string) {
			defer func() {
				if v := recover(); v != nil {
					said = fmt.Sprint(v)
				}
			}()
			if row.action == access.Deliver {
				rs.Machine(row.pattern, row.kind, http.NotFoundHandler())
			} else {
				rs.Page(row.pattern, row.action, row.kind, nil)
			}
			return ""
		}()
		added := len(rs.All()) == 1 && rs.All()[0].Pattern == row.pattern
		if row.says == "" && (!added || said != "") || row.says != "" && (added || !strings.Contains(said, row.says) || !strings.Contains(said, row.pattern)) {
			t.Errorf("%s to %s %s: added: %v; said: %q, want %q", row.pattern, row.action, row.kind, added, said, row.says)
		}
	}
}
