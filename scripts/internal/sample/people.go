package sample

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/geography"
	"github.com/cascading-leadership/cascade/shared/lookup"
	"github.com/cascading-leadership/cascade/shared/organisation"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/supervision"
)

// organisations are real; see README.md for their source and licence.
//
//go:embed organisations.csv
var organisations string

// names are made up and plainly so: each is followed by "Example" or "Sample".
var names = strings.Fields("Addison Ash Bailey Blair Brook Cameron Casey Charlie Dale Darcy Drew Eden Ellis Finley Frankie " +
	"Glen Harley Jamie Jesse Jules Kerry Lane Lesley Marley Nicky Quinn Reese Rowan Sage Tatum")

// meetings are what people answer when they are asked how they could meet.
var meetings = [][]string{{"in-person", "video"}, {"video", "phone"}, {"in-person", "video", "phone"}}

// entry is one leader's form, with the role that they take.
type entry struct {
	role programme.Role
	form enrolment.Form
}

// entries are the forms of 15 and 15 leaders, always the same.
func entries(p *programme.Programme) ([]entry, error) {
	rows, err := csv.NewReader(strings.NewReader(organisations)).ReadAll()
	if err != nil {
		return nil, err
	}
	random := rand.New(rand.NewPCG(2016, 15))
	var all []entry
	for i, row := range rows[1:] {
		e := entry{role: programme.Role(row[0])}
		surname := map[programme.Role]string{programme.Client: "Example", programme.Consultant: "Sample"}[e.role]
		e.form = enrolment.Form{
			Name:         names[i] + " " + surname,
			Email:        strings.ToLower(names[i] + "." + surname + "@example.org"),
			Phone:        fmt.Sprintf("020 7946 %04d", i), // a range kept for fiction
			Organisation: name(row[2]), Number: row[1], Postcode: row[3],
			Categories: categories(p, row[6]),
			Skills:     map[string]int{},
			Meeting:    meetings[i%len(meetings)],
			Languages:  p.Languages[:1],
			Consent:    p.Privacy.Version,
		}
		income, ok := enrolment.ParseIncome(row[5])
		if !ok {
			return nil, fmt.Errorf("%s: the income %q is no number", row[2], row[5])
		}
		e.form.Income = income
		wanted, half := 4, 5
		if e.role == programme.Consultant {
			wanted, e.form.Capacity = 9, 1
		}
		for _, s := range random.Perm(len(p.Skills))[:wanted] {
			e.form.Skills[p.Skills[s].ID] = 1 + random.IntN(3)
		}
		for _, h := range random.Perm(len(enrolment.HalfDays))[:half] {
			e.form.Availability = append(e.form.Availability, enrolment.HalfDays[h].ID)
		}
		all = append(all, e)
	}
	return all, nil
}

// listed are the organisations as their registers have them, to be looked up.
func listed(now time.Time) (*lookup.List, []lookup.Source, error) {
	rows, err := csv.NewReader(strings.NewReader(organisations)).ReadAll()
	if err != nil {
		return nil, nil, err
	}
	var all []lookup.Organisation
	count := map[lookup.Register]int{}
	for _, row := range rows[1:] {
		o := lookup.Organisation{Number: organisation.Number(row[1]), Name: row[2]}
		if postcode, ok := geography.UK().Parse(row[3]); ok {
			o.District = postcode.District()
		}
		all = append(all, o)
		count[lookup.RegisterOf(o.Number)]++
	}
	var from []lookup.Source
	for _, r := range lookup.Registers {
		if count[r] > 0 {
			from = append(from, lookup.Source{Register: r, Organisations: count[r], ReadAt: now})
		}
	}
	l, err := lookup.New(all)
	return l, from, err
}

// supervisors are made up too. Between them they have room for everybody.
var supervisors = []supervision.Form{
	{Name: "Avery Sample", Email: "avery.sample@example.org", Capacity: 6},
	{Name: "Robin Sample", Email: "robin.sample@example.org", Capacity: 6},
	{Name: "Skyler Sample", Email: "skyler.sample@example.org", Capacity: 5},
}

// name is an organisation's name in capital and small letters: registers often
// write it in capitals throughout.
func name(s string) string {
	if s != strings.ToUpper(s) {
		return s
	}
	words := strings.Fields(strings.ToLower(s))
	for i, w := range words {
		if i == 0 || !slices.Contains([]string{"of", "and", "the", "to", "for", "across"}, w) {
			at := strings.IndexFunc(w, func(r rune) bool { return r != '(' })
			words[i] = w[:at] + strings.ToUpper(w[at:at+1]) + w[at+1:]
		}
	}
	return strings.Join(words, " ")
}

// categories are up to three of the programme's kinds of service in UK-CAT tags,
// whose first two letters are the kind.
func categories(p *programme.Programme, tags string) []string {
	var codes []string
	for tag := range strings.SplitSeq(tags, ";") {
		code := tag[:2]
		known := slices.ContainsFunc(p.Categories, func(c programme.Category) bool { return c.Code == code })
		if known && !slices.Contains(codes, code) && len(codes) < 3 {
			codes = append(codes, code)
		}
	}
	return codes
}
