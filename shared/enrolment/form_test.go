package enrolment

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

func pilot(t testing.TB) *programme.Programme {
	t.Helper()
	p, err := programme.Preset("pilot-2016")
	if err != nil {
		t.Fatal(err)
	}
	p.ID, p.Salt = "pilot", "salt"
	return p
}

// acceptable is a form that a role can send.
func acceptable(role programme.Role) Form {
	f := Form{
		Name: "Alex Sample", Email: "alex@example.org", Phone: "020 7946 0000", Organisation: "Example Trust", Number: "1000430",
		Postcode: "ls62ab", Income: 250_000, Categories: []string{"HE", "SC"}, Skills: map[string]int{"board": 1, "fundraising": 3},
		Availability: []string{"mon-am"}, Meeting: []string{"video", "phone"}, Languages: []string{"English", "Welsh"}, Conflicts: []string{" Another  Trust ", ""}, Consent: "2026-11",
		Situation: "We have grown. What now?", Hopes: "To see further.", Offering: "Ten years of boards.", Heard: "peer", Mention: "Example Fund", Bids: []string{"Example Council"},
	}
	if role == programme.Consultant {
		f.Capacity = 2
	}
	return f
}

// wrong are the fields that an error lists, with their messages.
func wrong(t testing.TB, err error) map[string]string {
	t.Helper()
	var invalid *fault.Invalid
	if err != nil && !errors.As(err, &invalid) {
		t.Fatalf("%v is not a list of fields", err)
	}
	found := map[string]string{}
	if invalid != nil {
		for _, f := range invalid.Fields {
			found[f.Name] = f.Message
		}
	}
	return found
}

func TestAcceptableFormsPass(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	for _, role := range programme.Roles {
		for name, change := range map[string]func(*Form){
			"as it is":                 func(*Form) {},
			"no phone":                 func(f *Form) { f.Phone = "" },
			"no register":              func(f *Form) { f.Number = "" },
			"no conflicts":             func(f *Form) { f.Conflicts = nil },
			"one word as a name":       func(f *Form) { f.Name = "李" },
			"marks in a name":          func(f *Form) { f.Name = "Siân O’Brien-Łuksza née Nguyễn" },
			"a hundred characters":     func(f *Form) { f.Name = strings.Repeat("ệ", 100) },
			"a number as organisation": func(f *Form) { f.Organisation = "42nd Street" },
			"an extension":             func(f *Form) { f.Phone = "+44 (0)113 496 0000 ext 12" },
			"plus in the address":      func(f *Form) { f.Email = "alex+cascade@mail.example.co.uk" },
			"an address in Unicode":    func(f *Form) { f.Email = "sian@bücher.example" },
			"every half-day":           func(f *Form) { f.Availability = []string{"mon-am", "mon-pm", "fri-pm"} },
			"an income not told":       func(f *Form) { f.Income = 0 },
			"a large income":           func(f *Form) { f.Income = 99_999_999_999 },
			"every way of meeting":     func(f *Form) { f.Meeting = []string{"phone", "in-person", "video"} },
			"languages left out":       func(f *Form) { f.Languages = nil },
			"another language":         func(f *Form) { f.Languages = []string{"British Sign Language"} },
			"no experience":            func(f *Form) { f.Experience = map[string]int{} },
			"twenty conflicts":         func(f *Form) { f.Conflicts = slices.Repeat([]string{"Trust"}, 20) },
			"what can follow later":    func(f *Form) { f.Availability, f.Meeting, f.Capacity, f.Phone, f.Income = nil, nil, 0, "", 0 },
			"all that can follow": func(f *Form) {
				f.Situation, f.Hopes, f.Offering = "We grow.\r\n\r\nToo fast?", "مرحبا بالعالم\nשלום", strings.Repeat("𝄞", 4000)
				f.Heard, f.Mention, f.Bids = "funder", "Example Fund", []string{"", "Example Council"}
			},
			"blank conflicts": func(f *Form) { f.Conflicts = slices.Repeat([]string{" "}, 40) },
		} {
			f := acceptable(role)
			change(&f)
			if err := f.Normalised(pilot(t)).Check(p, role); err != nil {
				t.Errorf("%s, %s: %v", role, name, wrong(t, err))
			}
		}
	}
}

