package enrolment

import (
	"errors"
	"fmt"
	"maps"
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
	Income     int      `json:"income" validate:"min=0,max=99999999999"`
	Categories []string `json:"categories" validate:"min=1,max=3,unique"`
	// Strengths are the skills, by id, that a client could offer others: a consultant's are
	// their Skills.
	Strengths []string `json:"strengths,omitempty" validate:"unique"`
	// Skills are a client's needs, MostNeeds at most, with how important each is, or what a
	// consultant offers, with how well: 1 to 3. In a draft 0 is one that was chosen, of which
	// that is not said yet.
	Skills map[string]int `json:"skills" validate:"min=1,dive,min=1,max=3"`
	// Experience are a client's own levels in what they need, 1 to 3, for which matching
	// looks for more; what is left out counts as none.
	Experience map[string]int `json:"experience" validate:"dive,min=1,max=3"`
	// What follows need not be told for a place: it can be until matching, see Groups.
	// Left out, any half-day and way of meeting is possible and none counts for more.
	Availability []string `json:"availability" validate:"unique,dive,halfday"`
	// Meeting are ids of Meetings.
	Meeting []string `json:"meeting" validate:"unique,dive,meeting"`
	// Languages are some of the programme's; left out, its usual one.
	Languages []string `json:"languages" validate:"omitempty,min=1,unique"`
	// Capacity is how many a consultant works with at once; left out, one.
	Capacity  int      `json:"capacity"`
	Conflicts []string `json:"conflicts" validate:"max=20,dive,max=200,plain"`
	// Situation and Hopes are where they stand and what they hope for, and Offering what they
	// could offer, in their own words.
	Situation string `json:"situation,omitempty" validate:"max=4000,written"`
	Hopes     string `json:"hopes,omitempty" validate:"max=4000,written"`
	Offering  string `json:"offering,omitempty" validate:"max=4000,written"`
	// Introduction is one sentence about themselves for those who can choose them from a list.
	Introduction string `json:"introduction,omitempty" validate:"max=200,plain"`
	// Heard is how they heard of the programme, an id of Routes.
	Heard string `json:"heard,omitempty" validate:"omitempty,route"`
	// Mention is the funder or commissioner who mentioned it to them, and Bids those to whom
	// they bid: for conflicts of interest alone.
	Mention string   `json:"mention,omitempty" validate:"max=200,plain"`
	Bids    []string `json:"bids,omitempty" validate:"max=20,dive,max=200,plain"`
	// Extra are the answers to the programme's own questions, by their ids: in words, or one of
	// the options.
	Extra map[string]string `json:"extra,omitempty"`
	// Fits are the ids of the programme's rules of eligibility that somebody says are so of them.
	Fits []string `json:"fits,omitempty" validate:"unique"`
	// Consent is the version of the privacy notice that the person agreed to.
	Consent string `json:"consent"`
	// Agrees are the purposes beside to which they agreed, each by itself: none has to be.
	Agrees []string `json:"agrees,omitempty" validate:"unique"`
}

// MaxCapacity is the most pairings at once that one consultant may offer.
const MaxCapacity = 5

// MostNeeds is how many needs a client may choose: who needs everything is matched with
// anybody.
const MostNeeds = 5

