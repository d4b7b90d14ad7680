// Package signin is the pages by which staff sign in to the desk, by an emailed link.
package signin

import (
	"embed"
	"maps"
	"net/http"
	"slices"

	"github.com/cascading-leadership/cascade/functions/desk/site"
	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/signin"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
)

// Pages are the templates.
//
//go:embed pages/*.html
var Pages embed.FS

// Handlers answer at the pages for signing in.
type Handlers struct{ *site.Site }

// signInPage is what the sign-in form shows.
type signInPage struct{ Email string }

// Show shows the form that asks for an address.
func (h Handlers) Show(w http.ResponseWriter, r *http.Request) error {
	return h.Pages.Show(w, r, "sign-in", web.Page{Title: "Sign in to the desk", Data: signInPage{}})
}

// SendLink owes a member of staff a link to sign in. The answer is the same for
// an address that is not known, and one link a minute is enough for anybody.
func (h Handlers) SendLink(w http.ResponseWriter, r *http.Request) error {
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	address, err := email.Parse(posted.Get("email"))
	if err != nil {
		return h.Pages.Show(w, r, "sign-in", web.Page{
			Title: "Sign in to the desk", Data: signInPage{Email: posted.Get("email")},
			Invalid: &fault.Invalid{Fields: []fault.Field{{Name: "email", Message: "Enter your email address, like name@example.org"}}},
		})
	}
	staff, err := h.Store.StaffByEmail(r.Context(), address)
	if err != nil {
		return err
	}
	if staff != nil && len(staff.Roles) > 0 {
		now := h.Now()
		c := h.Store.Commit()
		letterhead := slices.Min(slices.Collect(maps.Keys(staff.Roles))) // any will do
		c.Enqueue(r.Context(), message.StaffSignIn(letterhead, staff.ID, now), now)
		if err := c.Do(r.Context()); err != nil && !store.IsConflict(err) {
			return err
		}
	}
	return h.Pages.Show(w, r, "sign-in-sent", web.Page{Title: "Check your email"})
}

// ShowLink shows the button that signs in.
func (h Handlers) ShowLink(w http.ResponseWriter, r *http.Request) error {
	return h.Pages.Show(w, r, "sign-in-link", web.Page{Title: "Sign in to the desk", Data: h.SignIn.Limits})
}

// UseLink signs in and closes the link.
func (h Handlers) UseLink(w http.ResponseWriter, r *http.Request) error {
	l, err := link.Of(r)
	if err != nil {
		return err
	}
	c := h.Store.Commit()
	h.Links.Revoke(c, l)
	cookie, err := h.SignIn.Start(c, r, l.Person)
	if err != nil {
		return err
	}
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	http.SetCookie(w, cookie)
	return web.Redirect(w, r, deskpath.Home)
}

// SignOut ends the browser's session.
func (h Handlers) SignOut(w http.ResponseWriter, r *http.Request) error {
	return h.signedOut(w, r)
}

// signedOut ends what there still is of the browser's session, and answers.
func (h Handlers) signedOut(w http.ResponseWriter, r *http.Request) error {
	if err := h.SignIn.End(w, r); err != nil {
		return err
	}
	return web.Redirect(w, r, signin.Page)
}
