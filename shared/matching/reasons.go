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
	a, b := client.Organisation, consultant.Organisation
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
	compared := compared{
		met: r.Met, own: client.Skills, client: programme.Band(a.Income), band: programme.Band(b.Income),
		services: share(kinds(p, a.Categories), kinds(p, b.Categories)),
		halfDays: len(r.HalfDays), wishes: wanted(client.Preferences, consultant.ID) + wanted(consultant.Preferences, client.ID),
	}
	for k := range scoring {
		if rule := &scoring[k]; rule.weight(&p.Weights) > 0 {
			r.Points = append(r.Points, Points{rule.Rule, rule.points(&p.Weights, &compared)})
		}
	}
	return r
}

func share(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}
