package participant

import (
	"html"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// theMatch is the match that b.match made.
func (b *bed) theMatch() *pairing.Match {
	b.t.Helper()
	m, err := b.Store.Match(b.t.Context(), "pilot", "r", "m")
	if err != nil {
		b.t.Fatal(err)
	}
	return m
}

// pairings is how many pairings there are.
func (b *bed) pairings() int {
	b.t.Helper()
	all, err := b.Store.Pairings(b.t.Context(), "pilot")
	if err != nil {
		b.t.Fatal(err)
	}
	return len(all)
}

func no(reason string) url.Values { return url.Values{"reason": {reason}, "decline": {"yes"}} }

// private is what a match's pages never tell: whom people avoid, and how to reach
// somebody who has not said yes.
var private = []string{"Rival of", "@example.org", "07700", "LS6"}

func TestMatchIsShownToEachSideWithItsReasons(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.match(pairing.Released)
	for _, row := range []struct {
		link, offers  string
		shows, others []string
	}{
		{alex, "They offer what you need", []string{"Your zworp", "Zoe Sample", "Zoe Trust"}, []string{"Alex"}},
		{zoe, "You offer what they need", []string{"Your ublick", "Alex Sample", "Alex Trust"}, []string{"Zoe"}},
	} {
		got := b.Get(row.link)
		b.status(got, http.StatusOK)
		b.says("the match", got.Body, row.shows...)
		b.says("the match", got.Body, "<title>Your match – ", row.offers+": Board and trustee relations, Coaching.<", "same region: Yorkshire and the Humber.<", "How this was decided",
			"both usually free on Tuesday afternoon and Thursday morning.<", "You both speak English.<", "Nothing that either of you wrote rules this match out, as we read it, and the coordinator did not.<",
			"How your answers counted", "Fit of needs and skills</th><td class=\"govuk-table__cell govuk-table__cell--numeric\">70<", "No other set of matches", "Example Host Foundation decided", "Some pairs are not possible.",
			`href="`+row.link+`/check"`, `href="`+row.link+`/accept"`, `href="`+row.link+`/decline"`)
		if needs := "Not found in this match: Digital."; row.link == alex {
			b.says("the match", got.Body, needs)
		} else {
			b.silent("the match", got.Body, needs)
		}
		b.silent("the match", got.Body, "asked for") // whom somebody asked for, the other does not hear
		for _, page := range []string{"", "/accept", "/decline"} {
			// The programme's own address is in the footer.
			shown := strings.ReplaceAll(b.Get(row.link+page).Body, b.Programme.Host.Email, "")
			b.silent("the match"+page, shown, row.others...)
			b.silent("the match"+page, shown, private...)
		}
	}
	expectations := b.Get(alex + "/accept").Body
	for _, point := range b.Programme.Expectations.Points {
		b.says("what to expect", expectations, html.EscapeString(b.Programme.Terms.Say(point)))
	}
}

func TestMatchThatIsOnlyProposedIsShownToNobody(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.match(pairing.Proposed)
	for _, link := range []string{alex, zoe} {
		for _, got := range []testbed.Answer{b.Get(link), b.Get(link + "/accept"), b.Get(link + "/decline"),
			b.Post(link+"/accept", agree()), b.Post(link+"/accept", nil), b.Post(link+"/decline", no("Too far")), b.Post(link+"/decline", nil)} {
			b.status(got, http.StatusNotFound)
			b.silent("a proposed match", got.Body, "Alex", "Zoe")
		}
	}
	if m := b.theMatch(); m.State != pairing.Proposed || m.Client.Answer != "" || m.Consultant.Answer != "" {
		t.Errorf("match %+v", m)
	}
}

func TestAcceptingAsksForAgreement(t *testing.T) {
	b := newBed(t)
	alex, _ := b.match(pairing.Released)
	before := b.theMatch()
	for name, form := range map[string]url.Values{
		"nothing": nil, "an older version": {"agree": {"2020-01"}}, "just a tick": {"agree": {"on"}}, "a word": {"agree": {"yes"}},
		"another name": {"expectations": {"2026-11"}},
	} {
		got := b.Post(alex+"/accept", form)
		b.refused(name, got, "agree")
		b.silent(name, got.Body, " checked")
	}
	if after := b.theMatch(); !reflect.DeepEqual(*after.Side(programme.Client), before.Client) || !after.Version.Equal(before.Version) {
		t.Errorf("match %+v", after)
	}
}

func TestSecondYesMakesThePairing(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.match(pairing.Released)
	b.moved(b.Post(alex+"/accept", agree()), alex)
	m := b.theMatch()
	if m.State != pairing.Released || m.Client.Answer != pairing.Yes || m.Client.Expectations != "2026-11" || m.Client.AnsweredAt.IsZero() || !reflect.DeepEqual(m.Consultant, pairing.Side{Enrolment: "zoe"}) {
		t.Errorf("after one yes: %+v", m)
	}
	if b.pairings() != 0 || len(b.owed()) > 0 {
		t.Errorf("one yes made %d pairings and owes %v", b.pairings(), b.owed())
	}
	mine, theirs := b.Get(alex).Body, b.Get(zoe).Body
	b.says("the page of who said yes", mine, "You accepted. We write to you as soon as Zoe Sample has answered.", `href="`+alex+`/decline"`)
	b.silent("the page of who said yes", mine, alex+"/accept")
	b.says("the page of who has not answered", theirs, `href="`+zoe+`/accept"`, `href="`+zoe+`/decline"`)
	b.silent("the page of who has not answered", theirs, "accepted.")

	// What else is sent does not make it the answer of the other side.
	b.moved(b.Post(alex+"/accept", url.Values{"agree": {"2026-11"}, "role": {"consultant"}, "person": {"zoe"}}), alex)
	if m := b.theMatch(); m.State != pairing.Released || m.Consultant.Answer != "" {
		t.Errorf("alex answered for zoe: %+v", m)
	}

	b.accepted(b.Post(zoe+"/accept", agree()))
	for range 2 { // each once more
		b.moved(b.Post(zoe+"/accept", agree()), zoe)
		b.moved(b.Post(alex+"/accept", agree()), alex)
	}
	b.started()
	for _, link := range []string{alex, zoe} {
		page := b.Get(link).Body
		b.says("the accepted match", page, "<title>You are both in – ", "You both accepted.")
		b.silent("the accepted match", page, link+"/accept", link+"/decline")
		b.status(b.Post(link+"/decline", no("Too late")), http.StatusConflict)
	}
	b.started()
}

// started fails unless both yeses came to one pairing, told to each once.
func (b *bed) started() {
	b.t.Helper()
	b.holds("another m", "another m", "another m")
	if m := b.theMatch(); m.State != pairing.Accepted || m.Client.Answer != pairing.Yes || m.Consultant.Answer != pairing.Yes {
		b.t.Errorf("match %+v", m)
	}
	x := b.pairing("m")
	if b.pairings() != 1 || x.Client != "alex" || x.Consultant != "zoe" || x.State != pairing.Active || x.Milestone != pairing.None || x.Booked != 0 || x.Held != 0 {
		b.t.Errorf("%d pairings, with %+v", b.pairings(), x)
	}
	if got, want := b.owed(), []string{"pairing-started alex", "pairing-started zoe"}; !slices.Equal(got, want) {
		b.t.Errorf("owed %v, want %v", got, want)
	}
	roles := map[string]programme.Role{"alex": programme.Client, "zoe": programme.Consultant}
	for _, m := range b.messages() {
		if m.Kind != message.KindPairingStarted || m.Role != roles[m.To] || m.Pairing != "m" || m.Run != "r" || m.Match != "m" {
			b.t.Errorf("message %+v", m)
		}
	}
	if n := b.audited("accepted the match"); n != 2 {
		b.t.Errorf("the audit trail has %d yeses", n)
	}
}

func TestBothAcceptingAtOnceAndManyTimesMakesOnePairing(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.match(pairing.Released)
	var at sync.WaitGroup
	for range 8 {
		for _, link := range []string{alex, zoe} {
			at.Go(func() {
				if got := b.Post(link+"/accept", agree()); got.StatusCode != http.StatusSeeOther {
					t.Errorf("status %d: %s", got.StatusCode, content(got.Body))
				}
			})
		}
	}
	at.Wait()
	b.started()
}

func TestDeclineKeepsItsReasonFromTheOtherSide(t *testing.T) {
	for _, row := range []struct {
		name          string
		yes           bool // said before
		byZoe         bool
		decliner      string
		other         string
		role, another programme.Role
	}{
		{"by one side", false, false, "alex", "zoe", programme.Client, programme.Consultant},
		{"by the other side", false, true, "zoe", "alex", programme.Consultant, programme.Client},
		{"after a yes of one's own", true, false, "alex", "zoe", programme.Client, programme.Consultant},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := newBed(t)
			mine, theirs := b.match(pairing.Released)
			if row.byZoe {
				mine, theirs = theirs, mine
			}
			if row.yes {
				b.moved(b.Post(mine+"/accept", agree()), mine)
			}
			b.moved(b.Post(mine+"/decline", no("  We fell out in 2019  ")), mine)
			b.moved(b.Post(mine+"/decline", no("Another reason")), mine)
			m := b.theMatch()
			if side := m.Side(row.role); m.State != pairing.Declined || side.Answer != pairing.No || side.Reason != "We fell out in 2019" || m.Side(row.another).Answer != "" {
				t.Errorf("match %+v", m)
			}
			b.holds("another", "another", "another")
			if got, want := b.owed(), []string{"match-declined " + row.other}; !slices.Equal(got, want) {
				t.Errorf("owed %v, want %v", got, want)
			} else if told := b.messages()[want[0]]; told.Role != row.another || told.Run != "r" || told.Match != "m" {
				t.Errorf("message %+v", told)
			}
			if n := b.audited("declined the match"); n != 1 {
				t.Errorf("the audit trail has %d noes", n)
			}
			// The reason is for the coordinator: it stands in the match, and in no
			// message, audit entry or page.
			if got, want := b.holding("We fell out"), []string{"programmes/pilot/runs/r/matches/m"}; !slices.Equal(got, want) {
				t.Errorf("the reason stands in %v", got)
			}
			for _, link := range []string{mine, theirs} {
				page := b.Get(link).Body
				b.says("the declined match", page, "<title>This match will not go ahead – ", "back in the pool")
				for _, page := range []string{page, b.Get(link + "/accept").Body, b.Get(link + "/decline").Body} {
					b.silent("the declined match", page, "We fell out", "Alex", "Zoe")
				}
				b.status(b.Post(link+"/accept", agree()), http.StatusConflict)
			}
			b.says("the page of who declined", b.Get(mine).Body, "Only the coordinator sees your reason.")
			b.silent("the page of the other", b.Get(theirs).Body, "reason.")
			b.status(b.Post(theirs+"/decline", no("I too")), http.StatusConflict)
			if b.theMatch().Version != m.Version || b.pairings() != 0 || len(b.owed()) != 1 {
				t.Errorf("a match that was declined went on: %+v, %d pairings, owed %v", b.theMatch(), b.pairings(), b.owed())
			}
		})
	}
}

