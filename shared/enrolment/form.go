package enrolment

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/go-playground/validator/v10"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Form is what a leader enters, by the pages or as one JSON document; the JSON
// names are also the names of the inputs.
type Form struct {
	Name         string         `json:"name" validate:"required,max=100,plain,named"`
	Email        string         `json:"email" validate:"required,max=254,plain,address"`
	Phone        string         `json:"phone" validate:"max=30,phone"`
	Organisation string         `json:"organisation" validate:"required,max=200,plain,named"`
	Number       string         `json:"number" validate:"register"`
	Postcode     string         `json:"postcode" validate:"required,postcode"`
	Categories   []string       `json:"categories" validate:"min=1,max=3,unique"`
	Skills       map[string]int `json:"skills" validate:"min=1,dive,min=1,max=3"`
	Availability []string       `json:"availability" validate:"min=1,unique,dive,halfday"`
	Capacity     int            `json:"capacity"`
	Conflicts    []string       `json:"conflicts" validate:"max=20,dive,max=200,plain"`
	// Consent is the version of the privacy notice that the person agreed to.
	Consent string `json:"consent"`
}

// MaxCapacity is the most pairings at once that one consultant may offer.
const MaxCapacity = 5

// rules are validator's tags beside those it ships. An empty optional value
// passes each of them.
var rules = map[string]func(string) bool{
	"plain":    programme.Plain,
	"named":    func(s string) bool { return strings.ContainsFunc(s, unicode.IsLetter) },
	"address":  isAddress,
	"phone":    func(s string) bool { return s == "" || digits(s) >= 7 && digits(s) <= 15 && phoneForm().MatchString(s) },
	"register": func(s string) bool { return s == "" || orgIDForm().MatchString(s) },
	"postcode": func(s string) bool { _, ok := programme.ParsePostcode(s); return ok },
	"halfday": func(s string) bool {
		return slices.ContainsFunc(HalfDays, func(h HalfDay) bool { return h.ID == s })
	},
}

// The forms are compiled when the first person enrols, not when a process starts.
var (
	addressForm = form(`^[^\s@"'\\<>(),;:\x00-\x1f\x7f]+@([\p{L}\p{N}]([\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+\p{L}[\p{L}\p{N}-]*[\p{L}\p{N}]$`)
	phoneForm   = form(`^[0-9+()./ext -]+$`)
	orgIDForm   = form(`^GB-(CHC-[0-9]{6,7}|SC-SC[0-9]{6}|NIC-[0-9]{6})$`)
	registers   = form(`^(?:GB-)?(?:(CHC|SC|NIC)-?)?(SC)?([0-9]{6,7})$`)
)

func form(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

// isAddress reports whether an email can be sent to an address: dots stand alone
// and within, and no space of any script hides in it.
func isAddress(s string) bool {
	return addressForm().MatchString(s) && !strings.Contains(s, "..") && !strings.HasPrefix(s, ".") && !strings.Contains(s, ".@") &&
		!strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
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

// checker is built once: validator caches what it learns of a type.
var checker = sync.OnceValue(func() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string { return f.Tag.Get("json") })
	for tag, rule := range rules {
		if err := v.RegisterValidation(tag, func(fl validator.FieldLevel) bool { return rule(fl.Field().String()) }); err != nil {
			panic(err) // the tags are constants
		}
	}
	return v
})

// messages say what to enter, by input and rule; the empty rule is any other.
var messages = map[string]map[string]string{
	"name":         {"required": "Enter your full name", "max": "Your name must be 100 characters or fewer", "": "Enter your name using letters, without special codes"},
	"email":        {"required": "Enter your email address", "": "Enter an email address in the correct format, like name@example.org"},
	"phone":        {"": "Enter a phone number, like 020 7946 0000, or leave it empty"},
	"organisation": {"required": "Enter the name of your organisation", "max": "The name must be 200 characters or fewer", "": "Enter the name using letters, without special codes"},
	"number":       {"": "Enter a register number, like 1000430, SC012345 or NIC101234, or leave it empty"},
	"postcode":     {"required": "Enter your organisation’s postcode", "": "Enter a full UK postcode, like LS6 2AB"},
	"categories":   {"min": "Select what your organisation mainly does", "max": "Select no more than three", "": "Select each only once"},
	"availability": {"min": "Select when you can usually meet", "": "Select from the half-days in the list"},
	"conflicts":    {"": "Enter up to 20 organisations, one on each line, each 200 characters or fewer"},
	"skills":       {"min": "Select at least one", "": "Select from the choices in the list"},
}

