package store

import (
	"slices"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/disclosure"
	"github.com/cascading-leadership/cascade/shared/privacy"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/register"
)

// What the notice says in words of its own has to be so by the register.
func TestNoticeIsTrue(t *testing.T) {
	t.Parallel()
	seen := map[privacy.PurposeID]bool{}
	for _, s := range Stored() {
		seen[s.For()] = true
		reads := register.Themselves
		if strings.HasSuffix(s.Path, "/shared/*") || strings.HasSuffix(s.Path, "/notebooks/*") { // what they choose to share, and what both keep
			reads |= register.Matched
		}
		for _, r := range s.Rows {
			switch {
			case s.For() == privacy.Notes && r.Class != register.Technical && r.Seen&^reads != 0:
				t.Errorf("%s: %s: what people write about sessions is shown to %s", s.Path, r.Fields, r.Seen)
			case s.For() == privacy.Learning && s.Apart && r.Class != register.Technical && r.Class != register.Pseudonymous:
				t.Errorf("%s: %s: answers are kept beside what says whose they are", s.Path, r.Fields)
			case slices.Contains(r.Names(), "conflicts") && r.Class == register.Given && r.Seen&^(register.Coordinators|register.Themselves) != 0:
				t.Errorf("%s: whom somebody wants to avoid is shown to %s", s.Path, r.Seen)
			case r.Class != register.Technical && r.Class != register.Pseudonymous && r.Seen&register.Evaluators != 0:
				t.Errorf("%s: %s: evaluators are shown more than figures", s.Path, r.Fields)
			}
		}
	}
	for _, p := range privacy.Purposes {
		if len(p.Documents) > 0 && p.ID != privacy.Forgetting && !seen[p.ID] {
			t.Errorf("nothing is stored for %q", p.Title)
		}
	}
	if disclosure.Threshold < 10 {
		t.Errorf("figures stand for %d people", disclosure.Threshold)
	}
}

// Presets promise in words of their own only what no register could say.
func TestPresetsPromiseNothingBesideTheRegister(t *testing.T) {
	t.Parallel()
	for _, name := range programme.Presets() {
		p, err := programme.Preset(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, point := range p.Privacy.Points {
			t.Errorf("%s: a notice made from the register says this, or it is not held by any test: %s", name, point)
		}
		n := privacy.New(p, Stored(), privacy.Deployment{Mail: "sendgrid"})
		for _, h := range n.Kept {
			if h.What == "" || h.Until == "" || h.Purpose.Title == "" || len(h.Items) == 0 {
				t.Errorf("%s: incomplete: %+v", name, h)
			}
		}
		for _, a := range n.Shown {
			if strings.HasPrefix(a.Who, "Its evaluators") && len(a.What) > 0 {
				t.Errorf("%s: evaluators are shown %q", name, a.What)
			}
		}
	}
}
