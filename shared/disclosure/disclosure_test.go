package disclosure

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/programme"
)

// answers are those of n people of a role, from an id on, each with the same at the start
// and at the end.
func answers(role programme.Role, from, n, start, end int) (all []Answered) {
	for i := range n {
		a := Answered{ID: fmt.Sprint(role, from+i), Role: role, Start: []int{start}}
		if end > 0 {
			a.End = []int{end}
		}
		all = append(all, a)
	}
	return all
}

func reached(from, n, step int) (all []Reached) {
	for i := range n {
		all = append(all, Reached{fmt.Sprint("e", from+i), step})
	}
	return all
}

// story is a programme's releases.
type story struct {
	r    *rand.Rand
	past []Past
}

func newStory() *story { return &story{r: rand.New(rand.NewPCG(1, 2))} }

func mark(id string) (n uint64) {
	for _, c := range []byte(id) {
		n = n*257 + uint64(c)
	}
	return n
}

func (s *story) next(c Cohort) (*Release, bool) {
	c.Questions = []string{"time"}
	r, behind, fresh := Next(programme.Closing, "2027-07-31", c, s.past, s.r.Float64)
	p := Past{r, map[string]map[uint64]bool{}, mark}
	for name, ids := range behind {
		p.Behind[name] = map[uint64]bool{}
		for _, id := range ids {
			p.Behind[name][mark(id)] = true
		}
	}
	s.past = append(s.past, p)
	return r, fresh
}

// roles are whose averages a release shows, with how many people and since when.
func roles(groups []Group) (all []string) {
	for _, g := range groups {
		name := string(g.Role)
		if name == "" {
			name = "both"
		}
		all = append(all, fmt.Sprintf("%s %d since %d", name, g.People, g.Since))
	}
	return all
}

func joined(all ...[]Answered) (list []Answered) {
	for _, a := range all {
		list = append(list, a...)
	}
	return list
}

const (
	client     = programme.Client
	consultant = programme.Consultant
)

func TestStepsAreRoundedDownAndHideTheFew(t *testing.T) {
	t.Parallel()
	r, _ := newStory().next(Cohort{People: append(append(append(reached(0, 4, 0), reached(4, 8, 1)...), reached(12, 9, 3)...), reached(21, 9, 5)...)})
	want := []Count{{"Enrolled", 30, 1}, {"Ready", 25, 1}, {"Matched", 15, 1}, {"Paired", 15, 1}, {"Held a session", 0, 1}, {"Completed", 0, 1}}
	if !reflect.DeepEqual(r.Steps, want) {
		t.Errorf("%v, want %v", r.Steps, want)
	}
}

func TestAveragesAreByRoleOrTogetherOrNone(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		clients, consultants int
		want                 []string
	}{
		{0, 0, nil}, {4, 5, nil}, {9, 0, nil},
		{10, 10, []string{"client 10 since 1", "consultant 10 since 1"}},
		{14, 15, []string{"client 10 since 1", "consultant 15 since 1"}},
		{9, 15, []string{"both 20 since 1"}}, {5, 5, []string{"both 10 since 1"}}, {40, 0, []string{"both 40 since 1"}},
	} {
		r, _ := newStory().next(Cohort{Answers: joined(answers(client, 0, row.clients, 2, 4), answers(consultant, 0, row.consultants, 2, 4))})
		if got := roles(r.Change); !reflect.DeepEqual(got, row.want) {
			t.Errorf("%d and %d: %v, want %v", row.clients, row.consultants, got, row.want)
		}
		if got := roles(r.Start); !reflect.DeepEqual(got, row.want) {
			t.Errorf("%d and %d at the start: %v, want %v", row.clients, row.consultants, got, row.want)
		}
	}
}

// Only those who answered at both moments stand behind a change.
func TestChangeIsOfTheSamePeople(t *testing.T) {
	t.Parallel()
	r, _ := newStory().next(Cohort{Answers: joined(answers(client, 0, 11, 2, 4), answers(client, 11, 9, 5, 0), answers(consultant, 0, 10, 3, 3))})
	if got := roles(r.Change); !reflect.DeepEqual(got, []string{"client 10 since 1", "consultant 10 since 1"}) {
		t.Errorf("%v", got)
	}
	if got := roles(r.Start); !reflect.DeepEqual(got, []string{"client 20 since 1", "consultant 10 since 1"}) {
		t.Errorf("%v", got)
	}
}

