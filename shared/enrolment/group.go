package enrolment

import (
	"reflect"
	"slices"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Group are answers that are told or corrected together.
type Group struct {
	// Name stands in addresses.
	Name, Title string
	// For is what they are used for, with roles in braces.
	For    string
	Inputs []string
	// Later: nobody has to tell them, and the form for a place does not ask.
	Later bool
}

// Groups are the groups of answers that somebody in a role can give and correct in a
// programme. The address is changed in its own way, and consent is another thing than an
// answer.
func Groups(p *programme.Programme, role programme.Role) []Group {
	client := role == programme.Client
	all := []Group{
		{"you", "Your name and phone number", "To write to you, and to introduce you to your match", []string{"name", "phone"}, false},
		{"organisation", "Your organisation", "To look for somebody near enough, and to tell organisations apart", []string{"organisation", "number", "postcode", "region", "income"}, false},
		{"categories", "What your organisation mainly does", "So that you are not matched with somebody in direct competition", []string{"categories"}, false},
		{"strengths", "What you could offer", "Kept for when you want to offer it. It does not count for a match now", []string{"strengths"}, false},
		{"skills", "What you need", "We look for somebody who offers it, first for what is most important", []string{"skills"}, false},
		{"experience", "What you know of it already", "We look for somebody who knows more of it than you", []string{"experience"}, false},
		{"words", "In your own words", "The people who run the programme read it, and your match, once there is one", []string{"situation", "hopes", "offering"}, true},
		{"introduction", "One sentence about you", "Whoever can choose you from the list reads it, beside your organisation and without your name, and so does your match", []string{"introduction"}, true},
		{"availability", "When and how you could meet", "Half-days that you share with somebody count for a match. Nobody is matched without a way of meeting and a language in common", []string{"availability", "meeting", "languages"}, true},
		{"capacity", "How many at once", "We never match you with more than you say, which is one unless you say so", []string{"capacity"}, true},
		{"size", "Last year’s income", "So that {a consultant} leads a larger organisation than the {client} they work with, where possible", []string{"income"}, true},
		{"conflicts", "Organisations to avoid", "We rule out anybody from there. The coordinators alone see it, and nobody is ever told", []string{"conflicts"}, true},
		{"funders", "Funders and commissioners", "For conflicts alone: we do not match you with anybody from there, nor with somebody who bids to the same. The coordinators alone see it, and nobody is ever told", []string{"mention", "bids"}, true},
		{"phone", "Your phone number", "For the people who run the programme to reach you where email does not", []string{"phone"}, true},
		{"extra", "What this programme asks beside", "Beside each question stands what it is used for. The coordinators alone see it", []string{"extra"}, true},
		{"heard", "How you heard of the programme", "So that the people who run it know how leaders find it", []string{"heard"}, true},
	}
	if !client {
		all[4].Title, all[4].For = "What you offer", "We look for somebody who needs it"
	}
	return slices.DeleteFunc(all, func(g Group) bool {
		switch g.Name {
		case "strengths", "experience":
			return !client
		case "capacity":
			return client
		case "introduction":
			return !p.Chooses(role.Other())
		case "size":
			return p.Weights.Size == 0
		case "extra":
			return len(p.Asks(role)) == 0
		}
		return false
	})
}

// GroupOf is the group of a name, which somebody in a role has.
func GroupOf(p *programme.Programme, role programme.Role, name string) (Group, error) {
	for _, g := range Groups(p, role) {
		if g.Name == name {
			return g, nil
		}
	}
	return Group{}, fault.New(fault.NotFound, "There is nothing to correct of that kind.")
}

// Told reports whether a form has an answer in a group. What everybody has, such as the usual
// language, is none.
func (g Group) Told(f Form) bool {
	return slices.ContainsFunc(g.Inputs, func(input string) bool {
		answer := reflect.ValueOf(f.Answer(input))
		switch answer.Kind() {
		case reflect.Slice, reflect.Map:
			return input != "languages" && answer.Len() > 0
		}
		return answer.IsValid() && !answer.IsZero()
	})
}

// Route is a way in which people hear of a programme.
type Route struct{ ID, Name string }

// ByInvitation is the id of the route of those to whom an invitation was passed on.
const ByInvitation = "passed-on"

// Routes are the ways in.
var Routes = []Route{
	{ByInvitation, "An invitation was passed on to me"},
	{"self", "I came across it myself"}, {"peer", "From another leader, or somebody who has taken part"},
	{"funder", "A funder or commissioner mentioned it"}, {"host", "The people who run it invited me"}, {"other", "In another way"},
}
