package enrolment

import (
	"slices"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/programme"
)

// Whatever a form asks can be told or corrected later, in a group that says what it is used
// for, but the address, which is changed in its own way, and what is agreed to.
func TestEachInputIsInAGroup(t *testing.T) {
	t.Parallel()
	p := asking(t)
	p.Mode = programme.Ranked
	for _, role := range programme.Roles {
		others := []string{"email", "consent", "agrees", "fits"}
		if role == programme.Client {
			others = append(others, "capacity")
		} else {
			others = append(others, "strengths", "experience")
		}
		groups := Groups(p, role)
		for _, input := range Inputs {
			if in := slices.ContainsFunc(groups, func(g Group) bool { return slices.Contains(g.Inputs, input) }); in == slices.Contains(others, input) {
				t.Errorf("%s of a %s is in a group: %v", input, role, in)
			}
		}
		for _, g := range groups {
			if found, err := GroupOf(p, role, g.Name); err != nil || found.Title != g.Title || g.For == "" || strings.HasSuffix(g.For, ".") {
				t.Errorf("%+v, %v", found, err)
			}
		}
	}
	if _, err := GroupOf(p, programme.Consultant, "experience"); err == nil {
		t.Error("a consultant is asked what they know of it already")
	}
	small := *p
	small.Weights.Size = 0
	if _, err := GroupOf(&small, programme.Client, "size"); err == nil {
		t.Error("an income is asked that does not count")
	}
}

// What a place needs makes a form of its own, in which nothing of what can follow is told;
// each of that is told by what it asks alone.
func TestPlaceNeedsNothingOfWhatCanFollow(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	for _, role := range programme.Roles {
		least := Form{Name: "Alex Sample", Email: "alex@example.org", Organisation: "Example Trust", Postcode: "LS6 2AB", Categories: []string{"HE"}, Skills: map[string]int{"board": 3}, Consent: "2026-11"}
		e, err := New(p, role, least, noon)
		if err != nil {
			t.Fatal(wrong(t, err))
		}
		full := acceptable(role).Normalised(p)
		for _, g := range Groups(p, role) {
			told := g.Told(FormOf(e))
			switch {
			case g.Name == "capacity": // everybody has one
			case g.Later && told, !g.Later && !told && g.Name != "strengths" && g.Name != "experience":
				t.Errorf("%s of a %s is told: %v", g.Name, role, told)
			}
			if g.Later && !g.Told(full) {
				t.Errorf("%s of a %s is not told in %+v", g.Name, role, full)
			}
			if g.Later {
				if changed, err := e.Correct(p, g, full, noon); err != nil || !changed || !g.Told(FormOf(e)) {
					t.Errorf("%s of a %s: changed %v, %v", g.Name, role, changed, err)
				}
			}
		}
	}
}

func TestChoosingKeepsWhatWasSaid(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	f := Form{Skills: map[string]int{"board": 3, "team": 1}, Experience: map[string]int{"board": 2, "team": 1}}
	f.Choose([]string{"digital", " board", ""})
	if len(f.Skills) != 2 || f.Skills["board"] != 3 || f.Skills["digital"] != 0 || len(f.Experience) != 1 || f.Experience["board"] != 2 {
		t.Errorf("%+v", f)
	}
	if got := f.Topics(p); len(got) != 2 || got[0].ID != "board" {
		t.Errorf("topics %+v", got)
	}
	for n, row := range map[string]struct {
		ids []string
		ok  bool
	}{"none": {nil, false}, "one that there is not": {[]string{"juggling"}, false}, "five": {[]string{"board", "team", "digital", "policy", "finance"}, true}, "six": {[]string{"board", "team", "digital", "policy", "finance", "change"}, false}} {
		f.Choose(row.ids)
		if found := wrong(t, f.CheckTopics(p, programme.Client, "needs")); (len(found) == 0) != row.ok || !row.ok && found["needs"] == "" {
			t.Errorf("%s: %v", n, found)
		}
	}
}

// All that a form says is read back, in words, and what is private is marked.
func TestAnswersSayAllOfAForm(t *testing.T) {
	t.Parallel()
	p := asking(t)
	for _, role := range programme.Roles {
		f := acceptable(role)
		f.Extra, f.Fits = map[string]string{"trustees": "7", "theirs": "2"}, []string{"leads"}
		f.Agrees, f.Introduction = []string{"interview"}, "I ask more than I tell."
		if role == programme.Client {
			f.Experience, f.Strengths = map[string]int{"board": 2}, []string{"finance"}
		}
		f = f.Normalised(p)
		var private []string
		seen := map[string]bool{}
		for _, a := range f.Answers(p, role) {
			seen[a.Input] = true
			if a.Private {
				private = append(private, a.Input)
			}
			if a.Question == "" || slices.Contains(a.Lines, "") && a.Input != "number" {
				t.Errorf("%+v", a)
			}
		}
		for _, input := range Inputs {
			switch {
			case input == "consent", input == "capacity" && role == programme.Client, (input == "strengths") && role == programme.Consultant:
			case !seen[input]:
				t.Errorf("%s of a %s is not read back", input, role)
			}
		}
		if !slices.Equal(private, []string{"conflicts", "mention", "bids"}) {
			t.Errorf("private are %q", private)
		}
	}
	f := Form{Skills: map[string]int{"board": 0}}
	for _, a := range f.Answers(p, programme.Client) {
		if a.Input == "experience" && a.Lines[0] != "Board and trustee relations: not said yet" {
			t.Errorf("%+v", a)
		}
	}
}

// One sentence about oneself is asked of those whom somebody can choose from a list, and of
// nobody else.
func TestSentenceIsOfThoseWhoCanBeChosen(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	for mode, want := range map[programme.Mode][]programme.Role{
		programme.Assigned: nil, programme.Directory: {programme.Consultant}, programme.Ranked: programme.Roles,
	} {
		p.Mode = mode
		for _, role := range programme.Roles {
			asked := slices.Contains(want, role)
			g, err := GroupOf(p, role, "introduction")
			if (err == nil) != asked {
				t.Errorf("%s, %s: %v", mode, role, err)
			}
			f := acceptable(role)
			f.Introduction = " I ask more \u200b than I tell. "
			if f = f.Normalised(p); f.Introduction != "I ask more than I tell." {
				t.Errorf("it is tidied to %q", f.Introduction)
			}
			e, err := New(p, role, f, noon)
			if (err == nil) != asked || !asked && wrong(t, err)["introduction"] == "" {
				t.Errorf("%s, %s: %v", mode, role, err)
			}
			if !asked {
				continue
			}
			for text, fits := range map[string]bool{
				strings.Repeat("é", 200): true, "أسأل أكثر مما أجيب 🌱": true, "": true,
				strings.Repeat("é", 201): false, "a\u202eb": false, "a\x07b": false,
			} {
				f.Introduction = text
				_, err := e.Correct(p, g, f, noon)
				if said := wrong(t, err)["introduction"] == ""; said != fits {
					t.Errorf("%q: %v", text, err)
				}
				if fits && e.Introduction != text {
					t.Errorf("%q is stored as %q", text, e.Introduction)
				}
			}
		}
	}
}