// checker has the rules of this form alone.
var checker = form.New(form.Rules{
	"phone":   func(s string) bool { return s == "" || digits(s) >= 7 && digits(s) <= 15 && phoneForm().MatchString(s) },
	"halfday": func(s string) bool { return slices.ContainsFunc(HalfDays, func(h HalfDay) bool { return h.ID == s }) },
	"meeting": func(s string) bool { return slices.ContainsFunc(Meetings, func(m Meeting) bool { return m.ID == s }) },
	"route":   func(s string) bool { return slices.ContainsFunc(Routes, func(r Route) bool { return r.ID == s }) },
	"written": func(s string) bool {
		return !slices.ContainsFunc(strings.Split(s, "\n"), func(l string) bool { return !programme.Plain(l) })
	},
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

// What is said of texts in one's own words, and how long one is at most, in characters.
const (
	maxWords = 4000

	tooLong = "Your answer must be 4000 characters or fewer"
	inWords = "Enter your answer in words, without special codes"
)

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
	"availability": {"": "Select from the half-days in the list"},
	"meeting":      {"": "Select from the ways in the list"},
	"languages":    {"min": "Select in which languages you could meet", "": "Select from the languages in the list, each only once"},
	"conflicts":    {"": "Enter up to 20 organisations, one on each line, each 200 characters or fewer"},
	"strengths":    {"": "Select from the list, each only once"},
	"skills":       {"min": "Select at least one", "each": "Say how much of each", "most": fmt.Sprintf("Select no more than %d: what matters most now", MostNeeds), "": "Select from the choices in the list"},
	"situation":    {"max": tooLong, "": inWords},
	"hopes":        {"max": tooLong, "": inWords},
	"offering":     {"max": tooLong, "": inWords},
	"introduction": {"": "Enter one sentence in 200 characters or fewer, or leave it empty"},
	"heard":        {"": "Select from the list"},
	"mention":      {"": "Enter one name in 200 characters or fewer, or leave it empty"},
	"extra":        {"": "Leave out what is not asked", "required": "Answer this question", "max": tooLong, "words": inWords, "option": "Select one of the options"},
	"fits":         {"": "Say whether each is so of you"},
	"bids":         {"": "Enter up to 20 funders or commissioners, one on each line, each 200 characters or fewer"},
	"agrees":       {"": "Select from what is asked, each only once"},
	"experience":   {"": "Say how much you know of each already"},
}

// Normalised is the form with every text tidied, and with the many ways of writing one of
// the programme's postcodes or a register's number brought to one.
func (f Form) Normalised(p *programme.Programme) Form {
	f.Name, f.Organisation, f.Phone = text.Tidy(f.Name), text.Tidy(f.Organisation), phone(f.Phone)
	f.Email, f.Postcode, f.Region, f.Consent = string(email.Read(f.Email)), text.Tidy(f.Postcode), text.Tidy(f.Region), text.Tidy(f.Consent)
	f.Categories, f.Availability, f.Meeting, f.Languages = text.All(f.Categories), text.All(f.Availability), text.All(f.Meeting), text.All(f.Languages)
	f.Agrees, f.Strengths = text.All(f.Agrees), text.All(f.Strengths)
	f.Situation, f.Hopes, f.Offering = paragraphs(f.Situation), paragraphs(f.Hopes), paragraphs(f.Offering)
	f.Fits, f.Extra = text.All(f.Fits), tidyExtra(f.Extra)
	if len(f.Fits) == 0 {
		f.Fits = nil
	}
	f.Introduction, f.Heard, f.Mention = text.Tidy(f.Introduction), text.Tidy(f.Heard), text.Tidy(f.Mention)
	f.Skills, f.Experience = tidyKeys(f.Skills), tidyKeys(f.Experience)
	if postcode, ok := p.Territory().Parse(f.Postcode); ok {
		f.Postcode = string(postcode)
	}
	f.Number = text.Tidy(f.Number)
	if n, err := organisation.ParseNumber(f.Number, f.Postcode); err == nil {
		f.Number = string(n)
	}
	f.Conflicts = filled(f.Conflicts)
	if f.Bids = filled(f.Bids); len(f.Bids) == 0 {
		f.Bids = nil
	}
	if len(f.Strengths) == 0 {
		f.Strengths = nil
	}
	if len(f.Experience) == 0 {
		f.Experience = nil
	}
	return f
}

// tidyExtra are the answers that say something, each tidied; nil for none.
func tidyExtra(answers map[string]string) map[string]string {
	all := map[string]string{}
	for id, answer := range answers {
		if answer = paragraphs(answer); answer != "" {
			all[text.Tidy(id)] = answer
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

// filled are the lines that say something, tidied.
func filled(lines []string) []string {
	all := make([]string, 0, len(lines))
	for _, l := range lines {
		if l = text.Tidy(l); l != "" {
			all = append(all, l)
		}
	}
	return all
}

// paragraphs is a text of several lines, each tidied, with one empty line at most between two.
func paragraphs(s string) string {
	var all []string
	for _, line := range strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029' }) {
		all = append(all, text.Tidy(line))
	}
	return strings.TrimSpace(strings.Join(slices.DeleteFunc(all, func(l string) bool { return l == "" }), "\n"))
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
			if !known(p, id) {
				found[name] = messages.Of(name, "")
			}
		}
	}
	if slices.ContainsFunc(slices.Collect(maps.Values(f.Skills)), func(level int) bool { return level < 1 }) {
		found["skills"] = messages.Of("skills", "each")
	}
	if wrong := f.wrongTopics(p, role); wrong != "" {
		found["skills"] = wrong
	}
	if slices.ContainsFunc(f.Strengths, func(id string) bool { return !known(p, id) }) {
		found["strengths"] = messages.Of("strengths", "")
	}
	if role == programme.Consultant && len(f.Experience) > 0 {
		found["experience"] = "Leave this out"
	}
	if role == programme.Consultant && len(f.Strengths) > 0 {
		found["strengths"] = "Leave this out"
	}
	if f.Introduction != "" && !p.Chooses(role.Other()) {
		found["introduction"] = "Leave this out: nobody is chosen from a list"
	}
	if len(f.Languages) == 0 && len(p.Spoken()) == 1 {
		delete(found, "languages") // there is nothing to select
	}
	for _, l := range f.Languages {
		if !slices.Contains(p.Spoken(), l) {
			found["languages"] = messages.Of("languages", "")
		}
	}
	if role == programme.Consultant && (f.Capacity < 0 || f.Capacity > MaxCapacity) {
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

	for _, r := range p.Rules(role) {
		if !slices.Contains(f.Fits, r.ID) {
			found["fits"] = messages.Of("fits", "")
		}
	}
	for _, id := range f.Fits {
		if !p.Ruled(role, id) {
			found["fits"] = messages.Of("fits", "")
		}
	}
	questions := p.Asked(role)
	for id := range f.Extra {
		if !slices.ContainsFunc(questions, func(q programme.Question) bool { return q.ID == id }) {
			found["extra"] = messages.Of("extra", "")
		}
	}

	var invalid fault.Invalid
	for _, name := range Inputs {
		asked := len(only) == 0 || slices.Contains(only, name)
		if enter, bad := found[name]; bad && asked {
			invalid.Add(name, "%s", enter)
		}
		if name != "extra" || !asked {
			continue
		}
		for _, q := range questions {
			q.Required = q.Required && !q.Retired
			if enter := wrongAnswer(q, f.Extra[q.ID]); enter != "" {
				invalid.Add(ExtraInput(q.ID), "%s", enter)
			}
		}
	}
	return invalid.Err()
}

// ExtraInput is the name of the input of one of the programme's own questions.
func ExtraInput(id string) string { return "extra-" + id }

// wrongAnswer says what is wrong with an answer to one of the programme's own questions, ""
// where nothing is.
func wrongAnswer(q programme.Question, answer string) string {
	switch {
	case answer == "" && q.Required:
		return messages.Of("extra", "required")
	case answer == "":
		return ""
	case len(q.Options) > 0 && !slices.Contains(q.Options, answer):
		return messages.Of("extra", "option")
	case len([]rune(answer)) > maxWords:
		return messages.Of("extra", "max")
	case slices.ContainsFunc(strings.Split(answer, "\n"), func(l string) bool { return !programme.Plain(l) }):
		return messages.Of("extra", "words")
	}
	return ""
}

// known reports whether a programme has a skill.
func known(p *programme.Programme, id string) bool {
	return slices.ContainsFunc(p.Skills, func(s programme.Skill) bool { return s.ID == id })
}

// wrongTopics says what is wrong with which skills were chosen, whatever is said of each; ""
// where nothing is.
func (f Form) wrongTopics(p *programme.Programme, role programme.Role) string {
	for id := range f.Skills {
		if !known(p, id) {
			return messages.Of("skills", "")
		}
	}
	switch {
	case len(f.Skills) == 0:
		return messages.Of("skills", "min")
	case role == programme.Client && len(f.Skills) > MostNeeds:
		return messages.Of("skills", "most")
	}
	return ""
}

// CheckTopics says what to correct in which skills were chosen, before it is asked how much
// of each. The error is a *fault.Invalid with an input of the page's own name.
func (f Form) CheckTopics(p *programme.Programme, role programme.Role, input string) error {
	var invalid fault.Invalid
	if wrong := f.wrongTopics(p, role); wrong != "" {
		invalid.Add(input, "%s", wrong)
	}
	return invalid.Err()
}

// Choose sets which skills the form is about: of those that were there before all stays as it
// was said, and of new ones it is asked.
func (f *Form) Choose(ids []string) {
	skills, experience := map[string]int{}, map[string]int{}
	for _, id := range ids {
		if id = text.Tidy(id); id == "" {
			continue
		}
		skills[id] = f.Skills[id]
		if own, ok := f.Experience[id]; ok {
			experience[id] = own
		}
	}
	if f.Skills, f.Experience = skills, experience; len(experience) == 0 {
		f.Experience = nil
	}
}

// Topics are the skills that the form is about, in the programme's order.
func (f Form) Topics(p *programme.Programme) (all []programme.Skill) {
	for _, s := range p.Skills {
		if _, ok := f.Skills[s.ID]; ok {
			all = append(all, s)
		}
	}
	return all
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
		Strengths: e.Strengths, Situation: e.Situation, Hopes: e.Hopes, Offering: e.Offering, Introduction: e.Introduction, Heard: e.Heard, Mention: e.Mention, Bids: e.Bids, Extra: e.Extra, Fits: e.Fits,
	}
	for _, a := range e.Agreements {
		if a.Holds() {
			f.Agrees = append(f.Agrees, string(a.Purpose))
		}
	}
	return f
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
		case "strengths":
			e.Strengths = f.Strengths
		case "skills":
			e.Skills = f.Skills
			e.Experience = maps.Clone(e.Experience)
			maps.DeleteFunc(e.Experience, func(id string, _ int) bool { return f.Skills[id] == 0 && e.Role == programme.Client })
		case "experience":
			e.Experience = f.Experience
		case "availability":
			e.Availability = f.Availability
		case "meeting":
			e.Meeting = f.Meeting
		case "languages":
			if len(f.Languages) > 0 {
				e.Languages = f.Languages
			}
		case "capacity":
			e.Capacity = max(1, f.Capacity)
		case "conflicts":
			e.Conflicts = f.Conflicts
		case "situation":
			e.Situation = f.Situation
		case "hopes":
			e.Hopes = f.Hopes
		case "offering":
			e.Offering = f.Offering
		case "introduction":
			e.Introduction = f.Introduction
		case "heard":
			e.Heard = f.Heard
		case "mention":
			e.Mention = f.Mention
		case "bids":
			e.Bids = f.Bids
		case "extra":
			e.Extra = f.andNotAsked(p, e)
		}
	}
	if before.same(FormOf(e)) {
		return false, nil
	}
	e.UpdatedAt = now
	return true, nil
}

