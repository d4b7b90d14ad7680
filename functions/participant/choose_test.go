package participant

import (
	"fmt"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"html"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/matches"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
	"github.com/cascading-leadership/cascade/shared/supervision"
)

// mode puts the programme into a mode.
func (b *bed) mode(mode programme.Mode) {
	b.t.Helper()
	p, err := b.Store.Programme(b.t.Context(), "pilot")
	if err != nil {
		b.t.Fatal(err)
	}
	p.Mode = mode
	c := b.Store.Commit()
	c.UpdateProgramme(p)
	b.Commit(c)
}

// ready is somebody who is ready: who seeks needs board and coaching, which who offers
// has.
func ready(id string, role programme.Role, with ...func(*enrolment.Enrolment)) *enrolment.Enrolment {
	e := person(id, programme.Capital(id), role)
	e.Capacity, e.Skills, e.Availability = 1, map[string]int{"board": 3, "coaching": 1, "digital": 2}, []string{"tue-pm", "thu-am"}
	e.Organisation.Categories = []string{"HE"}
	if role == programme.Consultant {
		e.Capacity, e.Supervisor, e.Organisation.Categories = 2, "robin", []string{"ED"}
		e.Skills = map[string]int{"board": 2, "coaching": 1, "finance": 3}
	}
	for _, change := range with {
		change(e)
	}
	return e
}

// enrol adds people.
func (b *bed) enrol(people ...*enrolment.Enrolment) {
	b.t.Helper()
	c := b.Store.Commit()
	for _, e := range people {
		c.CreateEnrolment("pilot", e)
	}
	b.Commit(c)
}

// change changes somebody.
func (b *bed) change(id string, change func(*enrolment.Enrolment)) {
	b.t.Helper()
	e := b.enrolment(id)
	change(e)
	c := b.Store.Commit()
	c.UpdateEnrolment("pilot", e)
	b.Commit(c)
}

func (b *bed) enrolment(id string) *enrolment.Enrolment {
	b.t.Helper()
	e, err := b.Store.Enrolment(b.t.Context(), "pilot", id)
	if err != nil {
		b.t.Fatal(err)
	}
	return e
}

// inDirectory is a bed in which ann, ben and cat can choose, and yan and zed be chosen;
// all have the supervisor robin, who has room for five.
func inDirectory(t *testing.T) *bed {
	b := newBed(t)
	b.mode(programme.Directory)
	b.enrol(ready("ann", programme.Client), ready("ben", programme.Client), ready("cat", programme.Client),
		ready("yan", programme.Consultant), ready("zed", programme.Consultant, func(e *enrolment.Enrolment) { e.Skills["board"] = 1 }))
	b.change("alex", func(e *enrolment.Enrolment) { e.State = enrolment.Confirmed })
	b.change("zoe", func(e *enrolment.Enrolment) { e.State = enrolment.Confirmed })
	return b
}

// toChoose is the path of somebody's link to choose.
func (b *bed) toChoose(id string) string {
	b.t.Helper()
	return b.Link(purpose.Choose, store.Link{Programme: "pilot", Person: id, Role: b.enrolment(id).Role})
}

// out are the matches out of the directory, by client.
func (b *bed) out(states ...pairing.MatchState) map[string]*pairing.Match {
	b.t.Helper()
	all, err := b.Store.Matches(b.t.Context(), "pilot", states...)
	if err != nil {
		b.t.Fatal(err)
	}
	found := map[string]*pairing.Match{}
	for _, m := range all {
		found[m.Client.Enrolment] = m
	}
	if len(found) != len(all) {
		b.t.Errorf("somebody is in more than one of %d matches: %v", len(all), slices.Sorted(maps.Keys(found)))
	}
	return found
}

var listedRow = regexp.MustCompile(`<h2 class="govuk-heading-m">([^<]* Trust)</h2>`)

// inList are the organisations that a page lists, in order.
func inList(page string) string {
	var names []string
	for _, found := range listedRow.FindAllStringSubmatch(page, -1) {
		names = append(names, strings.TrimSuffix(html.UnescapeString(found[1]), " Trust"))
	}
	return strings.Join(names, " ")
}

