package access

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestRolesAreNamed(t *testing.T) {
	t.Parallel()
	if got := Either(nil) + "|" + Either(Roles[:1]) + "|" + Either(Roles[:2]) + "|" + All(Roles); got != "|coordinator|coordinator or evaluator|coordinator, evaluator, supervisor and administrator" {
		t.Error(got)
	}
	for _, r := range Roles {
		if got, err := ParseRole(string(r), Roles...); err != nil || got != r {
			t.Errorf("%q, %v", got, err)
		}
	}
	for _, none := range []string{"", "funder", "Coordinator", " coordinator"} {
		if got, err := ParseRole(none, Roles...); err == nil || got != "" {
			t.Errorf("%q is %q", none, got)
		}
	}
}

// Whoever is given and loses roles in whatever order has what is left, each once and in
// one order, and nothing is left of a programme in which they have none.
func TestSeveralRolesInOneProgramme(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all, want := ByProgramme{}, map[string]map[Role]bool{"p": {}, "q": {}}
		for range rapid.IntRange(0, 20).Draw(t, "steps") {
			p, r := rapid.SampledFrom([]string{"p", "q"}).Draw(t, "programme"), rapid.SampledFrom(Roles).Draw(t, "role")
			before := slices.Clone(all[p])
			kept := all[p]
			if rapid.Bool().Draw(t, "give") {
				if new := all.Grant(p, r); new == want[p][r] {
					t.Fatalf("giving %s is new: %v", r, new)
				}
				want[p][r] = true
			} else {
				if there := all.Revoke(p, r); there != want[p][r] {
					t.Fatalf("%s was there: %v", r, there)
				}
				delete(want[p], r)
			}
			if !slices.Equal(kept, before) {
				t.Fatal("a list that somebody holds is changed")
			}
			for p, roles := range want {
				var sorted []Role
				for _, r := range Roles {
					if all.Has(p, r) != roles[r] {
						t.Fatalf("%v, want %v", all, want)
					}
					if roles[r] {
						sorted = append(sorted, r)
					}
				}
				if _, ok := all[p]; ok != (len(roles) > 0) || !slices.Equal(all[p], sorted) {
					t.Fatalf("%v, want %v", all, slices.Sorted(maps.Keys(roles)))
				}
			}
		}
	})
}
