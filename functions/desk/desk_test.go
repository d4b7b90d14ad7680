package desk_test

import (
	"maps"
	"net/http"
	"net/url"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/functions/desk/desktest"
	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/signin"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/proposal"
)

// routes are those that the function's contents page names.
func routes(t *testing.T) []string {
	t.Helper()
	source, err := os.ReadFile("desk.go")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, found := range regexp.MustCompile(`(?m)^\t(?:route|desk)\("([^"]+)"`).FindAllStringSubmatch(string(source), -1) {
		all = append(all, found[1])
	}
	return all
}

func TestWhoMayOpenWhat(t *testing.T) {
	// The statuses for nobody, a forged and an expired cookie, an evaluator, another
	// programme's coordinator, and the coordinator.
	var (
		anybody = [6]int{200, 200, 200, 200, 200, 200}
		onwards = [6]int{303, 303, 303, 303, 303, 303}
		staff   = [6]int{303, 303, 303, 200, 200, 200}
		sees    = [6]int{303, 303, 303, 404, 404, 200}
		changes = [6]int{403, 403, 403, 404, 404, 303}
	)
	want := map[string][6]int{
		"GET /desk/sign-in":         anybody,
		"POST /desk/sign-in":        anybody,
		"GET /desk/sign-in/{link}":  anybody,
		"POST /desk/sign-in/{link}": onwards,
		"POST /desk/sign-out":       onwards,
		"GET /desk/{$}":             staff,

		"GET /desk/programmes/{programme}":                             sees,
		"GET /desk/programmes/{programme}/people":                      sees,
		"GET /desk/programmes/{programme}/people/{enrolment}":          sees,
		"POST /desk/programmes/{programme}/people/{enrolment}":         changes,
		"POST /desk/programmes/{programme}/people/{enrolment}/leave":   changes,
		"POST /desk/programmes/{programme}/people/{enrolment}/emails":  changes,
		"POST /desk/programmes/{programme}/people/{enrolment}/address": changes,
		"GET /desk/programmes/{programme}/waiting":                     sees,
		"GET /desk/programmes/{programme}/emails":                      sees,
		"POST /desk/programmes/{programme}/emails":                     changes,
		"GET /desk/programmes/{programme}/supervisors":                 sees,
		"GET /desk/programmes/{programme}/supervisors/new":             sees,
		"POST /desk/programmes/{programme}/supervisors/new":            changes,
		"GET /desk/programmes/{programme}/supervisors/{supervisor}":    sees,
		"POST /desk/programmes/{programme}/supervisors/{supervisor}":   changes,
		"GET /desk/programmes/{programme}/matches":                     sees,
		"POST /desk/programmes/{programme}/matches":                    changes,
		"GET /desk/programmes/{programme}/matches/withdraw":            sees,
		"POST /desk/programmes/{programme}/matches/withdraw":           changes,
		"GET /desk/programmes/{programme}/matches/of/{run}/{match}":    sees,
		"GET /desk/programmes/{programme}/matches/why":                 sees,
		"GET /desk/programmes/{programme}/matches/bottlenecks":         sees,
		"GET /desk/programmes/{programme}/matches/change":              sees,
		"POST /desk/programmes/{programme}/matches/change":             {403, 403, 403, 404, 404, 422}, // it has not seen the cost
		"GET /desk/programmes/{programme}/matches/decisions":           sees,
		"POST /desk/programmes/{programme}/matches/decisions":          changes,
		"GET /desk/programmes/{programme}/matches/certificate":         sees,
		"GET /desk/programmes/{programme}/matches/proof":               {303, 303, 303, 404, 404, 409}, // people have changed
	}
	all := routes(t)
	if known := slices.Sorted(maps.Keys(want)); !slices.Equal(slices.Sorted(slices.Values(all)), known) {
		t.Fatalf("the routes are %q, and the table knows %q", all, known)
	}

	b := newBed(t)
	b.Enrol("pilot", desktest.Person("alex"), desktest.Ready("zoe"))
	b.Matched("m", "alex", "zoe", pairing.Proposed)
	b.Supervisors(map[string]int{"robin": 4})
	b.Ran(1, 1, 5, proposal.Proposal{Certificate: []byte("{}")})
	c := b.Store.Commit()
	c.CreateDecision("pilot", &pairing.Decision{ID: "x_y_1", Kind: pairing.Pin, Client: "x", Consultant: "y"}, nil)
	b.Commit(c)
	expired := b.Cookie("morgan")
	b.Pass(8 * time.Hour)
	forged := b.Cookie("omar")
	forged.Value = "morgan" + strings.TrimPrefix(forged.Value, "omar")
	posted := url.Values{"email": {"nobody@example.org"}, "workshop": {"yes"}, "match": {"run/m"}, "name": {"No Body"}, "capacity": {"7"}, "form": {strings.Repeat("A", 26)},
		"kind": {"forbid"}, "for": {"alex"}, "with": {"zoe"}, "reason": {"A reason"}, "decision": {"x_y_1"}, "message": {"aside"}, "do": {"return"}}
	b.SetAside("aside", "pilot", "alex", "")

	b.As(b.Cookie("omar"))
	nowhere := b.Get("/desk/programmes/nowhere")
	for i, visitor := range []struct {
		name    string
		cookies []*http.Cookie
	}{
		{"nobody", nil},
		{"a forged cookie", []*http.Cookie{forged}},
		{"an expired cookie", []*http.Cookie{expired}},
		{"an evaluator", []*http.Cookie{b.Cookie("eve")}},
		{"another programme's coordinator", []*http.Cookie{b.Cookie("omar")}},
		{"the coordinator", []*http.Cookie{b.Cookie("morgan")}},
	} {
		for _, route := range all {
			token := ""
			if strings.Contains(route, "{link}") {
				token = path.Base(b.SignInLink("nora"))
			}
			method, at, _ := strings.Cut(strings.NewReplacer("{programme}", "pilot", "{enrolment}", "alex", "{supervisor}", "robin", "{run}", "run", "{match}", "m", "{link}", token, "{$}", "").Replace(route), " ")
			b.As(visitor.cookies...)
			var got testbed.Answer
			if method == http.MethodGet && strings.HasSuffix(at, "/change") {
				at += "?kind=forbid&for=alex&with=zoe"
			}
			if method == http.MethodPost {
				posted.Set("email", map[bool]string{true: "robin@example.org", false: "nobody@example.org"}[strings.HasSuffix(at, "/robin")])
				got = b.Post(at, posted)
			} else {
				got = b.Get(at)
			}
			status := want[route][i]
			if got.StatusCode != status {
				t.Errorf("%s for %s: status %d, want %d", route, visitor.name, got.StatusCode, status)
			}
			if method == http.MethodGet && status == 303 && got.Header.Get("Location") != signin.Page {
				t.Errorf("%s for %s: to %q", route, visitor.name, got.Header.Get("Location"))
			}
			if status == 404 && got.Body != nowhere.Body {
				t.Errorf("%s for %s does not look like a programme that is not there: %s", route, visitor.name, got.Body)
			}
			if status >= 300 && status != 422 {
				for _, told := range []string{b.Programme.Name, b.Programme.Host.Email, "Alex", "Zoe", "Robin", "ublick", "zworp"} {
					if strings.Contains(got.Body, told) {
						t.Errorf("%s for %s tells %q", route, visitor.name, told)
					}
				}
			}
		}
		if visitor.name != "the coordinator" {
			b.Untouched(visitor.name)
			if x := b.Supervisor("robin"); x.Capacity != 4 {
				t.Fatalf("%s changed %+v", visitor.name, x)
			}
			if b.Enrolment("alex").State != enrolment.Confirmed || b.State("m") != pairing.Proposed {
				t.Fatalf("%s changed something", visitor.name)
			}
		}
	}
	if b.Enrolment("alex").State != enrolment.Ready || b.State("m") != pairing.Withdrawn {
		t.Error("the coordinator changed nothing: the refusals above prove nothing")
	}
}

