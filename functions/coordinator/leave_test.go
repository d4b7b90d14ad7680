package coordinator

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/reminder"
)

func TestWhoLeavesIsNotMatchedAndNotWrittenTo(t *testing.T) {
	b := newBed(t)
	b.enrol("pilot", ready("alex"), person("zoe"), ready("ann"))
	b.matched("m", "ann", "zoe", pairing.Released)
	const at = "/desk/programmes/pilot/people/"
	state := func(id string) (enrolment.State, reminder.Stop) {
		e, err := b.Store.Enrolment(t.Context(), "pilot", id)
		if err != nil {
			t.Fatal(err)
		}
		c, err := b.Store.Contact(t.Context(), "pilot", id)
		if err != nil {
			t.Fatal(err)
		}
		return e.State, c.Stopped
	}
	leave, back := url.Values{"do": {"leave"}}, url.Values{"do": {"return"}}
	for range 2 { // sent twice
		if got := b.Post(at+"alex/leave", leave); got.StatusCode != http.StatusSeeOther {
			t.Fatalf("status %d: %s", got.StatusCode, got.Body)
		}
	}
	if s, stop := state("alex"); s != enrolment.Withdrawn || stop != reminder.Withdrawn {
		t.Errorf("%s, %q", s, stop)
	}
	if page := b.Get(at + "alex").Body; !strings.Contains(page, "has left") || strings.Contains(page, `name="workshop"`) {
		t.Error("the page does not say so, or still offers to make them ready")
	}
	if got := b.Post(at+"alex", url.Values{"workshop": {"yes"}}); got.StatusCode != http.StatusConflict {
		t.Errorf("made ready: status %d", got.StatusCode)
	}
	x, err := b.Store.Situation(t.Context(), "pilot")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range x.Ready {
		if e.ID == "alex" {
			t.Error("still matched")
		}
	}
	if b.Post(at+"alex/leave", back); true {
		if s, stop := state("alex"); s != enrolment.Ready || stop != "" {
			t.Errorf("back again: %s, %q", s, stop)
		}
	}
	b.Post(at+"zoe/leave", leave)
	b.Post(at+"zoe/leave", back)
	for id, row := range map[string]struct {
		do     string
		status int
		state  enrolment.State
	}{
		"ann": {"leave", http.StatusConflict, enrolment.Ready}, // has a match
		"zoe": {"else", http.StatusNotFound, enrolment.Confirmed},
	} {
		if got := b.Post(at+id+"/leave", url.Values{"do": {row.do}}); got.StatusCode != row.status {
			t.Errorf("%s: status %d", id, got.StatusCode)
		}
		if s, _ := state(id); s != row.state {
			t.Errorf("%s is %s", id, s)
		}
	}
	if audited := b.audited(); len(audited) == 0 || !strings.Contains(audited[0], "took out of the programme alex") {
		t.Errorf("audited %q", audited)
	}
}
