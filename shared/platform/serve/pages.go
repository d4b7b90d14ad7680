package serve

import (
	"context"
	"io/fs"
	"net/http"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/web"
)

// Site is what the handlers of a function with pages work with.
type Site struct {
	*Runtime
	Pages  *web.Pages
	routes *Routes
}

// ReadBeside has something read beside each link that a page is opened by.
func (s *Site) ReadBeside(b link.Beside) { s.routes.beside = b }

// Route adds a route to a function: what answers to a pattern of http.ServeMux, such as
// "GET /enrol/{programme}", and the row of the table of access by which visitors are let
// in. One without a row cannot be added.
type Route func(pattern string, a access.Action, k access.Kind, h web.Handler)

// Pages starts a function that serves pages. routes is its contents page: every route
// that the function has goes through the one Route that it is given. files hold the
// templates, as web.Parse finds them.
func Pages(routes func(s *Site, route Route), files ...fs.FS) New {
	return func(_ context.Context, rt *Runtime) (http.Handler, error) {
		pages, err := web.Parse(files...)
		if err != nil {
			return nil, err
		}
		all := NewRoutes(rt, pages)
		routes(&Site{rt, pages, all}, all.Page)
		return all, nil
	}
}
