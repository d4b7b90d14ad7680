package matching

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/cascading-leadership/cascade/shared/language"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Bottleneck are clients who cannot all be matched, those on whom they depend, and
// what more would match them all. It is the cut that the certificate's proof of
// the most matched is made of: whoever is unmatched could take a place from one of
// these clients, who could take one from another of them, and nobody else; all of
// their prices are 0, and places that they compete for have the price 1.
type Bottleneck struct {
	// Regions are the clients', in the order of their names.
	Regions []string `firestore:"regions" json:"regions"`
	// Clients are all who depend on the same places, by id; Unmatched those of them who
	// have none in this solution.
	Clients   []string `firestore:"clients" json:"clients"`
	Unmatched []string `firestore:"unmatched" json:"unmatched"`
	// Consultants are all who may work with any of them and have a place that is not
	// pinned. None means that a criterion stands in the way of all: RuledOut holds how
	// many pairs each one ruled out first.
	Consultants []string          `firestore:"consultants" json:"consultants"`
	RuledOut    map[Criterion]int `firestore:"ruledOut" json:"ruledOut,omitempty"`
	// Supervisors are those whose places are taken before their consultants' are.
	Supervisors []string `firestore:"supervisors" json:"supervisors"`
	// Places are as many clients as the consultants and supervisors can take together,
	// fewer than Clients by those Unmatched.
	Places int `firestore:"places" json:"places"`
	// Supervision are places more with supervisors that would match all; none where
	// no number would.
	Supervision []Supervision `firestore:"supervision" json:"supervision,omitempty"`
	// Recruits are more consultants, of all these kinds together, who would match all,
	// as few as can be; none where no number was found that would.
	Recruits []Recruits `firestore:"recruits" json:"recruits,omitempty"`
}

// Supervision is how many more places a supervisor would have to have.
type Supervision struct {
	Supervisor string `firestore:"supervisor" json:"supervisor"`
	Places     int    `firestore:"places" json:"places"`
}

// Recruits are more consultants of one kind, with a place for one client each, an
// organisation that competes with nobody's, and every way of meeting.
type Recruits struct {
	Number int `firestore:"number" json:"number"`
	// Skills are those of which each has to offer one, no matter which.
	Skills []string `firestore:"skills" json:"skills"`
	Region string   `firestore:"region" json:"region"`
	// Area is the postcode district in which they are, where the programme counts distance.
	Area string `firestore:"area" json:"area,omitempty"`
	// Languages are what each has to speak.
	Languages []string `firestore:"languages" json:"languages"`
}

// Bottlenecks are why clients of a solved problem are unmatched, the largest first,
// split into groups that share no consultant. What would match all of a group was
// checked by solving again with it: the whole problem where it is small, else the
// group's part of it, and of a very large group how many of it can be matched.
// Groups of which one could take the other's recruits are stated together.
func (s *Solution) Bottlenecks(pr *Problem) []Bottleneck { return s.bottlenecks(pr, small) }

func (s *Solution) bottlenecks(pr *Problem, small int) []Bottleneck {
	r := &remedies{s: s, pr: pr, cuts: s.cuts(), small: small}
	r.setApart()
	stated := map[*cut]Bottleneck{}
	for range remedied {
		k := slices.IndexFunc(r.cuts, func(c *cut) bool { _, ok := stated[c]; return !ok })
		if k < 0 {
			break
		}
		c := r.cuts[k]
		b := s.stated(c)
		if r.remedy(c, &b) {
			stated[c] = b
		}
	}
	all := make([]Bottleneck, 0, len(r.cuts))
	for _, c := range r.cuts {
		b, ok := stated[c]
		if !ok {
			b = s.stated(c)
		}
		all = append(all, b)
	}
	slices.SortFunc(all, func(a, b Bottleneck) int {
		return cmp.Or(cmp.Compare(len(b.Unmatched), len(a.Unmatched)), slices.Compare(a.Regions, b.Regions), slices.Compare(a.Unmatched, b.Unmatched))
	})
	return all
}

// cut is a bottleneck by the places of people in the pool.
type cut struct{ clients, unmatched, consultants, supervisors []int }

