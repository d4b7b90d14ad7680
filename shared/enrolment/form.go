package enrolment

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/form"
	"github.com/cascading-leadership/cascade/shared/geography"
	"github.com/cascading-leadership/cascade/shared/organisation"
	"github.com/cascading-leadership/cascade/shared/privacy"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/text"
)

// Form is what a leader enters, by the pages or as one JSON document; the JSON
// names are also the names of the inputs.
type Form struct {
	Name         string `json:"name" validate:"required,max=100,plain,named"`
	Email        string `json:"email" validate:"required,address"`
	Phone        string `json:"phone" validate:"max=30,phone"`
	Organisation string `json:"organisation" validate:"required,max=200,plain,named"`
	Number       string `json:"number"`
	Postcode     string `json:"postcode"`
	// Region is the programme's region in which they say that they are; left out, that of
	// the postcode where there is only one.
	Region string `json:"region"`
	// Income is the organisation's last year's in GBP, see ParseIncome; 0 where it is
	// not told.
	Income     int            `json:"income" validate:"min=0,max=99999999999"`
	Categories []string       `json:"categories" validate:"min=1,max=3,unique"`
	Skills     map[string]int `json:"skills" validate:"min=1,dive,min=1,max=3"`
	// Experience are a client's own levels in skills, 1 to 3, for which matching looks
	// for more. The pages do not ask: a second level beside each of the priorities
	// would make the form tiresome, and what is left out counts as none. It is for
	// other systems that enrol people and know it.
	Experience   map[string]int `json:"experience" validate:"dive,min=1,max=3"`
	Availability []string       `json:"availability" validate:"min=1,unique,dive,halfday"`
	// Meeting are ids of Meetings.
	Meeting []string `json:"meeting" validate:"min=1,unique,dive,meeting"`
	// Languages are some of the programme's; left out, its usual one.
	Languages []string `json:"languages" validate:"omitempty,min=1,unique"`
	Capacity  int      `json:"capacity"`
	Conflicts []string `json:"conflicts" validate:"max=20,dive,max=200,plain"`
	// Consent is the version of the privacy notice that the person agreed to.
	Consent string `json:"consent"`
	// Agrees are the purposes beside to which they agreed, each by itself: none has to be.
	Agrees []string `json:"agrees,omitempty" validate:"unique"`
}

// MaxCapacity is the most pairings at once that one consultant may offer.
const MaxCapacity = 5

// checker has the rules of this form alone.
var checker = form.New(form.Rules{
	"phone":   func(s string) bool { return s == "" || digits(s) >= 7 && digits(s) <= 15 && phoneForm().MatchString(s) },
	"halfday": func(s string) bool { return slices.ContainsFunc(HalfDays, func(h HalfDay) bool { return h.ID == s }) },
	"meeting": func(s string) bool { return slices.ContainsFunc(Meetings, func(m Meeting) bool { return m.ID == s }) },
})

// The forms are compiled when the first person enrols, not when a process starts.
var (
	phoneForm = compiled(`^[0-9+()./ext -]+$`)
)

func compiled(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

func digits(s string) int {
	n := 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			n++
		}
	}
	return n
}

// phone is a number as it is pasted, with the dashes and the letters of the keyboard.
func phone(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Pd, r) || r == '−' {
			return '-'
		}
		return unicode.ToLower(r)
	}, text.Tidy(norm.NFKC.String(s)))
}

