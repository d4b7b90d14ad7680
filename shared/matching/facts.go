package matching

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/geography"
	"github.com/cascading-leadership/cascade/shared/language"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// NotPossible is what participants are told of pairs that are not made for private
// reasons. What they see must not differ between those.
const NotPossible = "Some pairs are not possible. Whether one of the two asked to avoid the other, one funds the other or both bid to the same funder, one of them declined before, " +
	"they belong to one organisation, or the coordinator ruled it out: all of these are one and the same to the matching, and nobody is told which it was."

// Facts are the reasons of a match as one of the two may read them: what of their
// own answers, and of what the other offers or asks, made it. They hold nothing
// of anyone else, nor what the other's preferences are.
type Facts struct {
	// Role is the reader's.
	Role programme.Role `firestore:"role" json:"role"`
	// Criteria are all that the pair meets, in words.
	Criteria []CriterionMet `firestore:"criteria" json:"criteria"`
	// Met are the client's needs for which the consultant has a skill, the most
	// important first; Unmet, which a client alone reads, the needs for which nothing
	// was found, by id.
	Met   []Need   `firestore:"met" json:"met"`
	Unmet []string `firestore:"unmet" json:"unmet,omitempty"`
	// HalfDays are those that both have, by id.
	HalfDays []string `firestore:"halfDays" json:"halfDays"`
	// Unsaid: not both have said when they are usually free.
	Unsaid bool `firestore:"unsaid" json:"unsaid,omitempty"`
	// Points are what each rule gave for the reader's answers together with the other's.
	// Of being asked for they hold the reader's own wish alone.
	Points []Points `firestore:"points" json:"points"`
}

// CriterionMet is a criterion with what of the two people meets it.
type CriterionMet struct {
	Criterion Criterion `firestore:"criterion" json:"criterion"`
	Words     string    `firestore:"words" json:"words"`
}

// Facts are those of a match for the one of the two who has a role.
func (s *Solution) Facts(m Match, to programme.Role) Facts {
	i, j := s.Pool.clientIndex[m.Client], s.Pool.consultantIndex[m.Consultant]
	return FactsOf(s.Pool.Programme, *s.Pool.Clients[i], *s.Pool.Consultants[j], m.Relaxed, to)
}

// FactsOf are the facts of a matched pair, with what was allowed to it beyond the
// programme's place, "" for nothing.
func FactsOf(p *programme.Programme, client, consultant Person, relaxed programme.Within, to programme.Role) Facts {
	r := Explain(p, client, consultant)
	r.Relaxed = relaxed
	return FactsFrom(p, client, consultant, r, to)
}

// FactsFrom are the facts of a pair that was matched for these reasons: what a run
// found stays, whatever the two say of themselves later.
func FactsFrom(p *programme.Programme, client, consultant Person, r Reasons, to programme.Role) Facts {
	f := Facts{Role: to, Met: r.Met, HalfDays: r.HalfDays, Unsaid: len(client.Availability) == 0 || len(consultant.Availability) == 0}
	reader, other := client, consultant
	if to == programme.Consultant {
		reader, other = consultant, client
	} else {
		f.Unmet = r.Unmet
	}
	for _, points := range r.Points {
		if points.Rule == Preference {
			if points.Points = newPointTable(&p.Weights).wishes[wanted(reader.Preferences, other.ID)]; points.Points == 0 {
				continue
			}
		}
		f.Points = append(f.Points, points)
	}

	m := matched{programme: p, client: &client, consultant: &consultant, to: to, reasons: &r}
	m.place, m.far = place(p, &reader.Organisation, &other.Organisation, r.Relaxed)
	for _, c := range criteria {
		f.Criteria = append(f.Criteria, CriterionMet{c.Criterion, c.met(&m)})
	}
	return f
}

// matched is a matched pair, of whom one reads what they have in common.
type matched struct {
	programme          *programme.Programme
	client, consultant *Person
	// to is the reader's role.
	to      programme.Role
	reasons *Reasons
	// place says in words how near they are, and far whether they meet without travelling.
	place string
	far   bool
}

