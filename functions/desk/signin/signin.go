// Package signin is the pages by which staff sign in to the desk, by an emailed link or by
// an account at another service.
package signin

import (
	"context"
	"embed"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/cascading-leadership/cascade/functions/desk/site"
	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
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
// address that is not known, and comes as late.
func (h Handlers) SendLink(w http.ResponseWriter, r *http.Request) error {
	if !h.Ways.Link {
		return web.Redirect(w, r, signin.Page)
	}
	even := time.After(answersAfter)
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
	if err := budgets.Retried(r.Context(), func() error {
		c := h.Store.Commit()
		if err := h.Budgets.TakeNetwork(r, c); err != nil {
			return err
		}
		return c.Do(r.Context())
	}); err != nil {
		return err
	}
	if err := h.oweLink(r.Context(), address); err != nil {
		return err
	}
	select {
	case <-even:
	case <-r.Context().Done():
	}
	return h.Pages.Show(w, r, "sign-in-sent", web.Page{Title: "Check your email", Data: sentPage{address, message.SignInLinks}})
}

// answersAfter is how long the answer to an address takes, known or not: longer than all
// that is done for one that is known, but on a bad day.
const answersAfter = 300 * time.Millisecond

// oweLink owes whoever has an address a link to sign in, unless they were sent enough of
// them within the hour. Of two that are asked for in the same moment, one is enough.
func (h Handlers) oweLink(ctx context.Context, address email.Address) error {
	staff, err := h.Store.StaffByEmail(ctx, address)
	if err != nil || staff == nil || len(staff.Roles) == 0 {
		return err
	}
	now := h.Now()
	letterhead := slices.Min(slices.Collect(maps.Keys(staff.Roles))) // any will do
	links, ids := make([]outbox.Message, message.SignInLinks), make([]string, message.SignInLinks)
	for i := range links {
		links[i] = message.StaffSignIn(letterhead, staff.ID, i, now)
		ids[i] = links[i].ID
	}
	sent, err := h.Store.MessagesOf(ctx, ids)
	if err != nil {
		return err
	}
	for _, m := range links {
		if sent[m.ID] != nil {
			continue
		}
		c := h.Store.Commit()
		c.Enqueue(ctx, m, now)
		if err := c.Do(ctx); err != nil && !store.IsConflict(err) {
			return err
		}
		return nil
	}
	slog.WarnContext(ctx, "no link to sign in is sent: there were enough within the hour", "staff", staff.ID)
	return nil
}

// ShowLink shows the button that signs in.
func (h Handlers) ShowLink(w http.ResponseWriter, r *http.Request) error {
	if !h.Ways.Link {
		return web.Redirect(w, r, signin.Page)
	}
	return h.Pages.Show(w, r, "sign-in-link", web.Page{Title: "Sign in to the desk", Data: h.SignIn.Limits})
}

// UseLink signs in and closes the link.
func (h Handlers) UseLink(w http.ResponseWriter, r *http.Request) error {
	l, err := link.Of(r)
	if err != nil {
		return err
	}
	if !h.Ways.Link {
		return web.Redirect(w, r, signin.Page)
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
