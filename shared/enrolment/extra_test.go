package enrolment

import (
	"slices"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/programme"
)

// asking is the pilot with questions and rules of its own.
func asking(t testing.TB) *programme.Programme {
	p := pilot(t)
	p.Questions = []programme.Question{
		{ID: "trustees", Label: "How many trustees have you?", For: "to know you", Required: true},
		{ID: "stage", Label: "At which stage?", For: "to choose examples", Options: []string{"Starting", "Growing"}},
		{ID: "theirs", Label: "For how long?", For: "to know you", Role: programme.Consultant, Required: true},
	}
	p.Eligibility.Rules = []programme.Rule{{ID: "leads", Ask: "Do you lead now?", Why: "It is for those who do."}}
	return p
}

func TestAnswersToAProgrammesOwnQuestions(t *testing.T) {
	t.Parallel()
	p := asking(t)
	for _, row := range []struct {
		what  string
		extra map[string]string
		fits  []string
		wrong string
	}{
		{"all", map[string]string{"trustees": " Seven,\r\nand a chair ", "stage": "Growing"}, []string{"leads"}, ""},
		{"what is required", map[string]string{"trustees": "7"}, []string{"leads"}, ""},
		{"nothing", nil, []string{"leads"}, "extra-trustees"},
		{"spaces", map[string]string{"trustees": " \u200b"}, []string{"leads"}, "extra-trustees"},
		{"what is no option", map[string]string{"trustees": "7", "stage": "Ending"}, []string{"leads"}, "extra-stage"},
		{"5,000 characters", map[string]string{"trustees": strings.Repeat("é", 5000)}, []string{"leads"}, "extra-trustees"},
		{"a bell", map[string]string{"trustees": "a\a"}, []string{"leads"}, "extra-trustees"},
		{"right to left", map[string]string{"trustees": "שבעה نعم"}, []string{"leads"}, ""},
		{"what is not asked of them", map[string]string{"trustees": "7", "theirs": "x"}, []string{"leads"}, "extra"},
		{"what is asked by nobody", map[string]string{"trustees": "7", "size": "x"}, []string{"leads"}, "extra"},
		{"no word on whether they fit", map[string]string{"trustees": "7"}, nil, "fits"},
		{"a rule that there is not", map[string]string{"trustees": "7"}, []string{"leads", "sings"}, "fits"},
	} {
		f := acceptable(programme.Client)
		f.Extra, f.Fits = row.extra, row.fits
		e, err := New(p, programme.Client, f, noon)
		found := wrong(t, err)
		if row.wrong == "" && err != nil || row.wrong != "" && (len(found) != 1 || found[row.wrong] == "") {
			t.Errorf("%s: %v, want %q", row.what, found, row.wrong)
		}
		if row.what != "all" {
			continue
		}
		if e.Extra["trustees"] != "Seven,\nand a chair" || e.Extra["stage"] != "Growing" || len(e.Fits) != 1 {
			t.Errorf("stored is %+v", e)
		}
		var read []string
		for _, a := range FormOf(e).Answers(p, programme.Client) {
			if a.Input == "extra" || a.Input == "fits" {
				read = append(read, a.Question+" "+strings.Join(a.Lines, " "))
			}
		}
		if got := strings.Join(read, "; "); got != "How many trustees have you? Seven, and a chair; At which stage? Growing; Do you lead now? Yes" {
			t.Errorf("read back: %s", got)
		}
		g, err := GroupOf(p, programme.Client, "extra")
		if err != nil {
			t.Fatal(err)
		}
		f.Extra = map[string]string{"trustees": "", "stage": "Starting"}
		if _, err := e.Correct(p, g, f, noon); wrong(t, err)["extra-trustees"] == "" {
			t.Errorf("what is required can be emptied: %v", err)
		}
		f.Extra["trustees"] = "8"
		if changed, err := e.Correct(p, g, f, noon); err != nil || !changed || e.Extra["trustees"] != "8" {
			t.Errorf("corrected: %v, %v, %+v", changed, err, e.Extra)
		}
	}
	if _, err := GroupOf(pilot(t), programme.Client, "extra"); err == nil {
		t.Error("a programme without questions of its own has a group for them")
	}
}

// What somebody answered stays with them, and is read with its question, once that is not asked
// any more; a form that was begun before goes on.
func TestAnswerOutlivesItsQuestion(t *testing.T) {
	t.Parallel()
	p := asking(t)
	f := acceptable(programme.Client)
	f.Extra, f.Fits = map[string]string{"trustees": "7"}, []string{"leads"}
	e, err := New(p, programme.Client, f, noon)
	if err != nil {
		t.Fatal(wrong(t, err))
	}
	stage := slices.DeleteFunc(slices.Clone(p.Questions), func(q programme.Question) bool { return q.ID == "trustees" })
	if err := p.Refit(programme.Eligibility{}); err != nil {
		t.Fatal(err)
	}
	if err := p.Reask(stage); err != nil {
		t.Fatal(err)
	}
	if err := f.Normalised(p).Check(p, programme.Client); err != nil {
		t.Errorf("a form that was begun before: %v", wrong(t, err))
	}
	g, err := GroupOf(p, programme.Client, "extra")
	if err != nil {
		t.Fatal(err)
	}
	to := FormOf(e)
	to.Extra = map[string]string{"stage": "Growing"} // the page asks no more than that
	if _, err := e.Correct(p, g, to, noon); err != nil || e.Extra["trustees"] != "7" || e.Extra["stage"] != "Growing" {
		t.Errorf("%v, %+v", err, e.Extra)
	}
	read := ""
	for _, a := range FormOf(e).Answers(p, programme.Client) {
		read += a.Question + " " + strings.Join(a.Lines, " ") + "; "
	}
	if !strings.Contains(read, "How many trustees have you? 7") || !strings.Contains(read, "Do you lead now? Yes") {
		t.Errorf("read back: %s", read)
	}
}
