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
		p := &page{read: read, came: time.Now()}
		for i, row := range []struct{ wait, want time.Duration }{{0, 0}, {5 * time.Second, 5 * time.Second}, {40 * time.Second, 45 * time.Second}} {
			time.Sleep(row.wait)
			if got := p.now().Sub(read); got != row.want {
				t.Errorf("document %d: %v after the reading, want %v", i, got, row.want)
			}
		}
	})
}