// hiddenIn is what of an address is another one each time, whatever it says.
var hiddenIn = regexp.MustCompile(`\?in=[\w-]+`)

func TestDirectoryListsWhoIsPossibleWithFreePlaces(t *testing.T) {
	b := inDirectory(t)
	b.enrol(
		ready("rival", programme.Consultant, func(e *enrolment.Enrolment) { e.Organisation.Categories = []string{"HE"} }),
		ready("avoided", programme.Consultant),
		ready("avoids", programme.Consultant, func(e *enrolment.Enrolment) { e.Conflicts = []string{"Ann Trust"} }),
		ready("far", programme.Consultant, func(e *enrolment.Enrolment) { e.Organisation.Region, e.Organisation.Postcode = "London", "SW9 1AA" }),
		ready("unready", programme.Consultant, func(e *enrolment.Enrolment) { e.State = enrolment.Confirmed }),
		ready("forbidden", programme.Consultant), ready("declined", programme.Consultant),
		ready("full", programme.Consultant, func(e *enrolment.Enrolment) { e.Capacity, e.Places = 1, []string{"m"} }),
	)
	b.change("ann", func(e *enrolment.Enrolment) { e.Conflicts = []string{"Avoided Trust"} })
	d, err := pairing.Decide(pairing.Forbid, "ann", "forbidden", "They are related", "morgan", b.Now(), nil)
	if err != nil {
		t.Fatal(err)
	}
	c := b.Store.Commit()
	c.CreateDecision("pilot", d, nil)
	c.CreateMatch("pilot", &pairing.Match{ID: "d", Run: "r", Programme: "pilot", State: pairing.Declined, Client: pairing.Side{Enrolment: "ann"}, Consultant: pairing.Side{Enrolment: "declined"}})
	b.Commit(c)
	ann := b.toChoose("ann")
	before := b.documents()
	page := b.Get(ann)
	b.status(page, http.StatusOK)
	if got, want := inList(page.Body), "Yan Zed Full"; got != want {
		t.Errorf("listed are %q, want %q", got, want)
	}
	b.says("the list", page.Body, "<title>Choose a zworp – ", "Board and trustee relations, Coaching", "Finance", "Yorkshire and the Humber", "Education",
		"Tuesday afternoon, Thursday morning", "2 of 2 free", "No place free at the moment", `href="`+ann+`/with/yan?in=`)
	shown := strings.ReplaceAll(page.Body, b.Programme.Host.Email, "")
	b.silent("the list", shown, private...)
	b.silent("the list", shown, "Yan Sample", "Zed Sample", ann+"/with/full")
	ask := b.Get(ann + "/with/yan")
	b.status(ask, http.StatusOK)
	b.says("the page of one", ask.Body, "Yan Trust", "2 of 2 places free", "Board and trustee relations, Coaching", "You are in the same region: Yorkshire and the Humber.")
	for _, point := range b.Programme.Expectations.Points {
		b.says("what to expect", ask.Body, html.EscapeString(b.Programme.Terms.Say(point)))
	}
	b.silent("the page of one", strings.ReplaceAll(ask.Body, b.Programme.Host.Email, ""), append(private, "Yan Sample")...)
	// Why somebody is not possible is nobody's to tell, and whether they are there at all.
	var answers []string
	for _, id := range []string{"rival", "avoided", "avoids", "far", "unready", "forbidden", "declined", "nobody", "ben", "ann"} {
		for _, got := range []testbed.Answer{b.Get(ann + "/with/" + id), b.Post(ann+"/with/"+id, agree())} {
			b.status(got, http.StatusConflict)
			answers = append(answers, hiddenIn.ReplaceAllString(content(got.Body), ""))
		}
	}
	if answers = slices.Compact(answers); len(answers) != 1 {
		t.Errorf("%d different answers for what is not possible: %s", len(answers), answers)
	}
	b.says("what is not possible", answers[0], "not possible any more", "Yan Trust")
	if after := b.documents(); !maps.Equal(before, after) {
		t.Error("opening pages, or choosing what is not possible, changed something")
	}
}

