package people_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/functions/desk/desktest"
	"github.com/cascading-leadership/cascade/shared/enrolment"
)

// The coordinator names who leads an organisation now, with a reason that the person can read; the
// desk sees that somebody is asked and since when, not who, and can take it back.
func TestCoordinatorNamesWhoLeadsNow(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Ready("alex-seek"), desktest.Ready("zoe-offer"))
	const person = desk + "/people/alex-seek"
	ask := url.Values{"do": {"leader-asked"}, "new": {"kim@example.org"}, "why": {"They rang"}}
	for field, wrong := range map[string][]string{"new": {"", "kim", "kim@example", "a@example.org, b@example.org", "alex-seek@example.org"}, "why": {"", strings.Repeat("x", 5001)}} {
		for _, value := range wrong {
			form := url.Values{"do": {"leader-asked"}, "new": {"kim@example.org"}, "why": {"They rang"}}
			form.Set(field, value)
			if got := b.Post(person+"/leader", form); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.Body, `id="`+field+`-error"`) {
				t.Errorf("%s %.20q: status %d", field, value, got.StatusCode)
			}
		}
	}
	if got := b.Post(person+"/leader", url.Values{"do": {"else"}, "why": {"They rang"}}); got.StatusCode != http.StatusNotFound {
		t.Errorf("another choice: %d", got.StatusCode)
	}
	for range 2 { // sent twice
		if got := b.Post(person+"/leader", ask); got.StatusCode != http.StatusSeeOther {
			t.Fatalf("status %d: %s", got.StatusCode, got.Body)
		}
	}
	b.Post(person+"/leader", url.Values{"do": {"leader-asked"}, "new": {"other@example.org"}, "why": {"They rang"}}) // while one is asked
	e := b.Enrolment("alex-seek")
	if !e.Handover.Waits(b.Now()) || !e.Handover.ByStaff || e.Handover.Goals || e.State != enrolment.Ready {
		t.Errorf("%+v", e.Handover)
	}
	if owed := b.Owed(); len(owed) != 1 || !strings.Contains(owed[0], "passed-on") {
		t.Errorf("owed %v", owed)
	}
	page := b.Get(person + "?done=leader-asked").Body
	for _, says := range []string{"The desk said on", "They can do so until", "Take it back: ask nobody", "Nobody sees here whether they refuse"} {
		if !strings.Contains(page, says) {
			t.Errorf("the page lacks %q", says)
		}
	}
	if strings.Contains(page, "kim@example.org") || strings.Contains(b.Get(person+"/data").Body, "kim@example.org") {
		t.Error("the desk shows who was asked")
	}
	audited := strings.Join(b.Audited(), "\n")
	if strings.Count(audited, "asked who leads the organisation now to take its place alex-seek") != 1 || strings.Contains(audited, "@") {
		t.Errorf("audited %s", audited)
	}
	for range 2 {
		b.Post(person+"/leader", url.Values{"do": {"lead-on"}, "why": {"A mistake of ours"}})
	}
	if e := b.Enrolment("alex-seek"); e.Handover != (enrolment.Handover{}) {
		t.Errorf("taken back: %+v", e.Handover)
	}
	if all := strings.Join(b.Audited(), "\n"); strings.Count(all, "took back that somebody else leads") != 1 {
		t.Errorf("audited %s", all)
	}
	if page := b.Get(person + "?done=lead-on").Body; !strings.Contains(page, "Nobody is asked any more") {
		t.Error("it does not say that nobody is asked")
	}
	// Who has left hands over nothing.
	b.Post(person+"/leave", url.Values{"do": {"leave"}, "reason": {"They rang"}})
	if got := b.Post(person+"/leader", ask); got.StatusCode != http.StatusConflict {
		t.Errorf("who has left: %d", got.StatusCode)
	}
}
