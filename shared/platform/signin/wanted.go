package signin

import (
	"errors"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/platform/web"
)

// Lapsed is where a sign-in link leads that signs nobody in.
const Lapsed = Page + "?link=lapsed"

// wantedCookie holds the page that somebody asked for who was not signed in. A cookie, so
// that it is there in whichever tab the emailed link opens.
const (
	wantedCookie = "__Host-cascade-wanted"
	wantedLife   = time.Hour
	wantedLength = 1024
)

// Ask sends somebody who is not signed in to the sign-in page, and remembers which page
// they asked for.
func Ask(w http.ResponseWriter, r *http.Request) error {
	if page := r.URL.RequestURI(); returnable(page) {
		http.SetCookie(w, wanted(url.QueryEscape(page), int(wantedLife/time.Second)))
	}
	return web.Redirect(w, r, Page)
}

// LeadOn sends somebody who is signed in to the page that they asked for before, or to
// where the desk opens.
func LeadOn(w http.ResponseWriter, r *http.Request) error {
	to := deskpath.Home
	if c, err := r.Cookie(wantedCookie); err == nil {
		if page, err := url.QueryUnescape(c.Value); err == nil && returnable(page) {
			to = page
		}
		http.SetCookie(w, wanted("", -1))
	}
	return web.Redirect(w, r, to)
}

// LinkLapsed answers somebody whose sign-in link was used, has expired or is none: who is
// signed in already comes to where it would have led, and anybody else can ask for another.
func (s *SignIn) LinkLapsed(w http.ResponseWriter, r *http.Request) error {
	switch _, _, err := s.Staff(r); {
	case err == nil:
		return LeadOn(w, r)
	case !errors.Is(err, ErrSignedOut):
		return err
	}
	return web.Redirect(w, r, Lapsed)
}

func wanted(value string, maxAge int) *http.Cookie {
	return &http.Cookie{Name: wantedCookie, Value: value, Path: "/", MaxAge: maxAge, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

// returnable reports whether a page is one of this host's that staff open: a clean path
// below the desk's or the report's, so that nobody is sent elsewhere, whatever stands in
// their cookie.
func returnable(page string) bool {
	u, err := url.Parse(page)
	if err != nil || len(page) > wantedLength || u.Scheme != "" || u.Host != "" || u.User != nil || strings.ContainsAny(page, "\\\r\n\t ") {
		return false
	}
	clean := path.Clean(u.Path)
	if strings.HasSuffix(u.Path, "/") {
		clean += "/"
	}
	return clean == u.Path && (strings.HasPrefix(u.Path, deskpath.Home) || strings.HasPrefix(u.Path, "/report/"))
}
