package matching

import (
	"testing"

	"github.com/cascading-leadership/cascade/shared/platform/testbed"
)

func TestWhoMayOpenWhat(t *testing.T) {
	t.Parallel()
	b := testbed.New(t)
	b.Serve("matching", New)
	b.Access(map[string]testbed.Example{"POST /events": {Status: 400}}) // what comes is no event
}
