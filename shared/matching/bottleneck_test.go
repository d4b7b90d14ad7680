package matching_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/geography"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// scarce is a small problem of people most of whom can meet, with few places.
func scarce(t rapid.TB, c *rand.Rand) *matching.Problem {
	p := anyProgramme(t, c, 4)
	p.Place = pick(c, programme.Place{Within: programme.SameRegion}, programme.Place{Within: programme.SameRegion}, programme.Place{Within: programme.Online}, programme.Place{Within: programme.Distance, Kilometres: 50})
	a, b := anyPeople(c, p, 3+c.IntN(8), 1+c.IntN(6))
	pr := &matching.Problem{Programme: p, Clients: a, Consultants: b, Supervisors: map[string]int{"s0": c.IntN(3), "s1": 1 + c.IntN(3)}}
	for _, people := range [][]matching.Person{a, b} {
		for i := range people {
			if c.IntN(4) > 0 {
				people[i].Languages, people[i].Meeting, people[i].Organisation.Categories = nil, nil, nil
			}
		}
	}
	for j := range b {
		b[j].Supervisor = pick(c, "", "s0", "s1", "s1")
	}
	return pr
}

// stuck are those of some clients who are unmatched.
func stuck(s *matching.Solution, clients []string) []string {
	var all []string
	for _, u := range s.Unmatched {
		if slices.Contains(clients, u.Client) {
			all = append(all, u.Client)
		}
	}
	return all
}

func TestBottleneckIsTheCutAndItsRemedyMatchesAll(t *testing.T) {
	t.Parallel()
	bottlenecks, recruited, supervised, composed := 0, 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		c := seeded(rapid.Uint64().Draw(t, "seed"))
		pr := scarce(t, c)
		if c.IntN(3) > 0 {
			pr.Programme.Relax = nil
		}
		s, err := matching.Solve(pr)
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Matches) > 0 && c.IntN(3) == 0 {
			m := pick(c, s.Matches...)
			pr.Pinned = []matching.Pair{{Client: m.Client, Consultant: m.Consultant}}
			if s, err = matching.Solve(pr); err != nil {
				t.Fatal(err)
			}
		}
		var unmatched []string
		dependedOn := map[string]bool{}
		most := s.Certificate.Proofs[0]
		// A problem may be large enough that only a group's part of it is solved again, or
		// none: the real one agrees, as long as it does not relax its place.
		small := 1000
		if len(pr.Programme.Relax) == 0 {
			small = pick(c, 1000, 8, 0)
		}
		for _, b := range s.BottlenecksAs(pr, small) {
			bottlenecks++
			unmatched = append(unmatched, b.Unmatched...)
			if !slices.Equal(b.Unmatched, slices.Sorted(slices.Values(stuck(s, b.Clients)))) || len(b.Clients)-b.Places != len(b.Unmatched) {
				t.Fatalf("%+v\nof the unmatched %+v", b, s.Unmatched)
			}
			for _, id := range b.Clients {
				if most.Clients[id] != 0 {
					t.Fatalf("%s of %+v has the price %d", id, b, most.Clients[id])
				}
			}
			for _, id := range b.Consultants {
				d := someone(pr.Consultants, id)
				if most.Consultants[id]+most.Supervisors[d.Supervisor] == 0 || dependedOn[id] {
					t.Fatalf("%s of %+v has no price, or belongs to two", id, b)
				}
				dependedOn[id] = true
			}
			for i, x := range s.Pool.Clients {
				for j, y := range s.Pool.Consultants {
					if slices.Contains(b.Clients, x.ID) && s.Pool.RuledOut(i, j, int(s.Relaxed[i])) == "" && s.Capacity[j] > 0 && !slices.Contains(b.Consultants, y.ID) {
						t.Fatalf("%s and %s may work together: %+v", x.ID, y.ID, b)
					}
				}
			}

			with := func(recruits []matching.Person, supervision []matching.Supervision) []string {
				more := *pr
				more.Consultants, more.Supervisors = slices.Concat(pr.Consultants, recruits), maps.Clone(pr.Supervisors)
				for _, x := range supervision {
					more.Supervisors[x.Supervisor] += x.Places
				}
				after, err := matching.Solve(&more)
				if err != nil {
					t.Fatal(err)
				}
				return stuck(after, b.Clients)
			}
			if len(b.Supervision) > 0 {
				supervised++
				if left := with(nil, b.Supervision); len(left) > 0 {
					t.Fatalf("%+v, and %v are left over", b, left)
				}
			}
			if len(b.Recruits) == 0 {
				asks := func(id string) bool {
					for _, priority := range someone(pr.Clients, id).Needs {
						if priority > 0 {
							return true
						}
					}
					return false
				}
				if len(pr.Programme.Relax) == 0 && pr.Programme.Place.Within == programme.SameRegion && slices.ContainsFunc(b.Clients, asks) {
					t.Fatalf("nobody is found who would help %+v", b)
				}
				continue
			}
			recruited++
			if len(b.Recruits) > 1 {
				composed++
				for _, skill := range pr.Programme.Skills {
					people := b.People(0)
					for k := range people {
						people[k].Skills, people[k].Languages = map[string]int{skill.ID: 3}, []string{"English", "Welsh"}
					}
					if len(b.Regions) == 1 && pr.Programme.Place.Within == programme.SameRegion && len(pr.Programme.Relax) == 0 && len(with(people, nil)) == 0 {
						t.Fatalf("%+v: %s alone is enough", b, skill.ID)
					}
				}
			}
			for choice := range 3 {
				people := b.People(choice)
				if len(people) != len(b.Unmatched) {
					t.Fatalf("%d recruits for %+v", len(people), b)
				}
				if left := with(people, nil); len(left) > 0 {
					t.Fatalf("%+v\nwith %+v %v are left over", b, people, left)
				}
				if left := with(people[1:], nil); len(left) == 0 && len(pr.Programme.Relax) == 0 {
					t.Fatalf("%+v: fewer are enough", b)
				}
			}
			// Each may choose for themselves which of the skills to offer.
			mixed := b.People(0)
			for k := range mixed {
				mixed[k] = b.People(c.IntN(3))[k]
			}
			if left := with(mixed, nil); len(left) > 0 && len(pr.Programme.Relax) == 0 {
				t.Fatalf("%+v\nwith %+v %v are left over", b, mixed, left)
			}
		}
		slices.Sort(unmatched)
		var want []string
		for _, u := range s.Unmatched {
			want = append(want, u.Client)
		}
		if !slices.Equal(unmatched, want) {
			t.Fatalf("bottlenecks are stated for %v, and unmatched are %v", unmatched, want)
		}
	})
	t.Logf("%d bottlenecks, %d with recruits, %d of them of several kinds, %d with supervision", bottlenecks, recruited, composed, supervised)
	if bottlenecks < 100 || recruited < bottlenecks/2 || composed < 3 || supervised == 0 {
		t.Errorf("%d bottlenecks, %d with recruits, %d of them of several kinds, %d with supervision: they say little", bottlenecks, recruited, composed, supervised)
	}
}