// Each wrong field is named, alone, with a sentence that says what to enter.
func TestEachFieldSaysWhatToEnter(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	for _, row := range []struct {
		field  string
		change func(*Form)
		says   string
	}{
		{"name", func(f *Form) { f.Name = " " }, "Enter your full name"},
		{"name", func(f *Form) { f.Name = strings.Repeat("x", 101) }, "100 characters or fewer"},
		{"name", func(f *Form) { f.Name = "123" }, "using letters"},
		{"name", func(f *Form) { f.Name = "Alex\x00" }, "without special codes"},
		{"name", func(f *Form) { f.Name = "Alex \u202eelpmaS" }, "without special codes"},
		{"email", func(f *Form) { f.Email = "" }, "Enter your email address"},
		{"email", func(f *Form) { f.Email = strings.Repeat("x", 250) + "@example.org" }, "64 characters or fewer before the @"},
		{"email", func(f *Form) { f.Email = "siân@example.org" }, "cannot send to one with “â”"},
		{"email", func(f *Form) { f.Email = "alex@example" }, "has a full stop in it"},
		{"email", func(f *Form) { f.Email = "a lex@example.org" }, "without spaces"},
		{"email", func(f *Form) { f.Email = "alex@example.org\r\nBcc: sam@example.org" }, "one email address only"},
		{"phone", func(f *Form) { f.Phone = "123456" }, "phone number"},
		{"phone", func(f *Form) { f.Phone = "ask at the desk" }, "phone number"},
		{"phone", func(f *Form) { f.Phone = strings.Repeat("1 ", 15) + "1" }, "phone number"},
		{"organisation", func(f *Form) { f.Organisation = "" }, "name of your organisation"},
		{"organisation", func(f *Form) { f.Organisation = strings.Repeat("x", 201) }, "200 characters or fewer"},
		{"organisation", func(f *Form) { f.Organisation = "!!!" }, "using letters"},
		{"number", func(f *Form) { f.Number = "12" }, "register number"},
		{"number", func(f *Form) { f.Number = "123456789" }, "register number"},
		{"number", func(f *Form) { f.Number = "SC1234567" }, "register number"},
		{"number", func(f *Form) { f.Number = "CHC-SC012345" }, "register number"},
		{"number", func(f *Form) { f.Number = "GB-COH-012345678" }, "register number"},
		{"number", func(f *Form) { f.Number = "101234" }, "enter NIC before the number"},
		{"postcode", func(f *Form) { f.Postcode = "" }, "organisation’s postcode"},
		{"postcode", func(f *Form) { f.Postcode = "LS6" }, "full UK postcode"},
		{"postcode", func(f *Form) { f.Postcode = "ZZ1 1ZZ" }, "full UK postcode"},
		{"categories", func(f *Form) { f.Categories = nil }, "mainly does"},
		{"categories", func(f *Form) { f.Categories = []string{"HE", "SC", "AR", "AN"} }, "no more than three"},
		{"categories", func(f *Form) { f.Categories = []string{"HE", "HE"} }, "only once"},
		{"categories", func(f *Form) { f.Categories = []string{"XX"} }, "from the list"},
		{"skills", func(f *Form) { f.Skills = nil }, "at least one"},
		{"skills", func(f *Form) { f.Skills = map[string]int{"juggling": 1} }, "choices in the list"},
		{"skills", func(f *Form) { f.Skills = map[string]int{"board": 4} }, "choices in the list"},
		{"skills", func(f *Form) { f.Skills = map[string]int{"board": 0} }, "how much of each"},
		{"skills", func(f *Form) { f.Skills = map[string]int{"board": -1} }, "how much of each"},
		{"availability", func(f *Form) { f.Availability = []string{"sun-am"} }, "half-days in the list"},
		{"availability", func(f *Form) { f.Availability = []string{"mon-am", "mon-am"} }, "half-days in the list"},
		{"income", func(f *Form) { f.Income = -1 }, "in pounds"},
		{"income", func(f *Form) { f.Income = 100_000_000_000 }, "in pounds"},
		{"meeting", func(f *Form) { f.Meeting = []string{"fax"} }, "ways in the list"},
		{"meeting", func(f *Form) { f.Meeting = []string{"video", "video"} }, "ways in the list"},
		{"meeting", func(f *Form) { f.Meeting = []string{""} }, "ways in the list"},
		{"languages", func(f *Form) { f.Languages = []string{} }, "in which languages"},
		{"languages", func(f *Form) { f.Languages = []string{"Klingon"} }, "languages in the list"},
		{"languages", func(f *Form) { f.Languages = []string{"Welsh", "Welsh"} }, "languages in the list"},
		{"languages", func(f *Form) { f.Languages = []string{"English", ""} }, "languages in the list"},
		{"situation", func(f *Form) { f.Situation = strings.Repeat("é", 4001) }, "4000 characters or fewer"},
		{"hopes", func(f *Form) { f.Hopes = "a\x07" }, "without special codes"},
		{"offering", func(f *Form) { f.Offering = "\u202etxet" }, "without special codes"},
		{"heard", func(f *Form) { f.Heard = "rumour" }, "from the list"},
		{"mention", func(f *Form) { f.Mention = strings.Repeat("x", 201) }, "200 characters"},
		{"bids", func(f *Form) { f.Bids = slices.Repeat([]string{"Fund"}, 21) }, "up to 20"},
		{"bids", func(f *Form) { f.Bids = []string{strings.Repeat("x", 201)} }, "200 characters"},
		{"conflicts", func(f *Form) { f.Conflicts = slices.Repeat([]string{"Trust"}, 21) }, "up to 20"},
		{"conflicts", func(f *Form) { f.Conflicts = []string{strings.Repeat("x", 201)} }, "200 characters"},
		{"conflicts", func(f *Form) { f.Conflicts = []string{"Trust\x07"} }, "on each line"},
		{"consent", func(f *Form) { f.Consent = "" }, "privacy notice"},
		{"consent", func(f *Form) { f.Consent = "2015-01" }, "privacy notice"},
	} {
		for _, role := range programme.Roles {
			f := acceptable(role)
			row.change(&f)
			found := wrong(t, f.Normalised(pilot(t)).Check(p, role))
			if len(found) != 1 || !strings.Contains(found[row.field], row.says) {
				t.Errorf("%s %+v: %v, want %s alone, saying %q", role, f, found, row.field, row.says)
			}
		}
	}
	for _, role := range programme.Roles {
		for input, change := range map[string]func(*Form, string, int){
			"experience": func(f *Form, id string, level int) { f.Experience = map[string]int{id: level} },
			"strengths":  func(f *Form, id string, _ int) { f.Strengths = []string{id} },
		} {
			for _, row := range []struct {
				id    string
				level int
				ok    bool
			}{{"board", 3, true}, {"juggling", 3, false}, {"board", 4, input == "strengths"}, {"board", 0, input == "strengths"}} {
				f := acceptable(role)
				change(&f, row.id, row.level)
				found := wrong(t, f.Normalised(pilot(t)).Check(p, role))
				if ok := row.ok && role == programme.Client; ok != (len(found) == 0) || !ok && (len(found) != 1 || found[input] == "") {
					t.Errorf("%s of a %s, %+v: %v", input, role, row, found)
				}
			}
		}
	}
	// Who needs everything is matched with anybody; who offers everything is welcome.
	for n, role := range map[int]programme.Role{MostNeeds: programme.Client, MostNeeds + 1: programme.Client, len(p.Skills): programme.Consultant} {
		f := acceptable(role)
		f.Skills = map[string]int{}
		for _, s := range p.Skills[:n] {
			f.Skills[s.ID] = 1
		}
		if found := wrong(t, f.Normalised(pilot(t)).Check(p, role)); (len(found) == 0) != (n != MostNeeds+1) || n == MostNeeds+1 && !strings.Contains(found["skills"], "no more than 5") {
			t.Errorf("%d skills of a %s: %v", n, role, found)
		}
	}
	for capacity, ok := range map[int]bool{-1: false, 0: true, 1: true, MaxCapacity: true, MaxCapacity + 1: false} {
		f := acceptable(programme.Consultant)
		f.Capacity = capacity
		if found := wrong(t, f.Normalised(pilot(t)).Check(p, programme.Consultant)); (len(found) == 0) != ok {
			t.Errorf("a consultant's capacity %d: %v", capacity, found)
		}
	}
	for capacity, ok := range map[int]bool{0: true, 1: true, 2: false, -1: false} {
		f := acceptable(programme.Client)
		f.Capacity = capacity
		if found := wrong(t, f.Normalised(pilot(t)).Check(p, programme.Client)); (len(found) == 0) != ok {
			t.Errorf("a client's capacity %d: %v", capacity, found)
		}
	}
}

