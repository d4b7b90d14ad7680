package questionnaire

import (
	"errors"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

func load(t *testing.T, id string) *Definition {
	t.Helper()
	d, err := Load(id)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestPresetsAskQuestionnairesThatAreThere(t *testing.T) {
	t.Parallel()
	for _, name := range programme.Presets() {
		p, err := programme.Preset(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range []programme.Moment{programme.Baseline, programme.Closing} {
			d := load(t, p.Questionnaires.At(m))
			seen := map[string]bool{}
			for _, q := range d.Questions() {
				if q.ID == "" || q.Text == "" || seen[q.ID] || q.Kind == Choose && len(q.Choices) < 2 {
					t.Errorf("%s: question %+v", d.ID, q)
				}
				seen[q.ID] = true
			}
		}
	}
}

func TestBothMomentsAskTheSameScales(t *testing.T) {
	t.Parallel()
	closing := map[string]string{}
	for _, q := range load(t, "closing-1").Questions() {
		closing[q.ID] = q.Text
	}
	for _, q := range load(t, "baseline-1").Questions() {
		if q.Kind == Scale && closing[q.ID] != q.Text {
			t.Errorf("%s is %q before and %q after", q.ID, q.Text, closing[q.ID])
		}
	}
}

func TestTake(t *testing.T) {
	t.Parallel()
	page := load(t, "closing-1").Pages[2]
	for _, row := range []struct{ name, id, value, kept, wrong string }{
		{"a choice", "number", "few", "few", ""},
		{"a scale", "match", "5", "5", ""},
		{"words", "change", " more\r\ntime ", "more\ntime", ""},
		{"no such choice", "number", "some", "", "number"},
		{"outside the scale", "match", "6", "", "match"},
		{"the words of a choice", "number", "Too few", "", "number"},
		{"too many words", "change", strings.Repeat("x", MaxText+1), strings.Repeat("x", MaxText+1), "change"},
		{"a question that is not there", "other", "x", "", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			answers := map[string]string{}
			_, err := page.Record(answers, map[string][]string{row.id: {row.value}})
			var invalid *fault.Invalid
			if errors.As(err, &invalid) != (row.wrong != "") || invalid != nil && invalid.Fields[0].Name != row.wrong {
				t.Errorf("error %v, want one for %q", err, row.wrong)
			}
			if answers[row.id] != row.kept {
				t.Errorf("kept %q, want %q", answers[row.id], row.kept)
			}
		})
	}
}

func TestSubmitOnceComplete(t *testing.T) {
	t.Parallel()
	d := load(t, "baseline-1")
	p, i := NewPseudonyms([]byte("key")), &Invitation{Enrolment: "alex-seek", Moment: programme.Baseline, Role: programme.Client, Questionnaire: d.ID}
	saved := p.New(i)
	var invalid *fault.Invalid
	if r, err := p.Submit(d, i, saved); !errors.As(err, &invalid) || len(invalid.Fields) != 10 || r != nil {
		t.Fatalf("an empty response: %v", err)
	}
	for _, q := range d.Questions() {
		if !q.Optional {
			saved.Answers[q.ID] = "3"
		}
	}
	r, err := p.Submit(d, i, saved)
	if err != nil || r.ID == saved.ID || r.Role != programme.Client || r.Moment != programme.Baseline || r.Questionnaire != d.ID || len(r.Answers) != 10 {
		t.Fatalf("a complete response: %+v, %v", r, err)
	}
}
