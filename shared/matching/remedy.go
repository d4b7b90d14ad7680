package matching

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/cascading-leadership/cascade/shared/geography"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// What is tried is bounded by numbers, not by time, so that the answer is the same
// on every machine.
const (
	// remedied is how often a remedy is looked for, for the largest bottlenecks.
	remedied = 30
	// mostKinds is how many kinds of recruits are looked at for one bottleneck, in how
	// many settings, a place and the languages spoken there, and mostTries how often
	// it is asked what some would add; fewer where the bottleneck is large, such that
	// tries times people is below work, but not below fewTries.
	mostKinds, mostSettings, mostTries, fewTries, work = 96, 16, 400, 24, 300_000
	// small is how many people there are in a problem that is solved again as a whole.
	small = 1000
	// named is how many skills to choose from are named.
	named = 3
)

// remedies looks for what would match all clients of each cut.
type remedies struct {
	s    *Solution
	pr   *Problem
	cuts []*cut
	// small is how many people there may be in what is solved again.
	small int
}

// setApart states by themselves those whom nobody can work with and no recruit
// could, such as who needs nothing that the programme knows of.
func (r *remedies) setApart() {
	for _, c := range slices.Clone(r.cuts) {
		if len(c.consultants) > 0 {
			continue
		}
		t, err := r.s.trial(r.pr, c)
		if err != nil {
			continue
		}
		helped, not := new(cut), new(cut)
		for _, i := range c.clients {
			to := not
			if t.helped(r.s.Pool.Clients[i].ID) {
				to = helped
			}
			to.clients, to.unmatched = append(to.clients, i), append(to.unmatched, i)
		}
		if len(helped.clients) > 0 && len(not.clients) > 0 {
			r.replace([]*cut{c}, helped, not)
		}
	}
}

// remedy finds what would match all clients of a cut. It reports false where it
// put other cuts in its place, which remain to be looked at.
func (r *remedies) remedy(c *cut, b *Bottleneck) bool {
	t, err := r.s.trial(r.pr, c)
	if err != nil {
		return true
	}
	b.Supervision = r.supervision(t, c)
	others := r.eligibleCuts(c, t.kinds)
	number, choice := t.recruits(func(k int) bool { return len(others[k]) == 0 })
	var shared []*cut
	for _, k := range slices.Sorted(maps.Keys(number)) {
		shared = append(shared, others[k]...)
		kind := t.kinds[k]
		b.Recruits = append(b.Recruits, Recruits{number[k], []string{kind.skill}, kind.region, kind.district, kind.languages})
	}
	switch {
	case len(shared) > 0:
		all := append(slices.Compact(r.inOrder(shared)), c)
		r.replace(all, union(all))
		return false
	case len(choice) > 0: // any one of several
		var skills []string
		for _, k := range choice {
			b.Recruits[0].Skills = []string{t.kinds[k].skill}
			if r.check(c, b.People(0), nil) {
				skills = append(skills, t.kinds[k].skill)
			}
		}
		if b.Recruits[0].Skills = skills; len(skills) == 0 {
			b.Recruits = nil
		}
	case len(number) > 0 && !r.check(c, b.People(0), nil):
		b.Recruits = nil
	}
	return true
}

// inOrder are some of the cuts, in the order in which all of them stand.
func (r *remedies) inOrder(some []*cut) []*cut {
	slices.SortFunc(some, func(a, b *cut) int { return cmp.Compare(slices.Index(r.cuts, a), slices.Index(r.cuts, b)) })
	return some
}

// replace puts other cuts in the place of some.
func (r *remedies) replace(old []*cut, by ...*cut) {
	r.cuts = slices.DeleteFunc(r.cuts, func(c *cut) bool { return slices.Contains(old, c) })
	r.cuts = append(r.cuts, by...)
	slices.SortStableFunc(r.cuts, func(a, b *cut) int { return cmp.Compare(len(b.unmatched), len(a.unmatched)) })
}

func union(cuts []*cut) *cut {
	all := new(cut)
	for _, c := range cuts {
		all.clients, all.unmatched = append(all.clients, c.clients...), append(all.unmatched, c.unmatched...)
		all.consultants, all.supervisors = append(all.consultants, c.consultants...), append(all.supervisors, c.supervisors...)
	}
	return all
}