// The addresses of a list say who supervises whom, for the page that they lead to: nobody reads it
// there, not even that two have the same, and where it says something else the page finds out.
func TestAddressesOfTheListTellNobodyAnything(t *testing.T) {
	b := inDirectory(t)
	ann, ben := b.toChoose("ann"), b.toChoose("ben")
	addresses := func(link string) (all []string) {
		for _, found := range regexp.MustCompile(`href="(`+link+`/with/[^"]+)"`).FindAllStringSubmatch(b.Get(link).Body, -1) {
			all = append(all, html.UnescapeString(found[1]))
		}
		return all
	}
	all := append(addresses(ann), addresses(ben)...)
	in := map[string]bool{}
	for _, at := range all {
		_, text, _ := strings.Cut(at, "?in=")
		in[text] = true
		b.silent("an address", at, "robin")
	}
	if len(all) != 4 || len(in) != 4 || in[""] {
		t.Fatalf("the addresses are %q", all)
	}
	for text := range in { // also of another person's page, and of another reader's
		b.says("the page of one", b.Get(ann+"/with/yan?in="+text).Body, "Yan Trust", "2 of 2 places free")
	}
	for _, other := range []string{"", "robin", "a/b", strings.Repeat("A", 200)} {
		b.says(other, b.Get(ann+"/with/yan?"+url.Values{"in": {other}}.Encode()).Body, "Yan Trust", "2 of 2 places free")
	}
	c := b.Store.Commit()
	robin, err := b.Store.Supervisor(t.Context(), "pilot", "robin")
	if err != nil {
		t.Fatal(err)
	}
	robin.Capacity = 1
	c.UpdateSupervisor("pilot", robin)
	b.Commit(c)
	b.moved(b.Post(all[0], agree()), ann)
	b.says("once their supervisor has no room", b.Post(all[len(all)-1], agree()).Body, "The last free place was taken a moment ago")
}

// What somebody says about themselves in one sentence stands in the list, on the page of what to
// expect and in the match, as they last said it, and is gone when they take it back.
func TestTheirOwnSentenceStandsInTheList(t *testing.T) {
	b := inDirectory(t)
	b.enrol(ready("kim-offer", programme.Consultant))
	ann, kim := b.toChoose("ann"), b.toMine("kim-offer")
	b.giveFor(kim, "")
	const shown = "I ask &lt;more&gt; than I tell."
	b.says("what is asked", b.Get(kim).Body, "One sentence about you", "Whoever can choose you from the list reads it")
	b.refused("too long", b.Post(kim+"/correct/offer/introduction", url.Values{"introduction": {strings.Repeat("a", 201)}}), "introduction")
	b.moved(b.Post(kim+"/correct/offer/introduction", url.Values{"introduction": {"I ask <more> than I tell."}}), kim)
	b.says("the list", b.Get(ann).Body, shown)
	b.says("the page of one", b.Get(ann+"/with/kim-offer").Body, shown)
	b.moved(b.Post(kim+"/correct/offer/introduction", url.Values{"introduction": {""}}), kim)
	b.silent("the list", b.Get(ann).Body, shown)
	// Who chooses is in no list, and is not asked for one.
	b.enrol(ready("lou-seek", programme.Client))
	own := b.toMine("lou-seek")
	b.giveFor(own, "")
	b.silent("who chooses", b.Get(own).Body, "One sentence about you")
	b.status(b.Post(own+"/correct/seek/introduction", url.Values{"introduction": {"Me"}}), http.StatusNotFound)
}

