package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/cascading-leadership/cascade/shared/programme"
)

type elsewhereKey struct{}

// Elsewhere reports whether a request comes from a page of another site, and of which origin
// that is, as its browser says; "" where it does not say so, once and whole. Protect lets such
// a request through to where enrolments are sent and nowhere else, without a cookie: whether
// its origin may is for the handler to say.
func Elsewhere(r *http.Request) (origin string, elsewhere bool) {
	origin, elsewhere = r.Context().Value(elsewhereKey{}).(string)
	return origin, elsewhere
}

// OriginOf is the origin that a request names: "" for none, several, or null.
func OriginOf(r *http.Request) string {
	all := r.Header.Values("Origin")
	if len(all) != 1 || programme.OriginOf(all[0]) != all[0] {
		return ""
	}
	return all[0]
}

// enrols reports whether a request sends an enrolment at once, to POST /enrol/{programme}/{side}
// and nothing below or beside it.
func enrols(r *http.Request) bool {
	rest, ok := strings.CutPrefix(r.URL.EscapedPath(), "/enrol/")
	id, side, two := strings.Cut(rest, "/")
	return r.Method == http.MethodPost && ok && two && id != "" && id != "confirm" && programme.RoleOf(side) != ""
}

// fromElsewhere is a request from a page of another site, without what a browser adds by itself.
func fromElsewhere(r *http.Request) *http.Request {
	r = r.WithContext(context.WithValue(r.Context(), elsewhereKey{}, OriginOf(r)))
	r.Header.Del("Cookie")
	return r
}
