// Package today is where the desk opens: the programmes of a member of staff, and
// what needs a coordinator in one of them.
package today

import (
	"embed"
	"net/http"

	"github.com/cascading-leadership/cascade/functions/desk/site"
	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/deskpath"
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

// deskPage lists somebody's programmes.
type deskPage struct {
	Programmes []deskRow
	// Only are the roles of somebody for whose roles there is no page.
	Only string
}

// deskRow is a programme, and what of it there is to open.
type deskRow struct {
	*programme.Programme
	// Desk is where its desk is, or "" for who does not coordinate.
	Desk   deskpath.Path
	Report bool
	// Audit is where it stands who did and saw what, or "" for who is no administrator.
	Audit string
}

// ListProgrammes lists the programmes in which there is something for the member of
// staff to see. Who has none of that is told so.
func (h Handlers) ListProgrammes(w http.ResponseWriter, r *http.Request) error {
	staff, err := signin.Of(r)
	if err != nil {
		return err
	}
	all, err := h.Store.Programmes(r.Context())
	if err != nil {
		return err
	}
	var data deskPage
	for _, p := range all {
		roles := staff.Roles[p.ID]
		row := deskRow{Programme: p, Report: access.May(access.See, access.Report, roles)}
		if access.May(access.See, access.Overview, roles) {
			row.Desk = deskpath.Of(p.ID)
		}
		if access.May(access.See, access.Audit, roles) {
			row.Audit = deskpath.Of(p.ID).Audit()
		}
		if row.Desk != "" || row.Report || row.Audit != "" {
			data.Programmes = append(data.Programmes, row)
		}
	}
	if len(data.Programmes) == 0 {
		data.Only = access.All(staff.Roles.All())
	}
	return h.Page(w, r, "desk", web.Page{Title: "Your programmes", Data: data})
}