// A match that lapsed says so to each side in its own words, names nobody, and takes no answer
// any more.
func TestMatchThatLapsed(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.match(pairing.Released)
	m := b.theMatch()
	m.ReplyBy = b.Now().Add(72 * time.Hour)
	b.commitMatch(m)
	by := web.Page{Programme: b.Programme}.Date(m.LastDay())
	b.says("the page of who is to answer", b.Get(alex).Body, "Please answer by the end of "+by)
	b.moved(b.Post(alex+"/accept", agree()), alex)
	b.says("the page of who waits", b.Get(alex).Body, "They have until the end of "+by)
	m = b.theMatch()
	if !m.Lapse(pairing.Holders{}, m.ReplyBy) {
		t.Fatal("it does not lapse")
	}
	b.commitMatch(m)
	b.says("the page of who answered", b.Get(alex).Body, "<title>This match has lapsed – ", "Thank you for your answer.")
	b.says("the page of who did not", b.Get(zoe).Body, "<title>This match has lapsed – ", "It was to be answered by "+by)
	for _, link := range []string{alex, zoe} {
		b.silent("the match that lapsed", b.Get(link).Body, "Alex", "Zoe", link+"/accept", link+"/decline")
	}
	b.status(b.Post(zoe+"/accept", agree()), http.StatusConflict)
	b.status(b.Post(zoe+"/decline", no("Too late")), http.StatusConflict)
	if b.pairings() != 0 || b.theMatch().State != pairing.Lapsed {
		t.Errorf("it went on: %+v", b.theMatch())
	}
}