func TestChoosingTakesThePlacesAndAsksTheOther(t *testing.T) {
	b := inDirectory(t)
	ann := b.toChoose("ann")
	b.refused("without agreeing", b.Post(ann+"/with/yan", nil), "agree")
	b.refused("agreeing to something older", b.Post(ann+"/with/yan", url.Values{"agree": {"2020-01"}}), "agree")
	if len(b.out(pairing.Out...)) > 0 || len(b.owed()) > 0 {
		t.Error("a choice was made without agreeing")
	}
	b.moved(b.Post(ann+"/with/yan", agree()), ann)
	b.moved(b.Post(ann+"/with/yan", agree()), ann) // sent twice, it is one
	m := b.out(pairing.Out...)["ann"]
	if m == nil || m.Run != pairing.Directory || m.State != pairing.Released || m.Client.Answer != pairing.Yes || m.Client.Expectations != "2026-11" ||
		m.Client.AnsweredAt.IsZero() || !reflect.DeepEqual(m.Consultant, pairing.Side{Enrolment: "yan"}) || len(m.Reasons.Met) != 2 || m.Score != m.Reasons.Score() || m.Score == 0 {
		t.Fatalf("match %+v", m)
	}
	robin, err := b.Store.Supervisor(t.Context(), "pilot", "robin")
	if err != nil {
		t.Fatal(err)
	}
	for who, has := range map[string][]string{"ann": b.enrolment("ann").Places, "yan": b.enrolment("yan").Places, "robin": robin.Places} {
		if !slices.Equal(has, []string{m.ID}) {
			t.Errorf("%s has %v, want %s", who, has, m.ID)
		}
	}
	if got := b.owed(); !slices.Equal(got, []string{"match-chosen yan"}) {
		t.Errorf("owed %v", got)
	} else if told := b.messages()["match-chosen yan"]; told.Role != programme.Consultant || told.Run != pairing.Directory || told.Match != m.ID {
		t.Errorf("message %+v", told)
	}
	if n := b.audited("chose somebody from the directory"); n != 1 {
		t.Errorf("%d audit entries", n)
	}
	mine := b.Get(ann)
	b.says("the chooser's page", mine.Body, "<title>Your choice – ", "You chose Yan Sample of Yan Trust", `href="`+ann+`/decline?match=`)
	b.says("another choice", b.Post(ann+"/with/zed", agree()).Body, "You have chosen already", "You chose Yan Sample of Yan Trust")

	yan := b.Link(purpose.Match, store.Link{Programme: "pilot", Person: "yan", Role: programme.Consultant, IDs: outbox.IDs{Run: pairing.Directory, Match: m.ID}})
	page := b.Get(yan)
	b.says("the other's page", page.Body, "<title>Your match – ", "Ann Sample", "Ann Trust", "They chose you from the directory", `href="`+yan+`/accept"`, `href="`+yan+`/decline"`)
	b.silent("the other's page", page.Body, "Of all allowed pairs")
	b.accepted(b.Post(yan+"/accept", agree()))
	if x := b.pairing(m.ID); x.Client != "ann" || x.Consultant != "yan" || x.State != pairing.Active {
		t.Errorf("pairing %+v", x)
	}
	if got := b.owed(); !slices.Equal(got, []string{"match-chosen yan", "pairing-started ann", "pairing-started yan"}) {
		t.Errorf("owed %v", got)
	}
	b.says("the chooser's page", b.Get(ann).Body, "<title>You are both in – ", "Yan Sample of Yan Trust accepted")
	b.status(b.Post(ann+"/decline", no("Too late")), http.StatusConflict)
	b.says("the list of others", b.Get(b.toChoose("ben")).Body, "1 of 2 free")
}

