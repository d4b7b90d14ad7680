package matching

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/language"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Criterion is a rule that a pair must meet.
type Criterion string

// The criteria. NoConflict holds private conflicts, earlier declines and pairs
// that a coordinator ruled out, in one class which nobody may tell apart.
const (
	NearEnough     Criterion = "near enough"
	NoCompetition  Criterion = "not in direct competition"
	NoConflict     Criterion = "possible for both"
	CommonLanguage Criterion = "a common language"
	CommonMeeting  Criterion = "a common way of meeting"
	SomethingToAsk Criterion = "a skill for a need"
)

// Criteria are all criteria in the order in which they are tested.
var Criteria = func() []Criterion {
	var all []Criterion
	for _, c := range criteria {
		all = append(all, c.Criterion)
	}
	return all
}()

// facts are what of somebody a criterion compares: a set of each kind, which a gate
// holds as bits.
type facts int

// The kinds of facts. Two people must not share one of those before common where they
// are in one area of competition, and must share one of each kind from common on.
const (
	services facts = iota
	languages
	meetings
	skills // needed by a client, offered by a consultant
	factKinds

	common = languages
)

// criterion is a row of the table of criteria: all that is said of a criterion and done
// about it.
type criterion struct {
	Criterion
	// holds checks one pair. It says why a pair is ruled out; whether it is, gates say
	// faster, of the same facts.
	holds func(x checked) bool
	// compares is the kind of facts that it compares, and set gives a person's, as bits;
	// nil for a criterion that compares none. An error is more than a set can tell apart.
	compares facts
	set      func(n *numbers, x *Person, role programme.Role, f *profile) (uint64, error)

	// published says it to those who have not enrolled yet, with roles in braces, and met
	// to one of two who are matched.
	published func(p *programme.Programme, in language.Language) string
	met       func(m *matched) string
	// unmet is a sentence for staff, of two whom it rules out; nobody follows "no
	// {consultant} is", of one whom it leaves without a match; and inTheWay follows "has
	// nobody who may work with them:".
	unmet, nobody, inTheWay string
}

// criteria is the one table of criteria, in the order in which they are tested. RuledOut,
// the scan of many consultants at once, the search for augmenting paths and all words
// for people are made from it: a criterion more is a row more, with a kind of facts if
// it compares any.
var criteria = [...]criterion{
	{
		Criterion: NearEnough,
		holds:     func(x checked) bool { return x.near },
		published: publishedPlace,
		met:       func(m *matched) string { return m.place },
		unmet:     "They are too far from each other for this programme.",
		nobody:    "near enough",
		inTheWay:  "those there are, are too far away",
	},
	{
		Criterion: NoCompetition,
		holds:     func(x checked) bool { return !x.pool.compete(x.i, x.j) },
		compares:  services,
		set: func(n *numbers, x *Person, _ programme.Role, f *profile) (set uint64, _ error) {
			for _, k := range kinds(n.programme, x.Organisation.Categories) {
				number := n.of[services].number(k)
				f.kinds = append(f.kinds, number)
				set |= 1 << (number % 64)
			}
			return set, nil
		},
		published: func(p *programme.Programme, in language.Language) string {
			return in.Say("Your organisations are not in direct competition: they do not share a kind of service in the same %s. To this there is no exception.", in.Say(string(p.Competition.Area)))
		},
		met: func(m *matched) string {
			return fmt.Sprintf("Your organisations are not in direct competition: they do not share a kind of service in the same %s.", m.programme.Competition.Area)
		},
		unmet:    "Their organisations are in direct competition: they share a kind of service in the same area.",
		nobody:   "left who is not in direct competition",
		inTheWay: "their organisations compete",
	},
	{
		Criterion: NoConflict,
		holds:     func(x checked) bool { return !x.pool.isBarred(x.i, x.j) },
		published: func(_ *programme.Programme, in language.Language) string {
			return in.Say("Nothing that either of you wrote asks to avoid the other, or says that one funds the other or that you bid to the same funder or commissioner, as we read it; no match of the two of you was declined or left unanswered before; and the coordinator did not rule it out. Where one of these stands in the way, nobody is told which.")
		},
		met: func(*matched) string {
			return "Nothing that either of you wrote rules this match out, as we read it, and the coordinator did not."
		},
		unmet:    "This pair is not possible. The matching does not say for which reason: that one asked to avoid the other, that one funds the other or both bid to the same funder, that one declined before or left a match unanswered, belongs to the same organisation, is the same person, or that a coordinator ruled the pair out are one and the same to it.",
		nobody:   "possible for both",
		inTheWay: "the pairs are not possible, for reasons that stay private",
	},
	{
		Criterion: CommonLanguage,
		holds:     func(x checked) bool { return x.client.share(x.consultant, languages) },
		compares:  languages,
		set: func(n *numbers, x *Person, _ programme.Role, _ *profile) (set uint64, _ error) {
			for _, l := range spoken(x) {
				number := n.of[languages].number(l)
				if number >= 64 {
					return 0, fmt.Errorf("%q: more than 64 languages", x.ID)
				}
				set |= 1 << number
			}
			return set, nil
		},
		published: func(_ *programme.Programme, in language.Language) string {
			return in.Say("You have a language in common.")
		},
		met: func(m *matched) string {
			both := slices.DeleteFunc(slices.Clone(spoken(m.client)), func(l string) bool { return !slices.Contains(spoken(m.consultant), l) })
			return fmt.Sprintf("You both speak %s.", language.English.List(both, "and"))
		},
		unmet:    "They have no language in common.",
		nobody:   "left who has a language in common",
		inTheWay: "they have no language in common",
	},
	{
		Criterion: CommonMeeting,
		holds:     func(x checked) bool { return x.client.share(x.consultant, meetings) },
		compares:  meetings,
		set: func(_ *numbers, x *Person, _ programme.Role, _ *profile) (set uint64, _ error) {
			for k, m := range enrolment.Meetings {
				if canMeet(x, m.ID) {
					set |= 1 << k
				}
			}
			return set, nil
		},
		published: func(_ *programme.Programme, in language.Language) string {
			return in.Say("You have a way of meeting in common.")
		},
		met: func(m *matched) string {
			var both []string
			told := len(m.client.Meeting) > 0 && len(m.consultant.Meeting) > 0
			for _, way := range enrolment.Meetings {
				if canMeet(m.client, way.ID) && canMeet(m.consultant, way.ID) && !(m.far && way.ID == inPerson) {
					both = append(both, inSentence(way.Name))
				}
			}
			if !told {
				return fmt.Sprintf("Nothing that you two have said so far rules out to meet %s.", language.English.List(both, "or"))
			}
			return fmt.Sprintf("You can both meet %s.", language.English.List(both, "or"))
		},
		unmet:    "They have no way of meeting in common.",
		nobody:   "left who has a way of meeting in common",
		inTheWay: "they have no way of meeting in common",
	},
	{
		Criterion: SomethingToAsk,
		holds:     func(x checked) bool { return x.client.share(x.consultant, skills) },
		compares:  skills,
		set: func(_ *numbers, _ *Person, role programme.Role, f *profile) (set uint64, _ error) {
			levels := f.offers
			if role == programme.Client {
				levels = f.asks
			}
			for k, level := range levels {
				if level > 0 {
					set |= 1 << k
				}
			}
			return set, nil
		},
		published: func(_ *programme.Programme, in language.Language) string {
			return in.Say("The {consultant} has a skill for a need of the {client}.")
		},
		met: func(m *matched) string {
			names := make([]string, len(m.reasons.Met))
			for k, n := range m.reasons.Met {
				names[k] = m.programme.SkillName(n.Skill)
			}
			offer := "They offer what you need: %s."
			if m.to == programme.Consultant {
				offer = "You offer what they need: %s."
			}
			return fmt.Sprintf(offer, strings.Join(names, ", "))
		},
		unmet:    "None of the skills on one side meets a need on the other.",
		nobody:   "left who offers what they need",
		inTheWay: "nobody offers what they need",
	},
}

