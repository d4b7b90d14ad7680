package signin

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/keys"
	"github.com/cascading-leadership/cascade/shared/platform/web"
)

// Passes let members of staff in to a function that reads nothing about them: the desk, at
// which they are signed in, gives them a pass for one programme, in a cookie, and the
// function that has the same key takes it for a visit of its own. Neither is stored. A role
// that is taken away lets in until the visit ends.
type Passes struct {
	// passes sign what the desk gives, and visits what the function makes of it, so that
	// neither is taken for the other.
	passes, visits keys.Ring
	now            clock.Clock
}

const (
	passCookie  = "__Host-cascade-report-pass"
	visitCookie = "__Host-cascade-report"
	// passLife is for how long a pass can be taken: the time of a redirect. Whoever copies
	// one has no longer, and it is gone from the browser once it is taken.
	passLife = time.Minute
	// visitLife is how long somebody reads before they come by the desk once more, which
	// they do not notice while they are signed in there.
	visitLife = 15 * time.Minute
)

// NewPasses are those under the keys of readers of the report.
func NewPasses(report keys.Ring, now clock.Clock) *Passes {
	return &Passes{report.For("report passes"), report.For("report visits"), now}
}

// Give gives whoever is signed in at the desk a pass for a programme, by a role that lets
// them see its report.
func (p *Passes) Give(w http.ResponseWriter, programme string, role access.Role) {
	http.SetCookie(w, p.cookie(passCookie, p.passes, programme, role, passLife))
}

// errBadPass is that a pass was made by nobody who could: another key, or none.
var errBadPass = fault.New(fault.Forbidden, "You could not be let in to the report. Sign in at the desk, and open it from there. If it happens again, tell whoever looks after this installation.")

// ErrNoPass is that somebody has to come by the desk first.
var ErrNoPass = errors.New("no pass")

// Reader is the role by which somebody reads the report of a programme. Who comes with a
// pass begins a visit. It is ErrNoPass for who comes with neither, with one that is over, or
// with one for another programme.
func (p *Passes) Reader(w http.ResponseWriter, r *http.Request, programme string) (access.Role, error) {
	if role, err := p.read(r, visitCookie, p.visits, programme); err == nil {
		return role, nil
	}
	role, err := p.read(r, passCookie, p.passes, programme)
	if !errors.Is(err, http.ErrNoCookie) {
		http.SetCookie(w, readerCookie(passCookie, "", -1))
	}
	switch {
	case errors.Is(err, errBadPass): // the desk would give another that is not known here either
		return "", err
	case err != nil:
		return "", ErrNoPass
	}
	http.SetCookie(w, p.cookie(visitCookie, p.visits, programme, role, visitLife))
	return role, nil
}

// cookie says who may see what until when, signed.
func (p *Passes) cookie(name string, ring keys.Ring, programme string, role access.Role, life time.Duration) *http.Cookie {
	until := p.now().Add(life)
	return readerCookie(name, ring.Sign(programme+"|"+string(role)+"|"+strconv.FormatInt(until.Unix(), 10)), int(life/time.Second))
}

func readerCookie(name, value string, maxAge int) *http.Cookie {
	return &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: maxAge, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

// read is the role that a cookie gives in a programme.
func (p *Passes) read(r *http.Request, name string, ring keys.Ring, programme string) (access.Role, error) {
	c, err := r.Cookie(name)
	if err != nil {
		return "", err
	}
	text, ok := ring.Verify(c.Value)
	if !ok {
		return "", errBadPass
	}
	parts := strings.Split(text, "|")
	if len(parts) != 3 {
		return "", errBadPass
	}
	until, err := strconv.ParseInt(parts[2], 10, 64)
	if err != nil {
		return "", errBadPass
	}
	if left := time.Unix(until, 0).Sub(p.now()); left <= 0 || parts[0] != programme {
		return "", ErrNoPass
	}
	return access.Role(parts[1]), nil
}

// ToDesk sends somebody by the desk, which signs them in and gives them a pass.
func (p *Passes) ToDesk(w http.ResponseWriter, r *http.Request, programme string) error {
	return web.Redirect(w, r, deskpath.Of(programme).Report())
}

// forgetReader ends the browser's visit to the report.
func forgetReader(w http.ResponseWriter) {
	for _, name := range []string{passCookie, visitCookie} {
		http.SetCookie(w, readerCookie(name, "", -1))
	}
}