func TestDeclinedChoiceFreesThePlacesForAnother(t *testing.T) {
	b := inDirectory(t)
	ann := b.toChoose("ann")
	free := func(which string) {
		t.Helper()
		robin, err := b.Store.Supervisor(t.Context(), "pilot", "robin")
		if err != nil {
			t.Fatal(err)
		}
		if n := len(b.enrolment("ann").Places) + len(b.enrolment("yan").Places) + len(b.enrolment("zed").Places) + len(robin.Places); n > 0 {
			t.Errorf("%s: %d places are still taken", which, n)
		}
	}
	b.moved(b.Post(ann+"/with/yan", agree()), ann)
	m := b.out(pairing.Released)["ann"]
	yan := b.Link(purpose.Match, store.Link{Programme: "pilot", Person: "yan", Role: programme.Consultant, IDs: outbox.IDs{Run: pairing.Directory, Match: m.ID}})
	b.moved(b.Post(yan+"/decline", no("No time")), yan)
	free("declined")
	b.says("the page of who declined", b.Get(yan).Body, "Your place is free again")
	if got := b.owed(); !slices.Equal(got, []string{"match-chosen yan", "match-declined ann"}) {
		t.Errorf("owed %v", got)
	}
	page := b.Get(ann)
	if got := inList(page.Body); got != "Zed" {
		t.Errorf("listed after the decline are %q", got)
	}
	b.silent("the list", page.Body, "No time")
	b.says("choosing them again", b.Post(ann+"/with/yan", agree()).Body, "not possible any more")

	b.moved(b.Post(ann+"/with/zed", agree()), ann)
	second := b.out(pairing.Released)["ann"]
	b.says("the choice", b.Get(ann+"?done=asked").Body, "govuk-notification-banner", "You chose Zed Sample of Zed Trust. We have asked them")
	back := ann + "?done=declined&to="
	b.silent("before it is taken back", b.Get(back+second.ID).Body, "govuk-notification-banner")
	decline := b.Get(ann + "/decline")
	b.says("taking it back", decline.Body, "You can choose somebody else then, but not Zed Sample again")
	for _, at := range []string{"?match=" + second.ID + "&with=zed", "?match=" + m.ID + "&with=ben", "?match=no-such&with=", "?match=../x&with=a/b"} { // wherever it says to look
		got := b.Get(ann + "/decline" + at).Body
		b.says(at, got, "but not Zed Sample again")
		b.silent(at, got, "Ben")
	}
	b.refused("a scanner", b.Post(ann+"/decline", url.Values{"reason": {" "}}), "decline")
	b.moved(b.Post(ann+"/decline", no("Too far")), ann)
	free("taken back")
	b.says("what was taken back", b.Get(back+second.ID).Body, "You have taken your choice back, and they know of it.")
	for _, other := range []string{m.ID, "", "no-such", "../x"} { // the first was declined by the other
		b.silent(other, b.Get(back+other).Body, "govuk-notification-banner")
	}
	b.silent("somebody else's page", b.Get(b.toChoose("ben")+"?done=declined&to="+second.ID).Body, "govuk-notification-banner")
	b.silent("no choice", b.Get(ann+"?done=asked").Body, "govuk-notification-banner")
	if got := b.owed(); !slices.Contains(got, "match-declined zed") || len(got) != 4 {
		t.Errorf("owed %v", got)
	}
	b.says("with nobody left", b.Get(ann).Body, "Nobody is possible for you at the moment")
	b.status(b.Get(ann+"/decline"), http.StatusConflict)
	b.status(b.Post(ann+"/decline", no("Again")), http.StatusConflict)
}

func TestCoordinatorCanTakeAChoiceBack(t *testing.T) {
	b := inDirectory(t)
	ann := b.toChoose("ann")
	for range 2 { // what was taken back can be chosen again
		b.moved(b.Post(ann+"/with/yan", agree()), ann)
		m := b.out(pairing.Released)["ann"]
		refused, err := matches.Withdraw(t.Context(), b.Store, b.Programme, "morgan", []store.MatchRef{{Run: m.Run, ID: m.ID}}, b.Now())
		if err != nil || len(refused) > 0 || len(b.enrolment("yan").Places) > 0 {
			t.Fatalf("refused %+v, %v", refused, err)
		}
	}
	if got := inList(b.Get(ann).Body); got != "Yan Zed" {
		t.Errorf("listed are %q", got)
	}
	if r, err := b.Store.Run(t.Context(), "pilot", pairing.Directory); err != nil || r.Withdrawn != 2 {
		t.Errorf("run %+v, %v", r, err)
	}
}

