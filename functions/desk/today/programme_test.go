package today_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/functions/desk/desktest"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// counts are the figures on a programme's page, by what they are of.
func (b *bed) counts() map[string]string {
	b.T.Helper()
	got := b.Get(desk)
	if got.StatusCode != http.StatusOK {
		b.T.Fatalf("status %d: %s", got.StatusCode, got.Body)
	}
	all := map[string]string{}
	for _, r := range regexp.MustCompile(`<dt[^>]*>([^<]*)</dt><dd[^>]*>([^<]*)</dd>`).FindAllStringSubmatch(got.Body, -1) {
		all[r[1]] = r[2]
	}
	return all
}

// figures names five counts as the page does.
func figures(notReady, toReview, waiting, active, refused int) map[string]string {
	return map[string]string{
		"Confirmed, not ready yet": fmt.Sprint(notReady), "Proposed matches": fmt.Sprint(toReview),
		"Matches waiting for an answer": fmt.Sprint(waiting), "Active pairings": fmt.Sprint(active), "Emails that did not go": fmt.Sprint(refused),
		"Forms sent, and not confirmed yet": "0", "Asked about their data": "0", "Waiting for too long": "0", "Organisations named, and not clear": "0",
	}
}

func TestCountsAreTrue(t *testing.T) {
	b := newBed(t)
	if got, want := b.counts(), figures(0, 0, 0, 0, 0); !maps.Equal(got, want) {
		t.Errorf("at the start %v, want %v", got, want)
	}
	b.Latest()
	var messages []string
	several := func(programme string, n int, add func(id string)) {
		for i := range n {
			add(fmt.Sprintf("%s-%d", programme, i))
		}
	}
	for p, each := range map[string]struct {
		enrolments map[enrolment.State]int
		matches    map[pairing.MatchState]int
		pairings   map[pairing.State]int
		refused    int
	}{
		"pilot": {
			map[enrolment.State]int{enrolment.Confirmed: 2, enrolment.Ready: 4},
			map[pairing.MatchState]int{pairing.Proposed: 3, pairing.Released: 4, pairing.Accepted: 1, pairing.Declined: 2},
			map[pairing.State]int{pairing.Active: 5, pairing.Completed: 2}, 6,
		},
		"other": {
			map[enrolment.State]int{enrolment.Confirmed: 1}, map[pairing.MatchState]int{pairing.Proposed: 1, pairing.Released: 1},
			map[pairing.State]int{pairing.Active: 1}, 1,
		},
	} {
		c := b.Store.Commit()
		for state, n := range each.enrolments {
			several(p, n, func(id string) {
				c.CreateEnrolment(p, desktest.Person(string(state)+id, func(e *enrolment.Enrolment) { e.State = state }))
			})
		}
		for state, n := range each.matches {
			// Of earlier runs as well, of which no more than what is out counts.
			several(p, n, func(id string) {
				run := "run" + id
				if state == pairing.Proposed {
					c.CreateMatch(p, &pairing.Match{ID: string(state) + id, Run: run, Programme: p, State: state})
					run = "run"
				}
				c.CreateMatch(p, &pairing.Match{ID: string(state) + id, Run: run, Programme: p, State: state})
			})
		}
		for state, n := range each.pairings {
			several(p, n, func(id string) { c.CreatePairing(p, &pairing.Pairing{ID: string(state) + id, State: state}) })
		}
		several(p, each.refused, func(id string) {
			c.Enqueue(t.Context(), outbox.Message{ID: id, Kind: message.KindMatchReleased, Programme: p, To: "alex"}, b.Now())
			messages = append(messages, id)
		})
		b.Commit(c)
	}
	if got, want := b.counts(), figures(2, 3, 4, 5, 0); !maps.Equal(got, want) {
		t.Errorf("before emails were refused %v, want %v", got, want)
	}
	for _, id := range messages {
		m, _, err := b.Store.Message(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		m.PutAside("refused")
		c := b.Store.Commit()
		c.UpdateMessage(m)
		b.Commit(c)
	}
	if got, want := b.counts(), figures(2, 3, 4, 5, 6); !maps.Equal(got, want) {
		t.Errorf("counts %v, want %v", got, want)
	}
}

// Forms that nobody has confirmed are counted, and none of their words are shown: they are
// nobody's.
func TestUnconfirmedFormsAreCounted(t *testing.T) {
	b := newBed(t)
	c := b.Store.Commit()
	for i, expires := range []time.Duration{time.Hour, time.Hour, -time.Hour} {
		c.CreateClaim("pilot", &enrolment.Claim{ID: fmt.Sprint("c", i), Enrolment: "alex", Form: enrolment.Form{Name: "Quillfeather", Email: "quill@example.org"}, ExpireAt: b.Now().Add(expires)})
	}
	b.Commit(c)
	want := figures(0, 0, 0, 0, 0)
	want["Forms sent, and not confirmed yet"] = "2"
	if got := b.counts(); !maps.Equal(got, want) {
		t.Errorf("counts %v, want %v", got, want)
	}
	if strings.Contains(b.Get(desk).Body+b.Get(desk+"/people").Body, "uill") {
		t.Error("the desk shows what nobody has confirmed")
	}
}

func TestCountsFollowTheCoordinatorsWork(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Person("alex"), desktest.Person("zoe"))
	b.Matched("m", "alex", "zoe", pairing.Proposed)
	b.Supervisors(map[string]int{"robin": 4})
	for _, row := range []struct {
		after string
		do    func()
		want  map[string]string
	}{
		{"nothing", func() {}, figures(2, 1, 0, 0, 0)},
		{"the workshop", func() { b.Post(desk+"/people/alex", desktest.Ticked("workshop")) }, figures(1, 1, 0, 0, 0)},
		{"the training", func() { b.Post(desk+"/people/zoe", desktest.Trained("robin")) }, figures(0, 1, 0, 0, 0)},
		{"the release", func() { b.Post(desk+"/matches", url.Values{"match": {"run/m"}}) }, figures(0, 0, 1, 0, 0)},
		{"taking the workshop back", func() { b.Post(desk+"/people/alex", nil) }, figures(1, 0, 1, 0, 0)},
	} {
		row.do()
		if got := b.counts(); !maps.Equal(got, row.want) {
			t.Errorf("after %s: %v, want %v", row.after, got, row.want)
		}
	}
}