// Normalised is the form with stray spaces and the many ways of writing a
// postcode or a register's number brought to one.
func (f Form) Normalised() Form {
	f.Name, f.Organisation, f.Phone = tidy(f.Name), tidy(f.Organisation), tidy(f.Phone)
	f.Email = strings.TrimSpace(f.Email)
	if at := strings.LastIndexByte(f.Email, '@'); at >= 0 {
		f.Email = f.Email[:at] + strings.ToLower(f.Email[at:])
	}
	f.Number = orgID(f.Number)
	if p, ok := programme.ParsePostcode(f.Postcode); ok {
		f.Postcode = string(p)
	}
	conflicts := make([]string, 0, len(f.Conflicts))
	for _, c := range f.Conflicts {
		if c = tidy(c); c != "" {
			conflicts = append(conflicts, c)
		}
	}
	f.Conflicts = conflicts
	return f
}

func tidy(s string) string { return strings.Join(strings.Fields(s), " ") }

// orgID gives a number of one of the three UK registers its prefix from
// org-id.guide; anything else stays as typed, for the person to correct.
func orgID(s string) string {
	m := registers().FindStringSubmatch(strings.ToUpper(strings.ReplaceAll(tidy(s), " ", "")))
	if m == nil {
		return tidy(s)
	}
	switch register, scottish, number := m[1], m[2] != "", m[3]; {
	case (register == "SC" || register == "" && scottish) && len(number) == 6:
		return "GB-SC-SC" + number
	case register == "NIC" && !scottish && len(number) == 6:
		return "GB-NIC-" + number
	case (register == "" || register == "CHC") && !scottish:
		return "GB-CHC-" + number
	}
	return tidy(s)
}

// Check says what to correct in a normalised form: every input, or only those
// named. The error is a *fault.Invalid with the inputs in the form's order.
func (f Form) Check(p *programme.Programme, role programme.Role, only ...string) error {
	found := map[string]string{}
	if err := checker().Struct(f); err != nil {
		for _, e := range err.(validator.ValidationErrors) {
			name, _, within := strings.Cut(e.Field(), "[")
			rule := e.Tag()
			if within {
				rule = "" // what is said of a list's length is not said of its entries
			}
			if _, ok := found[name]; !ok {
				found[name] = message(name, rule)
			}
		}
	}
	for _, code := range f.Categories {
		if !slices.ContainsFunc(p.Categories, func(c programme.Category) bool { return c.Code == code }) {
			found["categories"] = "Select from the list"
		}
	}
	for id := range f.Skills {
		if !slices.ContainsFunc(p.Skills, func(s programme.Skill) bool { return s.ID == id }) {
			found["skills"] = message("skills", "")
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

	var invalid fault.Invalid
	for _, name := range Inputs {
		if text, bad := found[name]; bad && (len(only) == 0 || slices.Contains(only, name)) {
			invalid.Add(name, "%s", text)
		}
	}
	return invalid.Err()
}

// Inputs are the names of a form's inputs in the order in which they are asked.
var Inputs = func() []string {
	t := reflect.TypeFor[Form]()
	names := make([]string, t.NumField())
	for i := range names {
		names[i] = t.Field(i).Tag.Get("json")
	}
	return names
}()

func message(name, tag string) string {
	if m, ok := messages[name][tag]; ok {
		return m
	}
	return messages[name][""]
}