// A hundred times, several choose at once what is left for one of them: the last place
// of the one they choose, the last one of the supervisor, or both of one person in
// several tabs. Exactly one gets it; the others are told, with the list as it is now.
func TestTwoWhoClickAtOnceNeverGoBeyondCapacity(t *testing.T) {
	for name, row := range map[string]struct {
		capacity, caseload int
		clicks             []string // "ann yan": ann chooses yan
	}{
		"the last place":            {1, 9, []string{"ann yan", "ben yan"}},
		"the supervisor's last one": {2, 1, []string{"ann yan", "ben zed"}},
		"one person in two tabs":    {2, 9, []string{"ann yan", "ann zed"}},
		"a double click":            {1, 9, []string{"ann yan", "ann yan"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := inDirectory(t)
			links := map[string]string{}
			for _, id := range []string{"ann", "ben", "cat"} {
				links[id] = b.toChoose(id)
			}
			for _, id := range []string{"yan", "zed"} {
				b.change(id, func(e *enrolment.Enrolment) { e.Capacity = row.capacity })
			}
			b.supervisor(func(x *supervision.Supervisor) { x.Capacity = row.caseload })
			for race := range testbed.Runs(25) {
				var at sync.WaitGroup
				statuses := make([]int, len(row.clicks))
				start := make(chan struct{})
				for i, click := range row.clicks {
					who, whom, _ := strings.Cut(click, " ")
					at.Go(func() {
						<-start
						got := b.Post(links[who]+"/with/"+whom, agree())
						if statuses[i] = got.StatusCode; got.StatusCode == http.StatusConflict {
							b.says("the page of who came too late", got.Body, "Your choice was not made")
						}
					})
				}
				close(start)
				at.Wait()
				out := b.out(pairing.Released)
				won := 0
				for _, status := range statuses {
					if status == http.StatusSeeOther {
						won++
					} else if status != http.StatusConflict {
						t.Errorf("race %d: status %d", race, status)
					}
				}
				if len(out) != 1 || won != 1 && name != "a double click" || name == "a double click" && won != 2 {
					t.Fatalf("race %d: %d matches, statuses %v", race, len(out), statuses)
				}
				robin, err := b.Store.Supervisor(t.Context(), "pilot", "robin")
				if err != nil || len(robin.Places) != 1 || len(b.owed()) != race+1 {
					t.Fatalf("race %d: the supervisor has %v, owed are %d; %v", race, robin.Places, len(b.owed()), err)
				}
				for client, m := range out { // as it was, for the next race
					if e := b.enrolment(m.Consultant.Enrolment); len(e.Places) != 1 || len(b.enrolment(client).Places) != 1 {
						t.Fatalf("race %d: %v", race, e.Places)
					}
					if err := b.undo(m); err != nil {
						t.Fatal(err)
					}
				}
			}
		})
	}
}

// undo takes a match back without an email.
func (b *bed) undo(m *pairing.Match) error {
	people, err := matches.Read(b.t.Context(), b.Store, "pilot", m.Client.Enrolment, m.Consultant.Enrolment)
	if err != nil {
		return err
	}
	if err := m.Withdraw(people.Of(m.Client.Enrolment, m.Consultant.Enrolment)); err != nil {
		return err
	}
	c := b.Store.Commit()
	c.UpdateMatch("pilot", m)
	people.Update(c, b.Now(), m)
	return c.Do(b.t.Context())
}

// supervisor changes robin.
func (b *bed) supervisor(change func(*supervision.Supervisor)) {
	b.t.Helper()
	x, err := b.Store.Supervisor(b.t.Context(), "pilot", "robin")
	if err != nil {
		b.t.Fatal(err)
	}
	change(x)
	c := b.Store.Commit()
	c.UpdateSupervisor("pilot", x)
	b.Commit(c)
}

