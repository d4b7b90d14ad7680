package web

import (
	"net/http"
	"path"
)

// Emails, PassedOn and Assistant are under what addresses somebody's link leads to which emails
// they get, to an invitation that was passed on to them, and to the times that they pick.
const Emails, PassedOn, Assistant = "/emails/", "/enrol/passed-on/", "/assistant/"

// unsubscribes reports whether a request is a one-click unsubscribing and nothing else: a
// page of a webmail sends it from the webmail's own origin.
func unsubscribes(r *http.Request) bool {
	if folder, link := path.Split(r.URL.Path); r.Method != http.MethodPost || folder != Emails && folder != PassedOn && folder != Assistant || link == "" {
		return false
	}
	oneClick, err := OneClick(r)
	return err == nil && oneClick && len(r.PostForm) == 1
}

// OneClick reports whether a request is a mail program's, whose user pressed its
// button to unsubscribe (RFC 8058): it has no cookies and no page that it came
// from, and sends one field in either form of body.
func OneClick(r *http.Request) (bool, error) {
	if mediaType(r, "multipart/form-data") == nil {
		if err := r.ParseMultipartForm(MaxBody); err != nil {
			return false, unreadable(err)
		}
	} else if _, err := Form(r); err != nil {
		return false, err
	}
	return r.PostForm.Get("List-Unsubscribe") == "One-Click", nil
}
