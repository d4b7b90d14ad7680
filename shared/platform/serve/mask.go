package serve

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// router tells which route a request takes, as http.ServeMux does.
type router interface {
	Handler(r *http.Request) (h http.Handler, pattern string)
}

// unknownRoute stands for the path of a request that no route knows.
const unknownRoute = "/-"

// routeOf is the path of the route that a request takes: of the function's own handler, or
// of what every function has.
func routeOf(r *http.Request, function http.Handler, all *http.ServeMux) string {
	_, pattern := all.Handler(r)
	if own, ok := function.(router); ok && pattern == "/" {
		_, pattern = own.Handler(r)
	}
	if i := strings.IndexByte(pattern, '/'); i >= 0 {
		return pattern[i:]
	}
	return unknownRoute
}

type maskedKey struct{}

// masked shows whatever traces and measures requests the route's pattern in place of the
// path and the query: /match/{link}/accept. A link's token stands in the path, whole or as
// a hasty copy damaged it, and what staff look for in the query, and neither is to be told.
func masked(next, function http.Handler, all *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		route := routeOf(r, function, all)
		shown := r.WithContext(context.WithValue(r.Context(), maskedKey{}, r))
		shown.URL, shown.RequestURI, shown.Pattern = &url.URL{Path: route}, route, route
		next.ServeHTTP(w, shown)
	})
}

// unmasked gives the request its address back.
func unmasked(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked := r.Context().Value(maskedKey{}).(*http.Request)
		r = r.WithContext(r.Context())
		r.URL, r.RequestURI, r.Pattern = asked.URL, asked.RequestURI, ""
		next.ServeHTTP(w, r)
	})
}