// Many at once for three places: three get them.
func TestManyChoosingAtOnceFillThePlacesAndNoMore(t *testing.T) {
	b := inDirectory(t)
	b.change("yan", func(e *enrolment.Enrolment) { e.Capacity = 3 })
	b.supervisor(func(x *supervision.Supervisor) { x.Capacity = 3 })
	var links []string
	for i := range 8 {
		id := fmt.Sprint("seeker", i)
		b.enrol(ready(id, programme.Client))
		links = append(links, b.toChoose(id))
	}
	for len(b.out(pairing.Released)) < 3 { // who is beaten too often is asked to try once more
		before := len(b.out(pairing.Released))
		var at sync.WaitGroup
		for _, link := range links {
			at.Go(func() {
				if got := b.Post(link+"/with/yan", agree()); got.StatusCode != http.StatusSeeOther && got.StatusCode != http.StatusConflict {
					t.Errorf("status %d", got.StatusCode)
				}
			})
		}
		at.Wait()
		if len(b.out(pairing.Released)) == before {
			t.Fatal("nobody got a free place")
		}
	}
	if out, has := len(b.out(pairing.Released)), len(b.enrolment("yan").Places); out != 3 || has != 3 {
		t.Errorf("%d matches, and %d places taken", out, has)
	}
	b.says("the list", b.Get(b.toChoose("ann")).Body, "No place free at the moment")
}

func TestLinkToChooseIsOnePersonsAndOfItsMode(t *testing.T) {
	b := inDirectory(t)
	ann := b.toChoose("ann")
	zed := b.toChoose("zed")
	match := b.Link(purpose.Match, store.Link{Programme: "pilot", Person: "ann", Role: programme.Client, IDs: outbox.IDs{Run: "r", Match: "m"}})
	all := func(link string) []testbed.Answer {
		return []testbed.Answer{b.Get(link), b.Get(link + "/with/yan"), b.Get(link + "/decline"), b.Post(link, nil), b.Post(link+"/with/yan", agree()), b.Post(link+"/decline", no("No"))}
	}
	before := b.documents()
	for _, got := range all(strings.Replace(match, "/match/", "/choose/", 1)) {
		b.status(got, http.StatusForbidden)
	}
	for _, got := range all("/choose/" + strings.Repeat("x", 43)) {
		b.status(got, http.StatusForbidden)
	}
	for _, got := range all(zed) { // one side chooses
		b.status(got, http.StatusConflict)
		b.silent("the other side's list", got.Body, "Ann", "Ben")
	}
	b.status(b.Post(ann, url.Values{"first": {"yan"}}), http.StatusNotFound) // nothing to rank
	if after := b.documents(); !maps.Equal(before, after) {
		t.Error("a link that opens nothing changed something")
	}
	b.mode(programme.Assigned)
	for _, got := range all(ann) {
		b.status(got, http.StatusConflict)
		b.says("where people are assigned", got.Body, "nothing to choose")
	}
	b.mode(programme.Directory)
	b.Pass(60 * 24 * time.Hour)
	for _, got := range all(ann) {
		b.status(got, http.StatusGone)
	}
	if len(b.out(pairing.Out...)) > 0 || len(b.owed()) > 0 {
		t.Error("somebody was chosen")
	}
}

func TestWhoIsNotReadyIsToldSo(t *testing.T) {
	for _, mode := range []programme.Mode{programme.Directory, programme.Ranked} {
		t.Run(string(mode), func(t *testing.T) {
			b := inDirectory(t)
			b.mode(mode)
			b.change("ann", func(e *enrolment.Enrolment) { e.State = enrolment.Confirmed })
			ann := b.toChoose("ann")
			page := b.Get(ann)
			b.status(page, http.StatusOK)
			b.says("the page", page.Body, "<title>You cannot choose yet – ", "not ready to be matched at the moment")
			b.silent("the page", page.Body, "Yan", "Zed")
			for _, got := range []testbed.Answer{b.Post(ann, url.Values{"first": {"yan"}}), b.Post(ann+"/with/yan", agree())} {
				if got.StatusCode != http.StatusConflict && got.StatusCode != http.StatusNotFound {
					t.Errorf("status %d", got.StatusCode)
				}
				b.silent("the answer", got.Body, "Yan", "Zed")
			}
			if len(b.out(pairing.Out...)) > 0 || len(b.enrolment("ann").Preferences) > 0 {
				t.Error("somebody who is not ready chose")
			}
		})
	}
}

