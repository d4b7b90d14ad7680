package matching_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/programme"
)

func TestFactsAreInTheWordsOfTheProgramme(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name     string
		place    programme.Place
		relaxed  programme.Within
		postcode string // of the consultant; the client is in Leeds
		near     string
		meeting  string
	}{
		{"the same region", programme.Place{Within: programme.SameRegion}, "", "S1 1AA", "You are in the same region: Yorkshire and the Humber.", "You can both meet in person or by video."},
		{"within a distance", programme.Place{Within: programme.Distance, Kilometres: 50}, "", "S1 1AA", "You are about 49 km apart, and the programme allows 50.", "You can both meet in person or by video."},
		{"in one postcode district", programme.Place{Within: programme.Distance, Kilometres: 50}, "", "LS6 1AA", "You are in the same postcode district: LS6.", "You can both meet in person or by video."},
		{"online", programme.Place{Within: programme.Online}, "", "BT1 1AA", "You can meet without travelling, and the programme asks for no more.", "You can both meet by video."},
		{"online, and near", programme.Place{Within: programme.Online}, "", "S1 1AA", "You are in the same region: Yorkshire and the Humber.", "You can both meet in person or by video."},
		{"relaxed", programme.Place{Within: programme.SameRegion}, programme.Neighbouring, "M1 1AA", "Your regions border on each other: Yorkshire and the Humber and North West. The programme allows that where nobody nearer is left.", "You can both meet in person or by video."},
		{"relaxed to online", programme.Place{Within: programme.SameRegion}, programme.Online, "BT1 1AA", "You can meet without travelling. The programme allows that where nobody nearer is left.", "You can both meet by video."},
	} {
		p := pilot(t)
		p.Place = row.place
		a, b := needs("a", "LS6 2AB", "HE"), offers("b", row.postcode, "AR")
		a.Needs["board"], a.Needs["digital"], b.Skills["digital"] = 2, 1, 2
		a.Languages, b.Languages = []string{"English", "Welsh", "French"}, []string{"Welsh", "English"}
		a.Meeting, b.Meeting = []string{"in-person", "video"}, []string{"phone", "in-person", "video"}
		f := matching.FactsOf(p, a, b, row.relaxed, programme.Client)
		want := []matching.CriterionMet{
			{Criterion: matching.NearEnough, Words: row.near},
			{Criterion: matching.NoCompetition, Words: "Your organisations are not in direct competition: they do not share a kind of service in the same postcode area."},
			{Criterion: matching.NoConflict, Words: "Nothing that either of you wrote rules this match out, as we read it, and the coordinator did not."},
			{Criterion: matching.CommonLanguage, Words: "You both speak English and Welsh."},
			{Criterion: matching.CommonMeeting, Words: row.meeting},
			{Criterion: matching.SomethingToAsk, Words: "They offer what you need: Fundraising, Digital."},
		}
		if !slices.Equal(f.Criteria, want) {
			t.Errorf("%s: %q\nwant %q", row.name, f.Criteria, want)
		}
		if !slices.Equal(f.Unmet, []string{"board"}) || len(f.Met) != 2 {
			t.Errorf("%s: met %v, not found %v", row.name, f.Met, f.Unmet)
		}
		theirs := matching.FactsOf(p, a, b, row.relaxed, programme.Consultant)
		if theirs.Unmet != nil || theirs.Criteria[5].Words != "You offer what they need: Fundraising, Digital." {
			t.Errorf("%s: to the other side %+v", row.name, theirs)
		}
	}
}

