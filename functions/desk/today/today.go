// Package today is where the desk opens: the programmes of a member of staff, and
// what needs a coordinator in one of them.
package today

import (
	"embed"
	"net/http"

	"github.com/cascading-leadership/cascade/functions/desk/site"
	"github.com/cascading-leadership/cascade/shared/platform/signin"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Pages are the templates.
//
//go:embed pages/*.html
var Pages embed.FS

// Handlers answer at the pages where the desk opens.
type Handlers struct{ *site.Site }

// ListProgrammes lists the programmes in which the member of staff has a part.
func (h Handlers) ListProgrammes(w http.ResponseWriter, r *http.Request) error {
	staff, err := h.SignIn.Staff(r)
	if err != nil {
		return err
	}
	all, err := h.Store.Programmes(r.Context())
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
	return h.Pages.Show(w, r, "desk", web.Page{Title: "Your programmes", SignedIn: true, Data: mine})
}
