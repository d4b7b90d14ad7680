package people_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/functions/desk/desktest"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/matching"
)

// looked is what the matching does before each run: it notes what is unclear.
func (b *bed) looked() {
	b.T.Helper()
	at, err := b.Store.MatchingInput(b.T.Context(), "pilot")
	if err == nil {
		err = b.Store.KeepUnclear(b.T.Context(), "pilot", enrolment.FindUnclear(at.Ready), b.Now())
	}
	if err != nil {
		b.T.Fatal(err)
	}
}

// possible reports whether two people can be matched, by all criteria.
func (b *bed) possible(client, consultant string) bool {
	b.T.Helper()
	ok, err := matching.Still(b.Programme, matching.FromEnrolment(b.Enrolment(client)), matching.FromEnrolment(b.Enrolment(consultant)), nil,
		matching.Explain(b.Programme, matching.FromEnrolment(b.Enrolment(client)), matching.FromEnrolment(b.Enrolment(consultant))))
	if err != nil {
		b.T.Fatal(err)
	}
	return ok
}

func named(entries ...string) func(*enrolment.Enrolment) {
	return func(e *enrolment.Enrolment) { e.Conflicts = entries }
}

func called(name string) func(*enrolment.Enrolment) {
	return func(e *enrolment.Enrolment) { e.Organisation.Name = name }
}

func TestWhoIsMeantIsSettledByTheCoordinator(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Ready("alex", named("Harbour Example", "Elsewhere House")), desktest.Ready("ann", named("Nowhere <b>House</b>")), desktest.Ready("bea", named("North Harbour Example")),
		desktest.Ready("zoe", called("North Harbour Example")), desktest.Ready("zac", called("South Harbour Example")))
	const page = desk + "/organisations"
	if got := b.Get(desk).Body; !strings.Contains(got, `<dt class="govuk-summary-list__key">Organisations named, and not clear</dt><dd class="govuk-summary-list__value">0<`) {
		t.Error("something is said to be unclear before the matching has looked")
	}
	b.looked()
	for _, id := range []string{"zoe", "zac"} {
		if b.possible("alex", id) {
			t.Errorf("alex can be matched with %s, whom they may mean", id)
		}
	}
	shown := b.Get(page).Body
	for _, want := range []string{">Harbour Example<", ">Elsewhere House<", "Nowhere &lt;b&gt;House", ">North Harbour Example</label>", ">South Harbour Example</label>", "2 of them resemble", ">Alex Sample</a> of Alex Trust"} {
		if !strings.Contains(shown, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(shown, "Bea Sample") {
		t.Error("it asks about what is clear")
	}
	if i, k := strings.Index(shown, "Alex Sample"), strings.Index(shown, "Ann Sample"); i > k {
		t.Error("who resembles nobody comes first")
	}
	if got := b.Get(desk).Body; !strings.Contains(got, `not clear</dt><dd class="govuk-summary-list__value">2<`) {
		t.Error("the front does not say how many wait")
	}

	said := url.Values{"person": {"alex"}, "entry": {"Harbour Example"}, "meant": {"=north harbour example"}}
	for range 2 { // pressed twice
		if got := b.Post(page, said); got.StatusCode != http.StatusSeeOther {
			t.Fatalf("status %d: %s", got.StatusCode, got.Body)
		}
	}
	if b.possible("alex", "zoe") || !b.possible("alex", "zac") {
		t.Error("alex is kept from who is not meant, or not from who is")
	}
	if shown = b.Get(page).Body; strings.Contains(shown, ">Harbour Example<") || !strings.Contains(shown, ">Elsewhere House<") {
		t.Error("what is settled is asked again, or what is not is gone")
	}
	if got := b.Post(page, url.Values{"do": {"nobody"}}); got.StatusCode != http.StatusSeeOther {
		t.Fatalf("status %d: %s", got.StatusCode, got.Body)
	}
	if shown = b.Get(page).Body; !strings.Contains(shown, "There is nothing to settle") {
		t.Error("something is left to settle")
	}
	b.looked()
	if shown = b.Get(page).Body; !strings.Contains(shown, "There is nothing to settle") {
		t.Error("what is settled comes back")
	}

	// Who comes later, and may be meant, is asked about.
	b.Enrol("pilot", desktest.Ready("zed", called("East Harbour Example")))
	if b.possible("alex", "zed") {
		t.Error("alex can be matched with who came later, and may be meant")
	}
	b.looked()
	if shown = b.Get(page).Body; !strings.Contains(shown, ">East Harbour Example</label>") || strings.Contains(shown, "South Harbour") {
		t.Error("it is not asked about who came later, or again about others")
	}
	if got := b.Post(page, url.Values{"person": {"alex"}, "entry": {"Harbour Example"}, "means": {"a\u202eb"}}); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "Enter a name or a register number") {
		t.Errorf("status %d", got.StatusCode)
	}
	b.Post(page, url.Values{"person": {"alex"}, "entry": {"Harbour Example"}, "means": {"Harbour Example West"}})
	if !b.possible("alex", "zed") || b.possible("alex", "zoe") {
		t.Error("a fuller name is not gone by, or what was said before is forgotten")
	}
	if got := b.Get(desk + "/people/alex").Body; !strings.Contains(got, "Harbour Example (Harbour Example West)<br>") {
		t.Error("their page does not say what stands for what they wrote")
	}
	for name, posted := range map[string]url.Values{
		"somebody who is not there": {"person": {"nobody"}, "entry": {"Harbour Example"}},
		"what nobody wrote":         {"person": {"bea"}, "entry": {"Else"}},
	} {
		if got := b.Post(page, posted); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d", name, got.StatusCode)
		}
	}
	if audited := b.Audited(); !slices.ContainsFunc(audited, func(s string) bool { return strings.Contains(s, "settled whom somebody means alex") }) || strings.Contains(strings.Join(audited, ""), "Harbour") {
		t.Errorf("audited %q", audited)
	}
}

