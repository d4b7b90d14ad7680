package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/programme"
)

// A programme that runs gets other questions and rules by a file of settings: first it is said what
// would be other, nothing else of the file is taken over, and what is not asked any more stays for
// what was said to it.
func TestAProgrammeAsksOtherQuestions(t *testing.T) {
	s := project(t)
	folder := t.TempDir()
	preset := ran(t, "", "programme", "settings", "pilot-2016")
	settings := func(name, more string) string {
		at := filepath.Join(folder, name)
		if err := os.WriteFile(at, []byte(preset+more), 0o600); err != nil {
			t.Fatal(err)
		}
		return at
	}
	const trustees, leads = "questions: [{id: trustees, label: How many trustees?, for: to know you, required: true}]\n",
		"eligibility: {rules: [{id: leads, ask: Do you lead now?, why: It is for those who do.}], elsewhere: [{text: A network, link: \"https://example.org/new\"}]}\n"
	one := settings("one.yaml", trustees+leads)
	ran(t, "", "programme", "create", "north", "--settings", one)
	says(t, ran(t, "", "programme", "questions", "north"), `questions.trustees: "How many trustees?", for: to know you, required`)
	says(t, ran(t, "", "programme", "eligibility", "north"), `eligibility.rules.leads: "Do you lead now?", else: It is for those who do.`, "A network https://example.org/new")
	says(t, ran(t, "", "programme", "questions", "north", "--settings", one, "--apply"), "It is so already")

	two := settings("two.yaml", "questions: [{id: stage, label: At which stage?, for: to choose examples, role: client, options: [Starting, Growing]}]\n")
	follows := []string{`questions.trustees: "How many trustees?", not asked any more`, `before: "How many trustees?"`, `questions.stage: "At which stage?"`, "Starting | Growing, of a client alone"}
	says(t, ran(t, "", "programme", "questions", "north", "--settings", two), append(follows, "Nothing was changed")...)
	if p, err := s.Programme(t.Context(), "north"); err != nil || len(p.Questions) != 1 || p.Questions[0].Retired {
		t.Errorf("it was changed without --apply: %+v, %v", p, err)
	}
	says(t, ran(t, "", "programme", "questions", "north", "--settings", two, "--apply"), follows...)
	p, err := s.Programme(t.Context(), "north")
	if err != nil || len(p.Asks(programme.Client)) != 1 || len(p.Asks(programme.Consultant)) != 0 || len(p.Questions) != 2 || len(p.Rules(programme.Client)) != 1 {
		t.Errorf("%+v, %v", p, err)
	}
	says(t, ran(t, "", "programme", "eligibility", "north", "--settings", two, "--apply"), `"Do you lead now?", not asked any more`)

	worded := settings("worded.yaml", strings.Replace(trustees, "How many", "Which", 1))
	if out, err := run(t, "", "programme", "questions", "north", "--settings", worded, "--apply"); err == nil || !strings.Contains(err.Error(), "another id") {
		t.Errorf("%s, %v", out, err)
	}
	if _, err := run(t, "", "programme", "questions", "north", "--apply"); err == nil {
		t.Error("--apply goes without a file")
	}
}