func TestFactsToRead(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	a, b := needs("a", "LS6 2AB", "HE"), offers("b", "S1 1AA", "AR")
	a.Needs["board"] = 1
	a.Preferences, b.Preferences = []string{"b"}, []string{"z", "a"}
	a.Availability, b.Availability = []string{"mon-am", "fri-pm"}, []string{"fri-pm", "mon-am", "tue-am"}
	read := func(to programme.Role) string {
		reader := a
		if to == programme.Consultant {
			reader = b
		}
		f := matching.FactsOf(p, a, b, "", to)
		all := f.Sentences(p)
		for _, c := range f.Counted(p, reader) {
			all = append(all, fmt.Sprintf("%s: %d of %d", c.Rule, c.Points.Points, c.Most))
		}
		return strings.Join(all, "\n")
	}
	const both = "You are in the same region: Yorkshire and the Humber.\nYou are both usually free on Monday morning and Friday afternoon.\n"
	const mine = "They offer what you need: Fundraising.\n" + both + "Not found in this match: Board and trustee relations.\n" +
		"fit of needs and skills: 90 of 120\nbreadth: needs met at all: 5 of 10\nexperience beyond one's own: 6 of 12\nanother kind of service: 3 of 3\nhalf-days in common: 2 of 2\nasked for: 30 of 30"
	const theirs = "You offer what they need: Fundraising.\n" + both +
		"fit of needs and skills: 90 of 90\nbreadth: needs met at all: 5 of 5\nexperience beyond one's own: 6 of 6\nanother kind of service: 3 of 3\nhalf-days in common: 2 of 3\nasked for: 20 of 30"
	if got := read(programme.Client); got != mine {
		t.Errorf("%s\nwant %s", got, mine)
	}
	if got := read(programme.Consultant); got != theirs {
		t.Errorf("%s\nwant %s", got, theirs)
	}
	a.Availability, a.Preferences = []string{"wed-am"}, nil
	if got := read(programme.Client); !strings.Contains(got, "\nWe found no half-day on which both of you are usually free.\n") || strings.Contains(got, "asked for") {
		t.Errorf("%s", got)
	}
}

// Who has not said when and how they could meet is matched like anybody, and nobody reads
// that they have.
func TestFactsOfWhatIsNotSaidYet(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	for _, change := range []func(a, b *matching.Person){
		func(a, _ *matching.Person) { a.Availability, a.Meeting = nil, nil },
		func(_, b *matching.Person) { b.Availability, b.Meeting = nil, nil },
	} {
		a, b := needs("a", "LS6 2AB", "HE"), offers("b", "S1 1AA", "AR")
		a.Meeting, b.Meeting = []string{"video", "phone"}, []string{"video", "phone"}
		change(&a, &b)
		for _, role := range programme.Roles {
			f := matching.FactsOf(p, a, b, "", role)
			all := strings.Join(f.Sentences(p), "\n")
			for _, c := range f.Criteria {
				all += "\n" + c.Words
			}
			for _, want := range []string{"Not both of you have said yet when you are usually free", "Nothing that you two have said so far rules out to meet by video or by phone."} {
				if !strings.Contains(all, want) {
					t.Errorf("%s: %s\nlacks %q", role, all, want)
				}
			}
			if strings.Contains(all, "found no half-day") || strings.Contains(all, "You can both meet") {
				t.Errorf("%s: %s", role, all)
			}
		}
	}
}

// No rule gives more than the most that is said it could.
func TestNoRuleGivesMoreThanItsMost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		pr := anyProblem(t, drawn(t), 6, 6)
		pr.Pinned = nil // which may be impossible
		for _, m := range solve(t, pr).Matches {
			a, b := lookUp(t, pr.Clients, m.Client), lookUp(t, pr.Consultants, m.Consultant)
			for role, reader := range map[programme.Role]matching.Person{programme.Client: a, programme.Consultant: b} {
				most := matching.MostPoints(pr.Programme, &reader, role)
				for _, points := range matching.FactsOf(pr.Programme, a, b, m.Relaxed, role).Points {
					if points.Points > most[points.Rule] {
						t.Errorf("%s gave %d to the %s, of %d at most", points.Rule, points.Points, role, most[points.Rule])
					}
				}
			}
		}
	})
}

