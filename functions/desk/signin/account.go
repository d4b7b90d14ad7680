package signin

import (
	"errors"
	"log/slog"
	"net/http"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/openid"
	"github.com/cascading-leadership/cascade/shared/platform/signin"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
)

var errNoAccounts = fault.New(fault.NotFound, "Staff do not sign in by an account here. Sign in by a link to your email address.")

// refusedPage says why somebody could not sign in by their account, and what they can do.
type refusedPage struct {
	Why string
	*Ways
}

// BeginAccount sends somebody to the service at which they have an account. It is a link
// and no form: a page's policy keeps its forms from being redirected elsewhere.
func (h Handlers) BeginAccount(w http.ResponseWriter, r *http.Request) error {
	if h.Ways.Account == nil {
		return errNoAccounts
	}
	flow, page, err := h.Ways.Account.Begin(r.Context())
	if err != nil {
		return h.refuse(w, r, err)
	}
	h.SignIn.KeepFlow(w, openid.MarshalFlow(flow), openid.FlowLife)
	return web.Redirect(w, r, page)
}

// FinishAccount signs in whoever comes back from there.
func (h Handlers) FinishAccount(w http.ResponseWriter, r *http.Request) error {
	if h.Ways.Account == nil {
		return errNoAccounts
	}
	flow := openid.UnmarshalFlow(h.SignIn.TakeFlow(w, r))
	who, err := h.Ways.Account.Finish(r.Context(), flow, r.URL.Query())
	if err != nil {
		return h.refuse(w, r, err)
	}
	c := h.Store.Commit()
	staff, err := h.known(r, c, who)
	if err != nil {
		return h.refuse(w, r, err)
	}
	cookie, err := h.SignIn.Start(c, r, staff.ID, access.ByAccount)
	if err != nil {
		return err
	}
	err = c.Do(r.Context())
	if store.IsConflict(err) { // the answer is used up, and cannot be tried again
		return h.refuse(w, r, openid.ErrStale)
	}
	if err != nil {
		return err
	}
	http.SetCookie(w, cookie)
	return signin.LeadOn(w, r)
}

// known is the member of staff whose account it is. Where they are known by their address
// alone so far, c keeps the account. It is Forbidden to anybody else.
func (h Handlers) known(r *http.Request, c *store.Commit, who openid.Identity) (*store.Staff, error) {
	account := access.NewAccount(who.Issuer, who.Subject)
	staff, err := h.Store.StaffByAccount(r.Context(), account)
	if err == nil && staff == nil {
		staff, err = h.Store.StaffByEmail(r.Context(), who.Email)
	}
	if err != nil {
		return nil, err
	}
	if staff == nil || len(staff.Roles) == 0 {
		return nil, fault.New(fault.Forbidden, "Nobody with the address %s works for a programme here. If you use another address for the programme, sign in by the account with that one, or ask whoever looks after the programme's members of staff.", who.Email)
	}
	isNew, err := account.Belongs(staff.Account)
	if err == nil && isNew {
		staff.Account = account
		c.SaveStaff(staff, h.Now())
	}
	return staff, err
}

// refuse says why somebody could not sign in by their account. The log has the cause,
// without whose it is.
func (h Handlers) refuse(w http.ResponseWriter, r *http.Request, err error) error {
	status, page := http.StatusForbidden, refusedPage{Ways: h.Ways}
	why := ""
	var known *fault.Error
	switch {
	case errors.Is(err, openid.ErrDeclined):
		why = "it was declined there"
		page.Why = "You did not sign in at " + h.Ways.Name + ", or it does not let you in here."
	case errors.Is(err, openid.ErrStale):
		why = "it was stale, or used already"
		page.Why = "This sign-in was begun in another window, was used already, or took longer than ten minutes."
	case errors.Is(err, openid.ErrUnverified):
		why = "the address is not verified"
		page.Why = h.Ways.Name + " does not say that your email address is yours. Confirm the address in your account there."
	case errors.Is(err, openid.ErrUnavailable):
		status, page.Why = http.StatusServiceUnavailable, h.Ways.Name+" does not answer at the moment. Try again in a minute."
		w.Header().Set("Retry-After", "60")
		slog.ErrorContext(r.Context(), "nobody can sign in by an account", "error", err)
	case errors.Is(err, openid.ErrRejected):
		why = "what came cannot be trusted"
		page.Why = "What " + h.Ways.Name + " answered cannot be trusted. If it happens again, tell whoever looks after this installation."
		slog.ErrorContext(r.Context(), "an account was not let in", "error", err)
	case errors.As(err, &known) && known.Kind == fault.Forbidden:
		page.Why, why = known.Message, "nobody here has that account"
	default:
		return err
	}
	if why != "" {
		h.Refused(nil, "", "sign in by an account: "+why)
	}
	return h.Pages.Render(w, r, status, "account-refused", web.Page{Title: "You are not signed in", Data: page})
}

// signedOut is what the page says to who has signed out here and not there.
type signedOut struct {
	Name string
	// Out says that they can sign out there, too.
	Out bool
}

// ShowSignedOut says that one is signed out here, and how to sign out of the account.
func (h Handlers) ShowSignedOut(w http.ResponseWriter, r *http.Request) error {
	if h.Ways.Account == nil {
		return web.Redirect(w, r, signin.Page)
	}
	return h.Pages.Show(w, r, "signed-out", web.Page{Title: "You are signed out", Data: signedOut{h.Ways.Name, h.signOutThere(r) != ""}})
}

// EndAccount sends somebody to where they sign out of their account.
func (h Handlers) EndAccount(w http.ResponseWriter, r *http.Request) error {
	if h.Ways.Account == nil {
		return errNoAccounts
	}
	if to := h.signOutThere(r); to != "" {
		return web.Redirect(w, r, to)
	}
	return web.Redirect(w, r, signedOutPage)
}

// signOutThere is where one signs out of the account, and comes back from; "" for nowhere.
func (h Handlers) signOutThere(r *http.Request) string {
	return h.Ways.Account.SignOut(r.Context(), h.PublicURL+signin.Page)
}