// Every input that can be wrong has a message of its own, in the form's order, and
// a page that asks for some inputs hears of those alone.
func TestEmptyFormListsItsFieldsInOrder(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	var invalid *fault.Invalid
	if !errors.As(Form{}.Check(p, programme.Consultant), &invalid) {
		t.Fatal("an empty form is accepted")
	}
	var names []string
	for _, f := range invalid.Fields {
		names = append(names, f.Name)
		if f.Message == "" {
			t.Errorf("%s has no message", f.Name)
		}
	}
	if want := []string{"name", "email", "organisation", "postcode", "categories", "skills", "consent"}; !slices.Equal(names, want) {
		t.Errorf("fields %v, want %v", names, want)
	}
	if found := wrong(t, Form{}.Check(p, programme.Consultant, "email", "phone")); len(found) != 1 || found["email"] == "" {
		t.Errorf("a page of two inputs hears of %v", found)
	}
	for _, name := range Inputs {
		if _, ok := messages[name]; !ok && name != "capacity" && name != "consent" {
			t.Errorf("%s has no messages", name)
		}
	}
}

// A programme that was stored before languages were a setting has English alone.
func TestLanguagesOfAnOldProgramme(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	p.Languages = nil
	f := acceptable(programme.Client)
	if found := wrong(t, f.Check(p, programme.Client, "languages")); found["languages"] == "" {
		t.Error("Welsh is accepted")
	}
	f.Languages = nil
	if e, err := New(p, programme.Client, f, noon); err != nil || !slices.Equal(e.Languages, []string{"English"}) {
		t.Errorf("%+v, %v", e, err)
	}
}