// told is all that the participants of a run read of it.
func told(t rapid.TB, pr *matching.Problem) string {
	t.Helper()
	s, err := matching.Solve(pr)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, m := range s.Matches {
		for _, to := range programme.Roles {
			f := s.Facts(m, to)
			text, err := json.Marshal(f)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&all, "%s %s %s\n%s\n", m.Client, m.Consultant, text, strings.Join(f.Sentences(pr.Programme), "\n"))
		}
	}
	return all.String()
}

// Whoever reads what they are told of two runs cannot learn whether a pair is out
// because somebody avoids somebody, declined, or because the coordinator said so.
func TestParticipantsCannotTellPrivateReasonsApart(t *testing.T) {
	t.Parallel()
	differs := 0
	rapid.Check(t, func(t *rapid.T) {
		c := seeded(rapid.Uint64().Draw(t, "seed"))
		pr := anyRanked(t, c)
		for i := range pr.Clients {
			pr.Clients[i].Organisation.Name, pr.Clients[i].Organisation.Number = "Organisation "+pr.Clients[i].ID, ""
		}
		for j := range pr.Consultants {
			pr.Consultants[j].Organisation.Name, pr.Consultants[j].Organisation.Number = "Organisation "+pr.Consultants[j].ID, ""
		}
		i, j := c.IntN(len(pr.Clients)), c.IntN(len(pr.Consultants))
		with := func(change func(pr *matching.Problem, a, b *matching.Person)) string {
			changed := *pr
			changed.Clients, changed.Consultants = slices.Clone(pr.Clients), slices.Clone(pr.Consultants)
			change(&changed, &changed.Clients[i], &changed.Consultants[j])
			return told(t, &changed)
		}
		texts := []string{
			with(func(_ *matching.Problem, a, b *matching.Person) {
				a.Conflicts = append(slices.Clone(a.Conflicts), b.Organisation.Name)
			}),
			with(func(_ *matching.Problem, a, b *matching.Person) {
				b.Conflicts = append(slices.Clone(b.Conflicts), a.Organisation.Name)
			}),
			with(func(_ *matching.Problem, a, b *matching.Person) {
				a.Bids, b.Bids = []string{"The Fund"}, []string{"the fund"}
			}),
			with(func(_ *matching.Problem, a, b *matching.Person) { a.Mention = b.Organisation.Name }),
			with(func(_ *matching.Problem, a, b *matching.Person) { b.Bids = []string{a.Organisation.Name} }),
			with(func(_ *matching.Problem, a, b *matching.Person) { a.Declined = append(slices.Clone(a.Declined), b.ID) }),
			with(func(_ *matching.Problem, a, b *matching.Person) { b.Declined = append(slices.Clone(b.Declined), a.ID) }),
			with(func(pr *matching.Problem, a, b *matching.Person) {
				pr.Forbidden = append(slices.Clone(pr.Forbidden), matching.Pair{Client: a.ID, Consultant: b.ID})
			}),
		}
		for _, text := range texts[1:] {
			if text != texts[0] {
				t.Fatalf("participants read\n%s\nand\n%s", texts[0], text)
			}
		}
		if texts[0] != told(t, pr) {
			differs++
		}
	})
	if differs < 5 {
		t.Errorf("only %d such reasons changed anything", differs)
	}
}

// Nobody is told of anyone but their match.
func TestFactsDependOnTheTwoAlone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := seeded(rapid.Uint64().Draw(t, "seed"))
		pr := anyRanked(t, c)
		s, err := matching.Solve(pr)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range s.Matches {
			alone := matching.FactsOf(pr.Programme, someone(pr.Clients, m.Client), someone(pr.Consultants, m.Consultant), m.Relaxed, programme.Client)
			got := s.Facts(m, programme.Client)
			if x, y := fmt.Sprintf("%+v", alone), fmt.Sprintf("%+v", got); x != y {
				t.Fatalf("%s\nand alone %s", y, x)
			}
			for _, words := range got.Criteria {
				if strings.HasSuffix(words.Words, " .") || strings.Contains(words.Words, ": .") || strings.Contains(words.Words, "Inf") {
					t.Fatalf("%+v: %q says nothing", m, words)
				}
			}
		}
	})
}
