package signin

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/platform/signin"
	"github.com/cascading-leadership/cascade/shared/platform/web"
)

// OpenReport leads on to a programme's report, with a pass: the function that shows it knows
// nothing of staff.
func (h Handlers) OpenReport(w http.ResponseWriter, r *http.Request) error {
	m, err := signin.Of(r)
	if err != nil {
		return err
	}
	programme := r.PathValue("programme")
	roles := m.Roles[programme]
	i := slices.IndexFunc(roles, func(role access.Role) bool { return access.May(access.See, access.Report, []access.Role{role}) })
	if i < 0 {
		return signin.ErrNoPart
	}
	h.Passes.Give(w, programme, roles[i])
	return web.Redirect(w, r, "/report/"+url.PathEscape(programme))
}