func TestNormalised(t *testing.T) {
	t.Parallel()
	f := Form{
		Name: "  Alex\t  Sample ", Email: " Alex@EXAMPLE.org ", Phone: " 020  7946 0000", Organisation: "Example \n Trust",
		Postcode: "ls62ab", Conflicts: []string{" a  b ", "", "  ", "c"},
	}.Normalised(pilot(t))
	if f.Name != "Alex Sample" || f.Email != "Alex@example.org" || f.Phone != "020 7946 0000" || f.Organisation != "Example Trust" ||
		f.Postcode != "LS6 2AB" || !slices.Equal(f.Conflicts, []string{"a b", "c"}) {
		t.Errorf("normalised %+v", f)
	}
	for given, want := range map[string]string{
		"\u202a+44 20 7946 0000\u202c": "+44 20 7946 0000", "020\u20117946\u20110000": "020-7946-0000", "020 7946 0000 Ext. 12": "020 7946 0000 ext. 12", "０２０ 7946 0000": "020 7946 0000",
	} {
		f := acceptable(programme.Client)
		if f.Phone = given; f.Normalised(pilot(t)).Phone != want || f.Normalised(pilot(t)).Check(pilot(t), programme.Client) != nil {
			t.Errorf("the phone number %q becomes %q, want %q: %v", given, f.Normalised(pilot(t)).Phone, want, f.Normalised(pilot(t)).Check(pilot(t), programme.Client))
		}
	}
	for given, want := range map[string]string{"LS6 OAB": "LS6 0AB", "ls6 oab": "LS6 0AB", "LS6 IAB": "LS6 1AB", "SWIA 1AA": "SW1A 1AA", "\u200bLS6 2AB": "LS6 2AB", "ＬＳ６ ２ＡＢ": "LS6 2AB", "MI 1AA": "M1 1AA", "OL1 1AA": "OL1 1AA", "IP1 1AA": "IP1 1AA"} {
		if got := (Form{Postcode: given}).Normalised(pilot(t)).Postcode; got != want {
			t.Errorf("the postcode %q becomes %q, want %q", given, got, want)
		}
	}
	for given, says := range map[string]string{"BF1 3AA": "British Forces", "BFPO 57": "British Forces", "JE2 3AB": "Isle of Man", "IM1 1AA": "Isle of Man", "GY1 1AA": "Guernsey", "GIR 0AA": "belongs to an organisation", "BX1 1LT": "belongs to an organisation", "ZZ1 1AA": "full UK postcode"} {
		f := acceptable(programme.Client)
		f.Postcode = given
		if got := wrong(t, f.Normalised(pilot(t)).Check(pilot(t), programme.Client))["postcode"]; !strings.Contains(got, says) {
			t.Errorf("the postcode %q: %q, want what says %q", given, got, says)
		}
	}
	for given, want := range map[string]string{
		"1000430": "GB-CHC-1000430", " 1000 430 ": "GB-CHC-1000430", "GB-CHC-1000430": "GB-CHC-1000430", "chc1000430": "GB-CHC-1000430", "219279": "GB-CHC-219279",
		"SC012345": "GB-SC-SC012345", "sc 012345": "GB-SC-SC012345", "GB-SC-SC012345": "GB-SC-SC012345", "SC-012345": "GB-SC-SC012345",
		"NIC101234": "GB-NIC-101234", "nic 101234": "GB-NIC-101234", "GB-NIC-101234": "GB-NIC-101234",
		"": "", "12": "12", "CHC-SC012345": "CHC-SC012345", "NIC-SC012345": "NIC-SC012345", "SC1234567": "SC1234567", "none": "none",
	} {
		if got := (Form{Number: given}).Normalised(pilot(t)).Number; got != want {
			t.Errorf("the number %q becomes %q, want %q", given, got, want)
		}
	}
}

