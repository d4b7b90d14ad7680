package matching

import (
	"slices"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Points are what one rule gave to a pair.
type Points struct {
	Rule   Rule `firestore:"rule" json:"rule"`
	Points int  `firestore:"points" json:"points"`
}

// Rule is a rule of the score.
type Rule string

// The rules, one for each of the programme's weights.
const (
	Fit          Rule = "fit of needs and skills"
	Breadth      Rule = "breadth: needs met at all"
	Experience   Rule = "experience beyond one's own"
	Size         Rule = "a larger organisation"
	Difference   Rule = "another kind of service"
	Availability Rule = "half-days in common"
	Preference   Rule = "asked for"
)

// scoreRule is a row of the table of the score: a rule with its weight, its words, and
// how often the weight counts. That is said by one of the functions, each of a few
// whole numbers, so that a pointTable can hold what they all give.
type scoreRule struct {
	Rule
	weight func(w *programme.Weights) int
	// words follow the number of points.
	words string

	// need counts for each need of which the consultant has the skill: by its priority
	// and the skill's level, 1 to 3 each, and the level that the client has already,
	// 0 to 3.
	need func(priority, level, own int) int
	// bands counts by both bands of income, 0 for one that is not known.
	bands func(client, consultant int) int
	// services counts by whether the organisations share a kind of service.
	services func(shared bool) int
	// halfDays counts by how many both have, and wishes by how much either asked for the
	// other, both together, see wanted. Neither falls where there is more.
	halfDays func(shared int) int
	wishes   func(steps int) int
}

// scoring is the one table of the score, in the order in which points are stated.
// Explain, Pool.Score, the scan of many consultants at once and the published words
// are made from it.
var scoring = [...]scoreRule{
	{
		Rule: Fit, weight: func(w *programme.Weights) int { return w.Fit },
		words: "for each need that a skill meets, times the need’s priority and the skill’s level, 1 to 3 each",
		need:  func(priority, level, _ int) int { return priority * level },
	},
	{
		Rule: Breadth, weight: func(w *programme.Weights) int { return w.Breadth },
		words: "for each need that is met at all",
		need:  func(int, int, int) int { return 1 },
	},
	{
		Rule: Experience, weight: func(w *programme.Weights) int { return w.Experience },
		words: "for each level by which a skill exceeds the {client}’s own, which is none where they have not said",
		need:  func(_, level, own int) int { return max(0, level-own) },
	},
	{
		Rule: Size, weight: func(w *programme.Weights) int { return w.Size },
		words: "if the {consultant} leads a larger organisation, by bands of income",
		bands: func(client, consultant int) int { return one(client > 0 && consultant > client) },
	},
	{
		Rule: Difference, weight: func(w *programme.Weights) int { return w.Difference },
		words:    "if your organisations share no kind of service: a fresh pair of eyes",
		services: func(shared bool) int { return one(!shared) },
	},
	{
		Rule: Availability, weight: func(w *programme.Weights) int { return w.Availability },
		words:    "for each half-day on which both of you are usually free, and none where one of you has not said",
		halfDays: func(shared int) int { return shared },
	},
	{
		Rule: Preference, weight: func(w *programme.Weights) int { return w.Preference },
		words:  "for being asked for, from either side, times 3 for a first choice, 2 for a second and 1 for a third",
		wishes: func(steps int) int { return steps },
	},
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// compared is what the rules of the score ask of a pair.
type compared struct {
	// met are the needs of which the consultant has the skill, and own the client's
	// levels by skill.
	met              []Need
	own              map[string]int
	client, band     int // bands of income
	services         bool
	halfDays, wishes int
}

// points are what a rule gives to a pair.
func (r *scoreRule) points(w *programme.Weights, pair *compared) int {
	times := 0
	switch {
	case r.need != nil:
		for _, n := range pair.met {
			times += r.need(n.Priority, n.Level, pair.own[n.Skill])
		}
	case r.bands != nil:
		times = r.bands(pair.client, pair.band)
	case r.services != nil:
		times = r.services(pair.services)
	case r.halfDays != nil:
		times = r.halfDays(pair.halfDays)
	case r.wishes != nil:
		times = r.wishes(pair.wishes)
	}
	return r.weight(w) * times
}

// The most that the tables are asked for.
const (
	mostLevel = 3     // of priorities and levels
	mostBand  = 6     // see programme.Band
	mostSteps = 2 * 3 // see wanted
	halfDays  = 16    // as many as a profile has bits for
)

// pointTable is the fast form of the score: what all rules together give, by what they
// ask.
type pointTable struct {
	need [mostLevel + 1][mostLevel + 1][mostLevel + 1]int
	// skill is the most that one of a level gives to a need of a priority, whatever the
	// client has already.
	skill    [mostLevel + 1][mostLevel + 1]int
	bands    [mostBand + 2][mostBand + 2]int // a power of two, which needs no check of bounds
	services [2]int                          // without a kind of service in common, and with one
	halfDays [halfDays + 1]int
	wishes   [mostSteps + 1]int
}

func newPointTable(w *programme.Weights) *pointTable {
	t := new(pointTable)
	for k := range scoring {
		r := &scoring[k]
		weight := r.weight(w)
		switch {
		case r.need != nil:
			for priority := 1; priority <= mostLevel; priority++ {
				for level := 1; level <= mostLevel; level++ {
					for own := range mostLevel + 1 {
						t.need[priority][level][own] += weight * r.need(priority, level, own)
					}
					t.skill[priority][level] = slices.Max(t.need[priority][level][:])
				}
			}
		case r.bands != nil:
			for client := range mostBand + 1 {
				for consultant := range mostBand + 1 {
					t.bands[client][consultant] += weight * r.bands(client, consultant)
				}
			}
		case r.services != nil:
			t.services[0] += weight * r.services(false)
			t.services[1] += weight * r.services(true)
		case r.halfDays != nil:
			for n := range t.halfDays {
				t.halfDays[n] += weight * r.halfDays(n)
			}
		case r.wishes != nil:
			for n := range t.wishes {
				t.wishes[n] += weight * r.wishes(n)
			}
		}
	}
	return t
}

// mostBesides is the most that a pair can have besides needs and wishes, with so many
// half-days in common.
func (t *pointTable) mostBesides(halfDays int) int {
	bands := 0
	for _, row := range t.bands {
		bands = max(bands, slices.Max(row[:]))
	}
	return t.halfDays[halfDays] + bands + slices.Max(t.services[:])
}

// most is the most that anybody can have whose needs can give so many points.
func (t *pointTable) most(needs int) int {
	return needs + t.mostBesides(len(enrolment.HalfDays)) + t.wishes[mostSteps]
}

// wanted is how much of one's three most wanted people somebody is: 3 for the
// first, 1 for the third, 0 for others.
func wanted(preferences []string, id string) int {
	if i := slices.Index(preferences, id); i >= 0 && i < 3 {
		return 3 - i
	}
	return 0
}