// messages say what to enter, by input and rule; the empty rule is any other.
var messages = form.Messages{
	"name":         {"required": "Enter your full name", "max": "Your name must be 100 characters or fewer", "": "Enter your name using letters, without special codes"},
	"email":        {"required": "Enter your email address"},
	"phone":        {"": "Enter a phone number, like 020 7946 0000, or leave it empty"},
	"organisation": {"required": "Enter the name of your organisation", "max": "The name must be 200 characters or fewer", "": "Enter the name using letters, without special codes"},
	"number": {
		"northern": "If your organisation is on the register of Northern Ireland, enter NIC before the number, like NIC101234. If not, check the number, or leave it empty",
		"":         "Enter a register number, like 1000430, SC012345 or NIC101234, or leave it empty",
	},
	"postcode": {
		"required": "Enter your organisation’s postcode",
		"islands":  "Enter a postcode in the UK’s regions where you could meet: we match people by region, and the Isle of Man, Jersey and Guernsey lie in none",
		"forces":   "Enter the postcode of a place where you could meet: we match people by region, and a postcode of the British Forces lies in none",
		"nowhere":  "Enter the postcode of a place where you could meet: this one belongs to an organisation and to no region",
		"":         "Enter a full UK postcode, like LS6 2AB",
		"own":      "Enter a postcode that begins as one of this programme’s does, like %s",
		"none":     "Leave this out",
	},
	"region":       {"required": "Select the region that your organisation is in", "": "Select from the regions in the list"},
	"income":       {"": "Enter last year’s income in pounds, " + IncomeExamples + ", or leave it empty"},
	"categories":   {"min": "Select what your organisation mainly does", "max": "Select no more than three", "": "Select each only once"},
	"availability": {"min": "Select when you can usually meet", "": "Select from the half-days in the list"},
	"meeting":      {"min": "Select how you could meet", "": "Select from the ways in the list"},
	"languages":    {"min": "Select in which languages you could meet", "": "Select from the languages in the list, each only once"},
	"conflicts":    {"": "Enter up to 20 organisations, one on each line, each 200 characters or fewer"},
	"skills":       {"min": "Select at least one", "": "Select from the choices in the list"},
	"agrees":       {"": "Select from what is asked, each only once"},
	"experience":   {"": "Give levels from 1 to 3 for skills in the list, or leave this out"},
}

// Normalised is the form with every text tidied, and with the many ways of writing one of
// the programme's postcodes or a register's number brought to one.
func (f Form) Normalised(p *programme.Programme) Form {
	f.Name, f.Organisation, f.Phone = text.Tidy(f.Name), text.Tidy(f.Organisation), phone(f.Phone)
	f.Email, f.Postcode, f.Region, f.Consent = string(email.Read(f.Email)), text.Tidy(f.Postcode), text.Tidy(f.Region), text.Tidy(f.Consent)
	f.Categories, f.Availability, f.Meeting, f.Languages = text.All(f.Categories), text.All(f.Availability), text.All(f.Meeting), text.All(f.Languages)
	f.Agrees = text.All(f.Agrees)
	f.Skills, f.Experience = tidyKeys(f.Skills), tidyKeys(f.Experience)
	if postcode, ok := p.Territory().Parse(f.Postcode); ok {
		f.Postcode = string(postcode)
	}
	f.Number = text.Tidy(f.Number)
	if n, err := organisation.ParseNumber(f.Number, f.Postcode); err == nil {
		f.Number = string(n)
	}
	conflicts := make([]string, 0, len(f.Conflicts))
	for _, c := range f.Conflicts {
		if c = text.Tidy(c); c != "" {
			conflicts = append(conflicts, c)
		}
	}
	f.Conflicts = conflicts
	if len(f.Experience) == 0 {
		f.Experience = nil
	}
	return f
}

// tidyKeys are levels with the ids of their skills tidied. Where two would be one they stay
// as they are, and are refused.
func tidyKeys(levels map[string]int) map[string]int {
	tidied := make(map[string]int, len(levels))
	for id, level := range levels {
		tidied[text.Tidy(id)] = level
	}
	if len(levels) == 0 || len(tidied) < len(levels) {
		return levels
	}
	return tidied
}

