package outbox

import (
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// The digest counts what is new since its time and what waits, and says nobody's name and
// no reason: those stand at the desk. Where nothing is left when it is sent, it is not.
func TestDigestCountsWhatIsNew(t *testing.T) {
	b := newBed(t)
	since := b.Now().Add(-time.Hour)
	c := b.Store.Commit()
	c.CreateStaff(&store.Staff{ID: "sam", Name: "Sam Sample", Email: "sam@example.org"})
	for id, confirmed := range map[string]time.Time{"new": b.Now(), "old": since.Add(-time.Minute)} {
		c.CreateEnrolment("pilot", &enrolment.Enrolment{ID: id, Role: programme.Client, State: enrolment.Confirmed, ConfirmedAt: confirmed,
			Person: enrolment.Person{Name: "Private Sample", Email: "private@example.org"}})
	}
	c.CreateMatch("pilot", &pairing.Match{ID: "no", Run: "r", Programme: "pilot", State: pairing.Declined, UpdatedAt: b.Now(),
		Client: pairing.Side{Enrolment: "new", Answer: pairing.No, Reason: "Too far away"}, Consultant: pairing.Side{Enrolment: "robin"}})
	c.CreatePairing("pilot", &pairing.Pairing{ID: "y", Client: "new", Consultant: "robin", State: pairing.Stopped, EndedAt: b.Now(), EndReason: "Too far away"})
	b.Commit(c)
	b.owe(t.Context(), outbox.Message{ID: "digest", Kind: message.KindDailyDigest, To: "morgan", Since: since})
	b.Event("outbox/digest", "")
	all := b.emails()
	if len(all) != 1 {
		t.Fatalf("%d emails", len(all))
	}
	text := all[0].part("text/plain")
	for _, want := range []string{"1 person has enrolled", "1 match was declined: the desk says why", "1 pairing was stopped"} {
		if !strings.Contains(text, want) {
			t.Errorf("it lacks %q: %s", want, text)
		}
	}
	for _, not := range []string{"Private", "Too far", "2 people"} {
		if strings.Contains(text, not) {
			t.Errorf("it says %q: %s", not, text)
		}
	}

	b.owe(t.Context(), outbox.Message{ID: "later", Kind: message.KindDailyDigest, To: "sam", Since: b.Now().Add(time.Minute)})
	b.Event("outbox/later", "")
	if got := b.message("later"); got.State != outbox.Unwanted {
		t.Errorf("where nothing is new or waits it is %s", got.State)
	}
}
