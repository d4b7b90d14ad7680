// Package parallel spreads work that only computes over all processors. What waits
// for a network wants golang.org/x/sync/errgroup instead, which takes a context and
// stops at the first error.
package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Do does n things, from 0 to n-1, on all processors, beginning in their order, and
// returns when all are done. The caller does its share, since what is little is done
// before another goroutine has woken.
func Do(n int, do func(k int)) {
	var next atomic.Int64
	var wait sync.WaitGroup
	work := func() {
		for k := next.Add(1) - 1; k < int64(n); k = next.Add(1) - 1 {
			do(int(k))
		}
	}
	for range min(n, runtime.GOMAXPROCS(0)) - 1 {
		wait.Go(work)
	}
	work()
	wait.Wait()
}
