package store

import (
	"testing"
	"testing/synctest"
	"time"
)

// Documents of one query are read at one moment, and the last of them has its turn
// when those before it are done.
func TestTimePassesWhileDocumentsWaitForTheirTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		read := time.Date(2027, 3, 28, 0, 59, 0, 0, time.UTC)
		var p passing
		for i, row := range []struct {
			wait, read, want time.Duration
		}{{0, 0, 0}, {5 * time.Second, 0, 5 * time.Second}, {40 * time.Second, 0, 45 * time.Second}, {0, 50 * time.Second, 50 * time.Second},
			{time.Second, 50 * time.Second, 51 * time.Second}, {time.Second, 0, 52 * time.Second}} {
			time.Sleep(row.wait)
			if got := p.at(read.Add(row.read)).Sub(read); got != row.want {
				t.Errorf("document %d: %v after the reading, want %v", i, got, row.want)
			}
		}
	})
}
