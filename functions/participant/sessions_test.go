package participant

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// upTo makes the programme's pairings complete at a number of held sessions.
func (b *bed) upTo(target int) {
	b.t.Helper()
	b.Programme.Sessions.Target = target
	c := b.Store.Commit()
	c.UpdateProgramme(b.Programme)
	b.Commit(c)
}

func TestSessionsAreShownToEachSideWithHowToWriteToTheOther(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	for _, row := range []struct{ link, id, name, own string }{{alex, "zoe", "Zoe", "Alex"}, {zoe, "alex", "Alex", "Zoe"}} {
		got := b.Get(row.link)
		b.status(got, http.StatusOK)
		b.says("the page", got.Body, "<title>Your sessions with "+row.name+" Sample – ", row.name+" Trust", `href="mailto:`+row.id+`@example.org"`,
			"0 of at least 2 sessions held so far.", "No session is booked yet.", `href="`+row.link+`/book"`)
		b.silent("the page", got.Body, row.own, "Rival of", "07700", "LS6", row.link+"/finish", "/log/")
	}
}

func TestSessionsAreInOrderOfDateWithTheirState(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	for _, row := range []struct{ day, place string }{{"28", "The third place"}, {"16", "The first place"}, {"17", "The second place"}} {
		b.moved(b.Post(alex+"/book", booking("date", row.day, "place", row.place)), alex)
	}
	all := b.sessions()
	b.Pass(all[2].StartsAt.Sub(b.Now())) // the first two have begun
	b.moved(b.Post(alex+"/log/"+all[1].ID, heldLog("surfaced", "Trust")), alex)
	b.moved(b.Post(alex+"/log/"+all[2].ID, url.Values{"held": {"no"}}), alex)

	lines := regexp.MustCompile(`Session \d <strong class="[^"]+">[^<]+</strong>|\w+ \d+ March 2027, [^<]+|The \w+ place|/log/\w+">Write|> Trust<`)
	for link, logs := range map[string]bool{alex: false, zoe: true} {
		want := []string{
			`Session 2 <strong class="govuk-tag govuk-tag--green">Held</strong>`, "Tuesday 16 March 2027, 2:00pm UK time, 90 minutes", "The first place",
			`Session 3 <strong class="govuk-tag govuk-tag--grey">Not held</strong>`, "Wednesday 17 March 2027, 2:00pm UK time, 90 minutes", "The second place",
			`Session 1 <strong class="govuk-tag govuk-tag--blue">Booked</strong>`, "Sunday 28 March 2027, 2:00pm UK time, 90 minutes", "The third place",
		}
		if logs {
			want = slices.Insert(want, 6, "/log/"+all[2].ID+`">Write`)
			want = slices.Insert(want, 3, "/log/"+all[1].ID+`">Write`)
		} else {
			want = slices.Insert(want, 3, "> Trust<")
		}
		if got := lines.FindAllString(b.Get(link).Body, -1); !slices.Equal(got, want) {
			t.Errorf("the page says\n%s, want\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

func TestPlaceIsShownAsText(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	b.moved(b.Post(alex+"/book", booking("place", strings.Join(hostile, " "))), alex)
	for _, link := range []string{alex, zoe} {
		b.escaped("the sessions", b.Get(link).Body, 1)
	}
}

func TestPairingIsFinishedFromTheLeastNumberOfHeldSessionsOn(t *testing.T) {
	b := newBed(t)
	b.upTo(4)
	alex, zoe := b.pair()
	for held, id := range []string{"s", "u"} {
		before := b.pairing("x")
		for _, link := range []string{alex, zoe} {
			got := b.Post(link+"/finish", nil)
			b.status(got, http.StatusConflict)
			b.says("too early", got.Body, fmt.Sprintf("You have held %d of at least 2 sessions.", held))
			b.silent("the sessions", b.Get(link).Body+b.Get(link+"/ending").Body, link+"/finish")
		}
		if x := b.pairing("x"); x.State != pairing.Active || !x.Version.Equal(before.Version) {
			t.Errorf("%d held: %+v", held, x)
		}
		b.held(alex, id)
	}
	b.booked("v", time.Hour) // booked and not held: it neither counts nor hinders
	for _, link := range []string{alex, zoe} {
		b.says("the sessions", b.Get(link).Body, link+"/ending", link+"/book")
		b.says("the ending", b.Get(link+"/ending").Body, `action="`+link+`/finish"`, "We have finished our sessions")
	}

	// At one side's word alone nothing ends.
	for range 3 {
		b.moved(b.Post(alex+"/finish", url.Values{"do": {"propose"}}), alex)
	}
	if x := b.pairing("x"); x.State != pairing.Active || x.FinishBy != programme.Client {
		t.Errorf("ended at one side's word: %+v", x)
	}
	b.holds("another x", "another x", "another x")
	if n := slices.Index(b.owed(), "finish-proposed zoe"); n < 0 {
		t.Errorf("owed %v", b.owed())
	}
	b.says("the page of who has proposed", b.Get(alex).Body, "has not answered yet", "I would like to go on after all")
	b.says("the page of the other", b.Get(zoe).Body, "Alex Sample proposes to finish", "I agree: we have finished", "I would like to go on")
	var at sync.WaitGroup
	for range 4 { // both, and impatient clicks
		for _, link := range []string{alex, zoe} {
			at.Go(func() { b.moved(b.Post(link+"/finish", nil), link) })
		}
	}
	at.Wait()
	done := b.pairing("x")
	if done.State != pairing.Completed || done.Held != 2 || done.Booked != 2 || done.EndedBy != pairing.Both || done.Milestone != pairing.Ended || done.EndedAt.IsZero() {
		t.Errorf("finished: %+v", done)
	}
	if v := b.session("v"); v.State != pairing.Cancelled {
		t.Errorf("what was to come is %s", v.State)
	}
	// Who helped is free for another, and who was helped was helped.
	b.holds("another x", "another", "another")
	b.Pass(time.Hour)
	b.moved(b.Post(alex+"/finish", nil), alex)
	if again := b.pairing("x"); !again.EndedAt.Equal(done.EndedAt) || !again.Version.Equal(done.Version) {
		t.Errorf("finished twice: %+v", again)
	}
	for _, link := range []string{alex, zoe} {
		page := b.Get(link).Body
		b.says("the sessions", page, "You have completed your sessions: 2 held.")
		b.silent("the sessions", page, link+"/book", link+"/finish")
	}
}