// anyForm is a form as anybody might send it.
func anyForm(t *rapid.T, p *programme.Programme) Form {
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[A-Za-z0-9 .@-]{0,30}`), rapid.SampledFrom([]string{"LS6 2AB", "SC012345", "a@example.org", "mon-am", "HE", "2026-11"}))
	return Form{
		Name: text.Draw(t, "name"), Email: text.Draw(t, "email"), Phone: text.Draw(t, "phone"), Organisation: text.Draw(t, "organisation"),
		Number: text.Draw(t, "number"), Postcode: text.Draw(t, "postcode"),
		Categories:   rapid.SliceOfN(text, 0, 5).Draw(t, "categories"),
		Skills:       rapid.MapOfN(rapid.OneOf(text, rapid.SampledFrom([]string{"board", "finance"})), rapid.IntRange(-1, 5), 0, 4).Draw(t, "skills"),
		Income:       rapid.OneOf(rapid.Int(), rapid.IntRange(-5, 1e6)).Draw(t, "income"),
		Experience:   rapid.MapOfN(rapid.OneOf(text, rapid.SampledFrom([]string{"board", "finance"})), rapid.IntRange(-1, 5), 0, 4).Draw(t, "experience"),
		Availability: rapid.SliceOfN(text, 0, 4).Draw(t, "availability"),
		Meeting:      rapid.SliceOfN(rapid.OneOf(text, rapid.SampledFrom([]string{"video", "phone"})), 0, 4).Draw(t, "meeting"),
		Languages:    rapid.SliceOfN(rapid.OneOf(text, rapid.SampledFrom(p.Languages)), 0, 4).Draw(t, "languages"),
		Capacity:     rapid.IntRange(-1, 7).Draw(t, "capacity"),
		Conflicts:    rapid.SliceOfN(text, 0, 4).Draw(t, "conflicts"),
		Strengths:    rapid.SliceOfN(text, 0, 4).Draw(t, "strengths"),
		Introduction: text.Draw(t, "introduction"),
		Situation:    text.Draw(t, "situation"), Hopes: text.Draw(t, "hopes"), Offering: text.Draw(t, "offering"),
		Heard: text.Draw(t, "heard"), Mention: text.Draw(t, "mention"), Bids: rapid.SliceOfN(text, 0, 4).Draw(t, "bids"),
		Consent: text.Draw(t, "consent"),
	}
}

// Every text of a form is tidied, whether a page or another system sent it. An address has
// a cleaning of its own.
func TestEveryTextOfAFormIsTidied(t *testing.T) {
	t.Parallel()
	for _, role := range programme.Roles {
		want := acceptable(role).Normalised(pilot(t))
		pasted := acceptable(role)
		paste := func(s string) string { return "\ufeff\u00a0" + strings.ReplaceAll(s, " ", "\u202f") + "\u200b " }
		v := reflect.ValueOf(&pasted).Elem()
		for i := range v.NumField() {
			switch f := v.Field(i).Addr().Interface().(type) {
			case *string:
				*f = paste(*f)
			case *[]string:
				for k, s := range *f {
					(*f)[k] = paste(s)
				}
			case *map[string]int:
				levels := map[string]int{}
				for id, level := range *f {
					levels[paste(id)] = level
				}
				*f = levels
			}
		}
		if got := pasted.Normalised(pilot(t)); !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
	twice := Form{Skills: map[string]int{"board": 1, "board\u200b": 3}}
	if got := twice.Normalised(pilot(t)).Skills; !reflect.DeepEqual(got, twice.Skills) {
		t.Errorf("two levels of one skill are %v", got)
	}
}

func TestNormalisingTwiceIsNormalisingOnce(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	rapid.Check(t, func(t *rapid.T) {
		f := anyForm(t, p)
		once := f.Normalised(p)
		if twice := once.Normalised(p); !reflect.DeepEqual(once, twice) {
			t.Fatalf("%+v, then %+v", once, twice)
		}
		// What one role may send, either refuses for named fields alone.
		for _, role := range programme.Roles {
			if err := once.Check(p, role); err != nil {
				var invalid *fault.Invalid
				if !errors.As(err, &invalid) || len(invalid.Fields) == 0 {
					t.Fatalf("error %v", err)
				}
			}
		}
	})
}

// Whatever JSON document arrives, the form refuses it with fields, or makes an
// enrolment that holds nothing that could break out of a page or a letter.
func FuzzForm(f *testing.F) {
	p := pilot(f)
	for _, role := range programme.Roles {
		text, _ := json.Marshal(acceptable(role))
		f.Add(string(text), role == programme.Client)
	}
	for _, s := range []string{`{}`, `{"skills":null}`, `{"languages":[],"meeting":null,"experience":{"board":1},"income":1e99}`, `{"skills":{"board":1e3}}`, `{"name":"\u202e","email":"a@b.c"}`, `{"conflicts":[""," ","\n"]}`} {
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, text string, client bool) {
		var form Form
		if json.Unmarshal([]byte(text), &form) != nil {
			return
		}
		role := programme.Consultant
		if client {
			role = programme.Client
		}
		e, err := New(p, role, form, noon)
		if err != nil {
			if len(wrong(t, err)) == 0 {
				t.Fatalf("refused without a field: %v", err)
			}
			return
		}
		for _, s := range slices.Concat([]string{e.Person.Name, string(e.Person.Email), e.Person.Phone, e.Organisation.Name, e.Organisation.Number}, e.Conflicts, e.Languages, e.Meeting, e.Bids, []string{e.Mention, e.Heard}, strings.Split(e.Situation+"\n"+e.Hopes+"\n"+e.Offering, "\n")) {
			if !programme.Plain(s) {
				t.Fatalf("%q was accepted", s)
			}
		}
		if len(e.Languages) == 0 || e.Organisation.Income < 0 || e.Role == programme.Consultant && len(e.Experience) > 0 {
			t.Fatalf("enrolment %+v", e)
		}
		if e.Organisation.Region == "" || e.Capacity < 1 || e.Capacity > MaxCapacity || strings.Count(string(e.Person.Email), "@") != 1 || len(fmt.Sprint(e)) == 0 {
			t.Fatalf("enrolment %+v", e)
		}
	})
}
