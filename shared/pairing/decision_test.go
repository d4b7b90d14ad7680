package pairing

import (
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
)

func TestDecisionStandsUntilItIsLifted(t *testing.T) {
	t.Parallel()
	first, err := Decide(Pin, "a", "z", "They asked for it", "morgan", noon, nil)
	if err != nil || !first.Stands() || first.ID != "a_z_1" || first.By != "morgan" || !first.At.Equal(noon) {
		t.Fatalf("%+v, %v", first, err)
	}
	for name, made := range map[string]struct {
		kind           DecisionKind
		client, helper string
	}{"the same again": {Pin, "a", "z"}, "the contrary": {Forbid, "a", "z"}, "another pin of the same person": {Pin, "a", "y"}} {
		if d, err := Decide(made.kind, made.client, made.helper, "why", "sam", noon, []*Decision{first}); !fault.Is(err, fault.Conflict) || d != nil {
			t.Errorf("%s: %+v, %v", name, d, err)
		}
	}
	for _, made := range []struct {
		kind           DecisionKind
		client, helper string
	}{{Forbid, "a", "y"}, {Pin, "b", "z"}} {
		if _, err := Decide(made.kind, made.client, made.helper, "why", "sam", noon, []*Decision{first}); err != nil {
			t.Errorf("%+v: %v", made, err)
		}
	}
	for range 2 {
		first.Lift("sam", noon.Add(time.Hour))
		noon := noon.Add(time.Hour)
		if first.Stands() || first.LiftedBy != "sam" || !first.LiftedAt.Equal(noon) || first.Reason == "" {
			t.Errorf("lifted: %+v", first)
		}
	}
	// The next one about the pair has an id of its own: what was decided stays.
	if next, err := Decide(Forbid, "a", "z", "why", "sam", noon, []*Decision{first}); err != nil || next.ID != "a_z_2" {
		t.Errorf("%+v, %v", next, err)
	}
}

func TestDecisionHasAReason(t *testing.T) {
	t.Parallel()
	for _, reason := range []string{"", strings.Repeat("é", MaxText+1)} {
		if _, err := Decide(Pin, "a", "z", reason, "morgan", noon, nil); !invalid(err, "reason") {
			t.Errorf("%.9q: %v", reason, err)
		}
	}
	if _, err := Decide(Pin, "a", "z", strings.Repeat("é", MaxText), "morgan", noon, nil); err != nil {
		t.Error(err)
	}
}