// cuts finds the bottlenecks: from everyone unmatched, over the places that they
// could take, to those who have these places now, and on from them. It is the
// coarse decomposition of Dulmage and Mendelsohn (Canadian Journal of Mathematics
// 10, 1958), which is the same for every largest matching.
func (s *Solution) cuts() []*cut {
	pool := s.Pool
	at := s.consultants()
	clientsOf, team := make([][]int, len(pool.Consultants)), make([][]int, len(s.Supervisors))
	for i, j := range at {
		if j >= 0 && s.Pinned[i] < 0 {
			clientsOf[j] = append(clientsOf[j], i)
		}
	}
	for j, t := range s.Supervisor {
		if t >= 0 {
			team[t] = append(team[t], j)
		}
	}
	// Groups are numbered as they are found; joined says which became part of which.
	var joined []int
	root := func(g int) int {
		for joined[g] != g {
			g = joined[g]
		}
		return g
	}
	none := func(n int) []int { return slices.Repeat([]int{-1}, n) }
	client, consultant, supervisor := none(len(at)), none(len(pool.Consultants)), none(len(s.Supervisors))
	for u, j := range at {
		if j >= 0 {
			continue
		}
		g := len(joined)
		joined = append(joined, g)
		client[u] = g
		stack := []int{u}
		push := func(clients []int) {
			for _, i := range clients {
				if client[i] < 0 {
					client[i] = g
					stack = append(stack, i)
				} else {
					joined[root(client[i])] = g
				}
			}
		}
		// join makes a place part of the group; it reports whether it was part of none.
		join := func(of *int) bool {
			joins := *of < 0
			if !joins {
				joined[root(*of)] = g
			}
			*of = g
			return joins
		}
		for len(stack) > 0 {
			i := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			for _, span := range pool.spans(&pool.clientProfiles[i], int(s.Relaxed[i])) {
				from := pool.gateIn(i, span)
				for j := int(span.from); j < int(span.to); j++ {
					if consultant[j] == g || s.Capacity[j] <= 0 {
						continue
					}
					if h := consultant[j]; h >= 0 && root(h) == g {
						consultant[j] = g
						continue
					}
					if !pool.eligible(&from, int32(i), int32(j)) || !join(&consultant[j]) {
						continue
					}
					t := s.Supervisor[j]
					if len(clientsOf[j]) >= s.Capacity[j] {
						push(clientsOf[j])
					} else if t >= 0 && join(&supervisor[t]) {
						for _, k := range team[t] {
							push(clientsOf[k])
						}
					}
				}
			}
		}
	}

	byGroup := map[int]*cut{}
	byRegion := map[string]*cut{} // of those who have nobody
	var all []*cut
	add := func(of []int, to func(c *cut) *[]int) {
		for k, g := range of {
			if g >= 0 {
				c := byGroup[root(g)]
				if c == nil {
					c = new(cut)
					byGroup[root(g)] = c
				}
				list := to(c)
				*list = append(*list, k)
			}
		}
	}
	add(client, func(c *cut) *[]int { return &c.clients })
	add(consultant, func(c *cut) *[]int { return &c.consultants })
	add(supervisor, func(c *cut) *[]int { return &c.supervisors })
	for _, g := range slices.Sorted(maps.Keys(byGroup)) {
		c := byGroup[g]
		if len(c.consultants) == 0 {
			region := pool.clientProfiles[c.clients[0]].region
			if byRegion[region] != nil {
				byRegion[region].clients = append(byRegion[region].clients, c.clients...)
				continue
			}
			byRegion[region] = c
		}
		all = append(all, c)
	}
	for _, c := range all {
		for _, i := range c.clients {
			if at[i] < 0 {
				c.unmatched = append(c.unmatched, i)
			}
		}
	}
	// The largest first, and in an order that does not depend on who enrolled when.
	slices.SortStableFunc(all, func(a, b *cut) int { return cmp.Compare(len(b.unmatched), len(a.unmatched)) })
	return all
}

// stated is a bottleneck in words of ids, without a remedy.
func (s *Solution) stated(c *cut) Bottleneck {
	pool := s.Pool
	b := Bottleneck{Clients: ids(pool.Clients, c.clients), Unmatched: ids(pool.Clients, c.unmatched), Consultants: ids(pool.Consultants, c.consultants), Supervisors: []string{}}
	regions := map[string]bool{}
	for _, i := range c.clients {
		regions[pool.clientProfiles[i].region] = true
	}
	b.Regions = slices.Sorted(maps.Keys(regions))
	for _, t := range c.supervisors {
		b.Supervisors = append(b.Supervisors, s.Supervisors[t])
		b.Places += s.SupervisorCapacity[t]
	}
	for _, j := range c.consultants {
		if !slices.Contains(c.supervisors, s.Supervisor[j]) {
			b.Places += s.Capacity[j]
		}
	}
	if len(c.consultants) == 0 {
		b.RuledOut = map[Criterion]int{}
		for _, i := range c.unmatched {
			for why, n := range pool.unmatched(i, int(s.Relaxed[i])).RuledOut {
				b.RuledOut[why] += n
			}
		}
	}
	return b
}

