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

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/proposal"
)

func ranked(t *testing.T) *bed {
	b := inDirectory(t)
	b.mode(programme.Ranked)
	return b
}

// choices is a form with choices in order.
func choices(ids ...string) url.Values {
	form := url.Values{}
	for i, id := range ids {
		form.Set(enrolment.Ranks[i].Name, id)
	}
	return form
}

var selected = regexp.MustCompile(`(?s)<select[^>]* name="(\w+)".*?</select>`)

// chosenIn are the options that a page shows as chosen: "first yan, second ".
func chosenIn(page string) string {
	var all []string
	for _, found := range selected.FindAllStringSubmatch(page, -1) {
		value := ""
		if option := regexp.MustCompile(`value="([^"]*)" selected`).FindStringSubmatch(found[0]); option != nil {
			value = option[1]
		}
		all = append(all, found[1]+" "+value)
	}
	return strings.Join(all, ", ")
}

func TestBothSidesRankThoseWhoArePossible(t *testing.T) {
	b := ranked(t)
	for _, row := range []struct{ who, list, says, others string }{
		{"ann", "Yan Zed", "Offers what you need", "Also offers"}, {"yan", "Ann Ben Cat", "Needs what you offer", "Also needs"},
	} {
		link := b.toChoose(row.who)
		page := b.Get(link)
		b.status(page, http.StatusOK)
		if got := strings.Fields(inList(page.Body)); !slices.Equal(slices.Sorted(slices.Values(got)), strings.Fields(row.list)) {
			t.Errorf("%s sees %q, want %q", row.who, got, row.list)
		}
		b.says(row.who+"'s list", page.Body, "<title>Whom would you like to work with? – ", row.says, row.others, "Save my choice")
		shown := strings.ReplaceAll(page.Body, b.Programme.Host.Email, "")
		b.silent(row.who+"'s list", shown, append(private, "Ann Sample", "Yan Sample", "/with/", " of 2 free")...)

		ids := strings.Fields(strings.ToLower(row.list))
		b.moved(b.Post(link, choices(ids[1], ids[0])), link)
		if got := b.enrolment(row.who).Preferences; !slices.Equal(got, []string{ids[1], ids[0]}) {
			t.Errorf("%s prefers %v", row.who, got)
		}
		saved := b.Get(link + "?done=ranked")
		if got, want := chosenIn(saved.Body), "first "+ids[1]+", second "+ids[0]+", third "; got != want {
			t.Errorf("shown as chosen is %q, want %q", got, want)
		}
		b.says("what was saved", saved.Body, "Your choice is saved")
		b.moved(b.Post(link, choices("", "", ids[0])), link) // a gap closes
		if got := b.enrolment(row.who).Preferences; !slices.Equal(got, []string{ids[0]}) {
			t.Errorf("%s prefers %v", row.who, got)
		}
		b.moved(b.Post(link, nil), link)
		if got := b.enrolment(row.who).Preferences; len(got) > 0 {
			t.Errorf("%s prefers %v", row.who, got)
		}
	}
	if n := b.audited("said whom they prefer"); n != 6 {
		t.Errorf("%d audit entries", n)
	}
	if got := b.owed(); len(got) > 0 {
		t.Errorf("owed %v", got)
	}
}

func TestRankingRefusesWhatIsNotPossible(t *testing.T) {
	b := ranked(t)
	ann := b.toChoose("ann")
	b.moved(b.Post(ann, choices("yan")), ann)
	before := b.enrolment("ann").Version
	for name, row := range map[string]struct {
		form   url.Values
		fields []string
	}{
		"twice the same":      {choices("zed", "zed"), []string{"second"}},
		"somebody not ready":  {choices("zoe", "zed"), []string{"first"}},
		"one's own side":      {choices("zed", "ben"), []string{"second"}},
		"oneself":             {choices("ann"), []string{"first"}},
		"somebody else's id":  {choices("yan", "zed", "../x"), []string{"third"}},
		"all of them hostile": {choices(hostile[0], hostile[1], "\x00"), []string{"first", "second", "third"}},
	} {
		got := b.Post(ann, row.form)
		b.status(got, http.StatusUnprocessableEntity)
		for _, field := range row.fields {
			b.says(name, got.Body, `href="#`+field+`"`, `id="`+field+`-error"`)
		}
		b.silent(name, got.Body, "<script>")
	}
	if e := b.enrolment("ann"); !slices.Equal(e.Preferences, []string{"yan"}) || !e.Version.Equal(before) {
		t.Errorf("ann prefers %v", e.Preferences)
	}
	b.status(b.Get(ann+"/with/yan"), http.StatusNotFound) // no directory
	b.status(b.Post(ann+"/with/yan", agree()), http.StatusNotFound)
	if len(b.out(pairing.Out...)) > 0 {
		t.Error("a match was made")
	}
}

func TestNobodyRanksWhoHasAllTheirMatches(t *testing.T) {
	b := ranked(t)
	b.change("ann", func(e *enrolment.Enrolment) { e.Places = []string{"m"} })
	b.change("yan", func(e *enrolment.Enrolment) { e.Places = []string{"m", "n"} })
	ann, ben := b.toChoose("ann"), b.toChoose("ben")
	page := b.Get(ann)
	b.says("the page", page.Body, "<title>You have a match – ", "as many matches as you can take")
	b.status(b.Post(ann, choices("zed")), http.StatusConflict)
	if e := b.enrolment("ann"); len(e.Preferences) > 0 {
		t.Errorf("ann prefers %v", e.Preferences)
	}
	if got := inList(b.Get(ben).Body); got != "Zed" {
		t.Errorf("ben sees %q", got)
	}
}

// Choices saved at the same moment, in two tabs or beside a match that takes the place,
// are saved one after the other: none is mixed, and no match is lost.
func TestChoicesSavedAtOnceStayWhole(t *testing.T) {
	b := ranked(t)
	ann := b.toChoose("ann")
	var at sync.WaitGroup
	for i := range 6 {
		at.Go(func() {
			form := choices("yan", "zed")
			if i%2 == 0 {
				form = choices("zed", "yan")
			}
			if got := b.Post(ann, form); got.StatusCode != http.StatusSeeOther && got.StatusCode != http.StatusConflict {
				t.Errorf("status %d", got.StatusCode)
			}
		})
	}
	at.Wait()
	if got := fmt.Sprint(b.enrolment("ann").Preferences); got != "[yan zed]" && got != "[zed yan]" {
		t.Errorf("ann prefers %s", got)
	}
}

func TestMatchingCountsWhatBothSidesPrefer(t *testing.T) {
	b := ranked(t)
	ann := b.toChoose("ann")
	b.moved(b.Post(ann, choices("zed", "yan")), ann)
	situation, err := b.Store.MatchingInput(t.Context(), "pilot")
	if err != nil {
		t.Fatal(err)
	}
	situation.Programme.Weights.Preference = 100
	x, err := proposal.Make(&situation.Input, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range x.Matches {
		if m.Client.Enrolment == "ann" && (m.Consultant.Enrolment != "zed" || !slices.Contains(m.Reasons.Points, matching.Points{Rule: matching.Preference, Points: 300})) {
			t.Errorf("ann is matched with %s: %+v", m.Consultant.Enrolment, m.Reasons.Points)
		}
	}
	if len(x.Matches) != 3 {
		t.Errorf("%d matches", len(x.Matches))
	}
}
