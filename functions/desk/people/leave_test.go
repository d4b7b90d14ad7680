package people_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/functions/desk/desktest"
	"github.com/cascading-leadership/cascade/shared/contact"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
	"github.com/cascading-leadership/cascade/shared/request"
)

func TestWhoLeavesIsNotMatchedAndNotWrittenTo(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Ready("alex"), desktest.Person("zoe"), desktest.Ready("ann"))
	b.Matched("m", "ann", "zoe", pairing.Released)
	const at = "/desk/programmes/pilot/people/"
	state := func(id string) enrolment.State {
		e, err := b.Store.Enrolment(t.Context(), "pilot", id)
		if err != nil {
			t.Fatal(err)
		}
		return e.State
	}
	leave, back := url.Values{"do": {"leave"}, "reason": {"They rang"}}, url.Values{"do": {"return"}, "reason": {"They rang"}}
	for range 2 { // sent twice
		if got := b.Post(at+"alex/leave", leave); got.StatusCode != http.StatusSeeOther {
			t.Fatalf("status %d: %s", got.StatusCode, got.Body)
		}
	}
	if s := state("alex"); s != enrolment.Withdrawn {
		t.Errorf("%s", s)
	}
	if page := b.Get(at + "alex").Body; !strings.Contains(page, "has left") || strings.Contains(page, `name="workshop"`) {
		t.Error("the page does not say so, or still offers to make them ready")
	}
	if got := b.Post(at+"alex", url.Values{"workshop": {"yes"}}); got.StatusCode != http.StatusConflict {
		t.Errorf("made ready: status %d", got.StatusCode)
	}
	x, err := b.Store.MatchingInput(t.Context(), "pilot")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range x.Ready {
		if e.ID == "alex" {
			t.Error("still matched")
		}
	}
	if b.Post(at+"alex/leave", back); true {
		if s := state("alex"); s != enrolment.Ready {
			t.Errorf("back again: %s", s)
		}
	}
	b.Post(at+"zoe/leave", leave)
	b.Post(at+"zoe/leave", back)
	for id, row := range map[string]struct {
		do     string
		status int
		state  enrolment.State
	}{
		"ann": {"leave", http.StatusSeeOther, enrolment.Withdrawn}, // also who has a match
		"zoe": {"else", http.StatusNotFound, enrolment.Confirmed},
	} {
		if got := b.Post(at+id+"/leave", url.Values{"do": {row.do}, "reason": {"They rang"}}); got.StatusCode != row.status {
			t.Errorf("%s: status %d", id, got.StatusCode)
		}
		if s := state(id); s != row.state {
			t.Errorf("%s is %s", id, s)
		}
	}
	if m := b.State("m"); m != pairing.Declined {
		t.Errorf("the match of who left is %s", m)
	}
	if owed := b.Owed(); len(owed) != 1 || !strings.Contains(owed[0], "match-declined") {
		t.Errorf("owed %v", owed)
	}
	if audited := b.Audited(); len(audited) == 0 || !strings.Contains(audited[0], "took out of the programme alex") {
		t.Errorf("audited %q", audited)
	}
}

// Who has read that somebody is there, and sends when they have left, is beaten: what
// is sent is committed with the contact.
func TestWhoLeavesIsNotWrittenToByWhoReadBefore(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Ready("alex"))
	b.Contact("alex", func(*contact.Contact) {})
	read, err := b.Store.Contact(t.Context(), "pilot", "alex")
	if err != nil {
		t.Fatal(err)
	}
	b.Post("/desk/programmes/pilot/people/alex/leave", url.Values{"do": {"leave"}, "reason": {"They rang"}})
	c := b.Store.Commit()
	c.SaveContact("pilot", read, b.Now())
	if err := c.Do(t.Context()); !store.IsConflict(err) {
		t.Errorf("the contact was written: %v", err)
	}
}