func TestLongListsHavePages(t *testing.T) {
	b := inDirectory(t)
	var people []*enrolment.Enrolment
	for i := range 43 {
		people = append(people, ready(fmt.Sprintf("coach%02d", i), programme.Consultant, func(e *enrolment.Enrolment) {
			e.Organisation.Name = strings.Join(hostile, " ") + " Trust"
		}))
	}
	b.enrol(people...)
	ann := b.toChoose("ann")
	for page, want := range map[string]struct {
		rows int
		says []string
	}{
		"": {20, []string{"1 to 20 of 45", "?page=2"}}, "?page=2": {20, []string{"21 to 40 of 45", "?page=1", "?page=3"}}, "?page=3": {5, []string{"41 to 45 of 45", "?page=2"}},
		"?page=9": {5, []string{"41 to 45"}}, "?page=-1": {20, []string{"1 to 20"}}, "?page=x": {20, []string{"1 to 20"}}, "?page=99999999999999999999": {5, []string{"41 to 45"}},
	} {
		got := b.Get(ann + page)
		b.status(got, http.StatusOK)
		b.says("page "+page, got.Body, want.says...)
		if n := strings.Count(got.Body, "Both usually free"); n != want.rows {
			t.Errorf("page %q has %d rows, want %d", page, n, want.rows)
		}
		b.escaped("page "+page, got.Body, 3)
	}
}

// Who has nobody in the region can choose farther away, as the programme allows, and
// nobody else can.
func TestFartherPeopleCanBeChosenWhereNobodyIsNear(t *testing.T) {
	b := inDirectory(t)
	b.enrol(ready("far", programme.Consultant, func(e *enrolment.Enrolment) { e.Organisation.Region, e.Organisation.Postcode = "North East", "NE1 1AA" }))
	ann := b.toChoose("ann")
	if got := inList(b.Get(ann).Body); got != "Yan Zed" {
		t.Errorf("listed are %q", got)
	}
	b.status(b.Post(ann+"/with/far", agree()), http.StatusConflict)
	for _, id := range []string{"yan", "zed"} {
		b.change(id, func(e *enrolment.Enrolment) { e.State = enrolment.Confirmed })
	}
	if got := inList(b.Get(ann).Body); got != "Far" {
		t.Errorf("listed are %q", got)
	}
	b.says("the page of one", b.Get(ann+"/with/far").Body, "Your regions border on each other")
	b.moved(b.Post(ann+"/with/far", agree()), ann)
	if m := b.out(pairing.Released)["ann"]; m == nil || m.Consultant.Enrolment != "far" || m.Reasons.Relaxed != programme.Neighbouring {
		t.Errorf("match %+v", m)
	}
}

// Firestore's documents of the directory are those of any run: its matches are found
// where matches of all runs are listed.
func TestChosenMatchesAreCountedAsOthers(t *testing.T) {
	b := inDirectory(t)
	ann := b.toChoose("ann")
	b.moved(b.Post(ann+"/with/yan", agree()), ann)
	p, err := b.Store.Programme(t.Context(), "pilot")
	if err != nil {
		t.Fatal(err)
	}
	pairs, err := b.Store.MatchedPairs(t.Context(), p)
	if err != nil || len(pairs) != 1 || pairs[0].Client.Enrolment != "ann" {
		t.Errorf("matched are %v, %v", pairs, err)
	}
	if n, err := b.Store.CountMatches(t.Context(), "pilot", pairing.Released); n != 1 || err != nil {
		t.Errorf("%d matches wait, %v", n, err)
	}
	if err := b.Store.Sweep(t.Context(), p, b.Now().Add(48*time.Hour)); err != nil || b.out(pairing.Released)["ann"] == nil {
		t.Errorf("swept away: %v", err)
	}
}
