// Package correction is the form by which answers are corrected, a group at a time: by the
// person on their own page, and by staff on their behalf.
package correction

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// The kinds of inputs, as the page's template has them.
const (
	textInput = "input"
	textLines = "textarea"
	tickBoxes = "checkboxes"
	oneChoice = "select"
	skillsOf  = "skill-"
	ownOf     = "own-"
)

// Input is one input of the form, and how it is asked: the part "inputs" of the frame shows it.
type Input struct {
	Kind string
	web.Field
}

// Inputs are those of a group of answers, with what they hold.
func Inputs(page web.Page, p *programme.Programme, role programme.Role, g enrolment.Group, f enrolment.Form) (all []Input) {
	add := func(kind, name, label, value string, options ...web.Option) *web.Field {
		all = append(all, Input{kind, web.Field{Name: name, Label: p.Terms.Say(label), Value: value, Type: "text", Rows: 5, Options: options, Error: page.Error(name)}})
		return &all[len(all)-1].Field
	}
	for _, name := range g.Inputs {
		switch name {
		case "name":
			add(textInput, name, "Full name", f.Name).Autocomplete = "name"
		case "phone":
			in := add(textInput, name, "Phone number (optional)", f.Phone)
			in.Autocomplete, in.Type, in.Width = "tel", "tel", 20
		case "organisation":
			add(textInput, name, "Name", f.Organisation)
		case "number":
			add(textInput, name, "Register number (optional)", f.Number).Width = 20
		case "postcode":
			if p.Territory().HasPostcodes() {
				add(textInput, name, "Postcode", f.Postcode).Width = 10
			}
		case "region":
			var options []web.Option
			for _, region := range p.Territory().Regions() {
				options = append(options, web.Option{Value: region, Text: region})
			}
			add(oneChoice, name, "Region", f.Region, options...)
		case "income":
			add(textInput, name, "Last year’s income in pounds (optional)", strings.TrimPrefix(enrolment.Pounds(f.Income), "£")).Width = 10
		case "categories":
			var options []web.Option
			for _, c := range p.Categories {
				options = append(options, web.Option{Value: c.Code, Text: c.Name})
			}
			in := add(tickBoxes, name, "What does your organisation mainly do?", "", options...)
			in.Values, in.Hint = f.Categories, "Select up to three"
		case "strengths":
			var options []web.Option
			for _, skill := range p.Skills {
				options = append(options, web.Option{Value: skill.ID, Text: skill.Name})
			}
			add(tickBoxes, name, "What could you offer? (optional)", "", options...).Values = f.Strengths
		case "experience":
			for _, skill := range f.Topics(p) {
				add(oneChoice, ownOf+skill.ID, skill.Name, strconv.Itoa(f.Experience[skill.ID]), web.Numbered(enrolment.Own)...).Error = ""
			}
			if wrong := page.Error(name); wrong != "" && len(all) > 0 {
				all[0].Error = wrong
			}
		case "skills":
			for _, skill := range p.Skills {
				in := add(oneChoice, skillsOf+skill.ID, skill.Name, strconv.Itoa(f.Skills[skill.ID]), web.Numbered(enrolment.Levels(role))...)
				in.Error = ""
			}
			if wrong := page.Error(name); wrong != "" && len(all) > 0 {
				all[0].Error = wrong
			}
		case "availability":
			var options []web.Option
			for _, h := range enrolment.HalfDays {
				options = append(options, web.Option{Value: h.ID, Text: h.Name})
			}
			add(tickBoxes, name, "When can you usually meet? (optional)", "", options...).Values = f.Availability
		case "meeting":
			var options []web.Option
			for _, m := range enrolment.Meetings {
				options = append(options, web.Option{Value: m.ID, Text: m.Name})
			}
			add(tickBoxes, name, "How could you meet? (optional)", "", options...).Values = f.Meeting
		case "languages":
			if spoken := p.Spoken(); len(spoken) > 1 {
				var options []web.Option
				for _, l := range spoken {
					options = append(options, web.Option{Value: l, Text: l})
				}
				add(tickBoxes, name, "In which languages could you meet?", "", options...).Values = f.Languages
			}
		case "situation":
			add(textLines, name, "Where do you and your organisation stand? (optional)", f.Situation)
		case "hopes":
			add(textLines, name, "What do you hope for? (optional)", f.Hopes).Hint = "You need not know yet what to work on: thinking it through together is a good reason, too"
		case "offering":
			add(textLines, name, "What could you offer, and where did you learn it? (optional)", f.Offering)
		case "introduction":
			in := add(textInput, name, "What should {clients} know of you? (optional)", f.Introduction)
			if role == programme.Client {
				in.Label = p.Terms.Say("What should {consultants} know of you? (optional)")
			}
			in.Hint = "One sentence of up to 200 characters. They read it before they choose, so leave out what only your match should know"
		case "extra":
			all = append(all, Questions(page, p.Asks(role), f.Extra)...)
		case "heard":
			options := []web.Option{{Text: "I would rather not say"}}
			for _, r := range enrolment.Routes {
				options = append(options, web.Option{Value: r.ID, Text: r.Name})
			}
			add(oneChoice, name, "How did you hear of this programme? (optional)", f.Heard, options...)
		case "mention":
			add(textInput, name, "Did a funder or commissioner mention this programme to you? (optional)", f.Mention).Hint = "Their name"
		case "bids":
			add(textLines, name, "To which funders or commissioners are you bidding? (optional)", strings.Join(f.Bids, "\n")).Hint = "Now, or in the months of the programme. One on each line"
		case "conflicts":
			add(textLines, name, "Organisations that we should not match you with (optional)", strings.Join(f.Conflicts, "\n")).Hint = "One on each line, by name or register number"
		case "capacity":
			in := add(textInput, name, "How many {clients} could you work with at once?", strconv.Itoa(f.Capacity))
			in.Hint, in.Width = "A number from 1 to 5", 2
		}
	}
	return all
}

