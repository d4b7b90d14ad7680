package matching_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/language"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// What is published is what the score is made of: each rule that counts, at its
// points, and none that does not.
func TestPublishedRulesAreThoseThatCount(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawn(t)
		p := anyProgramme(t, c, 4)
		p.Mode = pick(c, programme.Assigned, programme.Ranked, programme.Directory)
		got := matching.Publish(p, language.English)
		var want []int
		for _, points := range p.Weights.All()[:6] {
			if points > 0 && p.Mode != programme.Directory {
				want = append(want, points)
			}
		}
		if p.Mode == programme.Ranked && p.Weights.Preference > 0 {
			want = append(want, p.Weights.Preference)
		}
		var points []int
		for _, x := range got.Points {
			points = append(points, x.Points)
		}
		if !slices.Equal(points, want) {
			t.Fatalf("published are %d points, and what counts are %d: %+v of %+v", points, want, got.Points, p.Weights)
		}
		// Each criterion, and that nobody has too many.
		if len(got.Criteria) != len(matching.Criteria)+1 {
			t.Fatalf("%d criteria are published of %d: %q", len(got.Criteria), len(matching.Criteria)+1, got.Criteria)
		}
		if relaxes := strings.Contains(got.Criteria[0], "Where nobody is left"); relaxes != (len(p.Relax) > 0) {
			t.Fatalf("the programme relaxes %q, and says %q", p.Relax, got.Criteria[0])
		}
		if fair := strings.Contains(got.Best, "whoever fits least"); p.Mode != programme.Directory && fair == (p.Objective == programme.Total) {
			t.Fatalf("the objective is %q, and published is %q", p.Objective, got.Best)
		}
	})
}