// A pilot of 15 and 15, of whom 70 to 100 in a hundred answer, gets its report, and what it
// says is near the truth.
func TestPilotOfFifteenAndFifteenGetsItsReport(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(15, 15))
	figures, near, same := 0, 0, 0
	for range 2000 {
		var all []Answered
		truth := map[programme.Role]float64{}
		for _, role := range programme.Roles {
			n := 11 + r.IntN(5) // 70 in a hundred of 15 are 10.5
			for i := range n {
				start := 1 + r.IntN(4)
				end := min(5, start+r.IntN(3))
				all = append(all, Answered{fmt.Sprint(role, i), role, []int{start}, []int{end}})
				truth[role] += float64(end-start) / float64(n)
			}
		}
		release, _, _ := Next(programme.Closing, "2027-07-31", Cohort{reached(0, 30, 5), []string{"time"}, all}, nil, r.Float64)
		if len(release.Change) != 2 || release.Steps[5].People != 30 {
			t.Fatalf("nothing is shown: %+v", release)
		}
		for _, g := range release.Change {
			off := float64(g.Averages[0].Tenths)/10 - truth[g.Role]
			figures++
			if off <= 0.5 && off >= -0.5 {
				near++
			}
			if off <= 0.25 && off >= -0.25 {
				same++
			}
		}
	}
	t.Logf("of %d changes %.1f in a hundred are within half a point of the truth, %.1f within a quarter", figures, 100*float64(near)/float64(figures), 100*float64(same)/float64(figures))
	if near < figures*95/100 {
		t.Errorf("%d of %d are within half a point", near, figures)
	}
}

func TestLargerGroupsAreFiner(t *testing.T) {
	t.Parallel()
	r, _ := newStory().next(Cohort{Answers: joined(answers(client, 0, 300, 2, 4), answers(client, 300, 200, 3, 4), answers(consultant, 0, 30, 3, 4))})
	if a := r.Change[0].Averages[0]; a.Tenths < 15 || a.Tenths > 17 {
		t.Errorf("a change of 1.6 is %+v", a)
	}
	if a := r.Change[1].Averages[0]; a.Tenths%5 != 0 {
		t.Errorf("a change of 30 people is %+v", a)
	}
}

// Where everybody answered the same, it does not show.
func TestEndsOfTheScaleAreCutOff(t *testing.T) {
	t.Parallel()
	r, _ := newStory().next(Cohort{Answers: joined(answers(client, 0, 200, 5, 1), answers(consultant, 0, 200, 1, 5))})
	for i, want := range []int{45, 15} {
		if got := r.Start[i].Averages[0].Tenths; got != want {
			t.Errorf("start %d, want %d", got, want)
		}
	}
	for i, want := range []int{-30, 30} {
		if got := r.Change[i].Averages[0].Tenths; got != want {
			t.Errorf("change %d, want %d", got, want)
		}
	}
}

func TestFiguresStayUntilTenJoinedOrLeft(t *testing.T) {
	t.Parallel()
	s := newStory()
	people := func(clients, consultants int) Cohort {
		return Cohort{People: reached(0, clients+consultants, 5), Answers: joined(answers(client, 0, clients, 2, 4), answers(consultant, 0, consultants, 2, 4))}
	}
	first, _ := s.next(people(12, 13))
	if r, fresh := s.next(people(17, 17)); fresh || !reflect.DeepEqual(r.Change, first.Change) || !reflect.DeepEqual(r.Steps, first.Steps) || r.Number != 2 {
		t.Errorf("with 9 more people: %v, %+v", fresh, r)
	}
	r, fresh := s.next(people(17, 18))
	if got := roles(r.Change); !fresh || !reflect.DeepEqual(got, []string{"client 10 since 1", "consultant 10 since 1"}) || r.Steps[5] != (Count{"Completed", 35, 3}) {
		t.Errorf("with 10 more, 5 of each role: %v, %v", got, r.Steps)
	}
	r, _ = s.next(people(22, 18))
	if got := roles(r.Change); !reflect.DeepEqual(got, []string{"client 20 since 4", "consultant 10 since 1"}) || r.Steps[5].Since != 3 || r.Change[0].Blur != 2*first.Change[0].Blur {
		t.Errorf("with 10 more clients: %v, %v", got, r.Steps)
	}
	// Those who leave count, too, and what was published stays until they are ten.
	if r, fresh := s.next(people(13, 18)); fresh || len(r.Change) != 2 {
		t.Errorf("with 9 fewer: %v", roles(r.Change))
	}
	// Nothing is made of those of before, only the other way round.
	if r, _ := s.next(people(11, 18)); r.Change[0].Since != 4 {
		t.Errorf("11 clients are those of the first release but for one: %v", roles(r.Change))
	}
}

