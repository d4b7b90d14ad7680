package programme

import (
	"strings"
	"testing"
)

// The usual bank has the phases of working together, each with questions in plain words, and a
// programme's own takes its place.
func TestQuestionBank(t *testing.T) {
	t.Parallel()
	p := &Programme{}
	usual := p.QuestionBank()
	if len(usual) != 4 {
		t.Fatalf("%d phases", len(usual))
	}
	seen := map[string]bool{}
	for _, phase := range usual {
		if len(phase.Questions) < 5 {
			t.Errorf("%s: %d questions", phase.Title, len(phase.Questions))
		}
		for _, q := range phase.Questions {
			if !strings.HasSuffix(q, "?") || seen[q] {
				t.Errorf("%q is there twice, or asks nothing", q)
			}
			seen[q] = true
		}
	}
	if err := (&Programme{Bank: usual}).checkBank(); err != nil {
		t.Errorf("the usual one could not be set: %v", err)
	}
	own := []Phase{{"At sea", []string{"Where is land?"}}}
	if got := (&Programme{Bank: own}).QuestionBank(); len(got) != 1 || got[0].Title != "At sea" {
		t.Errorf("a programme's own: %v", got)
	}
	if p.Opens(Client) || !p.Opens(Consultant) {
		t.Error("it is opened by who is asked, or not by who asks")
	}
	if p.Peers = true; !p.Opens(Client) || !p.Opens(Consultant) {
		t.Error("among peers both ask")
	}
	for name, bad := range map[string][]Phase{
		"no title":         {{"", []string{"Why?"}}},
		"no question":      {{"Now", nil}},
		"an empty one":     {{"Now", []string{""}}},
		"too long":         {{"Now", []string{strings.Repeat("é", maxBankText+1)}}},
		"hidden":           {{"Now", []string{"Wh\u202ey?"}}},
		"too many of them": {{"Now", make([]string, mostOfPhase+1)}},
		"too many phases":  make([]Phase, mostPhases+1),
	} {
		if (&Programme{Bank: bad}).checkBank() == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
