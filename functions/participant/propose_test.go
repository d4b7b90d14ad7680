package participant

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/programme"
)

func proposing(changes ...string) url.Values {
	return with(url.Values{"date-1": {"16"}, "date-1-month": {"3"}, "date-1-year": {"2027"}, "time-1": {"14:00"},
		"date-2": {"18"}, "date-2-month": {"3"}, "date-2-year": {"2027"}, "time-2": {"10am"},
		"minutes": {"60"}, "way": {"video"}, "place": {"https://meet.example.org/a?b=c"}}, changes...)
}

// picking is the form by which the n-th time that is proposed is picked.
func (b *bed) picking(n int) url.Values {
	x := b.pairing("x").Proposal
	return url.Values{"seen": {x.ID}, "at": {strconv.FormatInt(x.Times[n].Unix(), 10)}}
}

// usually gives both half-days in which they can meet.
func (b *bed) usually(alex, zoe []string) {
	b.t.Helper()
	c := b.Store.Commit()
	for id, days := range map[string][]string{"alex": alex, "zoe": zoe} {
		e, err := b.Store.Enrolment(b.t.Context(), "pilot", id)
		if err != nil {
			b.t.Fatal(err)
		}
		e.Availability = days
		c.UpdateEnrolment("pilot", e)
	}
	b.Commit(c)
}

func TestTimesAreSuggestedFromTheHalfDaysThatBothShare(t *testing.T) {
	b := newBed(t)
	alex, _ := b.pair()
	b.usually([]string{"mon-am", "tue-pm", "thu-am"}, []string{"tue-pm", "thu-am", "fri-pm"})
	page := b.Get(alex + "/propose").Body
	b.says("the form", page, "Tuesday afternoon", "Thursday morning")
	b.silent("the form", page, "Monday morning", "Friday afternoon")
	got := typed(page)
	for field, want := range map[string]string{"date-1": "9", "date-1-month": "3", "time-1": "14:00", "date-2": "11", "time-2": "10:00", "date-3": "16", "time-3": "14:00"} {
		if got[field] != want {
			t.Errorf("%s is %q, want %q", field, got[field], want)
		}
	}
	b.usually([]string{"mon-am"}, []string{"tue-pm"})
	page = b.Get(alex + "/propose").Body
	b.says("the form", page, "no half-day in common")
	if got := typed(page); got["date-1"] != "" {
		t.Errorf("suggested %v", got)
	}
}

// One proposes, the other is written to and picks, and both calendars follow. Sent twice it is
// one proposal and one session.
func TestOneOfTheProposedTimesIsPicked(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	for range 2 {
		b.moved(b.Post(alex+"/propose", proposing()), alex)
	}
	if owed := b.owed(); !slices.Equal(owed, []string{"times-proposed zoe"}) {
		t.Errorf("owed %v", owed)
	}
	b.says("the page of who has proposed", b.Get(alex).Body, "You have proposed these times", "Tuesday 16 March 2027, 2:00pm", "Thursday 18 March 2027, 10:00am")
	page := b.Get(zoe).Body
	b.says("the page of the other", page, "Alex Sample proposes times", "By video: <a", `href="https://meet.example.org/a?b=c" rel="noreferrer"`, "Propose others")
	b.silent("the page of the other", page, "No session is booked yet", "Propose times") // there is one thing to do
	b.refused("none", b.Post(zoe+"/pick", url.Values{"seen": b.picking(0)["seen"]}), "at")
	b.status(b.Post(alex+"/pick", b.picking(0)), http.StatusConflict) // one's own
	picked := b.picking(1)
	var at sync.WaitGroup
	for range 4 {
		at.Go(func() { b.moved(b.Post(zoe+"/pick", picked), zoe) })
	}
	at.Wait()
	all := b.sessions()
	if len(all) != 1 || all[0].StartsAt.Format(time.RFC3339) != "2027-03-18T10:00:00Z" || all[0].Minutes != 60 || all[0].BookedBy != programme.Consultant || all[0].Way != "video" {
		t.Fatalf("sessions %+v", all)
	}
	if owed := b.owed(); !slices.Equal(owed, []string{"session-booked alex", "session-booked zoe", "times-proposed zoe"}) {
		t.Errorf("owed %v", owed)
	}
	for _, link := range []string{alex, zoe} {
		b.says("the sessions", b.Get(link).Body, "Booked", `href="https://meet.example.org/a?b=c"`)
		b.silent("the sessions", b.Get(link).Body, "propose"+"d these", "proposes times")
	}
}

