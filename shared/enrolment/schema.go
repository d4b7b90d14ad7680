package enrolment

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/privacy"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Schema is part of a description in JSON Schema 2020-12, as OpenAPI 3.1 takes it.
type Schema = map[string]any

// Describe says what the form of somebody in a role takes in a programme, as one JSON document,
// and flat as a web page posts it, see ReadForm. Both follow from the form's fields, their rules,
// the programme's lists and what an empty form lacks, so that an input cannot be left out here.
// What no schema can say, such as which postcodes there are, is refused when it is sent.
func Describe(p *programme.Programme, role programme.Role) (document, posted Schema) {
	inside, flat := map[string]any{}, map[string]any{}
	lists, t := choices(p, role), reflect.TypeFor[Form]()
	missing := lacking(p, role)
	var required, needed []string // needed are those of the flat form
	for _, name := range missing {
		if slices.Contains(Inputs, name) {
			required = append(required, name)
		} else if !slices.Contains(required, "extra") {
			required = append(required, "extra") // a question of the programme's own
		}
	}
	for i := range t.NumField() {
		field := t.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		s := describe(field, lists[name])
		narrow(s, name, p, role)
		if about, ok := abouts[name]; ok {
			s["description"] = about
		}
		inside[name] = s
		if field.Type.Kind() != reflect.Map {
			flat[name] = s
			continue
		}
		if s["maxProperties"] == 0 {
			continue
		}
		for _, c := range lists[name] {
			each := maps.Clone(s["additionalProperties"].(Schema))
			each["description"] = c.name
			flat[name+"."+c.id] = each
			if slices.Contains(missing, ExtraInput(c.id)) && name == "extra" {
				needed = append(needed, name+"."+c.id)
			}
		}
	}
	for _, name := range required {
		if flat[name] != nil {
			needed = append(needed, name)
		}
	}
	return object(inside, required), object(flat, needed)
}

