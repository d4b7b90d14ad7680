package matching_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/geography"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/matching/certificate"
	"github.com/cascading-leadership/cascade/shared/programme"
)

var preset = sync.OnceValues(func() (*programme.Programme, error) { return programme.Preset("pilot-2016") })

// pilot is the first programme, the caller's to change.
func pilot(t rapid.TB) *programme.Programme {
	t.Helper()
	p, err := preset()
	if err != nil {
		t.Fatal(err)
	}
	copied := *p
	return &copied
}

// person is a leader in Leeds unless told otherwise, with one free place.
func person(id, postcode string, categories ...string) matching.Person {
	pc, _ := geography.UK().Parse(postcode)
	return matching.Person{
		ID: id, Capacity: 1, Availability: []string{"mon-am"},
		Organisation: enrolment.Organisation{Name: "Organisation " + id, Postcode: pc, Region: geography.UK().Usual(pc), Categories: categories},
	}
}

// needs is a client who asks for fundraising above all; offers is who has it.
func needs(id, postcode string, categories ...string) matching.Person {
	x := person(id, postcode, categories...)
	x.Needs = map[string]int{"fundraising": 3}
	return x
}

func offers(id, postcode string, categories ...string) matching.Person {
	x := person(id, postcode, categories...)
	x.Skills = map[string]int{"fundraising": 3}
	return x
}

// chance decides what random people are like.
type chance interface{ IntN(n int) int }

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 2016)) }

// drawn is chance from a seed that rapid draws and names when a test fails.
func drawn(t *rapid.T) chance { return seeded(rapid.Uint64().Draw(t, "seed")) }

func pick[T any](c chance, values ...T) T { return values[c.IntN(len(values))] }

// some are those of the values that chance takes, each once in so many times.
func some[T any](c chance, times int, values ...T) []T {
	return slices.DeleteFunc(slices.Clone(values), func(T) bool { return c.IntN(times) > 0 })
}

// anyProgramme is a pilot with other settings and so many skills. Weights are few
// and small, so that scores are often the same.
func anyProgramme(t rapid.TB, c chance, skills int) *programme.Programme {
	p := pilot(t)
	p.Place = pick(c, programme.Place{Within: programme.SameRegion}, programme.Place{Within: programme.SameRegion},
		programme.Place{Within: programme.Distance, Kilometres: pick(c, 50, 60)}, programme.Place{Within: programme.Online})
	p.Relax = pick(c, nil, []programme.Within{programme.Neighbouring}, []programme.Within{programme.Online},
		[]programme.Within{programme.Neighbouring, programme.Online}, []programme.Within{programme.Online, programme.Neighbouring})
	p.Competition = programme.Competition{Area: pick(c, programme.District, programme.PostcodeArea, programme.Region), Level: c.IntN(4)}
	p.Objective = pick(c, programme.Fair, programme.Total)
	w := func() int { return pick(c, 0, 1, 1, 2, 10) }
	p.Weights = programme.Weights{Fit: w(), Breadth: w(), Experience: w(), Size: w(), Difference: w(), Availability: w(), Preference: w()}
	p.Skills = make([]programme.Skill, skills)
	for k := range p.Skills {
		p.Skills[k] = programme.Skill{ID: fmt.Sprintf("skill-%d", k), Name: fmt.Sprintf("Skill %d", k), Kind: programme.Specialist}
	}
	return p
}

// anyPeople are clients and consultants in few enough places, kinds of service and
// languages that every criterion rules somebody out; half the time they are alike
// enough that most pairs are eligible.
func anyPeople(c chance, p *programme.Programme, clients, consultants int) (a, b []matching.Person) {
	a, b = make([]matching.Person, clients), make([]matching.Person, consultants)
	alike := c.IntN(2) == 0
	for i := range a {
		a[i] = anybody(c, p, alike, "c", i, "d", consultants)
		a[i].Needs = levels(c, p)
		if c.IntN(3) == 0 {
			a[i].Skills = levels(c, p)
		}
	}
	for j := range b {
		b[j] = anybody(c, p, alike, "d", j, "c", clients)
		b[j].Skills = levels(c, p)
		b[j].Capacity = pick(c, 1, 1, 0, 2, 3)
	}
	return a, b
}

