// Package disclosure is the rule by which figures about people are published: whole-cohort
// figures alone, in releases that are computed once and never change.
//
// A figure has at least Threshold people behind it. Numbers of people are rounded down, so
// that each stands for five possible ones, and so does every difference between them.
// Averages are of people who answered every question that is compared, are blurred by
// chance, rounded, and cut off near the ends of the scale: rounding alone always has edges,
// at which somebody who knows all other answers reads the last one, and chance has none. A
// figure is made anew only once Threshold people joined or left behind it, compared with
// every figure about the same that was ever published, sums of two of them among these.
// Otherwise it stays as it was.
//
// scripts/internal/auditor attacks what comes out, with code of its own.
package disclosure

import (
	"math"
	"slices"

	"github.com/cascading-leadership/cascade/shared/programme"
)

// Threshold is the least number of people behind a figure, and the least who joined or left
// behind it before it is made anew.
const Threshold = 10

// Band is to a multiple of what numbers of people are rounded down.
const Band = 5

// Fine is the number of people from which on averages are rounded to a tenth of a point.
// With fewer, more than a half would be chance.
const Fine = 50

// Step is how far somebody came.
type Step string

// Steps are all steps in their order: whoever came to one has come to those before it.
var Steps = []Step{"Enrolled", "Ready", "Matched", "Paired", "Held a session", "Completed"}

// Reached is how far one person of the programme has come.
type Reached struct {
	// ID is the person's, which is not the one that their answers stand under.
	ID string
	// Step is the place of the last one among Steps.
	Step int
}

// Answered is one person's answers to the questions that are asked at both moments.
type Answered struct {
	// ID is the pseudonym that the answers stand under.
	ID   string
	Role programme.Role
	// Start and End are the answers of each moment, from 1 to 5, in the order of the
	// cohort's questions; nil where the person did not answer all of them.
	Start, End []int
}

// Cohort is what a release is made from.
type Cohort struct {
	People []Reached
	// Questions are the ids of those that are compared.
	Questions []string
	Answers   []Answered
}

// Release is figures as they are published.
type Release struct {
	// Number is 1 for the programme's first.
	Number int `firestore:"number"`
	// Moment is the one that had closed last, and On the day of the release where the
	// programme is, such as 2027-07-31.
	Moment programme.Moment `firestore:"moment"`
	On     string           `firestore:"on"`
	// Threshold is the least number of people behind each figure.
	Threshold int     `firestore:"threshold"`
	Steps     []Count `firestore:"steps"`
	// Start is where people stood at the start, and Change how much that changed.
	Start  []Group `firestore:"start"`
	Change []Group `firestore:"change"`
}

// Count is how many people came to a step.
type Count struct {
	Step Step `firestore:"step"`
	// People is rounded down; 0 for fewer than the threshold.
	People int `firestore:"people"`
	// Since is the number of the release in which it was counted.
	Since int `firestore:"since"`
}

// Group is the averages of the people of one role, or of both together.
type Group struct {
	// Role is "" for both.
	Role programme.Role `firestore:"role"`
	// People is how many they are, rounded down.
	People int `firestore:"people"`
	// Since is the number of the release in which they were computed.
	Since int `firestore:"since"`
	// Blur is by how much chance moves the sum of the answers, in tenths of a point: the
	// scale of a two-sided geometric distribution.
	Blur     int       `firestore:"blur"`
	Averages []Average `firestore:"averages"`
}

// Average is a mean answer, or a mean change.
type Average struct {
	Question string `firestore:"question"`
	// Tenths are tenths of a point.
	Tenths int `firestore:"tenths"`
}

// Behind are the ids of those who stand behind the figures that one release made anew, by
// the figures' names.
type Behind map[string][]string

// Past is a release that was published, with who stands behind what it made anew.
type Past struct {
	*Release
	Behind map[string]map[uint64]bool
	// Mark is what an id stands as in Behind.
	Mark func(id string) uint64
}

// measure is one of the two things that averages are of.
type measure struct {
	name string
	// least and most are where averages are cut off, in tenths, since everybody's answer
	// is the same at the ends of the scale.
	least, most int
	// blur is that of a role's first average.
	blur int
	of   func(a Answered, question int) int
	has  func(Answered) bool
	in   func(*Release) []Group
}