// eligibleCuts are, for each kind of recruits, the other cuts with clients who may work
// with them.
func (r *remedies) eligibleCuts(c *cut, kinds []kind) [][]*cut {
	all := make([][]*cut, len(kinds))
	recruits := make([]Person, len(kinds))
	kindOf := make(map[string]int, len(kinds))
	for k := range kinds {
		recruits[k] = kinds[k].person(fmt.Sprintf("+%d", k+1))
		kindOf[recruits[k].ID] = k
	}
	for _, other := range r.cuts {
		if other == c {
			continue
		}
		clients := make([]Person, len(other.clients))
		relaxed := make(map[string]int, len(clients))
		for n, i := range other.clients {
			clients[n] = *r.s.Pool.Clients[i]
			relaxed[clients[n].ID] = int(r.s.Relaxed[i])
		}
		pool, err := NewPool(r.pr.Programme, clients, recruits, nil)
		if err != nil {
			continue
		}
		for j := range pool.Consultants {
			for i := range pool.Clients {
				if pool.RuledOut(i, j, relaxed[pool.Clients[i].ID]) == "" {
					k := kindOf[pool.Consultants[j].ID]
					all[k] = append(all[k], other)
					break
				}
			}
		}
	}
	return all
}

// supervision is how many more places with the cut's supervisors would match all.
func (r *remedies) supervision(t *trial, c *cut) []Supervision {
	var more []Supervision
	added := map[string]int{}
	start := t.matched()
	for _, k := range c.supervisors {
		lacks := len(c.clients) - start
		if lacks == 0 {
			break
		}
		id := r.s.Supervisors[k]
		at := slices.Index(t.sub.Supervisors, id)
		t.sub.SupervisorCapacity[at] += lacks
		gain := t.matched() - start
		t.sub.SupervisorCapacity[at] += gain - lacks
		if start += gain; gain > 0 {
			more = append(more, Supervision{id, gain})
			added[id] = gain
		}
	}
	for id, n := range added {
		t.sub.SupervisorCapacity[slices.Index(t.sub.Supervisors, id)] -= n
	}
	if start < len(c.clients) || len(more) == 0 || !r.check(c, nil, added) {
		return nil
	}
	return more
}

// check solves again with recruits and more places of supervision, and reports
// whether all clients of the cut are matched.
func (r *remedies) check(c *cut, recruits []Person, supervision map[string]int) bool {
	s, again := r.s, *r.pr
	if len(s.Pool.Clients)+len(s.Pool.Consultants) > r.small {
		if len(c.clients)+len(c.consultants) > r.small {
			return true // as the trial found
		}
		again.Clients, again.Consultants, again.Supervisors = s.subproblem(c)
		again.Pinned, again.Kept = nil, nil
	}
	again.Progress = nil
	again.Consultants = slices.Concat(again.Consultants, recruits)
	again.Supervisors = maps.Clone(again.Supervisors)
	for id, n := range supervision {
		again.Supervisors[id] += n
	}
	after, err := Solve(&again)
	if err != nil {
		return false
	}
	unmatched := map[string]bool{}
	for _, u := range after.Unmatched {
		unmatched[u.Client] = true
	}
	return !slices.ContainsFunc(c.clients, func(i int) bool { return unmatched[s.Pool.Clients[i].ID] })
}

// subproblem is a cut as a problem by itself, with the places that pins leave.
func (s *Solution) subproblem(c *cut) (clients, consultants []Person, supervisors map[string]int) {
	supervisors = map[string]int{}
	for _, i := range c.clients {
		clients = append(clients, *s.Pool.Clients[i])
	}
	for _, j := range c.consultants {
		consultant := *s.Pool.Consultants[j]
		consultant.Capacity = s.Capacity[j]
		consultants = append(consultants, consultant)
		if t := s.Supervisor[j]; t >= 0 {
			supervisors[consultant.Supervisor] = s.SupervisorCapacity[t]
		}
	}
	return clients, consultants, supervisors
}

// kind is a kind of recruits.
type kind struct {
	skill, region, district string
	languages               []string
	// setting numbers the kinds of one place and the same languages.
	setting int
}

// person is a made-up recruit.
func (k kind) person(id string) Person {
	who := Person{ID: id, Skills: map[string]int{k.skill: 3}, Languages: k.languages, Capacity: 1}
	who.Organisation.Region = k.region
	who.Organisation.Postcode = geography.Postcode(k.district)
	return who
}

