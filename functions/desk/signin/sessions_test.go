package signin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/platform/signin"
)

// signedIn fails unless the browser is signed in, or is not.
func (b *bed) signedIn(want bool, when string) {
	b.T.Helper()
	if got := b.Get("/desk/"); (got.StatusCode == http.StatusOK) != want {
		b.T.Errorf("%s: status %d to %q", when, got.StatusCode, got.Header.Get("Location"))
	}
}

// sessions are those of a member of staff.
func (b *bed) sessions(staff string) []*access.StaffSession {
	b.T.Helper()
	all, err := b.Store.StaffSessions(b.T.Context(), staff)
	if err != nil {
		b.T.Fatal(err)
	}
	return all
}

// A cookie that somebody kept opens nothing once its browser has signed out.
func TestSigningOutEndsTheSessionEverywhere(t *testing.T) {
	b := newBed(t)
	kept, other := b.Cookie("morgan"), b.Cookie("morgan")
	b.As(kept)
	b.Post("/desk/sign-out", nil)
	b.As(kept)
	b.signedIn(false, "with the cookie of who has signed out")
	if got := b.Post(desk+"/people/alex", url.Values{"workshop": {"yes"}}); got.StatusCode != http.StatusForbidden {
		t.Errorf("a change with it: status %d", got.StatusCode)
	}
	b.As(other)
	b.signedIn(true, "in another browser")
}

func TestWhereOneIsSignedIn(t *testing.T) {
	b := newBed(t)
	if got := b.Get("/desk/"); !strings.Contains(got.Body, `href="`+deskpath.Sessions+`"`) {
		t.Error("the desk does not lead to where one is signed in")
	}
	this, other, third := b.Cookie("morgan"), b.Cookie("morgan"), b.Cookie("morgan")
	sam := b.Cookie("sam")
	b.As(this)
	page := b.Get(deskpath.Sessions)
	if page.StatusCode != http.StatusOK || strings.Count(page.Body, `name="session"`) != 4 || strings.Count(page.Body, "(this one)") != 1 { // with the one of the bed
		t.Fatalf("status %d: %s", page.StatusCode, page.Body)
	}
	if !strings.Contains(page.Body, "for 12 hours, or until you have not opened a page for 2 hours") {
		t.Error("the page does not say how long one stays signed in")
	}
	id := func(of string) string { // the form of the one that is not this one, and the last
		forms := strings.Split(of, `name="session" value="`)[1:]
		return strings.SplitN(forms[len(forms)-1], `"`, 2)[0]
	}
	theirs := b.sessions("sam")[0].ID
	if got := b.Post(deskpath.Sessions, url.Values{"session": {theirs}}); got.StatusCode != http.StatusSeeOther || len(b.sessions("sam")) != 1 {
		t.Errorf("ending somebody else's: status %d, and it is there: %v", got.StatusCode, len(b.sessions("sam")) == 1)
	}
	if got := b.Post(deskpath.Sessions, nil); got.StatusCode != http.StatusNotFound || len(b.sessions("morgan")) != 4 {
		t.Errorf("ending none: status %d, %d are left", got.StatusCode, len(b.sessions("morgan")))
	}
	if got := b.Post(deskpath.Sessions, url.Values{"session": {id(page.Body)}}); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != deskpath.Sessions || len(b.sessions("morgan")) != 3 {
		t.Errorf("ending one: status %d to %q, %d are left", got.StatusCode, got.Header.Get("Location"), len(b.sessions("morgan")))
	}
	b.signedIn(true, "after ending another")

	got := b.Post(deskpath.Sessions, url.Values{"all": {"yes"}})
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != signin.Page || len(got.Cookies()) != 3 || got.Cookies()[0].MaxAge != -1 {
		t.Errorf("signing out everywhere: status %d to %q, cookies %v", got.StatusCode, got.Header.Get("Location"), got.Cookies())
	}
	for _, c := range []*http.Cookie{this, other, third} {
		b.As(c)
		b.signedIn(false, "after signing out everywhere")
	}
	b.As(sam)
	b.signedIn(true, "somebody else")
}

// Whoever works at the desk stays signed in; whoever leaves it does not.
func TestSessionsEndByThemselves(t *testing.T) {
	b := newBed(t)
	b.Pass(110 * time.Minute)
	b.signedIn(true, "after 110 minutes")
	b.Pass(110 * time.Minute)
	b.signedIn(true, "used once in between")
	b.Pass(2 * time.Hour)
	b.signedIn(false, "two hours unused")
	if got := b.Get(deskpath.Sessions); got.StatusCode != http.StatusSeeOther {
		t.Errorf("where they are signed in: status %d", got.StatusCode)
	}

	old := b.Cookie("morgan")
	b.Pass(119 * time.Minute)
	b.As(b.Cookie("morgan"))
	b.Pass(119 * time.Minute)
	if got := b.Get(deskpath.Sessions); strings.Count(got.Body, `name="session"`) != 1 {
		t.Errorf("sessions that are over are listed: %s", got.Body)
	}
	b.As(old)
	b.signedIn(false, "one that is over")
}
