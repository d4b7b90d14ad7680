package proposal_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/matching/commitment"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/proposal"
)

func bound(t *testing.T, s *proposal.Input, before string) *proposal.Commitment {
	t.Helper()
	c, err := proposal.Commit(s, before)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCommitmentIsOfWhatPeopleAnsweredAndOfNothingElse(t *testing.T) {
	t.Parallel()
	p := &programme.Programme{ID: "p", Salt: strings.Repeat("s", 32)}
	alex := &enrolment.Enrolment{ID: "alex", Role: programme.Client, Capacity: 1, Skills: map[string]int{"board": 3}}
	zoe := &enrolment.Enrolment{ID: "zoe", Role: programme.Consultant, Capacity: 2, Skills: map[string]int{"board": 2}}
	s := &proposal.Input{Programme: p, Ready: []*enrolment.Enrolment{alex, zoe}}
	first := bound(t, s, "")
	if first.People != 2 || len(first.Leaves) != 2 || len(first.ID) != 26 {
		t.Errorf("%+v", first)
	}
	slices.Reverse(s.Ready)
	zoe.Places = []string{"a match"} // what is left to somebody is no answer of theirs
	if again := bound(t, s, ""); again.ID != first.ID || again.Root != first.Root {
		t.Error("the same answers are bound differently")
	}
	if next := bound(t, s, "a run"); next.ID == first.ID || next.Root == first.Root {
		t.Error("another run has the same commitment")
	}
	row, ok, err := commitment.RowOf([]byte(p.Salt), first.ID, first.Leaves, proposal.Entry(zoe), nil)
	var root commitment.Hash
	if err := root.UnmarshalText([]byte(first.Root)); err != nil {
		t.Fatal(err)
	}
	if !ok || err != nil || commitment.Check(root, row) != nil {
		t.Errorf("zoe's row: %v, %v", ok, err)
	}
	zoe.Skills["board"] = 3
	if changed := bound(t, s, ""); changed.ID == first.ID || changed.Root == first.Root {
		t.Error("another answer is bound alike")
	}
}
