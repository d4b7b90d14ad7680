package today_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/functions/desk/desktest"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// front is what the programme's page says is new, in words alone.
func (b *bed) front() string {
	b.T.Helper()
	got := b.Get(desk)
	if got.StatusCode != http.StatusOK {
		b.T.Fatalf("status %d: %s", got.StatusCode, got.Body)
	}
	_, news, _ := strings.Cut(got.Body, "New in the last 14 days")
	news, _, _ = strings.Cut(news, "Under way")
	return news
}

func TestNewsIsNamed(t *testing.T) {
	b := newBed(t)
	if got := b.front(); !strings.Contains(got, "Nobody has enrolled, declined a match, let one lapse or stopped a pairing.") {
		t.Errorf("at the start: %s", got)
	}
	ago := func(days int) time.Time { return b.Now().AddDate(0, 0, -days) }
	came := func(days int) func(*enrolment.Enrolment) {
		return func(e *enrolment.Enrolment) { e.ConfirmedAt = ago(days) }
	}
	var people []*enrolment.Enrolment
	for i := range 7 {
		people = append(people, desktest.Person(fmt.Sprint("new", i), came(i)))
	}
	people = append(people, desktest.Person("alex", came(40)), desktest.Person("zoe", came(40)),
		desktest.Person("kim", func(e *enrolment.Enrolment) { e.State = enrolment.Unconfirmed }))
	b.Enrol("pilot", people...)
	b.Enrol("other", desktest.Person("elsewhere", came(1)))
	c := b.Store.Commit()
	match := func(p, id string, days int, reason string) {
		c.CreateMatch(p, &pairing.Match{ID: id, Run: "r", Programme: p, State: pairing.Declined, UpdatedAt: ago(days),
			Client: pairing.Side{Enrolment: "alex"}, Consultant: pairing.Side{Enrolment: "zoe", Answer: pairing.No, Reason: reason}})
	}
	match("pilot", "m", 3, "Too far <b>")
	match("pilot", "long", 4, strings.Repeat("x", 400)+"the end")
	match("pilot", "old", 20, "Long ago")
	match("other", "o", 1, "Of the others")
	c.CreateMatch("pilot", &pairing.Match{ID: "lapsed", Run: "r", Programme: "pilot", State: pairing.Lapsed, UpdatedAt: ago(1),
		Client: pairing.Side{Enrolment: "alex"}, Consultant: pairing.Side{Enrolment: "zoe", Answer: pairing.Yes}})
	stopped := func(id string, by pairing.Ender, days int, reason string) {
		c.CreatePairing("pilot", &pairing.Pairing{ID: id, Client: "alex", Consultant: "gone", State: pairing.Stopped, EndedBy: by, EndedAt: ago(days), EndReason: reason})
	}
	stopped("x", pairing.Ender(programme.Client), 2, "It did not fit")
	stopped("y", pairing.Coordinator, 30, "Before that")
	b.Commit(c)

	got := b.front()
	for _, want := range []string{
		"7 people have enrolled", desk + `/people/new0"`, desk + `/people/new4"`, "and 2 more", "as an ublick, ",
		"2 matches were declined", "declined by Zoe Sample", "“Too far &lt;b&gt;”", desk + `/matches/of/r/m"`, strings.Repeat("x", 300) + "…",
		"1 match lapsed without an answer", "lapsed without an answer from Alex Sample", desk + `/matches/of/r/lapsed"`,
		"1 pairing was stopped", "Someone who has left, stopped by Alex Sample", "“It did not fit”",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("it lacks %q: %s", want, got)
		}
	}
	for _, not := range []string{"new5", "new6", "/people/kim", "elsewhere", "Long ago", "Of the others", "Before that", "the end"} {
		if strings.Contains(got, not) {
			t.Errorf("it says %q", not)
		}
	}
}
