package signin_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/keys"
	"github.com/cascading-leadership/cascade/shared/platform/signin"
)

const (
	passName  = "__Host-cascade-report-pass"
	visitName = "__Host-cascade-report"
)

// reader is somebody who reads reports, with the cookies of their browser.
type reader struct {
	*signin.Passes
	t   *testing.T
	jar map[string]string
	now time.Time
}

func newReader(t *testing.T, ring keys.Ring) *reader {
	x := &reader{t: t, jar: map[string]string{}, now: time.Date(2027, 8, 1, 9, 0, 0, 0, time.UTC)}
	x.Passes = signin.NewPasses(ring, func() time.Time { return x.now })
	return x
}

// keep has the browser take over what was answered.
func (x *reader) keep(w *httptest.ResponseRecorder) {
	for _, c := range w.Result().Cookies() {
		if c.Path != "/" || c.Domain != "" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
			x.t.Errorf("the cookie is %v", c)
		}
		if x.jar[c.Name] = c.Value; c.MaxAge < 0 {
			delete(x.jar, c.Name)
		}
	}
}

func (x *reader) given(programme string) {
	w := httptest.NewRecorder()
	x.Give(w, programme, access.Evaluator)
	x.keep(w)
}

// reads asks for a programme's report, and says as whom they are let in.
func (x *reader) reads(programme string) (access.Role, error) {
	r := httptest.NewRequestWithContext(x.t.Context(), http.MethodGet, "/report/"+programme, nil)
	for name, value := range x.jar {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	role, err := x.Reader(w, r, programme)
	x.keep(w)
	return role, err
}

// wants fails unless they are let in, sent by the desk, or refused.
func (x *reader) wants(what, programme string, want error) {
	x.t.Helper()
	role, err := x.reads(programme)
	switch {
	case want == nil && (err != nil || role != access.Evaluator):
		x.t.Errorf("%s: %q, %v", what, role, err)
	case want != nil && (!errors.Is(err, want) || role != ""):
		x.t.Errorf("%s: %q, %v, want %v", what, role, err, want)
	}
}

func TestPassLetsInToItsProgrammeForAWhile(t *testing.T) {
	t.Parallel()
	x := newReader(t, ring(t, fresh(1)))
	x.wants("with nothing", "pilot", signin.ErrNoPass)

	x.given("pilot")
	x.wants("another programme's pass", "second", signin.ErrNoPass)
	if x.jar[passName] != "" {
		t.Error("a pass that was shown is still there")
	}

	x.given("pilot")
	copied := x.jar[passName]
	x.wants("its pass", "pilot", nil)
	if x.jar[passName] != "" || x.jar[visitName] == "" {
		t.Errorf("the browser has %v", x.jar)
	}
	x.now = x.now.Add(15*time.Minute - time.Second)
	x.wants("almost a quarter of an hour", "pilot", nil)
	x.wants("a visit of another programme", "second", signin.ErrNoPass)
	x.now = x.now.Add(time.Second)
	x.wants("a quarter of an hour", "pilot", signin.ErrNoPass)

	// Whoever copied the pass from the first browser cannot use it any more.
	x.jar = map[string]string{passName: copied}
	x.wants("a pass that is over", "pilot", signin.ErrNoPass)
	x.given("pilot")
	x.now = x.now.Add(time.Minute - time.Second)
	late := newReader(t, ring(t, fresh(2)))
	late.Passes, late.jar[passName] = x.Passes, x.jar[passName]
	late.wants("almost a minute old", "pilot", nil)
	x.now = x.now.Add(time.Second)
	x.wants("a minute old", "pilot", signin.ErrNoPass)
}

func TestForgedPassIsRefused(t *testing.T) {
	t.Parallel()
	k := fresh(1)
	x := newReader(t, ring(t, k))
	x.given("pilot")
	good := x.jar[passName]
	text, signature := good[:strings.LastIndexByte(good, '.')], good[strings.LastIndexByte(good, '.'):]
	other := newReader(t, ring(t, fresh(2)))
	other.given("pilot")
	for name, value := range map[string]string{
		"of another key": other.jar[passName], "for another programme": strings.Replace(text, "pilot", "second", 1) + signature,
		"of another role": strings.Replace(text, "evaluator", "coordinator", 1) + signature, "for longer": text + "0" + signature,
		"without a signature": text, "nothing": "", "nonsense": "..", "signed for sign-in": ring(t, k).For("sign-in flows").Sign(text),
		"signed as a visit": ring(t, k).For("report visits").Sign(text),
	} {
		for _, cookie := range []string{passName, visitName} {
			if name == "signed as a visit" && cookie == visitName {
				continue // that it is
			}
			x.jar = map[string]string{cookie: value}
			_, err := x.reads("pilot")
			if cookie == passName && !fault.Is(err, fault.Forbidden) || cookie == visitName && !errors.Is(err, signin.ErrNoPass) {
				t.Errorf("%s as %s: %v", name, cookie, err)
			}
			if x.jar[passName] != "" || cookie == passName && x.jar[visitName] != "" {
				t.Errorf("%s: the browser keeps %v", name, x.jar)
			}
		}
	}
	x.jar = map[string]string{visitName: good}
	x.wants("a pass as a visit", "pilot", signin.ErrNoPass)

	// With a new key before its own it is known until that one goes.
	x.jar = map[string]string{passName: good}
	x.Passes = signin.NewPasses(ring(t, fresh(3), k), func() time.Time { return x.now })
	x.wants("with a new key", "pilot", nil)
}

func TestSigningOutEndsTheVisit(t *testing.T) {
	t.Parallel()
	x := newReader(t, ring(t, fresh(1)))
	x.given("pilot")
	x.wants("its pass", "pilot", nil)
	x.given("pilot")
	w := httptest.NewRecorder()
	signin.Forget(w)
	x.keep(w)
	x.wants("signed out", "pilot", signin.ErrNoPass)
}