func TestRoleThatWasTakenAwayIsGoneAtOnce(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Person("alex"))
	for _, roles := range []access.ByProgramme{{"pilot": {access.Evaluator}}, {"other": {access.Coordinator}}, nil} {
		for _, row := range []struct {
			roles  access.ByProgramme
			status int
		}{{access.ByProgramme{"pilot": {access.Coordinator}}, 200}, {roles, 404}} {
			m, err := b.Store.StaffMember(t.Context(), "morgan")
			if err != nil {
				t.Fatal(err)
			}
			m.Roles = row.roles
			c := b.Store.Commit()
			c.UpdateStaff(m)
			b.Commit(c)
			for _, page := range []string{desk, desk + "/people", desk + "/people/alex", desk + "/matches"} {
				if got := b.Get(page); got.StatusCode != row.status {
					t.Errorf("%s with the roles %v: status %d, want %d", page, row.roles, got.StatusCode, row.status)
				}
			}
		}
		if got := b.Post(desk+"/people/alex", url.Values{"workshop": {"yes"}}); got.StatusCode != http.StatusNotFound {
			t.Errorf("changing something with the roles %v: status %d", roles, got.StatusCode)
		}
	}
	b.Untouched("the role was taken away")
}

func TestBadRequests(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Person("alex"), desktest.Person("zoe"))
	b.Matched("m", "alex", "zoe", pairing.Proposed)
	token := b.SignInLink("morgan")
	long := strings.Repeat("x", 64<<10)
	for _, row := range []struct {
		method, path, contentType, body string
		status                          int
	}{
		{"POST", "/desk/sign-in", desktest.Form, "email=" + long, 413},
		{"POST", desk + "/people/alex", desktest.Form, "workshop=" + long, 413},
		{"POST", desk + "/matches", desktest.Form, "match=" + long, 413},
		{"POST", "/desk/sign-in", "application/json", `{"email":"morgan@example.org"}`, 415},
		{"POST", desk + "/people/alex", "multipart/form-data; boundary=x", "--x--", 415},
		{"POST", desk + "/people/alex", "", "workshop=yes", 415},
		{"POST", desk + "/matches", "text/plain", "match=run/m", 415},
		{"POST", "/desk/sign-in", desktest.Form, "email=%ff@example.org", 400},
		{"POST", desk + "/people/alex", desktest.Form, "workshop=%zz", 400},
		{"POST", desk + "/matches", desktest.Form, "match=run/m&match=%ff", 400},

		{"GET", "/desk/nowhere", "", "", 404},
		{"GET", "/desk/programmes", "", "", 404},
		{"GET", "/desk/programmes/", "", "", 404},
		{"GET", desk + "/", "", "", 404},
		{"GET", desk + "/nothing", "", "", 404},
		{"GET", desk + "/people/alex/more", "", "", 404},
		{"POST", desk + "/people/", desktest.Form, "workshop=yes", 404},
		{"GET", desk + "/supervisors/nobody", "", "", 404},
		{"POST", desk + "/supervisors/nobody", desktest.Form, "name=x", 404},
		{"POST", desk + "/supervisors/new", desktest.Form, "name=" + long, 413},
		{"POST", desk + "/supervisors/new", "application/json", `{"name":"x"}`, 415},
		{"POST", desk + "/supervisors/new", desktest.Form, "name=%ff", 400},
		{"POST", desk + "/supervisors/new", desktest.Form, "name=Kit&email=kit@example.org&capacity=1", 409},
		{"POST", desk + "/supervisors/new", desktest.Form, "form=a/b&name=Kit&email=kit@example.org&capacity=1", 409},
		{"POST", "/events", "application/json", "{}", 404},

		{"POST", "/desk/", desktest.Form, "", 405},
		{"POST", desk, desktest.Form, "", 405},
		{"POST", desk + "/people", desktest.Form, "", 405},
		{"POST", desk + "/supervisors", desktest.Form, "", 405},
		{"PUT", desk + "/people/alex", desktest.Form, "workshop=yes", 405},
		{"DELETE", desk + "/people/alex", "", "", 405},
		{"DELETE", desk + "/matches", "", "", 405},
		{"GET", "/desk/sign-out", "", "", 405},
		{"DELETE", "/desk/sign-in", "", "", 405},
	} {
		if got := b.Do(row.method, row.path, row.contentType, row.body); got.StatusCode != row.status {
			t.Errorf("%s %s %.30s: status %d, want %d", row.method, row.path, row.body, got.StatusCode, row.status)
		}
	}

	// What another site's page asks for in the coordinator's browser.
	posted := url.Values{"email": {"morgan@example.org"}, "workshop": {"yes"}, "match": {"run/m"}}
	for _, from := range []map[string]string{{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://elsewhere.example"}} {
		for _, path := range []string{"/desk/sign-in", token, "/desk/sign-out", desk + "/people/alex", desk + "/supervisors/new", desk + "/matches"} {
			if got := b.Send(path, posted, from); got.StatusCode != http.StatusForbidden || len(got.Cookies()) > 0 {
				t.Errorf("%s, %v: status %d, cookies %v", path, from, got.StatusCode, got.Cookies())
			}
		}
	}
	b.Untouched("bad requests")
	if got := b.Get(token); got.StatusCode != http.StatusOK {
		t.Errorf("a bad request used the link up: status %d", got.StatusCode)
	}
}
