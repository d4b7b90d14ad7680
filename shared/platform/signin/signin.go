// Package signin keeps staff signed in: a cookie with a random token, and a record of the
// session, which every function can read without asking another. It begins at the desk,
// when an emailed link is used or another service has said who somebody is.
package signin

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/keys"
	"github.com/cascading-leadership/cascade/shared/platform/store"
)

// Page is where staff sign in.
const Page = "/desk/sign-in"

// The name binds the cookie to this host, its root path and HTTPS.
const cookieName = "__Host-cascade-staff"

// SignIn begins, reads and ends sessions.
type SignIn struct {
	store *store.Store
	// keys hash the tokens of sessions, and flows sign what a browser keeps meanwhile.
	keys, flows keys.Ring
	// Limits are how long a session lasts.
	Limits access.SessionLimits
	now    clock.Clock
}

// New returns a SignIn with keys derived from the staff's.
func New(s *store.Store, staff keys.Ring, limits access.SessionLimits, now clock.Clock) *SignIn {
	return &SignIn{s, staff.For("staff sessions"), staff.For("sign-in flows"), limits, now}
}

// Now is the time by which sessions are measured.
func (s *SignIn) Now() time.Time { return s.now() }

// Start signs a member of staff in, as part of a commit: a session begins, and what it
// replaces ends, which is the browser's last one, and whatever of theirs is over or too
// much. The cookie is the browser's once the commit is done.
func (s *SignIn) Start(c *store.Commit, r *http.Request, staff string, by access.Way) (*http.Cookie, error) {
	var before []*access.StaffSession
	var m *store.Staff
	var last *access.StaffSession
	reads, ctx := errgroup.WithContext(r.Context())
	reads.Go(func() (err error) { before, err = s.store.StaffSessions(ctx, staff); return err })
	reads.Go(func() (err error) { m, err = s.store.StaffMember(ctx, staff); return err })
	reads.Go(func() (err error) {
		if _, last, err = s.read(r.WithContext(ctx)); errors.Is(err, ErrSignedOut) {
			return nil
		}
		return err
	})
	if err := reads.Wait(); err != nil {
		return nil, err
	}
	now := s.now()
	ended := access.Surplus(before, s.Limits, now)
	if last != nil && !contains(ended, last) {
		ended = append(ended, last)
	}
	var random [32]byte
	rand.Read(random[:]) // never fails
	token := base64.RawURLEncoding.EncodeToString(random[:])
	c.CreateStaffSession(m, s.Limits.Begin(s.keys.Hash(token), staff, by, r.UserAgent(), now))
	c.EndStaffSessions(m, staff, "was signed out: a session was over, or another began", ended...)
	return cookie(staff+"."+token, int(s.Limits.Absolute/time.Second)), nil
}

func contains(all []*access.StaffSession, one *access.StaffSession) bool {
	for _, s := range all {
		if s.ID == one.ID {
			return true
		}
	}
	return false
}

// End signs the browser out: its session, if there is one, is over, wherever its cookie is.
func (s *SignIn) End(w http.ResponseWriter, r *http.Request) (ended *access.StaffSession, err error) {
	m, last, err := s.read(r)
	if err != nil && !errors.Is(err, ErrSignedOut) {
		return nil, err
	}
	if last != nil {
		c := s.store.Commit()
		c.EndStaffSessions(m, m.ID, "signed out", last)
		if err := c.Do(r.Context()); err != nil {
			return nil, err
		}
	}
	Forget(w)
	return last, nil
}

// Forget takes the cookie of a session that was ended.
func Forget(w http.ResponseWriter) {
	http.SetCookie(w, cookie("", -1))
	forgetReader(w)
}

func cookie(value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: cookieName, Value: value, Path: "/", MaxAge: maxAge,
		Secure: true, HttpOnly: true,
		// Lax, so that a link in an email or a bookmark opens the desk signed in.
		SameSite: http.SameSiteLaxMode,
	}
}

// ErrSignedOut is that nobody is signed in; the answer is the sign-in page.
var ErrSignedOut = fault.New(fault.Forbidden, "Sign in to see this page.")

var tokenForm = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

// read finds the session of the request's cookie, open or not, and whose it is. The id of
// the member of staff stands in the cookie so that both are read in one round trip.
func (s *SignIn) read(r *http.Request) (*store.Staff, *access.StaffSession, error) {
	c, err := r.Cookie(cookieName)
	if err != nil {
		return nil, nil, ErrSignedOut
	}
	i := strings.LastIndexByte(c.Value, '.')
	if i < 0 || !tokenForm.MatchString(c.Value[i+1:]) {
		return nil, nil, ErrSignedOut
	}
	m, x, err := s.store.SignedIn(r.Context(), c.Value[:i], s.keys.Hashes(c.Value[i+1:])...)
	if fault.Is(err, fault.NotFound) {
		return nil, nil, ErrSignedOut
	}
	return m, x, err
}

// Staff is the member of staff who is signed in, and their session, read afresh, so that a
// session that was ended and a role that was taken away are gone at once.
func (s *SignIn) Staff(r *http.Request) (*store.Staff, *access.StaffSession, error) {
	m, x, err := s.read(r)
	if err != nil {
		return nil, nil, err
	}
	now := s.now()
	if !x.Open(s.Limits, now) {
		return nil, nil, ErrSignedOut
	}
	if x.Use(now) {
		c := s.store.Commit()
		c.UpdateStaffSession(x)
		// Where it was used or ended in the same moment, that is as good. Nobody is kept
		// from a page because it could not be written down that they opened it.
		if err := c.Do(r.Context()); err == nil {
			x.Version = c.At()
		} else if !store.IsConflict(err) {
			slog.WarnContext(r.Context(), "the use of a session is not kept", "error", err)
		}
	}
	return m, x, nil
}

// ErrNoPart is that somebody may not do or see what they ask for in a programme, which
// looks like one that is not there.
var ErrNoPart = fault.New(fault.NotFound, "There is no such programme, or you have no part in it.")

type contextKey struct{}

// visit is a request of a member of staff.
type visit struct {
	staff   *store.Staff
	session *access.StaffSession
}

// With is a request of a member of staff whom the table of access let in.
func With(r *http.Request, m *store.Staff, x *access.StaffSession) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), contextKey{}, visit{m, x}))
}

// Of is the member of staff whose request it is. Where the route's row asks for none it
// is ErrSignedOut.
func Of(r *http.Request) (*store.Staff, error) {
	m, _, err := Session(r)
	return m, err
}

// Session is Of, with the session by which they are signed in.
func Session(r *http.Request) (*store.Staff, *access.StaffSession, error) {
	if v, _ := r.Context().Value(contextKey{}).(visit); v.staff != nil {
		return v.staff, v.session, nil
	}
	return nil, nil, ErrSignedOut
}