func TestProgrammePageLeadsToTheWork(t *testing.T) {
	b := newBed(t)
	page := b.Get(desk).Body
	for _, to := range []string{desk + "/people", desk + "/matches", "/report/pilot", "/desk/"} {
		if !strings.Contains(page, `href="`+to+`"`) {
			t.Errorf("no link to %s", to)
		}
	}
}

// The page says how long things are kept: nothing ends without dates, and then each state of
// the deletion.
func TestTheDeskSaysHowLongThingsAreKept(t *testing.T) {
	b := newBed(t)
	says := func(want ...string) {
		t.Helper()
		page := b.Get(desk).Body
		for _, words := range want {
			if !strings.Contains(page, words) {
				t.Errorf("it does not say %q", words)
			}
		}
	}
	change := func(do func(p *programme.Programme)) {
		t.Helper()
		p, err := b.Store.Programme(t.Context(), "pilot")
		if err != nil {
			t.Fatal(err)
		}
		do(p)
		c := b.Store.Commit()
		c.UpdateProgramme(p)
		b.Commit(c)
	}
	says("No last day of the programme is set", "cascade programme dates pilot")
	change(func(p *programme.Programme) { p.Dates = programme.Dates{Starts: "2026-01-11", Ends: "2031-12-17"} })
	says("is deleted from Saturday 18 December 2032 on", "a month before")
	change(func(p *programme.Programme) {
		p.Announce(time.Date(2032, 11, 14, 9, 0, 0, 0, time.UTC), []programme.Count{{Of: "enrolments", N: 17}, {Of: "supervisors", N: 2}})
	})
	says("From Saturday 18 December 2032 on, what is kept", "A leader and their organisation in one programme in one role: 17", "Somebody who coaches zworps of a programme: 2", "counted on Sunday 14 November 2032")
	change(func(p *programme.Programme) { p.Retention.Begin(time.Date(2032, 12, 18, 9, 0, 0, 0, time.UTC)) })
	says("is being deleted since Saturday 18 December 2032")
	change(func(p *programme.Programme) { p.Retention.DoneAt = time.Date(2032, 12, 19, 9, 0, 0, 0, time.UTC) })
	says("on Sunday 19 December 2032 nothing was left")
}