// People are made-up recruits of a bottleneck, to solve again with: of the skills
// to choose from each has the one of that number, counted round. Their ids begin
// with a plus sign.
func (b Bottleneck) People(choice int) []Person {
	var all []Person
	for _, r := range b.Recruits {
		for range r.Number {
			k := kind{skill: r.Skills[choice%len(r.Skills)], region: r.Region, district: r.Area, languages: r.Languages}
			all = append(all, k.person(fmt.Sprintf("+%d", len(all)+1)))
		}
	}
	return all
}

// kinds are the kinds of recruits that could help a cut: where its unmatched
// clients are, who speak what they speak, with a skill that they or those they
// depend on need, and no more than most. What most of them have or need comes first.
func (s *Solution) kinds(c *cut, most int) []kind {
	p, pool := s.Pool.Programme, s.Pool
	// often are the values that most clients have, the unmatched before the others.
	often := func(most int, of func(i int) []string) []string {
		count := map[string][2]int{}
		for n, clients := range [][]int{c.unmatched, c.clients} {
			for _, i := range clients {
				for _, v := range of(i) {
					x := count[v]
					x[n]++
					count[v] = x
				}
			}
		}
		all := slices.SortedFunc(maps.Keys(count), func(a, b string) int {
			x, y := count[a], count[b]
			return cmp.Or(cmp.Compare(y[0], x[0]), cmp.Compare(y[1], x[1]), cmp.Compare(a, b))
		})
		return all[:min(len(all), most)]
	}
	needed := often(len(p.Skills), func(i int) []string {
		var skills []string
		for k, asks := range pool.clientProfiles[i].asks {
			if asks > 0 {
				skills = append(skills, p.Skills[k].ID)
			}
		}
		return skills
	})
	spokenBy := often(64, func(i int) []string { return spoken(pool.Clients[i]) })
	var languages [][]string
	for _, l := range spokenBy[:min(3, len(spokenBy))] {
		languages = append(languages, []string{l})
	}
	if len(spokenBy) > 1 {
		languages = append(languages, slices.Sorted(slices.Values(spokenBy)))
	}
	where := func(i int) []string { return []string{pool.clientProfiles[i].region} }
	if p.Place.Within == programme.Distance {
		where = func(i int) []string { return []string{pool.clientProfiles[i].district} }
	}
	var settings []kind
	for _, l := range languages {
		for _, place := range often(mostSettings, where) {
			k := kind{region: place, languages: l, setting: len(settings)}
			if p.Place.Within == programme.Distance {
				k.region, k.district = pool.territory.Usual(geography.Postcode(place)), place
			}
			settings = append(settings, k)
		}
	}
	settings = settings[:min(len(settings), mostSettings, most)]
	var kinds []kind
	for _, k := range settings {
		for _, skill := range needed[:min(len(needed), most/len(settings))] {
			k.skill = skill
			kinds = append(kinds, k)
		}
	}
	return kinds
}

// trial is a cut as a problem by itself, with recruits of every kind who have no
// places yet. Only how many are matched is asked of it.
type trial struct {
	sub   *solving
	base  []int32 // the consultant of each client, as matched so far
	kinds []kind
	// place is where each kind stands among the consultants.
	place []int32
	want  int
	left  int
}

func (s *Solution) trial(pr *Problem, c *cut) (*trial, error) {
	t := &trial{want: len(c.clients)}
	t.left = min(mostTries, max(fewTries, work/(len(c.clients)+len(c.consultants))))
	t.kinds = s.kinds(c, min(mostKinds, t.left/3))
	clients, consultants, supervisors := s.subproblem(c)
	for k, kind := range t.kinds {
		person := kind.person(fmt.Sprintf("+%d", k+1))
		person.Capacity = 0
		consultants = append(consultants, person)
	}
	p := *pr.Programme
	p.Objective = programme.Total
	pool, err := NewPool(&p, clients, consultants, pr.Forbidden)
	if err != nil {
		return nil, err
	}
	t.sub = &solving{Statement: &Statement{Pool: pool, Relaxed: make([]uint8, len(pool.clientProfiles))}, pr: &Problem{Programme: &p, Supervisors: supervisors}}
	if err := t.sub.subtractPins(); err != nil {
		return nil, err
	}
	at := s.Pool.clientIndex
	for i := range pool.Clients {
		t.sub.Relaxed[i] = s.Relaxed[at[pool.Clients[i].ID]]
	}
	in := pool.consultantIndex
	for i := range pool.Clients {
		t.base = append(t.base, -1)
		if j := s.consultant(pool.Clients[i].ID); j != "" {
			t.base[i] = in[j]
		}
	}
	for k := range t.kinds {
		t.place = append(t.place, in[fmt.Sprintf("+%d", k+1)])
	}
	return t, nil
}