var (
	start = measure{"start", 15, 45, 20,
		func(a Answered, i int) int { return a.Start[i] }, func(a Answered) bool { return a.Start != nil },
		func(r *Release) []Group { return r.Start }}
	change = measure{"change", -30, 30, 16,
		func(a Answered, i int) int { return a.End[i] - a.Start[i] }, func(a Answered) bool { return a.Start != nil && a.End != nil },
		func(r *Release) []Group { return r.Change }}
)

// Next makes the release that follows on some others, oldest first, and says who stands
// behind what is new in it; fresh is false where all of it is as it was. coins are
// independent numbers from 0 to less than 1 that nobody can foresee.
func Next(m programme.Moment, on string, c Cohort, past []Past, coins func() float64) (r *Release, behind Behind, fresh bool) {
	n := next{c, past, Behind{}, &Release{Number: len(past) + 1, Moment: m, On: on, Threshold: Threshold}, coins}
	for i := range Steps {
		n.count(i)
	}
	n.Start = n.averages(start)
	if m == programme.Closing { // until then people still answer
		n.Change = n.averages(change)
	}
	return n.Release, n.behind, len(n.behind) > 0
}

// next is a release that is being made.
type next struct {
	Cohort
	past   []Past
	behind Behind
	*Release
	coins func() float64
}

// far reports whether at least Threshold people joined or left between some and those who
// stood behind each earlier figure of a name.
func (n *next) far(name string, ids []string) bool {
	for _, p := range n.past {
		if earlier := p.Behind[name]; len(earlier) > 0 && apart(ids, p, earlier) < Threshold {
			return false
		}
	}
	return true
}

// apart is how many are on one side alone.
func apart(ids []string, p Past, earlier map[uint64]bool) int {
	both := 0
	for _, id := range ids {
		if earlier[p.Mark(id)] {
			both++
		}
	}
	return len(ids) + len(earlier) - 2*both
}

// count adds a step's number of people.
func (n *next) count(step int) {
	name := Steps[step]
	var ids []string
	for _, p := range n.People {
		if p.Step >= step {
			ids = append(ids, p.ID)
		}
	}
	c := Count{Step: name, Since: n.Number}
	if len(n.past) > 0 {
		c = n.past[len(n.past)-1].Steps[step]
	}
	switch few := len(ids) < Threshold; {
	case few && c.People == 0 || !n.far(string(name), ids): // as it was
	case few:
		c = Count{Step: name, Since: n.Number}
		n.behind[string(name)] = nil
	default:
		c = Count{name, len(ids) / Band * Band, n.Number}
		n.behind[string(name)] = ids
	}
	n.Steps = append(n.Steps, c)
}

// part is the people of one role: those of now, those of a past release by its place, or
// nobody.
type part int

const (
	nobody part = -1
	ofNow  part = -2
)

// sum is people, by role, whose sum of answers somebody can compute.
type sum map[programme.Role]part

// sums are all that follow from some groups: each, and where they are by role, both.
func sums(groups map[programme.Role]part) []sum {
	client, byRole := groups[programme.Client]
	if !byRole {
		return []sum{{programme.Client: groups[together], programme.Consultant: groups[together]}}
	}
	consultant := groups[programme.Consultant]
	return []sum{
		{programme.Client: client, programme.Consultant: nobody},
		{programme.Client: nobody, programme.Consultant: consultant},
		{programme.Client: client, programme.Consultant: consultant},
	}
}

// together is the role of a group of both.
const together programme.Role = ""