// Who leaves in one role stays in the other.
func TestWhoLeavesInOneRoleStaysInTheOther(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Ready("alex-seek"), desktest.Ready("alex-offer"))
	if page := b.Get("/desk/programmes/pilot/people/alex-seek").Body; !strings.Contains(page, `href="/desk/programmes/pilot/people/alex-offer">Also enrolled as `) {
		t.Error("the page does not lead to the other role")
	}
	b.Post("/desk/programmes/pilot/people/alex-seek/leave", url.Values{"do": {"leave"}, "reason": {"They rang"}})
	if a, z := b.Enrolment("alex-seek").State, b.Enrolment("alex-offer").State; a != enrolment.Withdrawn || z != enrolment.Ready {
		t.Errorf("%s and %s", a, z)
	}
	for id, left := range map[string]bool{"alex-seek": true, "alex-offer": false} {
		if page := b.Get("/desk/programmes/pilot/people/" + id).Body; strings.Contains(page, "Nothing is sent") != left {
			t.Errorf("%s: the page says that nothing is sent, or does not", id)
		}
	}
}

// Who comes back is reminded again of the questionnaires that they have not handed in.
func TestWhoReturnsIsRemindedOfWhatIsOpen(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Ready("alex"), desktest.Ready("ann"))
	c := b.Store.Commit()
	for id, to := range map[string]string{"open": "alex", "handed": "alex", "other": "ann"} {
		c.CreateInvitation("pilot", &questionnaire.Invitation{ID: id, Enrolment: to, Submitted: id == "handed"})
	}
	b.Commit(c)
	due := func() string {
		var all []string
		for _, id := range []string{"open", "handed", "other"} {
			i, err := b.Store.Invitation(t.Context(), "pilot", id)
			if err != nil {
				t.Fatal(err)
			}
			if !i.DueAt.IsZero() {
				all = append(all, id)
			}
		}
		return strings.Join(all, ", ")
	}
	for _, row := range []struct{ do, due string }{{"leave", ""}, {"return", "open"}} {
		b.Post("/desk/programmes/pilot/people/alex/leave", url.Values{"do": {row.do}, "reason": {"They rang"}})
		if got := due(); got != row.due {
			t.Errorf("%s: due is %q, want %q", row.do, got, row.due)
		}
	}
}

// Staff say why somebody leaves or comes back, who can read it.
func TestLeavingOnTheirBehalfSaysWhy(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Ready("alex"))
	const at = "/desk/programmes/pilot/people/alex"
	long := strings.Repeat("Ü", pairing.MaxText+1)
	for _, reason := range []string{"", "  ", long} {
		got := b.Post(at+"/leave", url.Values{"do": {"leave"}, "reason": {reason}})
		if got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.Body, `href="#reason"`) || strings.Contains(got.Body, long) != (reason == long) {
			t.Errorf("%.5q: status %d", reason, got.StatusCode)
		}
	}
	if s := b.Enrolment("alex").State; s != enrolment.Ready {
		t.Errorf("without a reason: %s", s)
	}
	for _, said := range [][2]string{{"leave", "They rang on <b>3 March</b>"}, {"return", "They wrote"}} {
		for range 2 { // pressed twice
			b.Post(at+"/leave", url.Values{"do": {said[0]}, "reason": {said[1]}})
		}
	}
	all, err := b.Store.RequestsOf(t.Context(), "pilot", "alex")
	if err != nil || len(all) == 0 {
		t.Fatalf("why: %+v, %v", all, err)
	}
	notes := map[string]int{}
	for _, q := range all {
		if notes[q.Note]++; q.Kind != request.OnTheirBehalf || q.State != request.Made || q.DoneBy == "" {
			t.Errorf("%+v", q)
		}
	}
	if notes["They rang on <b>3 March</b>"] != 1 || notes["They wrote"] != 1 || len(all) != 2 {
		t.Errorf("why: %v", notes)
	}
}
