package enrolment

import (
	"testing"

	"github.com/cascading-leadership/cascade/shared/platform/testbed"
)

// Links in emails that were sent before an upgrade keep opening.
func TestSentLinksKeepOpening(t *testing.T) {
	t.Parallel()
	testbed.SentLinksOpen(t, "enrolment", New, "/enrol/confirm")
}
