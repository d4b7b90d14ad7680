package web

import "net/http"

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
