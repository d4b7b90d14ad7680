// Package sector makes up people to match, by the million if need be, spread over
// regions, kinds of service and incomes as the UK's charities are. The shares are
// those of the 2,062 charities of the UK Charity Activity Tags' manually
// classified sample (charityclassification.org.uk, CC BY 4.0). Nobody in it exists.
package sector

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/geography"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// share is one of several values with how many of the sample have it.
type share[T any] struct {
	value T
	count int
}

var regions = []share[string]{
	{"East Midlands", 108}, {"East of England", 190}, {"London", 439}, {"North East", 46}, {"North West", 159}, {"Northern Ireland", 70},
	{"Scotland", 266}, {"South East", 259}, {"South West", 202}, {"Wales", 83}, {"West Midlands", 126}, {"Yorkshire and the Humber", 114},
}

var kinds = []share[string]{
	{"RL", 416}, {"ED", 411}, {"SW", 310}, {"HE", 279}, {"AR", 251}, {"EC", 246}, {"CV", 133}, {"LE", 124},
	{"HR", 116}, {"CC", 81}, {"HO", 75}, {"SC", 75}, {"EN", 49}, {"SO", 39}, {"AN", 27}, {"CJ", 18},
}

// incomes are the upper ends of bands in GBP; the sample's 260 without one are left out.
var incomes = []share[int]{{10_000, 548}, {100_000, 604}, {1_000_000, 509}, {10_000_000, 121}, {100_000_000, 18}, {1_000_000_000, 2}}

// Random is where chance comes from; math/rand/v2's Rand is one.
type Random interface {
	IntN(n int) int
	Perm(n int) []int
}

// People are so many clients and consultants for a programme, always the same for
// the same chance. A client has 3 to 5 needs, a consultant about two fifths of the
// skills and one place.
func People(p *programme.Programme, clients, consultants int, random Random) (a, b []matching.Person) {
	g := &generator{random, p, districts()}
	a, b = make([]matching.Person, clients), make([]matching.Person, consultants)
	for i := range a {
		a[i] = g.person("c", i)
		a[i].Needs = g.levels(3 + g.random.IntN(3))
	}
	for j := range b {
		b[j] = g.person("d", j)
		b[j].Skills = g.levels(max(1, len(p.Skills)*2/5-1+g.random.IntN(3)))
	}
	return a, b
}

type generator struct {
	random Random
	p      *programme.Programme
	// districts are the postcode districts of each region, by area.
	districts map[string][][]geography.Postcode
}

func districts() map[string][][]geography.Postcode {
	m, last := map[string][][]geography.Postcode{}, map[string]string{}
	for _, code := range geography.UK().Districts() {
		postcode := geography.Postcode(code)
		region := geography.UK().Usual(postcode)
		if last[region] != postcode.Area() {
			last[region] = postcode.Area()
			m[region] = append(m[region], nil)
		}
		area := &m[region][len(m[region])-1]
		*area = append(*area, postcode)
	}
	return m
}

func pick[T any](g *generator, shares []share[T]) T {
	sum := 0
	for _, s := range shares {
		sum += s.count
	}
	at := g.random.IntN(sum)
	for _, s := range shares {
		if at -= s.count; at < 0 {
			return s.value
		}
	}
	panic("unreachable")
}

func (g *generator) person(prefix string, n int) matching.Person {
	region := pick(g, regions)
	area := g.districts[region][g.random.IntN(len(g.districts[region]))]
	who := matching.Person{
		ID: fmt.Sprintf("%s%06d", prefix, n+1), Capacity: 1, Meeting: meetings[g.random.IntN(len(meetings))], Languages: languages[:1],
		Organisation: enrolment.Organisation{
			Number: fmt.Sprintf("XX-%s%06d", strings.ToUpper(prefix), n+1),
			Region: region, Postcode: area[g.random.IntN(len(area))],
		},
	}
	if region == "Wales" && g.random.IntN(5) == 0 {
		who.Languages = languages
	}
	for range []int{1, 1, 1, 1, 1, 2, 2, 2, 3, 3}[g.random.IntN(10)] {
		if k := pick(g, kinds); !slices.Contains(who.Organisation.Categories, k) {
			who.Organisation.Categories = append(who.Organisation.Categories, k)
		}
	}
	top := pick(g, incomes)
	who.Organisation.Income = top/10 + g.random.IntN(top-top/10)
	half := g.random.Perm(len(enrolment.HalfDays))[:5]
	slices.Sort(half)
	for _, h := range half {
		who.Availability = append(who.Availability, enrolment.HalfDays[h].ID)
	}
	return who
}

var (
	languages = []string{"English", "Welsh"}
	meetings  = [][]string{{"in-person", "video", "phone"}, {"in-person", "video"}, {"video", "phone"}}
)

func (g *generator) levels(count int) map[string]int {
	m := make(map[string]int, count)
	for _, k := range g.random.Perm(len(g.p.Skills))[:min(count, len(g.p.Skills))] {
		m[g.p.Skills[k].ID] = 1 + g.random.IntN(3)
	}
	return m
}