// Check says what to correct in a normalised form: every input, or only those
// named. The error is a *fault.Invalid with the inputs in the form's order.
func (f Form) Check(p *programme.Programme, role programme.Role, only ...string) error {
	found := checker.Wrong(f, messages)
	switch _, err := organisation.ParseNumber(f.Number, f.Postcode); {
	case errors.Is(err, organisation.ErrNorthern):
		found["number"] = messages.Of("number", "northern")
	case err != nil:
		found["number"] = messages.Of("number", "")
	}
	if text := f.checkPostcode(p.Territory()); text != "" {
		found["postcode"] = text
	}
	if text := f.checkRegion(p.Territory()); text != "" {
		found["region"] = text
	}
	for _, code := range f.Categories {
		if !slices.ContainsFunc(p.Categories, func(c programme.Category) bool { return c.Code == code }) {
			found["categories"] = "Select from the list"
		}
	}
	for name, levels := range map[string]map[string]int{"skills": f.Skills, "experience": f.Experience} {
		for id := range levels {
			if !slices.ContainsFunc(p.Skills, func(s programme.Skill) bool { return s.ID == id }) {
				found[name] = messages.Of(name, "")
			}
		}
	}
	if role == programme.Consultant && len(f.Experience) > 0 {
		found["experience"] = "Leave this out"
	}
	if len(f.Languages) == 0 && len(p.Spoken()) == 1 {
		delete(found, "languages") // there is nothing to select
	}
	for _, l := range f.Languages {
		if !slices.Contains(p.Spoken(), l) {
			found["languages"] = messages.Of("languages", "")
		}
	}
	if role == programme.Consultant && (f.Capacity < 1 || f.Capacity > MaxCapacity) {
		found["capacity"] = fmt.Sprintf("Enter a number from 1 to %d", MaxCapacity)
	}
	if role == programme.Client && f.Capacity != 0 && f.Capacity != 1 {
		found["capacity"] = "Leave this out"
	}
	if f.Consent != p.Privacy.Version {
		found["consent"] = "Select that you have read the privacy notice and agree"
	}

	for _, a := range f.Agrees {
		if asked, ok := privacy.Of(privacy.PurposeID(a)); !ok || asked.Basis != privacy.Consent {
			found["agrees"] = messages.Of("agrees", "")
		}
	}

	var invalid fault.Invalid
	for _, name := range Inputs {
		if enter, bad := found[name]; bad && (len(only) == 0 || slices.Contains(only, name)) {
			invalid.Add(name, "%s", enter)
		}
	}
	return invalid.Err()
}

// checkPostcode says what is wrong with the postcode, "" where nothing is.
func (f Form) checkPostcode(t *geography.Territory) string {
	_, ok := t.Parse(f.Postcode)
	switch {
	case ok, f.Postcode == "" && !t.HasPostcodes():
		return ""
	case !t.HasPostcodes():
		return messages.Of("postcode", "none")
	case f.Postcode == "":
		return messages.Of("postcode", "required")
	case t.IsUK():
		return messages.Of("postcode", geography.Unplaced(f.Postcode))
	}
	return fmt.Sprintf(messages.Of("postcode", "own"), t.Districts()[0])
}

// checkRegion says what is wrong with the region. None is missing where a postcode is
// wrong, which is said of that.
func (f Form) checkRegion(t *geography.Territory) string {
	postcode, _ := t.Parse(f.Postcode)
	switch {
	case f.Region != "" && !t.Has(f.Region):
		return messages.Of("region", "")
	case f.Region == "" && len(t.Choices(postcode)) > 1:
		return messages.Of("region", "required")
	}
	return ""
}

// Regions are those in which somebody with the form's postcode may be, the usual one
// first. Where there are several, people are asked.
func (f Form) Regions(p *programme.Programme) []string {
	postcode, _ := p.Territory().Parse(f.Postcode)
	return p.Territory().Choices(postcode)
}

// Where is the region that the form says, or the only one that there is; "" where it is to
// be asked.
func (f Form) Where(p *programme.Programme) string {
	if all := f.Regions(p); f.Region == "" && len(all) == 1 {
		return all[0]
	}
	return f.Region
}

// InUsualRegion is a form of somebody who cannot be asked, in the region in which most
// with their postcode are where it says none.
func (f Form) InUsualRegion(p *programme.Programme) Form {
	if postcode, ok := p.Territory().Parse(f.Postcode); ok && text.Tidy(f.Region) == "" {
		f.Region = p.Territory().Usual(postcode)
	}
	return f
}

// Inputs are the names of a form's inputs in the order in which they are asked.
var Inputs = func() []string {
	t := reflect.TypeFor[Form]()
	names := make([]string, t.NumField())
	for i := range names {
		names[i], _, _ = strings.Cut(t.Field(i).Tag.Get("json"), ",")
	}
	return names
}()

