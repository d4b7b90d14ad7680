package evaluation

import (
	"testing"

	"github.com/cascading-leadership/cascade/shared/platform/testbed"
)

func TestWhoMayOpenWhat(t *testing.T) {
	b := bed(t)
	publish(t, b, release(1))
	b.Access(map[string]testbed.Example{
		"GET /report/{programme}": {Status: 200},
	}, "How far people came")
}
