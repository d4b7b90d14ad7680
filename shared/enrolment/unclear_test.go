package enrolment

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/organisation"
	"github.com/cascading-leadership/cascade/shared/programme"
)

var morning = time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)

// ready is somebody who is ready, with organisations that they named.
func ready(id, name, number string, conflicts ...string) *Enrolment {
	e := &Enrolment{ID: id, Role: programme.Client, State: Ready, Organisation: Organisation{Name: name, Number: number}, Conflicts: conflicts}
	if strings.HasPrefix(id, "z") {
		e.Role = programme.Consultant
	}
	return e
}

// unclear are the entries to settle, as "who: what (whom it resembles)".
func unclear(all []*Enrolment) (found []string) {
	for _, u := range FindUnclear(all) {
		for _, entry := range u.Entries {
			names := make([]string, len(entry.Candidates))
			for i, c := range entry.Candidates {
				names[i] = c.Name
			}
			found = append(found, fmt.Sprintf("%s: %s (%s)", u.ID, entry.Text, strings.Join(names, ", ")))
		}
	}
	return found
}

func TestWhatIsUnclear(t *testing.T) {
	t.Parallel()
	others := []*Enrolment{
		ready("z1", "St John's Hospice Example", ""), ready("z2", "Lantern Example", "GB-CHC-1000430"), ready("z3", "Harbour Trust Example", "GB-CHC-1000431"),
		ready("z4", "Harbour Trust Example North", "GB-CHC-1000432"), ready("a1", "Meadow Example", ""),
	}
	for entry, want := range map[string][]string{
		"St John’s Hospice Example":        nil, // that is one who takes part, and no other
		"1000430":                          nil,
		"Charity no 1000430":               nil,
		"Meadow Example":                   nil, // known, and on their own side
		"Elsewhere House":                  {"a: Elsewhere House ()"},
		"St Johns Hospise Example":         {"a: St Johns Hospise Example (St John's Hospice Example)"},
		"Lantern":                          {"a: Lantern (Lantern Example)"},
		"Harbour Trust Example":            {"a: Harbour Trust Example (Harbour Trust Example North)"}, // the other is meant
		"Harbour":                          {"a: Harbour (Harbour Trust Example, Harbour Trust Example North)"},
		"Lantern Example, Elsewhere House": nil,
	} {
		if got := unclear(append([]*Enrolment{ready("a", "Own Trust", "", entry)}, others...)); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", entry, got, want)
		}
	}
	if got := unclear(others); got != nil {
		t.Errorf("nobody named anybody, and %q", got)
	}
}