func TestBottleneckToRead(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	p.Terms.Client, p.Terms.Consultant = programme.Term{Article: "a", Singular: "leader", Plural: "leaders"}, programme.Term{Article: "a", Singular: "coach", Plural: "coaches"}
	ids := func(n int) []string { return slices.Repeat([]string{"x"}, n) }
	north, english := []string{"North East"}, []string{"English"}
	for _, row := range []struct {
		b    matching.Bottleneck
		want string
	}{
		{matching.Bottleneck{Regions: north, Clients: ids(9), Unmatched: ids(3), Consultants: ids(6), Places: 6,
			Recruits: []matching.Recruits{{Number: 3, Skills: []string{"fundraising", "board"}, Region: "North East", Languages: english}}},
			"9 leaders in North East depend on 6 coaches; 3 more who offer fundraising or board and trustee relations would match all."},
		{matching.Bottleneck{Regions: north, Clients: ids(2), Unmatched: ids(1), Consultants: ids(1), Places: 1,
			Recruits: []matching.Recruits{{Number: 1, Skills: []string{"fundraising"}, Region: "North East", Languages: english}}},
			"2 leaders in North East depend on 1 coach; 1 more who offers fundraising would match all."},
		{matching.Bottleneck{Regions: []string{"", "Wales"}, Clients: ids(5), Unmatched: ids(2), Consultants: ids(2), Places: 3,
			Recruits: []matching.Recruits{
				{Number: 1, Skills: []string{"fundraising"}, Region: "Wales", Languages: english},
				{Number: 1, Skills: []string{"coaching"}, Region: "Wales", Languages: []string{"Welsh"}}}},
			"5 leaders in a region that is not known and Wales depend on 2 coaches with 3 places; 1 more in Wales who offers fundraising and 1 more in Wales who offers coaching and speaks Welsh would match all."},
		{matching.Bottleneck{Regions: north, Clients: ids(4), Unmatched: ids(2), Consultants: ids(5), Supervisors: ids(1), Places: 2,
			Supervision: []matching.Supervision{{Supervisor: "s", Places: 2}},
			Recruits:    []matching.Recruits{{Number: 2, Skills: []string{"finance"}, Region: "North East", Area: "NE", Languages: english}}},
			"4 leaders in North East depend on 5 coaches, who can take 2 for want of supervision; 2 more places in supervision or 2 more near NE who offer finance would match all."},
		{matching.Bottleneck{Regions: north, Clients: ids(3), Unmatched: ids(1), Consultants: ids(3), Supervisors: ids(1), Places: 2, Supervision: []matching.Supervision{{Supervisor: "s", Places: 1}}},
			"3 leaders in North East depend on 3 coaches, who can take 2 for want of supervision; 1 more place in supervision would match all."},
		{matching.Bottleneck{Regions: north, Clients: ids(2), Unmatched: ids(1), Consultants: ids(1), Places: 1}, "2 leaders in North East depend on 1 coach."},
		{matching.Bottleneck{Regions: north, Clients: ids(1), Unmatched: ids(1), RuledOut: map[matching.Criterion]int{matching.NearEnough: 1, matching.NoCompetition: 2},
			Recruits: []matching.Recruits{{Number: 1, Skills: []string{"finance"}, Region: "North East", Languages: english}}},
			"1 leader in North East has no coach who may work with them: their organisations compete; 1 more who offers finance would match them."},
		{matching.Bottleneck{Regions: north, Clients: ids(2), Unmatched: ids(2), RuledOut: map[matching.Criterion]int{matching.NearEnough: 1}},
			"2 leaders in North East have no coach who may work with them: those there are, are too far away."},
		{matching.Bottleneck{Regions: geography.UK().Regions(), Clients: ids(2), Unmatched: ids(1), Consultants: ids(1), Places: 1}, "2 leaders in 12 regions depend on 1 coach."},
		{matching.Bottleneck{Regions: north, Clients: ids(2), Unmatched: ids(2)}, "2 leaders in North East have no coach who may work with them."},
	} {
		if got := row.b.Sentence(p); got != row.want {
			t.Errorf("%s\nwant %s", got, row.want)
		}
	}
	for _, c := range matching.Criteria {
		got := matching.Bottleneck{Regions: north, Clients: ids(1), Unmatched: ids(1), RuledOut: map[matching.Criterion]int{c: 1}}.Sentence(p)
		if !strings.Contains(got, "with them: ") || strings.Contains(got, "client") || strings.Contains(got, "consultant") {
			t.Errorf("%s: %s", c, got)
		}
	}
}