func object(properties map[string]any, required []string) Schema {
	return Schema{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}

// choice is one of what can be chosen, by the id that is sent.
type choice struct{ id, name string }

// choices are those of the inputs that have some.
func choices(p *programme.Programme, role programme.Role) map[string][]choice {
	all := map[string][]choice{}
	for _, c := range p.Categories {
		all["categories"] = append(all["categories"], choice{c.Code, c.Name})
	}
	for _, s := range p.Skills {
		all["skills"] = append(all["skills"], choice{s.ID, s.Name})
	}
	all["experience"], all["strengths"] = all["skills"], all["skills"]
	for _, r := range Routes {
		all["heard"] = append(all["heard"], choice{r.ID, r.Name})
	}
	for _, l := range p.Spoken() {
		all["languages"] = append(all["languages"], choice{l, l})
	}
	for _, r := range p.Territory().Regions() {
		all["region"] = append(all["region"], choice{r, r})
	}
	for _, h := range HalfDays {
		all["availability"] = append(all["availability"], choice{h.ID, h.Name})
	}
	for _, m := range Meetings {
		all["meeting"] = append(all["meeting"], choice{m.ID, m.Name})
	}
	for _, q := range p.Asks(role) {
		all["extra"] = append(all["extra"], choice{q.ID, q.Label})
	}
	for _, r := range p.Rules(role) {
		all["fits"] = append(all["fits"], choice{r.ID, r.Ask})
	}
	for _, a := range privacy.Asked() {
		all["agrees"] = append(all["agrees"], choice{string(a.ID), a.Title})
	}
	return all
}

// lacking are the inputs that an empty form lacks: those that have to be there.
func lacking(p *programme.Programme, role programme.Role) (names []string) {
	var invalid *fault.Invalid
	if errors.As(Form{}.Normalised(p).Check(p, role), &invalid) {
		for _, f := range invalid.Fields {
			names = append(names, f.Name)
		}
	}
	return names
}

// describe is what a field's type and rules say, and what can be chosen.
func describe(field reflect.StructField, list []choice) Schema {
	own, each, _ := strings.Cut(field.Tag.Get("validate"), "dive")
	s := ruled(field.Type, own)
	switch field.Type.Kind() {
	case reflect.Slice:
		items := ruled(field.Type.Elem(), each)
		bounded(items, list)
		s["items"] = items
	case reflect.Map:
		s["additionalProperties"] = ruled(field.Type.Elem(), each)
		if len(list) > 0 {
			names := Schema{}
			bounded(names, list)
			s["propertyNames"] = names
		}
	default:
		bounded(s, list)
	}
	return s
}

// bounded bounds a schema to a list.
func bounded(s Schema, list []choice) {
	if len(list) == 0 {
		return
	}
	var ids, names []string
	for _, c := range list {
		ids = append(ids, c.id)
		names = append(names, c.id+": "+c.name)
	}
	s["enum"] = ids
	s["description"] = strings.Join(names, "; ")
}

// The words for the bounds of a type.
var bounds = map[reflect.Kind][2]string{
	reflect.String: {"minLength", "maxLength"}, reflect.Int: {"minimum", "maximum"}, reflect.Slice: {"minItems", "maxItems"}, reflect.Map: {"minProperties", "maxProperties"},
}

// ruled is a type with the rules that a schema can say.
func ruled(t reflect.Type, rules string) Schema {
	s := Schema{"type": map[reflect.Kind]string{reflect.String: "string", reflect.Int: "integer", reflect.Bool: "boolean", reflect.Slice: "array", reflect.Map: "object"}[t.Kind()]}
	if s["type"] == "" {
		panic("no schema for a " + t.String())
	}
	for rule := range strings.SplitSeq(strings.Trim(rules, ","), ",") {
		name, value, _ := strings.Cut(rule, "=")
		n, _ := strconv.Atoi(value)
		switch name {
		case "required":
			if t.Kind() == reflect.String {
				s["minLength"] = 1
			}
		case "min":
			s[bounds[t.Kind()][0]] = n
		case "max":
			s[bounds[t.Kind()][1]] = n
		case "unique":
			s["uniqueItems"] = true
		}
	}
	return s
}

// narrow says of an input what follows from the programme and the role.
func narrow(s Schema, name string, p *programme.Programme, role programme.Role) {
	switch {
	case name == "consent":
		s["const"] = p.Privacy.Version
	case name == "postcode" && !p.Territory().HasPostcodes():
		s["maxLength"] = 0
	case name == "capacity" && role == programme.Consultant:
		s["minimum"], s["maximum"] = 0, MaxCapacity
	case name == "capacity":
		s["minimum"], s["maximum"] = 0, 1
	case name == "experience" && role == programme.Consultant:
		s["maxProperties"] = 0
	case name == "extra":
		s["maxProperties"] = len(p.Asks(role))
	case name == "fits":
		s["minItems"], s["maxItems"] = len(p.Rules(role)), len(p.Rules(role))
	case name == "introduction" && !p.Chooses(role.Other()):
		s["maxLength"] = 0
	case name == "strengths" && role == programme.Consultant:
		s["maxItems"] = 0
	case name == "skills" && role == programme.Client:
		s["maxProperties"] = MostNeeds
	}
}

// abouts say of inputs what their names do not.
var abouts = map[string]string{
	"name":         "The person’s full name.",
	"email":        "The person’s email address, where we ask to confirm.",
	"phone":        "A phone number, or nothing.",
	"organisation": "The name of the organisation that they lead.",
	"number":       "Its number on a register of charities or companies, like 1000430, SC012345 or NIC101234, or nothing.",
	"postcode":     "The organisation’s postcode.",
	"region":       "The region that the organisation is in; left out, that of the postcode, or the usual one where it lies in several.",
	"income":       "Last year’s income in pounds; 0 or left out where it is not told.",
	"skills":       "What is needed or offered, a level from 1 to 3 each.",
	"experience":   "The person’s own level from 1 to 3 in each skill, or left out.",
	"extra":        "Answers to the programme’s own questions.",
	"fits":         "The programme’s rules that are so of the person.",
	"strengths":    "What the person could offer others.",
	"situation":    "Where they stand, in their own words.",
	"hopes":        "What they hope for, in their own words.",
	"offering":     "What they could offer, in their own words.",
	"introduction": "One sentence about the person, for those who can choose them from a list.",
	"heard":        "How they heard of the programme.",
	"mention":      "The funder or commissioner who mentioned it to them; for conflicts of interest alone.",
	"bids":         "Funders and commissioners to whom they bid; for conflicts of interest alone.",
	"conflicts":    "Organisations with which they do not want to be matched, by name or number.",
	"capacity":     "With how many at once; left out, one.",
	"consent":      "The version of the privacy notice that the person was shown and agreed to.",
}