// away are those with whom somebody is not matched for what they named.
func away(e *Enrolment, others []*Enrolment) (ids []string) {
	index := organisation.NewIndex(len(others))
	for _, other := range others {
		index.Add(other.Organisation.Name, other.Organisation.Number, "", other.Organisation.Joined...)
	}
	for _, text := range e.Conflicts {
		exactly, near := index.Settled(text, organisation.SettledFor(text, e.Settled))
		for _, n := range append(exactly, near...) {
			ids = append(ids, others[n].ID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func TestWhatIsSettled(t *testing.T) {
	t.Parallel()
	north, south := ready("z1", "Harbour Trust Example North", "GB-CHC-1000431"), ready("z2", "Harbour Trust Example South", "")
	later, other := ready("z3", "Harbour Trust Example East", ""), ready("z4", "Quayside Centre", "GB-CHC-1000432")
	for name, row := range map[string]struct {
		said         organisation.Settlement
		before, then []string // with whom they are not matched, and so when others have come
		open         []string // what is to settle then
	}{
		"one of them":     {organisation.Settlement{Meant: []organisation.Key{"#GB-CHC-1000431"}}, []string{"z1"}, []string{"z1", "z3"}, []string{"a: Harbour Trust Example (Harbour Trust Example East)"}},
		"none of them":    {organisation.Settlement{}, nil, []string{"z3"}, []string{"a: Harbour Trust Example (Harbour Trust Example East)"}},
		"both":            {organisation.Settlement{Meant: []organisation.Key{"#GB-CHC-1000431", "=harbour trust example south"}}, []string{"z1", "z2"}, []string{"z1", "z2", "z3"}, []string{"a: Harbour Trust Example (Harbour Trust Example East)"}},
		"another number":  {organisation.Settlement{Means: " 1000432\u200b"}, nil, []string{"z4"}, nil},
		"a fuller name":   {organisation.Settlement{Means: "Harbour Trust Example East"}, nil, []string{"z3"}, nil},
		"somebody else's": {organisation.Settlement{Meant: []organisation.Key{"#GB-CHC-9999999"}}, nil, []string{"z3"}, []string{"a: Harbour Trust Example (Harbour Trust Example East)"}},
	} {
		e := ready("a", "Own Trust", "", "Harbour Trust Example")
		others := []*Enrolment{north, south}
		if got := away(e, others); !slices.Equal(got, []string{"z1", "z2"}) {
			t.Fatalf("before anything was said they are kept away from %q", got)
		}
		u := FindUnclear(append(others, e))[0]
		row.said.Entry, row.said.By, row.said.At = "Harbour Trust Example", "morgan", morning
		if changed, err := u.Settle(e, row.said); err != nil || !changed {
			t.Fatalf("%s: %v, %v", name, changed, err)
		}
		if got := away(e, others); !slices.Equal(got, row.before) || len(u.Entries) != 0 || u.Resembles || unclear(append(others, e)) != nil {
			t.Errorf("%s: kept away from %q, want %q; open is %q", name, got, row.before, unclear(append(others, e)))
		}
		if others = append(others, later, other); !slices.Equal(away(e, others), row.then) || !slices.Equal(unclear(append(others, e)), row.open) {
			t.Errorf("%s, and others came: kept away from %q, want %q; open is %q, want %q", name, away(e, others), row.then, unclear(append(others, e)), row.open)
		}
		if changed, err := u.Settle(e, row.said); err != nil || changed || len(e.Settled) != 1 {
			t.Errorf("%s: twice: %v, %v", name, changed, err)
		}
	}
}

func TestWhatIsTooGeneralNeedsAName(t *testing.T) {
	t.Parallel()
	e := ready("a", "Own Trust", "", "Example")
	all := []*Enrolment{e}
	for k := range mostCandidates + 3 {
		all = append(all, ready(fmt.Sprintf("z%d", k), fmt.Sprintf("Example House %c", 'A'+k), ""))
	}
	u := FindUnclear(all)[0]
	if entry := u.Entries[0]; len(entry.Candidates) != mostCandidates || entry.More != 3 {
		t.Fatalf("%d candidates and %d more", len(entry.Candidates), entry.More)
	}
	said := organisation.Settlement{Entry: "Example", By: "morgan", At: morning}
	for _, means := range []string{"", " \u200b", strings.Repeat("é", maxEntry+1), "Example\u202eHouse"} {
		said.Means = means
		var invalid *fault.Invalid
		if changed, err := u.Settle(e, said); changed || !errors.As(err, &invalid) || e.Settled != nil || len(u.Entries) != 1 {
			t.Errorf("settled by %.20q: %v", means, err)
		}
	}
	other := said
	other.Entry = "Else"
	if _, err := u.Settle(e, other); !fault.Is(err, fault.NotFound) {
		t.Errorf("settled what nobody wrote: %v", err)
	}
	said.Means = "Example House C"
	if _, err := u.Settle(e, said); err != nil || !slices.Equal(away(e, all[1:]), []string{"z2"}) {
		t.Errorf("%v, kept away from %q", err, away(e, all[1:]))
	}
}

// Whatever is said in whatever order: nobody is let through whom an entry resembles and of
// whom nothing was said, and who was said to be meant stays away.
func TestNobodyIsLetThroughUnasked(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"Harbour Example", "Harbour Example North", "Harbor Example", "Harbour Example Trust", "Lantern", "The Harbour", "Harbour Example South"})
		e := ready("a", "Own", "", rapid.SliceOfNDistinct(name, 1, 3, rapid.ID[string]).Draw(t, "entries")...)
		var others []*Enrolment
		meant, not := map[string]bool{}, map[string]bool{}
		for step := range rapid.IntRange(1, 8).Draw(t, "steps") {
			others = append(others, ready(fmt.Sprintf("z%d", step), name.Draw(t, "name"), rapid.SampledFrom([]string{"", "GB-CHC-1000430", "GB-CHC-1000431"}).Draw(t, "number")))
			kept := away(e, others)
			open := map[organisation.Key]bool{}
			for _, u := range FindUnclear(append(slices.Clone(others), e)) {
				for _, entry := range u.Entries {
					for _, c := range entry.Candidates {
						open[c.Key] = true
					}
				}
			}
			for _, other := range others {
				keys := organisation.Keys(other.Organisation.Name, other.Organisation.Number, "")
				if open[keys[0]] && !slices.Contains(kept, other.ID) {
					t.Fatalf("%q is let through, and nobody was asked yet", other.Organisation.Name)
				}
				for k := range meant {
					if slices.Contains(keys, organisation.Key(k)) && !slices.Contains(kept, other.ID) {
						t.Fatalf("%q was said to be meant, and is let through", other.Organisation.Name)
					}
				}
				if !slices.Contains(kept, other.ID) {
					for _, entry := range e.Conflicts {
						if organisation.Fold(entry) == organisation.Fold(other.Organisation.Name) {
							t.Fatalf("%q is let through, whom they named", other.Organisation.Name)
						}
					}
				}
			}
			for _, u := range FindUnclear(append(slices.Clone(others), e)) {
				for _, entry := range slices.Clone(u.Entries) {
					said := organisation.Settlement{Entry: entry.Text, At: morning}
					for _, c := range entry.Candidates {
						if rapid.Bool().Draw(t, "meant") {
							said.Meant, meant[string(c.Key)] = append(said.Meant, c.Key), true
						} else {
							not[string(c.Key)] = true
						}
					}
					if _, err := u.Settle(e, said); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	})
}

func TestJoin(t *testing.T) {
	t.Parallel()
	e := ready("a", "Own Trust", "")
	if err := e.Join(" Own House\u200b \r\n\n1000430\nOwn House", morning); err != nil || !slices.Equal(e.Organisation.Joined, []string{"Own House", "1000430"}) {
		t.Errorf("%v: %q", err, e.Organisation.Joined)
	}
	if got := away(ready("z", "Z", "", "Own House"), []*Enrolment{e}); !slices.Equal(got, []string{"a"}) {
		t.Errorf("who names another of its names is kept away from %q", got)
	}
	for _, lines := range []string{"1\n2\n3\n4\n5\n6", strings.Repeat("a", maxEntry+1), "a\u202eb"} {
		var invalid *fault.Invalid
		if err := e.Join(lines, morning); !errors.As(err, &invalid) || len(e.Organisation.Joined) != 2 {
			t.Errorf("%.20q: %v", lines, err)
		}
	}
	if err := e.Join("", morning); err != nil || e.Organisation.Joined != nil {
		t.Errorf("%v: %q", err, e.Organisation.Joined)
	}
}