// Read is a form with the answers of a group as they were posted.
func Read(f enrolment.Form, g enrolment.Group, v url.Values) enrolment.Form {
	for _, name := range g.Inputs {
		switch name {
		case "name":
			f.Name = v.Get(name)
		case "phone":
			f.Phone = v.Get(name)
		case "organisation":
			f.Organisation = v.Get(name)
		case "number":
			f.Number = v.Get(name)
		case "postcode":
			f.Postcode = v.Get(name)
		case "region":
			f.Region = v.Get(name)
		case "income":
			var ok bool
			if f.Income, ok = enrolment.ParseIncome(v.Get(name)); !ok {
				f.Income = -1 // refused by the form's rules
			}
		case "categories":
			f.Categories = v[name]
		case "strengths":
			f.Strengths = v[name]
		case "situation":
			f.Situation = v.Get(name)
		case "hopes":
			f.Hopes = v.Get(name)
		case "offering":
			f.Offering = v.Get(name)
		case "introduction":
			f.Introduction = v.Get(name)
		case "extra":
			f.Extra = Answers(v)
		case "heard":
			f.Heard = v.Get(name)
		case "mention":
			f.Mention = v.Get(name)
		case "bids":
			f.Bids = lines(v.Get(name))
		case "availability":
			f.Availability = v[name]
		case "meeting":
			f.Meeting = v[name]
		case "languages":
			f.Languages = slices.Clone(v[name])
		case "conflicts":
			f.Conflicts = lines(v.Get(name))
		case "capacity":
			if f.Capacity, _ = strconv.Atoi(strings.TrimSpace(v.Get(name))); f.Capacity == 0 {
				f.Capacity = -1 // refused by the form's rules: here it is asked
			}
		case "skills":
			f.Skills = levels(v, skillsOf)
		case "experience":
			f.Experience = levels(v, ownOf)
		}
	}
	return f
}

// Questions are the inputs of a programme's own questions, each with what it is used for.
func Questions(page web.Page, asked []programme.Question, answers map[string]string) (all []Input) {
	for _, q := range asked {
		name, label := enrolment.ExtraInput(q.ID), q.Label
		if !q.Required {
			label += " (optional)"
		}
		in := Input{textLines, web.Field{Name: name, Label: page.Say(label), Value: answers[q.ID], Rows: 5, Error: page.Error(name)}}
		if len(q.Options) > 0 {
			in.Kind, in.Options = oneChoice, []web.Option{{Text: "Select"}}
			for _, o := range q.Options {
				in.Options = append(in.Options, web.Option{Value: o, Text: o})
			}
		}
		if in.Hint = page.Say(q.Hint); in.Hint != "" {
			in.Hint += ". "
		}
		in.Hint += "For: " + page.Say(q.For)
		all = append(all, in)
	}
	return all
}

// Answers are those to the programme's own questions, by their ids, as they were posted.
func Answers(v url.Values) map[string]string {
	all := map[string]string{}
	for name, values := range v {
		if id, ok := strings.CutPrefix(name, enrolment.ExtraInput("")); ok && len(values) > 0 {
			all[id] = values[0]
		}
	}
	return all
}

// lines are what stands on the lines of a text area.
func lines(text string) []string {
	return strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
}

// levels are those of the inputs whose names begin so, by what follows; 0 is none.
func levels(v url.Values, begins string) map[string]int {
	all := map[string]int{}
	for name, values := range v {
		id, ok := strings.CutPrefix(name, begins)
		if !ok || len(values) == 0 {
			continue
		}
		level, err := strconv.Atoi(values[0])
		if err != nil {
			level = -1 // refused by the form's rules
		}
		if level != 0 {
			all[id] = level
		}
	}
	return all
}