// What is by role beside what was together tells who joined: so it is not.
func TestRolesBesideTheTotalTellNobody(t *testing.T) {
	t.Parallel()
	s := newStory()
	r, _ := s.next(Cohort{Answers: joined(answers(client, 0, 9, 2, 4), answers(consultant, 0, 15, 2, 4))})
	if got := roles(r.Change); !reflect.DeepEqual(got, []string{"both 20 since 1"}) {
		t.Fatalf("%v", got)
	}
	r, fresh := s.next(Cohort{Answers: joined(answers(client, 0, 10, 2, 4), answers(consultant, 0, 15, 2, 4))})
	if got := roles(r.Change); fresh || !reflect.DeepEqual(got, []string{"both 20 since 1"}) {
		t.Errorf("one more: %v", got)
	}
	r, _ = s.next(Cohort{Answers: joined(answers(client, 0, 14, 2, 4), answers(consultant, 0, 20, 2, 4))})
	if got := roles(r.Change); !reflect.DeepEqual(got, []string{"client 10 since 3", "consultant 20 since 3"}) {
		t.Errorf("ten more: %v", got)
	}
	// And back: of the total one would subtract the other role.
	r, fresh = s.next(Cohort{Answers: joined(answers(client, 0, 9, 2, 4), answers(consultant, 0, 20, 2, 4))})
	if got := roles(r.Change); fresh || !reflect.DeepEqual(got, []string{"client 10 since 3", "consultant 20 since 3"}) {
		t.Errorf("five fewer: %v", got)
	}
}

// However people come and go, what is new has ten people behind it and differs by ten from
// all before, and all else is as it was.
func TestRenewal(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := newStory()
		for range rapid.IntRange(1, 6).Draw(t, "releases") {
			from, n := rapid.IntRange(0, 15).Draw(t, "from"), rapid.IntRange(0, 30).Draw(t, "clients")
			k := rapid.IntRange(0, 30).Draw(t, "consultants")
			r, _ := s.next(Cohort{People: reached(from, n+k, 5), Answers: joined(answers(client, from, n, 2, 4), answers(consultant, from, k, 2, 4))})
			now := s.past[len(s.past)-1]
			for name, ids := range now.Behind {
				for _, p := range s.past[:len(s.past)-1] {
					earlier, both := p.Behind[name], 0
					for id := range ids {
						if earlier[id] {
							both++
						}
					}
					byRole := len(r.Change) == 2 && len(p.Change) == 2 || name[0] != 'c' && name[0] != 's'
					if d := len(ids) + len(earlier) - 2*both; len(ids) > 0 && len(earlier) > 0 && d < Threshold && byRole {
						t.Fatalf("%s is made anew after %d changes", name, d)
					}
				}
			}
			for _, g := range append(r.Start, r.Change...) {
				if g.People < Threshold || len(g.Averages) != 1 || g.Since < r.Number && !contains(s.past[len(s.past)-2].Release, g) {
					t.Fatalf("%+v", g)
				}
			}
		}
	})
}

func contains(r *Release, g Group) bool {
	for _, each := range append(r.Start[:len(r.Start):len(r.Start)], r.Change...) {
		if reflect.DeepEqual(each, g) {
			return true
		}
	}
	return false
}