// helped reports whether some kind of recruits could work with a client.
func (t *trial) helped(client string) bool {
	i := int(t.sub.Pool.clientIndex[client])
	return slices.ContainsFunc(t.place, func(j int32) bool { return t.sub.Pool.RuledOut(i, int(j), int(t.sub.Relaxed[i])) == "" })
}

// matched is how many clients can be.
func (t *trial) matched() int {
	t.left--
	w := newAugmentingPaths(t.sub, t.base)
	for w.search(false) {
	}
	n := 0
	for _, j := range w.mate {
		if j >= 0 {
			n++
		}
	}
	return n
}

// with is how many clients can be matched with so many recruits more of each kind.
func (t *trial) with(number map[int]int) int {
	for k, n := range number {
		t.sub.Capacity[t.place[k]] += n
	}
	matched := t.matched()
	for k, n := range number {
		t.sub.Capacity[t.place[k]] -= n
	}
	return matched
}

// recruits are the fewest who match all, with the fewest skills, by kind; nil
// where none were found. Each adds one match at most, so that there are as many as
// clients are unmatched: what is looked for is the skills. Choice are the kinds of
// which each will do, where any one of several does; exclusive ones, whom no other cut
// could use, are preferred.
//
// Sets of clients whom recruits can take over, so that all others are matched,
// are the bases of a matroid (Schrijver, chapter 39). So where each of several
// kinds matches all by itself, any mixture of them does too; and where two kinds
// together do, as many of the first as help and the rest of the second are enough.
func (t *trial) recruits(exclusive func(k int) bool) (number map[int]int, choice []int) {
	start := t.matched()
	lacks := t.want - start
	if lacks <= 0 || len(t.kinds) == 0 {
		return nil, nil
	}
	gain := make([]int, len(t.kinds))
	for from := 0; from < len(t.kinds); {
		to := from
		var enough []int
		for ; to < len(t.kinds) && t.kinds[to].setting == t.kinds[from].setting; to++ {
			if t.left <= 0 {
				return nil, nil
			}
			if gain[to] = t.with(map[int]int{to: lacks}) - start; gain[to] == lacks {
				enough = append(enough, to)
			}
		}
		if len(enough) > 0 {
			if alone := slices.DeleteFunc(slices.Clone(enough), func(k int) bool { return !exclusive(k) }); len(alone) > 0 {
				enough = alone
			}
			enough = enough[:min(len(enough), named)]
			return map[int]int{enough[0]: lacks}, enough
		}
		from = to
	}
	if pairs := len(t.kinds) * len(t.kinds); pairs < t.left {
		for a := range t.kinds {
			for b := range t.kinds {
				if a == b || gain[a] < gain[b] || gain[a]+gain[b] < lacks {
					continue
				}
				if t.with(map[int]int{a: lacks, b: lacks}) == t.want {
					return map[int]int{a: gain[a], b: lacks - gain[a]}, nil
				}
			}
		}
	}
	// Three and more: each time the kind that helps most. What a kind adds only falls
	// as others are added, so that one which helped less before need not be asked
	// again (Minoux, Optimization Techniques, Lecture Notes in Control and Information
	// Sciences 7, 1978).
	number = map[int]int{}
	fresh := make([]bool, len(t.kinds))
	for lacks > 0 {
		best := 0
		for k := range t.kinds {
			if gain[k] > gain[best] {
				best = k
			}
		}
		switch {
		case gain[best] == 0 || t.left <= 0:
			return nil, nil
		case !fresh[best] && len(number) > 0:
			try := maps.Clone(number)
			try[best] += lacks
			gain[best], fresh[best] = t.with(try)-start, true
		default:
			add := min(gain[best], lacks)
			number[best] += add
			start, lacks, gain[best] = start+add, lacks-add, 0
			clear(fresh)
		}
	}
	return number, nil
}
