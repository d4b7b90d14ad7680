package desk_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/functions/desk/desktest"
	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/proposal"
)

func TestWhoMayOpenWhat(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Person("alex"), desktest.Ready("zoe"))
	b.Matched("m", "alex", "zoe", pairing.Proposed)
	b.Supervisors(map[string]int{"robin": 4})
	b.Ran(1, 1, 5, proposal.Proposal{Certificate: []byte("{}")})
	c := b.Store.Commit()
	c.CreateDecision("pilot", &pairing.Decision{ID: "x_y_1", Kind: pairing.Pin, Client: "x", Consultant: "y"}, nil)
	b.Commit(c)
	b.SetAside("aside", "pilot", "alex", "")
	named := desktest.Ready("ann", func(e *enrolment.Enrolment) { e.Conflicts = []string{"Elsewhere"} })
	b.Enrol("pilot", named)
	if err := b.Store.KeepUnclear(t.Context(), "pilot", enrolment.FindUnclear([]*enrolment.Enrolment{named}), b.Now()); err != nil {
		t.Fatal(err)
	}

	person, supervisor := map[string]string{"enrolment": "alex"}, map[string]string{"supervisor": "robin"}
	match, pair := map[string]string{"run": "run", "match": "m"}, map[string]string{"query": "kind=forbid&for=alex&with=zoe"}
	change := url.Values{"kind": {"forbid"}, "for": {"alex"}, "with": {"zoe"}, "reason": {"A reason"}}
	robin := url.Values{"name": {"No Body"}, "email": {"robin@example.org"}, "capacity": {"7"}}
	link := store.Link{Person: "nora"}
	b.Access(map[string]testbed.Example{
		"GET /desk/sign-in":         {Status: 200},
		"POST /desk/sign-in":        {Form: url.Values{"email": {"nobody@example.org"}}, Status: 200},
		"GET /desk/sign-in/{link}":  {Link: link, Status: 200},
		"POST /desk/sign-in/{link}": {Link: link, Form: desktest.Pressed(), Status: 303},
		"GET /desk/account":         {Status: 404}, // there is no provider
		"GET /desk/account/back":    {Status: 404},
		"GET /desk/account/out":     {Status: 404},
		"GET /desk/signed-out":      {Status: 303},
		"POST /desk/sign-out":       {Status: 303},
		"GET /desk/sessions":        {Status: 200},
		"POST /desk/sessions":       {Form: url.Values{"session": {"none"}}, Status: 303},
		"GET /desk/{$}":             {Status: 200},

		"GET /desk/programmes/{programme}":                                     {Status: 200},
		"GET /desk/programmes/{programme}/people":                              {Status: 200},
		"GET /desk/programmes/{programme}/people/{enrolment}":                  {Path: person, Status: 200},
		"POST /desk/programmes/{programme}/people/{enrolment}":                 {Path: person, Form: desktest.Ticked("workshop"), Status: 303},
		"POST /desk/programmes/{programme}/people/{enrolment}/leave":           {Path: person, Form: url.Values{"do": {"return"}}, Status: 303},
		"POST /desk/programmes/{programme}/people/{enrolment}/emails":          {Path: person, Status: 303},
		"POST /desk/programmes/{programme}/people/{enrolment}/leader":          {Path: person, Form: url.Values{"do": {"leader-asked"}, "new": {"al@example.org"}, "why": {"They rang"}}, Status: 303},
		"POST /desk/programmes/{programme}/people/{enrolment}/address":         {Path: person, Form: url.Values{"email": {"al@example.org"}}, Status: 303},
		"POST /desk/programmes/{programme}/people/{enrolment}/organisation":    {Path: person, Form: url.Values{"joined": {"Another name"}}, Status: 303},
		"GET /desk/programmes/{programme}/people/{enrolment}/data":             {Path: person, Status: 200},
		"GET /desk/programmes/{programme}/people/{enrolment}/data/{file}":      {Path: map[string]string{"enrolment": person["enrolment"], "file": "data.json"}, Status: 303}, // nobody has said why
		"POST /desk/programmes/{programme}/people/{enrolment}/data":            {Path: person, Form: url.Values{"do": {"forget"}}, Status: 422},
		"GET /desk/programmes/{programme}/people/{enrolment}/correct/{group}":  {Path: map[string]string{"enrolment": person["enrolment"], "group": "you"}, Status: 200},
		"POST /desk/programmes/{programme}/people/{enrolment}/correct/{group}": {Path: map[string]string{"enrolment": person["enrolment"], "group": "you"}, Status: 422},
		"GET /desk/programmes/{programme}/requests":                            {Status: 200},
		"POST /desk/programmes/{programme}/requests":                           {Form: url.Values{"request": {"none"}}, Status: 404},
		"GET /desk/programmes/{programme}/organisations":                       {Status: 200},
		"POST /desk/programmes/{programme}/organisations":                      {Form: url.Values{"person": {"ann"}, "entry": {"Elsewhere"}}, Status: 303},
		"GET /desk/programmes/{programme}/waiting":                             {Status: 200},
		"GET /desk/programmes/{programme}/report":                              {Status: 303},
		"GET /desk/programmes/{programme}/emails":                              {Status: 200},
		"POST /desk/programmes/{programme}/emails":                             {Form: url.Values{"message": {"aside"}}, Status: 303},
		"GET /desk/programmes/{programme}/supervisors":                         {Status: 200},
		"GET /desk/programmes/{programme}/supervisors/new":                     {Status: 200},
		"POST /desk/programmes/{programme}/supervisors/new":                    {Form: url.Values{"name": {"Kit Sample"}, "email": {"kit@example.org"}, "capacity": {"7"}, "form": {strings.Repeat("A", 26)}}, Status: 303},
		"GET /desk/programmes/{programme}/supervisors/{supervisor}":            {Path: supervisor, Status: 200},
		"POST /desk/programmes/{programme}/supervisors/{supervisor}":           {Path: supervisor, Form: robin, Status: 303},
		"GET /desk/programmes/{programme}/audit":                               {Status: 200},
		"POST /desk/programmes/{programme}/audit":                              {Form: url.Values{"email": {"alex@example.org"}}, Status: 303},
		"GET /desk/programmes/{programme}/matches":                             {Status: 200},
		"POST /desk/programmes/{programme}/matches":                            {Form: url.Values{"match": {"run/m"}}, Status: 303},
		"GET /desk/programmes/{programme}/further":                             {Status: 200},
		"POST /desk/programmes/{programme}/further":                            {Form: url.Values{"pairing": {"none"}}, Status: 404},
		"GET /desk/programmes/{programme}/matches/withdraw":                    {Status: 200},
		"POST /desk/programmes/{programme}/matches/withdraw":                   {Form: url.Values{"match": {"run/m"}}, Status: 303},
		"GET /desk/programmes/{programme}/matches/of/{run}/{match}":            {Path: match, Status: 200},
		"POST /desk/programmes/{programme}/matches/of/{run}/{match}":           {Path: match, Status: 404}, // no pairing came of it yet
		"GET /desk/programmes/{programme}/matches/why":                         {Path: map[string]string{"query": "for=alex&with=zoe"}, Status: 200},
		"GET /desk/programmes/{programme}/matches/bottlenecks":                 {Status: 200},
		"GET /desk/programmes/{programme}/matches/change":                      {Path: pair, Status: 200},
		"POST /desk/programmes/{programme}/matches/change":                     {Form: change, Status: 422}, // it has not seen the cost
		"GET /desk/programmes/{programme}/matches/decisions":                   {Status: 200},
		"POST /desk/programmes/{programme}/matches/decisions":                  {Form: url.Values{"decision": {"x_y_1"}, "reason": {"A reason"}}, Status: 303},
		"GET /desk/programmes/{programme}/matches/certificate":                 {Status: 200},
		"GET /desk/programmes/{programme}/matches/proof":                       {Status: 409}, // people have changed
	}, "Alex", "Zoe", "Robin")
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
