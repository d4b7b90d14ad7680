package enrolment

import (
	"slices"
	"strconv"
	"strings"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/privacy"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Answer is what a form says to a question, as people read it.
type Answer struct {
	Question string
	// Input is by which input it is asked, see Inputs: that of which skills it is about is
	// skills, and that of how much of each experience.
	Input string
	Lines []string
	// Private: nobody but its person and the coordinators may learn of it, so that no email
	// repeats it.
	Private bool
}

// Answers are all that a form says, as people read it: what a place needs, whether or not it
// is told, and what else is told.
func (f Form) Answers(p *programme.Programme, role programme.Role) []Answer {
	var all []Answer
	needed := func(question, input string, lines ...string) {
		all = append(all, Answer{Question: question, Input: input, Lines: lines})
	}
	told := func(question, input string, lines ...string) {
		if lines = slices.DeleteFunc(lines, func(l string) bool { return l == "" }); len(lines) > 0 {
			needed(question, input, lines...)
		}
	}
	private := func(question, input string, lines ...string) {
		n := len(all)
		told(question, input, lines...)
		for i := n; i < len(all); i++ {
			all[i].Private = true
		}
	}

	var beside, categories, strengths, topics, levels, own []string
	for _, id := range f.Agrees {
		asked, _ := privacy.Of(privacy.PurposeID(id))
		beside = append(beside, asked.Title)
	}
	for _, c := range f.Categories {
		categories = append(categories, p.CategoryName(c))
	}
	for _, s := range p.Skills {
		if slices.Contains(f.Strengths, s.ID) {
			strengths = append(strengths, s.Name)
		}
	}
	for _, s := range f.Topics(p) {
		level, knows := "not said yet", "not said yet"
		if n := f.Skills[s.ID]; n > 0 {
			level, knows = Levels(role)[min(n, 3)], Own[min(max(f.Experience[s.ID], 0), 3)]
		}
		topics, levels, own = append(topics, s.Name), append(levels, s.Name+": "+level), append(own, s.Name+": "+knows)
	}

	told("Agreed to beside", "agrees", beside...)
	needed("Name", "name", f.Name)
	needed("Email", "email", email.Address(f.Email).Shown())
	told("Phone", "phone", f.Phone)
	needed("Organisation", "organisation", f.Organisation)
	needed("Register number", "number", f.Number)
	if p.Territory().HasPostcodes() {
		needed("Postcode", "postcode", f.Postcode)
	}
	if p.Weights.Size > 0 {
		told("Last year’s income", "income", Pounds(f.Income))
	}
	needed("Region", "region", f.Where(p))
	needed("Mainly does", "categories", categories...)
	if role == programme.Client {
		needed("What you could offer", "strengths", strengths...)
		needed("What you need", "skills", topics...)
		needed("How important it is", "experience", levels...)
		needed("What you know of it", "experience", own...)
	} else {
		needed("What you offer", "skills", topics...)
		needed("How experienced you are", "experience", levels...)
	}
	told("Can usually meet", "availability", names(HalfDays, f.Availability)...)
	told("Could meet", "meeting", names(Meetings, f.Meeting)...)
	if len(p.Spoken()) > 1 {
		told("Languages", "languages", f.Languages...)
	}
	if role == programme.Consultant && f.Capacity > 0 {
		told("How many at once", "capacity", strconv.Itoa(f.Capacity))
	}
	told("Where you stand", "situation", strings.Split(f.Situation, "\n")...)
	told("What you hope for", "hopes", strings.Split(f.Hopes, "\n")...)
	told("What you could offer, in your words", "offering", strings.Split(f.Offering, "\n")...)
	told("One sentence about you", "introduction", f.Introduction)
	for _, q := range p.Asked(role) {
		told(p.Terms.Say(q.Label), "extra", strings.Split(f.Extra[q.ID], "\n")...)
	}
	for _, r := range p.Eligibility.Rules {
		if slices.Contains(f.Fits, r.ID) {
			told(p.Terms.Say(r.Ask), "fits", "Yes")
		}
	}
	told("How you heard of it", "heard", names(Routes, []string{f.Heard})...)
	private("Organisations to avoid", "conflicts", f.Conflicts...)
	private("Who mentioned it to you", "mention", f.Mention)
	private("To whom you bid", "bids", f.Bids...)
	return all
}

// names are those of what was chosen, in the order of what there is.
func names[T HalfDay | Meeting | Route](all []T, chosen []string) (names []string) {
	for _, x := range all {
		if o := (Route)(x); slices.Contains(chosen, o.ID) {
			names = append(names, o.Name)
		}
	}
	return names
}