// Who leaves, or corrects what they named, is not asked about any more.
func TestWhatIsNotUnclearAnyMoreGoes(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Ready("alex", named("Elsewhere House")))
	b.looked()
	b.Post(desk+"/people/alex/leave", url.Values{"do": {"leave"}, "reason": {"They rang"}})
	b.looked()
	if n, err := b.Store.CountUnclear(t.Context(), "pilot"); err != nil || n != 0 {
		t.Errorf("%d are left: %v", n, err)
	}
}

func TestTwoRecordsAreJoined(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Ready("alex", called("Harbour Example")), desktest.Ready("zoe", called("Quayside Example")), desktest.Ready("ann", named("Harbour Example")))
	if !b.possible("alex", "zoe") || !b.possible("ann", "zoe") {
		t.Fatal("they are not possible from the start")
	}
	joined := url.Values{"joined": {" Harbour  Example\r\n"}}
	for range 2 {
		if got := b.Post(desk+"/people/zoe/organisation", joined); got.StatusCode != http.StatusSeeOther {
			t.Fatalf("status %d: %s", got.StatusCode, got.Body)
		}
	}
	if b.possible("alex", "zoe") || b.possible("ann", "zoe") {
		t.Error("two of one organisation can be matched, or whoever named it with the other")
	}
	if got := b.Get(desk + "/people/zoe").Body; !strings.Contains(got, ">Harbour Example</textarea>") {
		t.Error("their page does not show it")
	}
	if got := b.Post(desk+"/people/zoe/organisation", url.Values{"joined": {strings.Repeat("a\n", 1) + strings.Repeat("b", 300)}}); got.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("status %d", got.StatusCode)
	}
	if got := b.Audited(); len(got) != 1 {
		t.Errorf("audited %q", got)
	}
}
