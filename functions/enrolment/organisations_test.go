package enrolment

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/lookup"
	"github.com/cascading-leadership/cascade/shared/platform/cost"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
)

// publish publishes a list of made-up organisations.
func publish(t *testing.T, b *testbed.Bed, all ...lookup.Organisation) {
	t.Helper()
	list, err := lookup.New(all)
	if err != nil {
		t.Fatal(err)
	}
	before, err := b.Store.PublishedOrganisations(t.Context())
	if err != nil && !fault.Is(err, fault.NotFound) {
		t.Fatal(err)
	}
	if _, err := b.Store.PublishOrganisations(t.Context(), list, []lookup.Source{{Register: lookup.Scotland, Organisations: len(all), ReadAt: b.Now()}}, before, b.Now()); err != nil {
		t.Fatal(err)
	}
}

// suggested is what a look-up answers with.
func suggested(t testing.TB, b *testbed.Bed, text string) (all []found) {
	t.Helper()
	got := b.Get("/enrol/organisations?q=" + url.QueryEscape(text))
	var answer struct{ Organisations []found }
	if err := json.Unmarshal([]byte(got.Body), &answer); err != nil || got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != "application/json" || answer.Organisations == nil {
		t.Fatalf("%q: status %d, %q, %v", text, got.StatusCode, got.Body, err)
	}
	return answer.Organisations
}

