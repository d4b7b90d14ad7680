package calendar

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/programme"
)

// Whatever half-days two people share, what they are asked about lies in them, on working days,
// each later than the one before.
func TestTimesLieInTheHalfDays(t *testing.T) {
	t.Parallel()
	var all []string
	for _, day := range []string{"mon", "tue", "wed", "thu", "fri"} {
		all = append(all, day+"-am", day+"-pm")
	}
	c := Of(&programme.Programme{}, "", "Europe/London")
	rapid.Check(t, func(t *rapid.T) {
		some := rapid.SliceOfDistinct(rapid.SampledFrom(all), rapid.ID[string]).Draw(t, "half-days")
		after := time.Unix(rapid.Int64Range(1_700_000_000, 1_900_000_000).Draw(t, "after"), 0)
		times := c.InHalfDays(some, after, 3)
		if len(some) == 0 != (len(times) == 0) {
			t.Fatalf("%d times in %v", len(times), some)
		}
		for i, at := range times {
			half := map[bool]string{true: "am", false: "pm"}[at.Hour() < 12]
			if id := fmt.Sprint(strings.ToLower(at.Format("Mon")), "-", half); !slices.Contains(some, id) || !c.WorkingDay(at) || !at.After(after) || i > 0 && !at.After(times[i-1]) {
				t.Fatalf("%v is no time in %v after %v", at, some, after)
			}
		}
	})
}