// place says to one of two who are matched how near they are, and whether they meet
// without travelling.
func place(p *programme.Programme, a, b *enrolment.Organisation, relaxed programme.Within) (words string, far bool) {
	switch {
	case relaxed == programme.Neighbouring:
		return fmt.Sprintf("Your regions border on each other: %s and %s. The programme allows that where nobody nearer is left.", region(a.Region), region(b.Region)), false
	case relaxed == programme.Online:
		return "You can meet without travelling. The programme allows that where nobody nearer is left.", true
	case p.Place.Within == programme.Distance:
		return distance(p, a.Postcode, b.Postcode), false
	case a.Region == b.Region:
		return fmt.Sprintf("You are in the same region: %s.", region(a.Region)), false
	}
	return "You can meet without travelling, and the programme asks for no more.", true
}

// distance says how far apart two postcodes are.
func distance(p *programme.Programme, a, b geography.Postcode) string {
	from, _ := p.Territory().District(a)
	to, _ := p.Territory().District(b)
	if from.Code == to.Code {
		return fmt.Sprintf("You are in the same postcode district: %s.", from.Code)
	}
	return fmt.Sprintf("You are about %.0f km apart, and the programme allows %d.", from.Point.Kilometres(to.Point), p.Place.Kilometres)
}

// Sentences are why the two were matched, in three sentences: what one offers of what the
// other needs, how near they are, and when both are free; then what was not found. All that a
// pair must meet is in Criteria, and how answers counted in Counted.
func (f Facts) Sentences(p *programme.Programme) []string {
	var both []string
	for _, h := range enrolment.HalfDays {
		if slices.Contains(f.HalfDays, h.ID) {
			both = append(both, h.Name)
		}
	}
	free := "We found no half-day on which both of you are usually free."
	switch {
	case f.Unsaid && len(both) == 0:
		free = "Not both of you have said yet when you are usually free, so that no half-day counted."
	case len(both) > 0:
		free = fmt.Sprintf("You are both usually free on %s.", language.English.List(both, "and"))
	}
	all := []string{f.met(SomethingToAsk), f.met(NearEnough), free}
	if len(f.Unmet) > 0 {
		names := make([]string, len(f.Unmet))
		for k, id := range f.Unmet {
			names[k] = p.SkillName(id)
		}
		all = append(all, fmt.Sprintf("Not found in this match: %s.", strings.Join(names, ", ")))
	}
	return all
}

// met is how a criterion is met, in words.
func (f Facts) met(c Criterion) string {
	for _, met := range f.Criteria {
		if met.Criterion == c {
			return met.Words
		}
	}
	return ""
}

// Counted is what a rule gave, of the most that it could have given to the reader.
type Counted struct {
	Points
	Most int
}

// Counted are the points of each rule that gave some, each with the most that it could have
// given to the reader with anybody, by what the reader says of themselves now.
func (f Facts) Counted(p *programme.Programme, reader Person) (all []Counted) {
	most := most(p, &reader, f.Role)
	for _, points := range f.Points {
		if points.Points != 0 {
			all = append(all, Counted{points, max(points.Points, most[points.Rule])})
		}
	}
	return all
}

// most is the most that each rule can give to somebody in a role, with anybody on the other
// side: of being asked for, by their own wish alone.
func most(p *programme.Programme, reader *Person, role programme.Role) map[Rule]int {
	all := map[Rule]int{}
	for k := range scoring {
		r, times := &scoring[k], 0
		switch {
		case r.need != nil && role == programme.Client:
			for skill, priority := range reader.Needs {
				times += r.need(priority, mostLevel, reader.Skills[skill])
			}
		case r.need != nil:
			for _, level := range reader.Skills {
				times += r.need(mostLevel, level, 0)
			}
		case r.bands != nil:
			mine := programme.Band(reader.Organisation.Income)
			for theirs := range mostBand + 1 {
				if role == programme.Client {
					times = max(times, r.bands(mine, theirs))
				} else {
					times = max(times, r.bands(theirs, mine))
				}
			}
		case r.services != nil:
			times = max(r.services(false), r.services(true))
		case r.halfDays != nil:
			times = r.halfDays(len(reader.Availability))
		case r.wishes != nil:
			times = r.wishes(mostSteps / 2)
		}
		all[r.Rule] = r.weight(&p.Weights) * times
	}
	return all
}

// region is a region's name, or words for a place that is not known.
func region(name string) string {
	if name == "" {
		return "a region that is not known"
	}
	return name
}

// inSentence is a name with a small first letter, unless it is an abbreviation.
func inSentence(name string) string {
	first, size := utf8.DecodeRuneInString(name)
	if second, _ := utf8.DecodeRuneInString(name[size:]); unicode.IsUpper(second) {
		return name
	}
	return string(unicode.ToLower(first)) + name[size:]
}