// commitMatch writes a match as it was changed.
func (b *bed) commitMatch(m *pairing.Match) {
	b.t.Helper()
	c := b.Store.Commit()
	c.UpdateMatch("pilot", m)
	b.Commit(c)
}

func TestDecliningWithALongReason(t *testing.T) {
	b := newBed(t)
	alex, _ := b.match(pairing.Released)
	before := b.theMatch()
	long := strings.Join(hostile, " ") + strings.Repeat("é", pairing.MaxText)
	got := b.Post(alex+"/decline", no(long))
	b.refused("too much", got, "reason")
	b.says("too much", got.Body, "2000 characters or fewer", ">"+html.EscapeString(strings.TrimSpace(long))+"</textarea>")
	b.escaped("the reason", got.Body, 1)
	if after := b.theMatch(); after.State != pairing.Released || !after.Version.Equal(before.Version) {
		t.Errorf("match %+v", after)
	}
	b.moved(b.Post(alex+"/decline", no(strings.Repeat("é", pairing.MaxText))), alex)
	if m := b.theMatch(); m.State != pairing.Declined {
		t.Errorf("the longest reason: match %+v", m)
	}
}

// What both say at the same moment ends in one of the two ways, and whole.
func TestAnswersAtTheSameMoment(t *testing.T) {
	for _, row := range []struct {
		name       string
		zoeBefore  bool // zoe has said yes
		alex, zoe  url.Values
		canSucceed bool // to a pairing
	}{
		{"yes and no", false, agree(), no("Too far"), false},
		{"yes and a yes taken back", true, agree(), no("Too far"), true},
		{"no and no", false, no("Too far"), no("Too near"), false},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := newBed(t)
			alex, zoe := b.match(pairing.Released)
			if row.zoeBefore {
				b.moved(b.Post(zoe+"/accept", agree()), zoe)
			}
			var at sync.WaitGroup
			for range 3 {
				for link, form := range map[string]url.Values{alex: row.alex, zoe: row.zoe} {
					page := link + "/accept"
					if form.Has("reason") {
						page = link + "/decline"
					}
					at.Go(func() {
						if got := b.Post(page, form); got.StatusCode != http.StatusSeeOther && got.StatusCode != http.StatusConflict {
							t.Errorf("status %d: %s", got.StatusCode, content(got.Body))
						}
					})
				}
			}
			at.Wait()
			m := b.theMatch()
			if m.State == pairing.Accepted && row.canSucceed {
				b.started()
				return
			}
			b.holds("another", "another", "another")
			decliner := programme.Client
			if m.Consultant.Answer == pairing.No {
				decliner = programme.Consultant
			}
			if m.State != pairing.Declined || m.Side(decliner).Answer != pairing.No || m.Side(decliner.Other()).Answer == pairing.No || b.pairings() != 0 {
				t.Errorf("match %+v and %d pairings", m, b.pairings())
			}
			if got, want := b.owed(), []string{"match-declined " + m.Side(decliner.Other()).Enrolment}; !slices.Equal(got, want) {
				t.Errorf("owed %v, want %v", got, want)
			}
		})
	}
}

// A coordinator can take a match back until both have accepted it.
func TestMatchThatWasTakenBackIsShownAsOver(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.match(pairing.Withdrawn)
	for _, link := range []string{alex, zoe} {
		page := b.Get(link).Body
		b.says("the match", page, "<title>This match will not go ahead – ", "have taken this match back")
		b.silent("the match", page, "Alex", "Zoe", link+"/accept", link+"/decline")
		b.status(b.Post(link+"/accept", agree()), http.StatusConflict)
		b.status(b.Post(link+"/decline", no("Too late")), http.StatusConflict)
	}
	if m := b.theMatch(); m.State != pairing.Withdrawn || b.pairings() != 0 || len(b.owed()) > 0 {
		t.Errorf("match %+v, %d pairings, owed %v", m, b.pairings(), b.owed())
	}
}
