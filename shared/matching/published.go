package matching

import (
	"github.com/cascading-leadership/cascade/shared/language"
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

// Publish puts a programme's rules into words in a language.
func Publish(p *programme.Programme, in language.Language) Published {
	var out Published
	for _, c := range criteria {
		out.Criteria = append(out.Criteria, c.published(p, in))
	}
	out.Criteria = append(out.Criteria, in.Say("Nobody has more {clients} than they have room for, and no supervisor more {consultants} at work."))
	if p.Mode == programme.Directory {
		return out
	}
	w := p.Weights
	if p.Mode != programme.Ranked {
		w.Preference = 0 // nobody is asked for
	}
	for _, r := range scoring {
		if weight := r.weight(&w); weight > 0 {
			out.Points = append(out.Points, Worth{weight, in.Say(r.words)})
		}
	}
	out.Best = in.Say("Of all ways to match that these rules allow, we take the one that matches the most people, then the one that fits best for whoever fits least, then the one with the most points. A lot that is fixed beforehand decides between equals: who enrols first has no advantage.")
	if p.Objective == programme.Total {
		out.Best = in.Say("Of all ways to match that these rules allow, we take the one that matches the most people, then the one with the most points. A lot that is fixed beforehand decides between equals: who enrols first has no advantage.")
	}
	return out
}
