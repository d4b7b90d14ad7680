package questionnaire

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/form"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Definition is one version of a questionnaire. It does not change once someone
// has answered it: a changed one has another id.
type Definition struct {
	ID    string `yaml:"id"`
	Title string `yaml:"title"`
	Intro string `yaml:"intro"`
	Pages []Page `yaml:"pages"`
}

// Page is what is asked at once.
type Page struct {
	Title     string     `yaml:"title"`
	Questions []Question `yaml:"questions"`
}

// Question is one question. Its text may hold the placeholders of programme.Terms.Say.
type Question struct {
	// ID is the same for the same question at another moment, which pairs the two.
	ID   string `yaml:"id"`
	Text string `yaml:"text"`
	// Theme is the outcome that a scale question is about.
	Theme string `yaml:"theme"`
	Kind  Kind   `yaml:"kind"`
	// Choices are those of a choice question.
	Choices  []Choice `yaml:"choices"`
	Optional bool     `yaml:"optional"`
}

// Kind is how a question is answered.
type Kind string

// The kinds: agreement from 1 to 5, one of the question's own choices, or words.
const (
	Scale   Kind = "scale"
	Choose  Kind = "choice"
	Written Kind = "text"
)

// Choice is one possible answer.
type Choice struct {
	Value string `yaml:"value"`
	Text  string `yaml:"text"`
}

// Agreement are the answers to a scale question, 1 to 5.
var Agreement = []Choice{
	{"1", "Strongly disagree"}, {"2", "Disagree"}, {"3", "Neither agree nor disagree"}, {"4", "Agree"}, {"5", "Strongly agree"},
}

// MaxText is the longest written answer, in characters.
const MaxText = 4000

//go:embed definitions/*.yaml
var files embed.FS

var definitions = sync.OnceValues(func() (map[string]*Definition, error) {
	all := map[string]*Definition{}
	names, err := files.ReadDir("definitions")
	if err != nil {
		return nil, err
	}
	for _, n := range names {
		text, err := files.ReadFile("definitions/" + n.Name())
		if err != nil {
			return nil, err
		}
		d := new(Definition)
		if err := yaml.UnmarshalWithOptions(text, d, yaml.Strict()); err != nil {
			return nil, fmt.Errorf("%s: %w", n.Name(), err)
		}
		all[d.ID] = d
	}
	return all, nil
})

// Load is the definition with an id.
func Load(id string) (*Definition, error) {
	all, err := definitions()
	if err != nil {
		return nil, err
	}
	if d, ok := all[id]; ok {
		return d, nil
	}
	return nil, fault.New(fault.NotFound, "There is no such questionnaire.")
}

// Questions are all questions in order.
func (d *Definition) Questions() []Question {
	var all []Question
	for _, p := range d.Pages {
		all = append(all, p.Questions...)
	}
	return all
}

// AnswerText is an answer as people read it.
func (q Question) AnswerText(value string) string {
	for _, c := range q.Options() {
		if c.Value == value {
			return c.Text
		}
	}
	return value
}

// Options are what a question can be answered with, none for a written one.
func (q Question) Options() []Choice {
	if q.Kind == Scale {
		return Agreement
	}
	return q.Choices
}

// Shown is what a page's hidden input form.Shown says of the answers to some questions.
func Shown(questions []Question, answers map[string]string) string {
	inputs, saved := asInputs(questions, answers)
	return form.Showed(inputs, saved)
}

// asInputs are questions and their answers as a form has them. What is selected cannot be
// undone.
func asInputs(questions []Question, answers map[string]string) (inputs []form.Input, saved map[string][]string) {
	saved = map[string][]string{}
	for _, q := range questions {
		kind := form.Radio
		if q.Kind == Written {
			kind = form.Typed
		}
		inputs = append(inputs, form.Input{Name: q.ID, Kind: kind})
		if answers[q.ID] != "" {
			saved[q.ID] = []string{answers[q.ID]}
		}
	}
	return inputs, saved
}

// Record takes over the answers that were posted from a page, by question id, and says
// which cannot stand, or were changed in another window too. A written answer can be
// emptied; what is missing is asked for when the questionnaire is submitted. What the
// person left as the page showed it, questions of other pages, and ones that do not exist,
// are left alone; newer reports whether the person saw an earlier answer than one that is.
func (p Page) Record(answers map[string]string, posted map[string][]string) (newer bool, err error) {
	inputs, saved := asInputs(p.Questions, answers)
	merged, newer, clash := form.Merge(inputs, saved, posted)
	var invalid fault.Invalid
	for _, q := range p.Questions {
		value := ""
		if given := merged[q.ID]; len(given) > 0 {
			value = strings.TrimSpace(strings.ReplaceAll(given[0], "\r\n", "\n"))
		}
		switch {
		case slices.Contains(clash, q.ID):
			invalid.Add(q.ID, "%s", form.ChangedElsewhere+q.there(answers[q.ID]))
		case q.Kind == Written && len([]rune(value)) > MaxText:
			invalid.Add(q.ID, "Your answer must be %d characters or fewer", MaxText)
		case value != "" && q.Kind != Written && !isChoice(q, value):
			invalid.Add(q.ID, "Select one of the answers")
			continue
		}
		if value == "" {
			delete(answers, q.ID)
		} else {
			answers[q.ID] = value
		}
	}
	return newer, invalid.Err()
}

// there says what an answer is in another window.
func (q Question) there(answer string) string {
	if answer == "" {
		return ". What is saved is empty"
	}
	return ". Saved is “" + q.AnswerText(answer) + "”"
}

func isChoice(q Question, value string) bool {
	for _, c := range q.Options() {
		if c.Value == value {
			return true
		}
	}
	return false
}

// Missing are the questions that still need an answer before submitting.
func (d *Definition) Missing(answers map[string]string) []Question {
	var missing []Question
	for _, q := range d.Questions() {
		if !q.Optional && answers[q.ID] == "" {
			missing = append(missing, q)
		}
	}
	return missing
}

// Complete says which questions still need an answer before submitting.
func (d *Definition) Complete(answers map[string]string) error {
	var invalid fault.Invalid
	for _, q := range d.Missing(answers) {
		invalid.Add(q.ID, "Answer “%s”", q.Text)
	}
	return invalid.Err()
}

// Check says which questionnaires of a programme do not exist: nobody could be invited to one.
func Check(p *programme.Programme) error {
	all, err := definitions()
	if err != nil {
		return err
	}
	for _, m := range programme.Moments {
		if name := p.Questionnaires.At(m); name != "" && all[name] == nil {
			return fmt.Errorf("questionnaires.%s: there is no questionnaire %q: name one of %s, or add its file to shared/questionnaire/definitions",
				m, name, strings.Join(slices.Sorted(maps.Keys(all)), ", "))
		}
	}
	return nil
}

// Forget deletes from answers what was written in somebody's own words, and reports whether
// there was any. What the questionnaire does not ask counts as such.
func (d *Definition) Forget(answers map[string]string) (changed bool) {
	chosen := map[string]bool{}
	for _, q := range d.Questions() {
		chosen[q.ID] = q.Kind != Written
	}
	for id := range answers {
		if !chosen[id] {
			delete(answers, id)
			changed = true
		}
	}
	return changed
}