// Who has been proposed times can propose others, which take the place of the first; whoever
// acts on what they saw before is told, and nothing is overwritten.
func TestTwoWhoActAtOnceBothSeeTheTruth(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	b.moved(b.Post(alex+"/propose", proposing()), alex)
	first := b.picking(0)
	b.status(b.Post(zoe+"/propose", proposing("date-1", "23")), http.StatusConflict) // without having seen it
	b.moved(b.Post(zoe+"/propose", proposing("date-1", "23", "seen", first.Get("seen"))), zoe)
	b.status(b.Post(zoe+"/pick", first), http.StatusConflict)
	b.says("the page of who had proposed", b.Get(alex).Body, "Zoe Sample proposes times", "Tuesday 23 March")

	// One picks while the other books, proposes anew and picks: one session at most, and all agree.
	second := b.picking(0)
	var at sync.WaitGroup
	answers := make([]int, 6)
	for i, do := range []func() int{
		func() int { return b.Post(alex+"/pick", second).StatusCode },
		func() int { return b.Post(alex+"/pick", with(second, "at", first.Get("at"))).StatusCode },
		func() int {
			return b.Post(zoe+"/propose", proposing("date-1", "24", "seen", second.Get("seen"))).StatusCode
		},
		func() int { return b.Post(zoe+"/book", booking("date", "23", "time", "14:30")).StatusCode },
		func() int { return b.Post(alex+"/pick", second).StatusCode },
		func() int { return b.Post(zoe+"/pick", second).StatusCode },
	} {
		at.Go(func() { answers[i] = do() })
	}
	at.Wait()
	for i, status := range answers {
		if status != http.StatusSeeOther && status != http.StatusConflict && status != http.StatusUnprocessableEntity {
			t.Errorf("step %d: status %d", i, status)
		}
	}
	x, all := b.pairing("x"), b.sessions()
	for i, s := range all {
		if !x.Dates[s.ID].Equal(s.StartsAt) || i > 0 && s.StartsAt.Before(all[i-1].EndsAt()) && all[i-1].StartsAt.Before(s.EndsAt()) {
			t.Errorf("sessions %+v in %v", all, x.Dates)
		}
	}
	if len(all) != len(x.Dates) || x.Booked != len(all) {
		t.Errorf("%d sessions, pairing %+v", len(all), x)
	}
	mine, theirs := b.Get(alex).Body, b.Get(zoe).Body
	for _, s := range all {
		for _, page := range []string{mine, theirs} {
			b.says("the sessions", page, fmt.Sprintf("Session %d ", s.Number))
		}
	}
}

func TestWrongTimesAreShownAndNotKept(t *testing.T) {
	b := newBed(t)
	alex, _ := b.pair()
	for name, row := range map[string]struct {
		changes []string
		fields  []string
	}{
		"no time":            {[]string{"date-1", "", "date-1-month", "", "date-1-year", "", "date-2", "", "date-2-month", "", "date-2-year", ""}, []string{"date-1"}},
		"no such day":        {[]string{"date-2", "31", "date-2-month", "2"}, []string{"date-2"}},
		"no time of day":     {[]string{"time-1", ""}, []string{"time-1"}},
		"in the past":        {[]string{"date-2-year", "2026"}, []string{"date-2"}},
		"nowhere":            {[]string{"place", ""}, []string{"place"}},
		"no such way":        {[]string{"way", "pigeon"}, []string{"way"}},
		"too long, nowhere":  {[]string{"minutes", "900", "place", ""}, []string{"minutes", "place"}},
		"too long, no place": {[]string{"place", strings.Repeat("é", 301)}, []string{"place"}},
	} {
		got := b.Post(alex+"/propose", proposing(row.changes...))
		b.refused(name, got, row.fields...)
		b.says(name, got.Body, `name="date-1-month" type="text"`)
	}
	if x := b.pairing("x"); x.Proposal.ID != "" || len(b.owed()) > 0 {
		t.Errorf("kept %+v, owed %v", x.Proposal, b.owed())
	}
}
