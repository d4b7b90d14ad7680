// Package signin keeps staff signed in: a cookie that names a member of staff,
// signed with the link key, which every function can check without asking
// another. It is made by the coordinator's function when an emailed sign-in link
// is used.
package signin

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/access"
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

// Authorise is the signed-in member of staff if they have one of the roles in a
// programme. A programme in which they have none looks like one that is not there.
func (s *SignIn) Authorise(r *http.Request, programme string, roles ...access.Role) (*store.Staff, error) {
	m, err := s.Staff(r)
	if err != nil {
		return nil, err
	}
	for _, role := range roles {
		if m.Roles.Has(programme, role) {
			return m, nil
		}
	}
	return nil, fault.New(fault.NotFound, "There is no such programme, or you have no part in it.")
}

func cutLast(s string) (before, after string, found bool) {
	if i := strings.LastIndexByte(s, '.'); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}
