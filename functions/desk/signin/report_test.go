package signin_test

import (
	"net/http"
	"testing"

	"github.com/cascading-leadership/cascade/functions/desk/desktest"
	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/platform/signin"
)

// passed is the cookie of a pass to the report.
const passed = "__Host-cascade-report-pass"

// Who may see a programme's report gets a pass for that one, and for no other.
func TestReportIsOpenedWithAPass(t *testing.T) {
	b := newBed(t)
	for _, row := range []struct {
		who, programme string
		as             access.Role
	}{
		{"morgan", "pilot", access.Coordinator}, {"eve", "pilot", access.Evaluator}, {"both", "pilot", access.Evaluator}, {"omar", "other", access.Coordinator},
		{"omar", "pilot", ""}, {"morgan", "other", ""}, {"both", "other", ""}, {"sue", "pilot", ""}, {"nora", "pilot", ""}, {"morgan", "nowhere", ""},
	} {
		b.As(b.Cookie(row.who))
		got := b.Get("/desk/programmes/" + row.programme + "/report")
		c := cookieOf(got, passed)
		if row.as == "" {
			if got.StatusCode != http.StatusNotFound || c != nil {
				t.Errorf("%s of %s: status %d, %v", row.who, row.programme, got.StatusCode, c)
			}
			continue
		}
		if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/report/"+row.programme || c == nil || c.MaxAge != 60 || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
			t.Errorf("%s of %s: status %d to %q, %v", row.who, row.programme, got.StatusCode, got.Header.Get("Location"), c)
			continue
		}
		for _, programme := range []string{"pilot", "other"} {
			r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://cascade.example.org/report/"+programme, nil)
			r.AddCookie(c)
			role, err := b.Passes.Reader(discard{}, r, programme)
			if let := err == nil && role == row.as; let != (programme == row.programme) {
				t.Errorf("the pass of %s to %s lets in to %s: %q, %v", row.who, row.programme, programme, role, err)
			}
		}
	}
}

// discard answers nobody.
type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}

// Who is not signed in signs in first, and then comes to the report.
func TestReportWaitsForSigningIn(t *testing.T) {
	b := newBed(t)
	b.As()
	page := "/desk/programmes/pilot/report"
	if got := b.Get(page); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != signin.Page || cookieOf(got, passed) != nil {
		t.Fatalf("status %d to %q, %v", got.StatusCode, got.Header.Get("Location"), got.Cookies())
	}
	if got := b.Post(b.SignInLink("eve"), desktest.Pressed()); got.Header.Get("Location") != page {
		t.Errorf("to %q", got.Header.Get("Location"))
	}
	if got := b.Get(page); got.Header.Get("Location") != "/report/pilot" || cookieOf(got, passed) == nil {
		t.Errorf("status %d to %q, %v", got.StatusCode, got.Header.Get("Location"), got.Cookies())
	}
}