// andNotAsked are the form's answers to the programme's own questions, with what somebody said to
// those that are not asked any more.
func (f Form) andNotAsked(p *programme.Programme, e *Enrolment) map[string]string {
	all := maps.Clone(f.Extra)
	for id, answer := range e.Extra {
		if !slices.ContainsFunc(p.Asks(e.Role), func(q programme.Question) bool { return q.ID == id }) {
			if all == nil {
				all = map[string]string{}
			}
			all[id] = answer
		}
	}
	return all
}

// same reports whether two forms say the same: nothing is the same, however it is written.
func (f Form) same(other Form) bool {
	for _, input := range Inputs {
		a, b := reflect.ValueOf(f.Answer(input)), reflect.ValueOf(other.Answer(input))
		if k := a.Kind(); (k == reflect.Slice || k == reflect.Map) && a.Len() == 0 && b.Len() == 0 {
			continue
		}
		if !reflect.DeepEqual(a.Interface(), b.Interface()) {
			return false
		}
	}
	return true
}

// Answer is what the form has in an input, by its name; nil for one that there is not.
func (f Form) Answer(input string) any {
	v := reflect.ValueOf(f)
	for i := range v.NumField() {
		if name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ","); name == input {
			return v.Field(i).Interface()
		}
	}
	return nil
}
