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
	"github.com/cascading-leadership/cascade/shared/request"
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

// What people asked about their data stands in the digest with its day, and how much of it
// whoever reads it has to answer; once the day is over, that it is late.
func TestDigestSaysByWhenPeopleAreAnswered(t *testing.T) {
	b := newBed(t)
	c := b.Store.Commit()
	first := request.New("first", "alex", request.Others, "morgan", b.Now().AddDate(0, 0, -20))
	c.SaveRequest("pilot", first)
	c.SaveRequest("pilot", request.New("second", "alex", request.Correction, "sam", b.Now()))
	done := request.New("done", "alex", request.Others, "morgan", b.Now().AddDate(0, 0, -60))
	if err := done.End(request.Closed, "morgan", b.Now()); err != nil {
		t.Fatal(err)
	}
	c.SaveRequest("pilot", done)
	b.Commit(c)
	tells := func(id string, want ...string) {
		t.Helper()
		b.owe(t.Context(), outbox.Message{ID: id, Kind: message.KindDailyDigest, To: "morgan", Since: b.Now()})
		before := len(b.emails())
		b.Event("outbox/"+id, "")
		all := b.emails()
		if len(all) != before+1 {
			t.Fatalf("%d emails, want one more than %d", len(all), before)
		}
		text := strings.Join(strings.Fields(all[before].part("text/plain")), " ")
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("it lacks %q: %s", w, text)
			}
		}
		if len(want) == 1 && strings.Contains(text, "late") {
			t.Errorf("it is not late: %s", text)
		}
	}
	tells("in-time", "2 requests of people about their data wait, the first to be answered by "+first.DueAt.In(b.Programme.Location()).Format("2 January 2006")+"; 1 by you")
	b.Pass(12 * 24 * time.Hour)
	tells("late", "2 requests of people", "1 answer about somebody’s data is late")
}