// averages are the groups of a measure.
func (n *next) averages(m measure) []Group {
	people := map[programme.Role][]Answered{}
	for _, a := range n.Answers {
		if m.has(a) {
			people[a.Role] = append(people[a.Role], a)
		}
	}
	clients, consultants := len(people[programme.Client]), len(people[programme.Consultant])
	var before []Group
	if len(n.past) > 0 {
		before = m.in(n.past[len(n.past)-1].Release)
	}
	// What can be shown, the best first.
	var ways []map[programme.Role]part
	if clients >= Threshold && consultants >= Threshold {
		ways = append(ways, map[programme.Role]part{programme.Client: ofNow, programme.Consultant: ofNow})
	}
	if len(before) == 2 {
		for i, role := range programme.Roles {
			if len(people[role]) >= Threshold {
				ways = append(ways, map[programme.Role]part{role: ofNow, role.Other(): part(before[1-i].Since - 1)})
			}
		}
	}
	if clients+consultants >= Threshold && (len(before) != 2 || clients < Threshold || consultants < Threshold) {
		ways = append(ways, map[programme.Role]part{together: ofNow})
	}
	for _, way := range ways {
		if !n.apartFromAll(m, people, way) {
			continue
		}
		var groups []Group
		for _, role := range []programme.Role{together, programme.Client, programme.Consultant} {
			switch from, there := way[role]; {
			case !there:
			case from == ofNow:
				groups = append(groups, n.group(m, role, people))
			default:
				groups = append(groups, before[slices.Index(programme.Roles, role)])
			}
		}
		return groups
	}
	return before
}

// apartFromAll reports whether at least Threshold people joined or left between every sum
// that follows from what would be new and every one that followed from a past release.
func (n *next) apartFromAll(m measure, people map[programme.Role][]Answered, way map[programme.Role]part) bool {
	distance := func(role programme.Role, now, then part) int {
		var ids []string
		switch now {
		case ofNow:
			ids = idsOf(people[role])
		case nobody:
		default:
			return 0 // at least
		}
		if then == nobody {
			return len(ids)
		}
		p := n.past[then]
		return apart(ids, p, p.Behind[m.name+"/"+string(role)])
	}
	for _, fresh := range sums(way) {
		if fresh[programme.Client] != ofNow && fresh[programme.Consultant] != ofNow {
			continue
		}
		for _, p := range n.past {
			groups := map[programme.Role]part{}
			for _, g := range m.in(p.Release) {
				groups[g.Role] = part(g.Since - 1)
			}
			if len(groups) == 0 {
				continue
			}
			for _, earlier := range sums(groups) {
				if distance(programme.Client, fresh[programme.Client], earlier[programme.Client])+
					distance(programme.Consultant, fresh[programme.Consultant], earlier[programme.Consultant]) < Threshold {
					return false
				}
			}
		}
	}
	return true
}

func idsOf(all []Answered) []string {
	ids := make([]string, len(all))
	for i, a := range all {
		ids[i] = a.ID
	}
	return ids
}

// group computes the averages of a role, or of both together.
func (n *next) group(m measure, of programme.Role, people map[programme.Role][]Answered) Group {
	var all []Answered
	looks := 0
	for _, role := range programme.Roles {
		if of != together && of != role {
			continue
		}
		all = append(all, people[role]...)
		name := m.name + "/" + string(role)
		n.behind[name] = idsOf(people[role])
		before := 0
		for _, p := range n.past {
			if len(p.Behind[name]) > 0 {
				before++
			}
		}
		looks = max(looks, before)
	}
	// Each look at the same people tells half as much as the one before, so that all of them
	// never tell more than two first ones would.
	g := Group{Role: of, People: len(all) / Band * Band, Since: n.Number, Blur: m.blur << min(looks, 20)}
	grid := 1
	if g.People < Fine {
		grid = 5
	}
	for i, q := range n.Questions {
		total := geometric(n.coins, g.Blur)
		for _, a := range all {
			total += m.of(a, i)
		}
		g.Averages = append(g.Averages, Average{q, min(max(rounded(total, len(all), grid), m.least), m.most)})
	}
	return g
}

// rounded is a mean in tenths of a point, to the nearest multiple of grid.
func rounded(total, people, grid int) int {
	return grid * int(math.Floor((20*float64(total)+float64(people*grid))/float64(2*people*grid)))
}

// geometric is a number that is as likely positive as negative: each further from zero is
// less likely by the factor e^(-10/blur).
func geometric(coins func() float64, blur int) int {
	one := func() int { return int(math.Log(1-coins()) * float64(blur) / -10) }
	up, down := one(), one()
	return up - down
}