// The list is read at the start, and another one within the hour. Until there is one, and
// whatever is typed, the page takes any name.
func TestOrganisationsAreLookedUp(t *testing.T) {
	t.Parallel()
	b := testbed.New(t)
	b.Serve("enrolment", New)
	agreed(b, "seek")
	page := func() testbed.Answer { return b.Get("/enrol/pilot/seek/organisation") }
	if got := suggested(t, b, "highland"); len(got) != 0 {
		t.Errorf("without a list: %v", got)
	}
	if got := page(); strings.Contains(got.Body, "lookup.js") || strings.Contains(got.Body, "data-lookup") || !strings.Contains(got.Header.Get("Content-Security-Policy"), "connect-src 'none'") {
		t.Error("without a list the page offers to look up")
	}

	publish(t, b, lookup.Organisation{Number: "GB-SC-SC012345", Name: "HIGHLAND EXAMPLE", District: "IV1", Others: []string{"Hills & Co"}},
		lookup.Organisation{Number: "GB-NIC-100001", Name: "Lowland Example"})
	b.Pass(looks)
	b.Until("the list is read", func(context.Context) bool { return len(suggested(t, b, "highland")) == 1 })
	if got := suggested(t, b, "highland ex"); len(got) != 1 || got[0] != (found{"HIGHLAND EXAMPLE", "SC012345", "Scotland", "IV1", ""}) {
		t.Errorf("%+v", got)
	}
	if got := suggested(t, b, "hills"); len(got) != 1 || got[0].As != "Hills & Co" {
		t.Errorf("%+v", got)
	}
	if got := suggested(t, b, "NIC100001"); len(got) != 1 || got[0] != (found{"Lowland Example", "NIC100001", "Northern Ireland", "", ""}) {
		t.Errorf("%+v", got)
	}
	for _, text := range []string{"", "\xff\x00", strings.Repeat("example ", 1000), "%", "<script>"} {
		suggested(t, b, text)
	}
	got := page()
	for _, want := range []string{"/lookup.js", `data-lookup="/enrol/organisations"`, "© Crown Copyright and database right 20", "Scottish Charity Register", "Open Government Licence"} {
		if !strings.Contains(got.Body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if policy := got.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "connect-src 'self'") || strings.Contains(policy, "connect-src 'none'") {
		t.Errorf("the page's policy is %q", policy)
	}
	if got := b.Get("/enrol/pilot/seek/you"); !strings.Contains(got.Header.Get("Content-Security-Policy"), "connect-src 'none'") {
		t.Error("a page that looks nothing up may connect")
	}
	if got := b.Post("/enrol/pilot/seek/organisation", url.Values{"organisation": {"On no register"}, "postcode": {"ls6 2ab"}, "categories": {"HE"}}); got.StatusCode != http.StatusSeeOther {
		t.Errorf("a name that is on no register: status %d", got.StatusCode)
	}

	// Another list takes over after an hour, and not before.
	publish(t, b, lookup.Organisation{Number: "GB-SC-SC012346", Name: "HIGHLAND EXAMPLE, ANOTHER"})
	if got := suggested(t, b, "highland"); len(got) != 1 || got[0].Number != "SC012345" {
		t.Errorf("at once after another was published: %+v", got)
	}
	b.Pass(looks)
	b.Until("the next list is read", func(context.Context) bool {
		got := suggested(t, b, "highland")
		return len(got) == 1 && got[0].Number == "SC012346"
	})
}

// A list that cannot be read leaves the one that was there, and is tried again soon.
func TestDamagedListLeavesTheOneBefore(t *testing.T) {
	t.Parallel()
	b := testbed.New(t)
	publish(t, b, lookup.Organisation{Number: "GB-SC-SC012345", Name: "HIGHLAND EXAMPLE"})
	o := newOrganisations(b.Store, b.Now)
	is := func(number string) func(context.Context) bool {
		return func(context.Context) bool {
			_, list := o.present()
			return list != nil && len(list.Search(number, 1)) == 1
		}
	}
	b.Until("the list is read at the start", is("SC012345"))

	publish(t, b, lookup.Organisation{Number: "GB-SC-SC012346", Name: "HIGHLAND EXAMPLE"})
	p, err := b.Store.PublishedOrganisations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p.Sum = "another"
	b.Put("organisations/published", p)
	o.look(o.published)
	if !is("SC012345")(t.Context()) || is("SC012346")(t.Context()) {
		t.Error("the list before is gone")
	}
	publish(t, b, lookup.Organisation{Number: "GB-SC-SC012347", Name: "HIGHLAND EXAMPLE"})
	b.Pass(looksAgain)
	b.Until("the next list is read", is("SC012347"))
}

// Everybody has the same answer, whoever they are and whoever takes part, for some minutes;
// it costs no read, and no cookie is set or looked at.
func TestLookingUpTellsNothingOfWhoTakesPart(t *testing.T) {
	t.Parallel()
	b := testbed.New(t)
	publish(t, b, lookup.Organisation{Number: "GB-SC-SC012345", Name: "Example Trust"}, lookup.Organisation{Number: "GB-SC-SC012346", Name: "Example Trust Two"})
	b.Serve("enrolment", New)
	b.Until("the list is read", func(context.Context) bool { return len(suggested(t, b, "example")) == 2 })
	ask := func() (testbed.Answer, string) {
		got := b.Get("/enrol/organisations?q=example")
		return got, got.Body + got.Header.Get("Cache-Control")
	}
	before, was := ask()
	if before.Header.Get("Cache-Control") != "public, max-age=300" || before.Header.Get("Set-Cookie") != "" {
		t.Errorf("headers %v", before.Header)
	}
	f := form()
	f.Number = "SC012345"
	b.Do(http.MethodPost, "/enrol/pilot/seek", "application/json", document(t, f))
	confirmAll(b)
	if len(enrolments(t, b)) != 1 {
		t.Fatal("nobody takes part")
	}
	if _, is := ask(); is != was {
		t.Errorf("once somebody takes part: %s, and before: %s", is, was)
	}
	ctx, spent := cost.Start(t.Context())
	w := httptest.NewRecorder()
	b.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/enrol/organisations?q=example", nil).WithContext(ctx))
	if w.Code != http.StatusOK || spent.Cost() != (cost.Cost{}) {
		t.Errorf("status %d at %+v", w.Code, spent.Cost())
	}
}

// More look-ups than a process can answer are refused, with when to try again.
func TestLookUpsAreBounded(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	o := &organisations{now: func() time.Time { return at }, due: at.Add(looks), rate: rate.NewLimiter(1, 2)}
	s := &site{&serve.Site{Runtime: &serve.Runtime{Now: o.now}}, o}
	ask := func() error {
		return s.lookUp(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/enrol/organisations?q=x", nil))
	}
	for n, want := range []bool{true, true, false} {
		if err := ask(); (err == nil) != want || err != nil && !fault.Is(err, fault.TooMany) {
			t.Errorf("look-up %d: %v", n+1, err)
		}
	}
	at = at.Add(time.Second)
	if err := ask(); err != nil {
		t.Errorf("a second later: %v", err)
	}
}
