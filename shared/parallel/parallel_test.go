package parallel_test

import (
	"sync/atomic"
	"testing"

	"github.com/cascading-leadership/cascade/shared/parallel"
)

func TestEachThingIsDoneOnce(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2, 1000} {
		times := make([]atomic.Int32, n)
		parallel.Do(n, func(k int) { times[k].Add(1) })
		for k := range times {
			if got := times[k].Load(); got != 1 {
				t.Errorf("of %d things number %d was done %d times", n, k, got)
			}
		}
	}
}