// Where supervision is short, places in it help, and where a place with one
// supervisor is enough, no more is asked.
func TestSupervisionIsTheBottleneck(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	pr := &matching.Problem{Programme: p, Supervisors: map[string]int{"s": 1, "t": 1}}
	for _, id := range []string{"a", "b", "c", "d"} {
		pr.Clients = append(pr.Clients, needs(id, "NE1 1AA"))
	}
	for _, id := range []string{"w", "x", "y", "z"} {
		d := offers(id, "NE1 1AA")
		d.Supervisor = map[string]string{"w": "s", "x": "s", "y": "t", "z": "t"}[id]
		pr.Consultants = append(pr.Consultants, d)
	}
	s, err := matching.Solve(pr)
	if err != nil {
		t.Fatal(err)
	}
	got := s.Bottlenecks(pr)
	if len(got) != 1 || !slices.Equal(got[0].Supervision, []matching.Supervision{{Supervisor: "s", Places: 1}, {Supervisor: "t", Places: 1}}) {
		t.Fatalf("%+v", got)
	}
	const want = "4 clients in North East depend on 4 consultants, who can take 2 for want of supervision; 2 more places in supervision or 2 more who offer fundraising would match all."
	if text := got[0].Sentence(p); text != want {
		t.Errorf("%s\nwant %s", text, want)
	}
	if s, err = matching.Solve(&matching.Problem{Programme: p, Clients: pr.Clients[:2], Consultants: pr.Consultants, Supervisors: pr.Supervisors}); err != nil || len(s.Bottlenecks(pr)) != 0 {
		t.Errorf("all are matched, and there is a bottleneck: %v", err)
	}
}

func TestBottlenecksDoNotDependOnTheOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := seeded(rapid.Uint64().Draw(t, "seed"))
		pr := scarce(t, c)
		other := *pr
		other.Clients, other.Consultants = slices.Clone(pr.Clients), slices.Clone(pr.Consultants)
		slices.Reverse(other.Clients)
		c.Shuffle(len(other.Consultants), func(i, j int) {
			other.Consultants[i], other.Consultants[j] = other.Consultants[j], other.Consultants[i]
		})
		said := func(pr *matching.Problem) string {
			s, err := matching.Solve(pr)
			if err != nil {
				t.Fatal(err)
			}
			var all []string
			for _, b := range s.Bottlenecks(pr) {
				all = append(all, b.Sentence(pr.Programme)+strings.Join(b.Clients, " ")+strings.Join(b.Unmatched, " "))
			}
			return strings.Join(all, "\n")
		}
		if x, y := said(pr), said(&other); x != y {
			t.Fatalf("%s\nand in another order\n%s", x, y)
		}
	})
}