// Sentence states the bottleneck in the programme's words, with what would match
// all where something would.
func (b Bottleneck) Sentence(p *programme.Programme) string {
	clients, consultants := people(p.Terms.Client), people(p.Terms.Consultant)
	n := len(b.Clients)
	regions := make([]string, len(b.Regions))
	for k, r := range b.Regions {
		regions[k] = region(r)
	}
	where := language.English.List(regions, "and")
	if len(regions) > 3 {
		where = fmt.Sprintf("%d regions", len(regions))
	}
	text := fmt.Sprintf("%s in %s ", clients(n), where)
	depend, have := "depend", "have"
	if n == 1 {
		depend, have = "depends", "has"
	}
	switch m := len(b.Consultants); {
	case m == 0:
		text += fmt.Sprintf("%s no %s who may work with them%s", have, p.Terms.Consultant.Singular, b.inTheWay())
	case len(b.Supervisors) > 0:
		text += fmt.Sprintf("%s on %s, who can take %d for want of supervision", depend, consultants(m), b.Places)
	case b.Places != m:
		text += fmt.Sprintf("%s on %s with %s", depend, consultants(m), number(b.Places, "%d place", "%d places"))
	default:
		text += fmt.Sprintf("%s on %s", depend, consultants(m))
	}
	var ways []string
	more := 0
	for _, s := range b.Supervision {
		more += s.Places
	}
	if more > 0 {
		ways = append(ways, number(more, "%d more place in supervision", "%d more places in supervision"))
	}
	var recruits []string
	for _, r := range b.Recruits {
		recruits = append(recruits, r.words(p, b))
	}
	if len(recruits) > 0 {
		ways = append(ways, language.English.List(recruits, "and"))
	}
	if len(ways) == 0 {
		return text + "."
	}
	all := "all"
	if n == 1 {
		all = "them"
	}
	return fmt.Sprintf("%s; %s would match %s.", text, language.English.List(ways, "or"), all)
}

// words are the recruits, with what is not plain from the bottleneck: a place if
// there are several, a language that is not the programme's usual one.
func (r Recruits) words(p *programme.Programme, b Bottleneck) string {
	skills := make([]string, len(r.Skills))
	for k, id := range r.Skills {
		skills[k] = inSentence(p.SkillName(id))
	}
	offer, speak := "offer", "speak"
	if r.Number == 1 {
		offer, speak = "offers", "speaks"
	}
	text := fmt.Sprintf("%d more", r.Number)
	switch {
	case r.Area != "":
		text += fmt.Sprintf(" near %s", r.Area)
	case len(b.Regions) > 1:
		text += fmt.Sprintf(" in %s", region(r.Region))
	}
	text += fmt.Sprintf(" who %s %s", offer, language.English.List(skills, "or"))
	if !slices.Equal(r.Languages, p.Spoken()[:1]) {
		text += fmt.Sprintf(" and %s %s", speak, language.English.List(r.Languages, "and"))
	}
	return text
}

// inTheWay is the criterion that rules most pairs out.
func (b Bottleneck) inTheWay() string {
	var worst Criterion
	for _, c := range Criteria {
		if b.RuledOut[c] > b.RuledOut[worst] {
			worst = c
		}
	}
	if worst == "" {
		return ""
	}
	return ": " + worst.row().inTheWay
}

// people says how many people of a role there are.
func people(t programme.Term) func(n int) string {
	return func(n int) string {
		if n == 1 {
			return "1 " + t.Singular
		}
		return fmt.Sprintf("%d %s", n, t.Plural)
	}
}

// number fills a number into the form for one or for several.
func number(n int, one, several string) string {
	if n == 1 {
		return fmt.Sprintf(one, n)
	}
	return fmt.Sprintf(several, n)
}

// ids are the ids of people by their places, in order.
func ids(people []*Person, at []int) []string {
	all := make([]string, len(at))
	for k, i := range at {
		all[k] = people[i].ID
	}
	slices.Sort(all)
	return all
}