// FormOf are the answers of an enrolment as the form has them, so that some can be corrected.
func FormOf(e *Enrolment) Form {
	f := Form{
		Name: e.Person.Name, Email: string(e.Person.Email), Phone: e.Person.Phone,
		Organisation: e.Organisation.Name, Number: e.Organisation.Number, Postcode: string(e.Organisation.Postcode), Region: e.Organisation.Region,
		Income: e.Organisation.Income, Categories: e.Organisation.Categories, Skills: e.Skills, Experience: e.Experience,
		Availability: e.Availability, Meeting: e.Meeting, Languages: e.Languages, Capacity: e.Capacity, Conflicts: e.Conflicts, Consent: e.Consent.Version,
	}
	if len(f.Meeting) == 0 {
		for _, m := range Meetings {
			f.Meeting = append(f.Meeting, m.ID)
		}
	}
	return f
}

// Group are answers that are corrected together.
type Group struct {
	// Name stands in addresses.
	Name, Title string
	Inputs      []string
}

// Groups are the groups of answers that somebody in a role can correct. The address is
// changed in its own way, and consent is another thing than an answer.
func Groups(role programme.Role) []Group {
	all := []Group{
		{"you", "Your name and phone number", []string{"name", "phone"}},
		{"organisation", "Your organisation", []string{"organisation", "number", "postcode", "region", "income"}},
		{"categories", "What your organisation mainly does", []string{"categories"}},
		{"skills", "What you need", []string{"skills"}},
		{"availability", "When and how you could meet", []string{"availability", "meeting", "languages"}},
		{"conflicts", "Organisations to avoid", []string{"conflicts"}},
	}
	if role == programme.Consultant {
		all[3].Title = "What you offer"
		all = append(all, Group{"capacity", "How many at once", []string{"capacity"}})
	}
	return all
}

// GroupOf is the group of a name, which somebody in a role has.
func GroupOf(role programme.Role, name string) (Group, error) {
	for _, g := range Groups(role) {
		if g.Name == name {
			return g, nil
		}
	}
	return Group{}, fault.New(fault.NotFound, "There is nothing to correct of that kind.")
}

// Matched reports whether what somebody gave counts for somebody else: a match or a pairing
// takes up a place of theirs.
func (e *Enrolment) Matched() bool { return len(e.Places) > 0 }

// Correct takes over the answers of a group from a form, and reports whether any is another
// than before. The error says what to correct in the form.
func (e *Enrolment) Correct(p *programme.Programme, g Group, f Form, now time.Time) (changed bool, err error) {
	f = f.Normalised(p)
	if f.Postcode != string(e.Organisation.Postcode) && f.Region == e.Organisation.Region && len(f.Regions(p)) == 1 {
		f.Region = "" // it was of another place
	}
	if err := f.Check(p, e.Role, g.Inputs...); err != nil {
		return false, err
	}
	before := FormOf(e)
	for _, input := range g.Inputs {
		switch input {
		case "name":
			e.Person.Name = f.Name
		case "phone":
			e.Person.Phone = f.Phone
		case "organisation":
			e.Organisation.Name = f.Organisation
		case "number":
			e.Organisation.Number = f.Number
		case "postcode":
			e.Organisation.Postcode = geography.Postcode(f.Postcode)
		case "region":
			e.Organisation.Region = f.Where(p)
		case "income":
			e.Organisation.Income = f.Income
		case "categories":
			e.Organisation.Categories = f.Categories
		case "skills":
			e.Skills = f.Skills
		case "availability":
			e.Availability = f.Availability
		case "meeting":
			e.Meeting = f.Meeting
		case "languages":
			if len(f.Languages) > 0 {
				e.Languages = f.Languages
			}
		case "capacity":
			e.Capacity = f.Capacity
		case "conflicts":
			e.Conflicts = f.Conflicts
		}
	}
	if reflect.DeepEqual(before, FormOf(e)) {
		return false, nil
	}
	e.UpdatedAt = now
	return true, nil
}

// Answer is what the form has in an input, by its name; nil for one that there is not.
func (f Form) Answer(input string) any {
	v := reflect.ValueOf(f)
	for i := range v.NumField() {
		if v.Type().Field(i).Tag.Get("json") == input {
			return v.Field(i).Interface()
		}
	}
	return nil
}
