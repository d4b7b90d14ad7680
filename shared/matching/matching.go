// Package matching decides who may work with whom, how well two people fit, and
// which set of pairs is best for everyone together.
//
// A pair is eligible when every criterion of the programme holds; other pairs are
// absent from the problem, never merely penalised. The best solution matches as
// many clients as possible and, among those, has the highest total score, found
// as a minimum-cost flow (successive shortest paths; Ahuja, Magnanti and Orlin,
// Network Flows, 1993, section 9.7), so it is an optimum and not a greedy pass.
// Among equals a hash of the two ids decides, so that neither the order of
// enrolment nor of rows does.
package matching

import (
	"cmp"
	"slices"
	"strings"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Person is what matching needs to know of someone who is ready.
type Person struct {
	// ID is the enrolment's.
	ID           string
	Organisation enrolment.Organisation
	Skills       map[string]int
	Availability []string
	// Capacity is how many more pairings this person can take now.
	Capacity int
	// Conflicts are organisations' names or register numbers, private.
	Conflicts []string
	// Declined are the ids of people with whom a match was declined by either.
	Declined []string
}

// Criterion is a rule that a pair must meet.
type Criterion string

// The criteria, in the order in which they are tested.
const (
	SameRegion     Criterion = "same region"
	NoCompetition  Criterion = "not in direct competition"
	NoConflict     Criterion = "no conflict" // a private conflict or an earlier decline: one class, never told apart
	SomethingToAsk Criterion = "a skill for a need"
)

// Criteria are all criteria in the order in which they are tested.
var Criteria = []Criterion{SameRegion, NoCompetition, NoConflict, SomethingToAsk}

// RuledOut is the first criterion that a pair does not meet, or "" for an eligible pair.
func RuledOut(p *programme.Programme, client, consultant Person) Criterion {
	a, b := client.Organisation, consultant.Organisation
	switch {
	case a.Region != b.Region:
		return SameRegion
	case a.Postcode.Neighbourhood(p.Competition.Area) == b.Postcode.Neighbourhood(p.Competition.Area) && share(a.Categories, b.Categories):
		return NoCompetition
	case names(client.Conflicts, b) || names(consultant.Conflicts, a) || sameOrganisation(a, b),
		slices.Contains(client.Declined, consultant.ID), slices.Contains(consultant.Declined, client.ID):
		return NoConflict
	case len(Met(client, consultant)) == 0:
		return SomethingToAsk
	}
	return ""
}

func share(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// names reports whether one of the conflicts names the organisation, by its
// register number or by its name without regard to case or punctuation.
func names(conflicts []string, o enrolment.Organisation) bool {
	return slices.ContainsFunc(conflicts, func(c string) bool {
		return o.Number != "" && strings.HasSuffix(o.Number, "-"+strings.ToUpper(strings.TrimSpace(c))) ||
			strings.EqualFold(o.Number, c) && c != "" || letters(c) != "" && letters(c) == letters(o.Name)
	})
}

func sameOrganisation(a, b enrolment.Organisation) bool {
	return a.Number != "" && a.Number == b.Number || a.Postcode == b.Postcode && letters(a.Name) == letters(b.Name)
}

func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r > 127 {
			return r
		}
		return -1
	}, strings.ToLower(s))
}

// Need is one need of a client that a consultant can meet.
type Need struct {
	Skill string `firestore:"skill"`
	// Priority (1 to 3) is the client's, Level (1 to 3) the consultant's.
	Priority int `firestore:"priority"`
	Level    int `firestore:"level"`
}

// Met are the client's needs that the consultant has a skill for, the most
// important first.
func Met(client, consultant Person) []Need {
	var met []Need
	for id, priority := range client.Skills {
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
	for id, priority := range client.Skills {
		if priority > 0 && consultant.Skills[id] == 0 {
			unmet = append(unmet, id)
		}
	}
	slices.Sort(unmet)
	return unmet
}

// Reasons say why a pair was matched. Every point of the score is in Points.
type Reasons struct {
	Region string   `firestore:"region"`
	Met    []Need   `firestore:"met"`
	Unmet  []string `firestore:"unmet"`
	// HalfDays are those that both have.
	HalfDays []string `firestore:"halfDays"`
	Points   []Points `firestore:"points"`
}

// Points are what one rule gave to a pair.
type Points struct {
	Rule   string `firestore:"rule"`
	Points int    `firestore:"points"`
}

// Score is the sum of all points.
func (r Reasons) Score() int {
	sum := 0
	for _, p := range r.Points {
		sum += p.Points
	}
	return sum
}

// Explain scores an eligible pair by the programme's weights, with the reasons.
func Explain(p *programme.Programme, client, consultant Person) Reasons {
	r := Reasons{Region: client.Organisation.Region, Met: Met(client, consultant), Unmet: Unmet(client, consultant)}
	for _, h := range enrolment.HalfDays {
		if slices.Contains(client.Availability, h.ID) && slices.Contains(consultant.Availability, h.ID) {
			r.HalfDays = append(r.HalfDays, h.ID)
		}
	}
	fit := 0
	for _, n := range r.Met {
		fit += n.Priority * n.Level
	}
	r.Points = []Points{
		{"fit of needs and skills", p.Weights.Fit * fit},
		{"breadth: needs met at all", p.Weights.Breadth * len(r.Met)},
		{"half-days in common", p.Weights.Availability * len(r.HalfDays)},
	}
	return r
}
