package matching

import (
	"cmp"
	"slices"
	"strings"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Need is one need of a client that a consultant can meet.
type Need struct {
	Skill string `firestore:"skill" json:"skill"`
	// Priority (1 to 3) is the client's, Level (1 to 3) the consultant's.
	Priority int `firestore:"priority" json:"priority"`
	Level    int `firestore:"level" json:"level"`
}

// Met are the client's needs that the consultant has a skill for, the most
// important first.
func Met(client, consultant Person) []Need {
	var met []Need
	for id, priority := range client.Needs {
		if level := consultant.Skills[id]; level > 0 && priority > 0 {
			met = append(met, Need{id, priority, level})
		}
	}
	slices.SortFunc(met, func(a, b Need) int {
		return cmp.Or(b.Priority*b.Level-a.Priority*a.Level, strings.Compare(a.Skill, b.Skill))
	})
	return met
}

// Unmet are the client's needs that the consultant has no skill for, by id.
func Unmet(client, consultant Person) []string {
	var unmet []string
	for id, priority := range client.Needs {
		if priority > 0 && consultant.Skills[id] == 0 {
			unmet = append(unmet, id)
		}
	}
	slices.Sort(unmet)
	return unmet
}

// Reasons say why a pair was matched. Every point of the score is in Points.
type Reasons struct {
	Region string   `firestore:"region" json:"region"`
	Met    []Need   `firestore:"met" json:"met"`
	Unmet  []string `firestore:"unmet" json:"unmet"`
	// HalfDays are those that both have.
	HalfDays []string `firestore:"halfDays" json:"halfDays"`
	// Relaxed is what was allowed to this pair beyond the programme's place, or "".
	Relaxed programme.Within `firestore:"relaxed" json:"relaxed,omitempty"`
	Points  []Points         `firestore:"points" json:"points"`
}

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

// Score is the sum of all points.
func (r Reasons) Score() int {
	sum := 0
	for _, p := range r.Points {
		sum += p.Points
	}
	return sum
}

// wanted is how much of one's three most wanted people somebody is: 3 for the
// first, 1 for the third, 0 for others.
func wanted(preferences []string, id string) int {
	if i := slices.Index(preferences, id); i >= 0 && i < 3 {
		return 3 - i
	}
	return 0
}

// Explain scores an eligible pair by the programme's weights, with the reasons.
func Explain(p *programme.Programme, client, consultant Person) Reasons {
	a, b, w := client.Organisation, consultant.Organisation, p.Weights
	r := Reasons{Region: a.Region, Met: Met(client, consultant), Unmet: Unmet(client, consultant)}
	dropped := func(id string) bool {
		return !slices.ContainsFunc(p.Skills, func(s programme.Skill) bool { return s.ID == id })
	}
	r.Met = slices.DeleteFunc(r.Met, func(n Need) bool { return dropped(n.Skill) })
	r.Unmet = slices.DeleteFunc(r.Unmet, dropped)
	for _, h := range enrolment.HalfDays {
		if slices.Contains(client.Availability, h.ID) && slices.Contains(consultant.Availability, h.ID) {
			r.HalfDays = append(r.HalfDays, h.ID)
		}
	}
	fit, beyond := 0, 0
	for _, n := range r.Met {
		fit += n.Priority * n.Level
		beyond += max(0, n.Level-client.Skills[n.Skill])
	}
	points := func(rule Rule, weight, times int) {
		if weight > 0 {
			r.Points = append(r.Points, Points{rule, weight * times})
		}
	}
	one := func(yes bool) int {
		if yes {
			return 1
		}
		return 0
	}
	band := programme.Band(a.Income)
	points(Fit, w.Fit, fit)
	points(Breadth, w.Breadth, len(r.Met))
	points(Experience, w.Experience, beyond)
	points(Size, w.Size, one(band > 0 && programme.Band(b.Income) > band))
	points(Difference, w.Difference, one(!share(kinds(p, a.Categories), kinds(p, b.Categories))))
	points(Availability, w.Availability, len(r.HalfDays))
	points(Preference, w.Preference, wanted(client.Preferences, consultant.ID)+wanted(consultant.Preferences, client.ID))
	return r
}

// kinds are categories at the programme's level of competition.
func kinds(p *programme.Programme, categories []string) []string {
	level := max(1, p.Competition.Level)
	var all []string
	for _, c := range categories {
		k := c[:min(len(c), []int{2, 3, len(c)}[level-1])]
		if !slices.Contains(all, k) {
			all = append(all, k)
		}
	}
	return all
}

func share(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}