// registered is a number for an organisation by what stands for it, such as "c6".
func registered(id string) string {
	n, err := strconv.Atoi(id[1:])
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf("1%03d%03d", id[0], n)
}

func anybody(c chance, p *programme.Programme, alike bool, side string, n int, other string, others int) matching.Person {
	// Names and numbers are shared now and then: one organisation on both sides.
	o := enrolment.Organisation{
		Name:       fmt.Sprintf("Organisation %s%d", pick(c, side, side, side, side, side, side, "x"), n),
		Categories: some(c, 4, "AR303", "AR305", "AR501", "HE", "HE101"),
		Income:     pick(c, 0, 5_000, 50_000, 500_000, 5_000_000),
	}
	if c.IntN(2) == 0 {
		o.Number = "GB-CHC-" + registered(fmt.Sprintf("%s%d", pick(c, side, side, "x"), n))
	}
	o.Postcode = geography.Postcode(pick(c, "LS1 1AA", "LS1 1AA", "LS6 2AB", "S1 1AA", "M1 1AA", "NE1 1AA", "BT1 1AA", ""))
	if o.Region = geography.UK().Usual(o.Postcode); o.Postcode == "" || c.IntN(8) == 0 { // people say in which they are
		o.Region = "North West"
	}
	x := matching.Person{
		ID: fmt.Sprintf("%s%d", side, n), Capacity: 1,
		Languages: pick(c, nil, nil, []string{"English"}, []string{"Welsh"}, []string{"English", "Welsh"}),
		Meeting:   pick(c, nil, nil, []string{"in-person"}, []string{"video", "phone"}, []string{"in-person", "phone"}),
	}
	if alike {
		o.Postcode, o.Categories, x.Languages = geography.Postcode(pick(c, "LS1 1AA", "S1 1AA")), o.Categories[:min(1, len(o.Categories))], nil
		o.Region = geography.UK().Usual(o.Postcode)
	}
	x.Organisation = o
	for _, h := range some(c, 2, enrolment.HalfDays...) {
		x.Availability = append(x.Availability, h.ID)
	}
	somebody := func() string { return fmt.Sprintf("%s%d", other, c.IntN(others+1)) }
	switch c.IntN(8) {
	case 0:
		if x.Conflicts = []string{"organisation-" + somebody()}; c.IntN(2) == 0 {
			x.Conflicts = []string{pick(c, "GB-CHC-", "gb-chc-", "") + registered(somebody())}
		}
	case 1:
		x.Declined = []string{somebody()}
	}
	for range c.IntN(3) * c.IntN(3) {
		x.Preferences = append(x.Preferences, somebody())
	}
	return x
}

func levels(c chance, p *programme.Programme) map[string]int {
	m := map[string]int{}
	for range 1 + c.IntN(4) {
		m[p.Skills[c.IntN(len(p.Skills))].ID] = pick(c, 1, 1, 2, 3, 0)
	}
	return m
}

