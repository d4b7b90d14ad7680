package matching

import (
	"fmt"

	"github.com/cascading-leadership/cascade/shared/programme"
)

// Published are the rules by which a programme matches, to be read before anybody
// enrols. Words for a role stand in braces, see programme.Terms.
type Published struct {
	// Criteria are what every match meets, a sentence each.
	Criteria []string
	// Points are what counts for an allowed match, and for how much; none where people
	// choose for themselves.
	Points []Worth
	// Best says which of the sets of allowed matches is taken.
	Best string
}

// Worth is one rule of the score: so many points for what the words say, which follow
// the number.
type Worth struct {
	Points int
	Words  string
}

// Publish puts a programme's rules into words.
func Publish(p *programme.Programme) Published {
	place := "You are in the same region."
	switch p.Place.Within {
	case programme.Distance:
		place = fmt.Sprintf("Your postcode areas are the same, or at most about %d kilometres apart.", p.Place.Kilometres)
	case programme.Online:
		place = "You can meet, if need be without travelling."
	}
	var then []string
	for _, r := range p.Relax {
		switch r {
		case programme.Neighbouring:
			then = append(then, "somebody in a region that borders on theirs")
		case programme.Online:
			then = append(then, "somebody with whom they can meet without travelling")
		}
	}
	if len(then) > 0 {
		place += fmt.Sprintf(" Where nobody is left for {a client}, we look for %s; the match then says so.", listed(then, "and then for"))
	}
	out := Published{Criteria: []string{
		place,
		fmt.Sprintf("Your organisations are not in direct competition: they do not share a kind of service in the same %s. To this there is no exception.", p.Competition.Area),
		"Neither of you asked to avoid the other, nor declined a match with the other before, and the coordinator did not rule it out. Nobody is told which of these it was.",
		"You have a language in common.",
		"You have a way of meeting in common.",
		"The {consultant} has a skill for a need of the {client}.",
		"Nobody has more {clients} than they have room for, and no supervisor more {consultants} at work.",
	}}
	if p.Mode == programme.Directory {
		return out
	}
	w := p.Weights
	if p.Mode != programme.Ranked {
		w.Preference = 0 // nobody is asked for
	}
	for _, x := range []Worth{
		{w.Fit, "for each need that a skill meets, times the need’s priority and the skill’s level, 1 to 3 each"},
		{w.Breadth, "for each need that is met at all"},
		{w.Experience, "for each level by which a skill exceeds the {client}’s own"},
		{w.Size, "if the {consultant} leads a larger organisation, by bands of income"},
		{w.Difference, "if your organisations share no kind of service: a fresh pair of eyes"},
		{w.Availability, "for each half-day on which both of you are usually free"},
		{w.Preference, "for being asked for, from either side, times 3 for a first choice, 2 for a second and 1 for a third"},
	} {
		if x.Points > 0 {
			out.Points = append(out.Points, x)
		}
	}
	fair := "then the one that fits best for whoever fits least, "
	if p.Objective == programme.Total {
		fair = ""
	}
	out.Best = "Of all ways to match that these rules allow, we take the one that matches the most people, " + fair +
		"then the one with the most points. A lot that is fixed beforehand decides between equals: who enrols first has no advantage."
	return out
}