// row is a criterion's in the table, nil for what is none.
func (c Criterion) row() *criterion {
	for k := range criteria {
		if criteria[k].Criterion == c {
			return &criteria[k]
		}
	}
	return nil
}

// Unmet says to staff, in a sentence, how a pair fails the criterion. Private reasons
// are one class, which nobody may tell apart.
func (c Criterion) Unmet() string {
	if row := c.row(); row != nil {
		return row.unmet
	}
	return "They are not allowed to be matched: " + string(c) + "."
}

// Nobody says of a client that the criterion rules out all who were left, with the
// consultant's role in braces, see programme.Terms.
func (c Criterion) Nobody() string { return "no {consultant} is " + c.row().nobody }

// checked is a pair that a criterion is checked on. It is passed by value, since a
// pointer would be to memory of its own for each of very many pairs.
type checked struct {
	pool *Pool
	i, j int32
	// near is whether they are near enough. Where that is so only for those who meet
	// without travelling, the client's gate holds no way of meeting that needs it.
	near       bool
	client     gate
	consultant *gate
}

// gate holds what the criteria compare of somebody, as bits: the fast form of their
// facts. A fact of a kind that any may be of sets the bit of its number modulo 64.
type gate struct {
	sets [factKinds]uint64
	// competition is the area in which services must differ.
	competition int32
}

// share reports whether two people have a fact of a kind in common.
func (g *gate) share(other *gate, kind facts) bool { return g.sets[kind]&other.sets[kind] != 0 }

// meets reports whether two people share what they must.
func (g *gate) meets(other *gate) bool {
	for kind := common; kind < factKinds; kind++ {
		if !g.share(other, kind) {
			return false
		}
	}
	return true
}

// remotely is the gate of somebody who does not travel to meet.
func (g gate) remotely() gate {
	g.sets[meetings] &= remote
	return g
}

// remote are the bits of the ways of meeting that need no travel, by their place
// in enrolment.Meetings.
const remote uint64 = 1<<1 | 1<<2

// inPerson is the way of meeting that needs travel.
const inPerson = "in-person"

// canMeet reports whether somebody can meet in a way, see enrolment.Meetings.
func canMeet(person *Person, way string) bool {
	return len(person.Meeting) == 0 || slices.Contains(person.Meeting, way)
}

var english = []string{"English"}

// spoken are somebody's languages.
func spoken(person *Person) []string {
	if len(person.Languages) == 0 {
		return english
	}
	return person.Languages
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

func publishedPlace(p *programme.Programme, in language.Language) string {
	place := in.Say("You are in the same region.")
	switch p.Place.Within {
	case programme.Distance:
		place = in.Say("Your postcode districts are the same, or at most about %d kilometres apart.", p.Place.Kilometres)
	case programme.Online:
		place = in.Say("You can meet, if need be without travelling.")
	}
	var then []string
	for _, r := range p.Relax {
		switch r {
		case programme.Neighbouring:
			then = append(then, in.Say("somebody in a region that borders on theirs"))
		case programme.Online:
			then = append(then, in.Say("somebody with whom they can meet without travelling"))
		}
	}
	if len(then) > 0 {
		place += " " + in.Say("Where nobody is left for {a client}, we look for %s; the match then says so.", in.List(then, "and then for"))
	}
	return place
}
