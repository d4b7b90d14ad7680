package programme

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

const asked = `
questions:
  - {id: trustees, label: How many trustees have you?, for: to know with whom we work, required: true}
  - {id: stage, label: At which stage are you?, hint: As you see it, for: to choose examples, role: client, options: [Starting, Growing]}
eligibility:
  rules:
    - {id: leads, ask: Do you lead an organisation now?, why: The programme is for those who lead one now.}
    - {id: years, ask: Have you led for three years?, why: "{Consultants} have led for three years.", role: consultant}
  elsewhere:
    - {text: Example Network of New Leaders, link: https://example.org/new}
    - {text: Ask your local council}
`

// A programme asks questions of its own, and says for whom it is, in its settings alone.
func TestQuestionsOfAProgrammesOwn(t *testing.T) {
	t.Parallel()
	preset, err := PresetText("pilot-2016")
	if err != nil {
		t.Fatal(err)
	}
	p, err := Parse([]byte(string(preset) + asked))
	if err != nil {
		t.Fatal(err)
	}
	if c, o := p.Asks(Client), p.Asks(Consultant); len(c) != 2 || len(o) != 1 || !c[0].Required || len(c[1].Options) != 2 || o[0].ID != "trustees" {
		t.Errorf("asked are %+v and %+v", c, o)
	}
	if c, o := p.Rules(Client), p.Rules(Consultant); len(c) != 1 || len(o) != 2 || len(p.Eligibility.Elsewhere) != 2 {
		t.Errorf("the rules are %+v and %+v", c, o)
	}
	for what, change := range map[string]string{
		"the id \"stage\" is given twice": strings.Replace(asked, "id: trustees", "id: stage", 1),
		"made of letters":                 strings.Replace(asked, "id: trustees", "id: two words", 1),
		"needs a label":                   strings.Replace(asked, "label: At which stage are you?, ", "", 1),
		"what it is for":                  strings.Replace(asked, "for: to choose examples, ", "", 1),
		"the role of \"stage\"":           strings.Replace(asked, "role: client", "role: funder", 1),
		"2 to 20 options":                 strings.Replace(asked, "[Starting, Growing]", "[Starting]", 1),
		"empty or given twice":            strings.Replace(asked, "[Starting, Growing]", "[Starting, Starting]", 1),
		"the id \"leads\" is given twice": strings.Replace(asked, "id: years", "id: leads", 1),
		"why who says no does not fit":    strings.Replace(asked, ", why: The programme is for those who lead one now.", "", 1),
		"begins with https":               strings.Replace(asked, "https://example.org/new", "javascript:alert(1)", 1),
		"elsewhere is missing":            asked[:strings.Index(asked, "  elsewhere:")],
		"unknown field":                   strings.Replace(asked, "required: true", "needed: true", 1),
	} {
		if _, err := Parse([]byte(string(preset) + change)); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// A programme that runs asks other questions, and is for others, and nothing that anybody said
// becomes an answer to something else.
func TestAnswersStayAnswersToWhatWasAsked(t *testing.T) {
	t.Parallel()
	was := Question{ID: "stage", Label: "At which stage are you?", For: "to choose examples", Options: []string{"Starting", "Growing"}}
	other := Question{ID: "trustees", Label: "How many trustees?", For: "to know with whom we work", Required: true}
	with := func(change func(*Question)) Question {
		q := was
		q.Options = slices.Clone(was.Options)
		change(&q)
		return q
	}
	for name, row := range map[string]struct {
		to   []Question
		says string
	}{
		"nothing":             {nil, ""},
		"another beside":      {[]Question{was, other}, ""},
		"another option":      {[]Question{with(func(q *Question) { q.Options = append(q.Options, "Ending") })}, ""},
		"required, of one":    {[]Question{with(func(q *Question) { q.Required, q.Role, q.Hint = true, Client, "As you see it" })}, ""},
		"other words":         {[]Question{with(func(q *Question) { q.Label = "Where are you?" })}, "another id"},
		"used otherwise":      {[]Question{with(func(q *Question) { q.For = "to match you" })}, "another id"},
		"an option less":      {[]Question{with(func(q *Question) { q.Options = []string{"Starting", "Ending"} })}, "keeps its options"},
		"in words now":        {[]Question{with(func(q *Question) { q.Options = nil })}, "keeps its options"},
		"what cannot be read": {[]Question{{ID: "a b", Label: "x", For: "y"}}, "a b"},
	} {
		p, err := Preset("pilot-2016")
		if err != nil {
			t.Fatal(err)
		}
		p.Questions = []Question{was}
		err = p.Reask(row.to)
		if row.says != "" {
			if err == nil || !strings.Contains(err.Error(), row.says) || !reflect.DeepEqual(p.Questions, []Question{was}) {
				t.Errorf("%s: %v, %+v", name, err, p.Questions)
			}
			continue
		}
		if err != nil || len(p.Asks(Client)) != len(row.to) || !slices.ContainsFunc(p.Asked(Client), func(q Question) bool { return q.ID == "stage" && q.Label == was.Label }) {
			t.Errorf("%s: %v, %+v", name, err, p.Questions)
		}
		n := len(p.Questions)
		if err := p.Reask(nil); err != nil || len(p.Asks(Client)) != 0 || len(p.Questions) != n {
			t.Errorf("%s, then nothing: %v, %+v", name, err, p.Questions)
		}
		if err := p.Reask(row.to); err != nil || len(p.Asks(Client)) != len(row.to) || len(p.Questions) != n {
			t.Errorf("%s, once more: %v, %+v", name, err, p.Questions)
		}
	}
	p, err := Preset("pilot-2016")
	if err != nil {
		t.Fatal(err)
	}
	leads := Eligibility{Rules: []Rule{{ID: "leads", Ask: "Do you lead now?", Why: "It is for those who do."}}, Elsewhere: []Elsewhere{{Text: "A network"}}}
	if err := p.Refit(leads); err != nil || len(p.Rules(Client)) != 1 {
		t.Errorf("%v, %+v", err, p.Eligibility)
	}
	if err := p.Refit(Eligibility{Rules: []Rule{{ID: "leads", Ask: "Do you live here?", Why: "x"}}, Elsewhere: leads.Elsewhere}); err == nil || len(p.Rules(Client)) != 1 {
		t.Errorf("other words under an id: %v", err)
	}
	if err := p.Refit(Eligibility{}); err != nil || len(p.Rules(Client)) != 0 || !p.Ruled(Client, "leads") || p.Ruled(Client, "lives") {
		t.Errorf("%v, %+v", err, p.Eligibility)
	}
}
