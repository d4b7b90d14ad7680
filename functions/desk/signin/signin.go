// Package signin is the pages by which staff sign in to the desk, by an emailed link or by
// an account at another service.
package signin

import (
	"crypto/rand"
	"embed"
	"log/slog"
	"maps"
	"net/http"
	"slices"

	"github.com/cascading-leadership/cascade/functions/desk/site"
	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/budget"
	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/platform/budgets"
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
type Handlers struct {
	*site.Site
	Ways *Ways
}

// signInPage is what the sign-in form shows.
type signInPage struct {
	Email string
	// Lapsed says that a link was used, or has expired.
	Lapsed bool
	*Ways
}

// Show shows the form that asks for an address.
func (h Handlers) Show(w http.ResponseWriter, r *http.Request) error {
	lapsed := r.URL.Query().Get("link") == "lapsed"
	return h.Pages.Show(w, r, "sign-in", web.Page{Title: "Sign in to the desk", Data: signInPage{Lapsed: lapsed, Ways: h.Ways}})
}

// sentPage says to which address a link goes.
type sentPage struct {
	Email email.Address
	Most  int
}

// SendLink owes a member of staff a link to sign in. The answer is the same for an
// address that is not known, and so is all that is done for it.
func (h Handlers) SendLink(w http.ResponseWriter, r *http.Request) error {
	if !h.Ways.Link {
		return web.Redirect(w, r, signin.Page)
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	address, err := email.Parse(posted.Get("email"))
	if err != nil {
		return h.Pages.Show(w, r, "sign-in", web.Page{
			Title: "Sign in to the desk", Data: signInPage{Email: posted.Get("email"), Ways: h.Ways},
			Invalid: &fault.Invalid{Fields: []fault.Field{{Name: "email", Message: err.Error()}}},
		})
	}
	if err := budgets.Retried(r.Context(), func() error { return h.oweLink(r, address) }); err != nil {
		return err
	}
	return h.Pages.Show(w, r, "sign-in-sent", web.Page{Title: "Check your email", Data: sentPage{address, budget.SignIn.Most}})
}

// oweLink owes whoever has an address a link to sign in, unless enough that still open were
// sent there. For everybody else a message is written that is not sent.
func (h Handlers) oweLink(r *http.Request, address email.Address) error {
	staff, err := h.Store.StaffByEmail(r.Context(), address)
	if err != nil {
		return err
	}
	c, now, need := h.Store.Commit(), h.Now(), budgets.None
	if staff != nil && len(staff.Roles) > 0 {
		need = budgets.One
	}
	allowed, err := h.Budgets.Take(r, c, nil, need, budget.SignIn, address)
	if err != nil {
		return err
	}
	if allowed.Email {
		letterhead := slices.Min(slices.Collect(maps.Keys(staff.Roles))) // any will do
		c.Enqueue(r.Context(), message.StaffSignIn(letterhead, staff.ID, rand.Text(), now), now)
	} else {
		c.Pretend(r.Context(), message.KindStaffSignIn, now)
	}
	if need == budgets.One && !allowed.Email {
		slog.WarnContext(r.Context(), "no link to sign in is sent: there are enough that still open", "staff", staff.ID)
	}
	return c.Do(r.Context())
}

// ShowLink shows the button that signs in.
func (h Handlers) ShowLink(w http.ResponseWriter, r *http.Request) error {
	if !h.Ways.Link {
		return web.Redirect(w, r, signin.Page)
	}
	return h.Pages.Show(w, r, "sign-in-link", web.Page{Title: "Sign in to the desk", Data: h.SignIn.Limits})
}

// UseLink signs in and closes the link. A post without the page's form is a scanner's, which
// opens what stands in emails before anybody reads them: it gets the page, and closes nothing.
func (h Handlers) UseLink(w http.ResponseWriter, r *http.Request) error {
	l, err := link.Of(r)
	if err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	if !h.Ways.Link || posted.Get("do") != "sign-in" {
		return h.ShowLink(w, r)
	}
	c := h.Store.Commit()
	h.Links.Revoke(c, l)
	cookie, err := h.SignIn.Start(c, r, l.Person, access.ByLink)
	if err != nil {
		return err
	}
	err = c.Do(r.Context())
	if store.IsConflict(err) { // it was used a moment ago
		return h.SignIn.LinkLapsed(w, r)
	}
	if err != nil {
		return err
	}
	http.SetCookie(w, cookie)
	return signin.LeadOn(w, r)
}

// SignOut ends the browser's session.
func (h Handlers) SignOut(w http.ResponseWriter, r *http.Request) error {
	ended, err := h.SignIn.End(w, r)
	if err != nil {
		return err
	}
	return h.signedOut(w, r, ended)
}

// signedOut answers somebody whose session, if there was one, was ended: who came by an
// account may want to sign out there, too.
func (h Handlers) signedOut(w http.ResponseWriter, r *http.Request, ended *access.StaffSession) error {
	if ended != nil && ended.Way == access.ByAccount {
		return web.Redirect(w, r, signedOutPage)
	}
	return web.Redirect(w, r, signin.Page)
}
