// Package today is where the desk opens: the programmes of a member of staff, and
// what needs a coordinator in one of them.
package today

import (
	"embed"
	"net/http"

	"github.com/cascading-leadership/cascade/functions/desk/site"
	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/deskpath"
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
		// Desk is where its desk is, for a coordinator, or "".
		Desk deskpath.Path
	}
	var mine []row
	for _, p := range all {
		if len(staff.Roles[p.ID]) > 0 {
			x := row{Programme: p}
			if staff.Roles.Has(p.ID, access.Coordinator) {
				x.Desk = deskpath.Of(p.ID)
			}
			mine = append(mine, x)
		}
	}
	return h.Pages.Show(w, r, "desk", web.Page{Title: "Your programmes", SignedIn: true, Data: mine})
}
