package enrolment_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/enrolment"
)

// However it is pressed, the email goes at most so often in any day, and twice in a minute
// only to another address.
func TestEmailIsSentAgainWithinItsBudget(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		start := time.Date(2027, 3, 1, 10, 0, 0, 0, time.UTC)
		now, sent := start, enrolment.Sendings{start}
		all := []time.Time{start}
		for range rapid.IntRange(1, 40).Draw(t, "presses") {
			now = now.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 59, 60, 61, 3600, 86399, 86400}).Draw(t, "later")) * time.Second)
			corrected := rapid.Bool().Draw(t, "corrected")
			within := 0
			for _, at := range all {
				if now.Sub(at) < 24*time.Hour {
					within++
				}
			}
			may := within <= enrolment.MostAgain && (corrected || now.Sub(all[len(all)-1]) >= time.Minute)
			next, err := sent.Again(now, corrected)
			if (err == nil) != may {
				t.Fatalf("at %v after %v: %v", now, all, err)
			}
			if err == nil {
				sent, all = next, append(all, now)
			}
			if len(sent) > enrolment.MostAgain+1 {
				t.Fatalf("%d are kept", len(sent))
			}
		}
	})
}
