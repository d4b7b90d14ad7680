// Package signin keeps staff signed in: a cookie that names a member of staff,
// signed with the link key, which every function can check without asking
// another. It is made by the coordinator's function when an emailed sign-in link
// is used.
package signin

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/store"
)

// Page is where staff sign in.
const Page = "/desk/sign-in"

// The name binds the cookie to this host, its root path and HTTPS.
const cookieName = "__Host-cascade-staff"

const life = 8 * time.Hour

// SignIn signs and reads the cookie.
type SignIn struct {
	store *store.Store
	key   []byte
	now   clock.Clock
}

// New returns a SignIn with a key of its own, derived from the link key.
func New(s *store.Store, linkKey []byte, now clock.Clock) *SignIn {
	mac := hmac.New(sha256.New, linkKey)
	mac.Write([]byte("staff cookie"))
	return &SignIn{s, mac.Sum(nil), now}
}

// Start signs a member of staff in.
func (s *SignIn) Start(w http.ResponseWriter, staffID string) {
	value := staffID + "." + strconv.FormatInt(s.now().Add(life).Unix(), 10)
	s.set(w, value+"."+s.sign(value), int(life/time.Second))
}

// End signs out.
func (s *SignIn) End(w http.ResponseWriter) { s.set(w, "", -1) }

func (s *SignIn) set(w http.ResponseWriter, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{
		Name: cookieName, Value: value, Path: "/", MaxAge: maxAge,
		Secure: true, HttpOnly: true,
		// Lax, so that a link in an email or a bookmark opens the desk signed in.
		SameSite: http.SameSiteLaxMode,
	})
}

func (s *SignIn) sign(value string) string {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(value))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// ErrSignedOut is that nobody is signed in; the answer is the sign-in page.
var ErrSignedOut = fault.New(fault.Forbidden, "Sign in to see this page.")

// Staff is the member of staff who is signed in, read afresh, so that a role that
// was taken away is gone at once.
func (s *SignIn) Staff(r *http.Request) (*store.Staff, error) {
	c, err := r.Cookie(cookieName)
	if err != nil {
		return nil, ErrSignedOut
	}
	value, mac, _ := cutLast(c.Value)
	id, until, _ := cutLast(value)
	expires, err := strconv.ParseInt(until, 10, 64)
	if err != nil || !hmac.Equal([]byte(mac), []byte(s.sign(value))) || s.now().Unix() >= expires {
		return nil, ErrSignedOut
	}
	m, err := s.store.StaffMember(r.Context(), id)
	if fault.Is(err, fault.NotFound) {
		return nil, ErrSignedOut
	}
	return m, err
}

// ErrNoPart is that somebody may not do or see what they ask for in a programme, which
// looks like one that is not there.
var ErrNoPart = fault.New(fault.NotFound, "There is no such programme, or you have no part in it.")

type contextKey struct{}

// With is a request of a member of staff whom the table of access let in.
func With(r *http.Request, m *store.Staff) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), contextKey{}, m))
}

// Of is the member of staff whose request it is. Where the route's row asks for none it
// is ErrSignedOut.
func Of(r *http.Request) (*store.Staff, error) {
	if m, _ := r.Context().Value(contextKey{}).(*store.Staff); m != nil {
		return m, nil
	}
	return nil, ErrSignedOut
}

func cutLast(s string) (before, after string, found bool) {
	if i := strings.LastIndexByte(s, '.'); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}