// unmet is the first criterion that a pair does not meet with so many relaxations:
// the rules once more, as slow and as plain as they can be.
func unmet(p *programme.Programme, a, b matching.Person, relaxed int) matching.Criterion {
	x, y := a.Organisation, b.Organisation
	relaxation := func(w programme.Within) bool { return slices.Contains(p.Relax[:relaxed], w) }

	near := x.Region == y.Region
	if p.Place.Within == programme.Distance {
		near = geography.UK().Kilometres(x.Postcode, y.Postcode) <= float64(p.Place.Kilometres)
	}
	near = near || relaxation(programme.Neighbouring) && geography.UK().Border(x.Region, y.Region)
	ways := []string{"in-person", "video", "phone"}
	if !near {
		ways = ways[1:]
	}
	if !near && p.Place.Within != programme.Online && !relaxation(programme.Online) {
		return matching.NearEnough
	}

	digits := map[int]int{0: 2, 1: 2, 2: 3, 3: 5}[p.Competition.Level]
	sameKind := slices.ContainsFunc(x.Categories, func(s string) bool {
		return slices.ContainsFunc(y.Categories, func(t string) bool { return s[:min(digits, len(s))] == t[:min(digits, len(t))] })
	})
	place := func(o enrolment.Organisation) string {
		switch {
		case o.Postcode == "" || p.Competition.Area == programme.Region:
			return o.Region
		case p.Competition.Area == programme.District:
			return o.Postcode.District()
		}
		return o.Postcode.Area()
	}
	if sameKind && place(x) == place(y) {
		return matching.NoCompetition
	}

	plain := strings.NewReplacer(" ", "", "-", "")
	is := func(conflict string, o enrolment.Organisation) bool {
		return strings.EqualFold(plain.Replace(conflict), plain.Replace(o.Name)) ||
			o.Number != "" && (strings.EqualFold(conflict, o.Number) || strings.EqualFold("GB-CHC-"+conflict, o.Number))
	}
	switch {
	case slices.ContainsFunc(a.Conflicts, func(s string) bool { return is(s, y) }),
		slices.ContainsFunc(b.Conflicts, func(s string) bool { return is(s, x) }),
		slices.Contains(a.Declined, b.ID), slices.Contains(b.Declined, a.ID),
		x.Number != "" && x.Number == y.Number, x.Name == y.Name:
		return matching.NoConflict
	}

	spoken := func(p matching.Person) []string {
		if len(p.Languages) == 0 {
			return []string{"English"}
		}
		return p.Languages
	}
	if !slices.ContainsFunc(spoken(a), func(l string) bool { return slices.Contains(spoken(b), l) }) {
		return matching.CommonLanguage
	}
	can := func(p matching.Person, way string) bool {
		return len(p.Meeting) == 0 || slices.Contains(p.Meeting, way)
	}
	if !slices.ContainsFunc(ways, func(w string) bool { return can(a, w) && can(b, w) }) {
		return matching.CommonMeeting
	}
	if !slices.ContainsFunc(p.Skills, func(s programme.Skill) bool { return a.Needs[s.ID] > 0 && b.Skills[s.ID] > 0 }) {
		return matching.SomethingToAsk
	}
	return ""
}

// stated is what is left to match of a problem, in the checker's terms, from unmet
// and Explain. Relaxed is how many relaxations each client is allowed.
func stated(pr *matching.Problem, relaxed map[string]int) certificate.Problem {
	p := certificate.Problem{Kept: map[int]int{}}
	places := map[string]int{}
	for id := range pr.Supervisors {
		p.Supervisors = append(p.Supervisors, certificate.Supervisor{ID: id})
	}
	slices.SortFunc(p.Supervisors, func(a, b certificate.Supervisor) int { return strings.Compare(a.ID, b.ID) })
	for t := range p.Supervisors {
		s := &p.Supervisors[t]
		s.Capacity = pr.Supervisors[s.ID]
		places["supervisor "+s.ID] = t
	}
	for j, d := range pr.Consultants {
		places[d.ID] = j
		t := -1
		if d.Supervisor != "" {
			t = places["supervisor "+d.Supervisor]
		}
		p.Consultants = append(p.Consultants, certificate.Consultant{ID: d.ID, Capacity: d.Capacity, Supervisor: t})
	}
	for i, c := range pr.Clients {
		places[c.ID] = i
		p.Clients = append(p.Clients, c.ID)
	}
	pinned := map[int]bool{}
	for _, pin := range pr.Pinned {
		pinned[places[pin.Client]] = true
		d := &p.Consultants[places[pin.Consultant]]
		if d.Capacity--; d.Supervisor >= 0 {
			p.Supervisors[d.Supervisor].Capacity--
		}
	}
	for _, k := range pr.Kept {
		p.Kept[places[k.Client]] = places[k.Consultant]
	}
	p.Edges = func(i int, yield func(j, score int)) {
		c := pr.Clients[i]
		for j, d := range pr.Consultants {
			if !pinned[i] && unmet(pr.Programme, c, d, relaxed[c.ID]) == "" && !slices.Contains(pr.Forbidden, matching.Pair{Client: c.ID, Consultant: d.ID}) {
				yield(j, matching.Explain(pr.Programme, c, d).Score())
			}
		}
	}
	return p
}
