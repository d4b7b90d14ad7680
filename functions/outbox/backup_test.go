package outbox

import (
	"sync"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/erasure"
	"github.com/cascading-leadership/cascade/shared/platform/cost"
)

// compared keeps how many tombstones were compared, as the sweep of erasures does.
func (b *bed) compared(tombstones int) {
	b.t.Helper()
	known, err := b.Store.Compared(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	known.Tombstones = tombstones
	c := b.Store.Commit()
	c.SaveCompared(known)
	b.Commit(c)
}

// Until erasures are compared with a backup that was restored, nobody is written to who takes
// part or has enrolled, by event or sweep; staff sign in. Also where the backup is from before
// anything was compared.
func TestNobodyIsWrittenToBeforeABackupIsCompared(t *testing.T) {
	for name, row := range map[string]func(b *bed){
		"of fewer erasures":       func(b *bed) { b.compared(1) },
		"from before all of them": func(*bed) {},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			c := b.Store.Commit()
			for _, hash := range []string{"one", "other"} {
				c.Bury(hash, &erasure.Tombstone{Programme: "pilot", At: b.Now(), CreatedAt: b.Now()})
			}
			b.Commit(c)
			row(b)
			strangers := b.strangers(3)
			b.known()
			b.Event("outbox/session", "")
			b.Event("outbox/stranger000", "")
			b.sweep()
			if n := len(b.emails()); n != 1 || b.sentOf("sign-in") != 1 {
				t.Errorf("%d emails went, and the link to sign in %d times", n, b.sentOf("sign-in"))
			}
			b.compared(2)
			b.Pass(looked)
			b.sweep()
			if n := b.sentOf(append(strangers, "session")...); n != 4 || len(b.emails()) != 5 {
				t.Errorf("%d of four went once that was compared", n)
			}
		})
	}
}

// Whatever is sent, a process looks once in ten seconds.
func TestWhetherABackupWasRestoredIsAskedSeldom(t *testing.T) {
	b := newBed(t)
	s, err := newSender(b.Runtime, Config{Key: "the-key", SenderName: "Cascade", SenderEmail: "sender@example.org"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, meter := cost.Start(t.Context())
	look := func() {
		var looks sync.WaitGroup
		for range 100 {
			looks.Go(func() {
				if waits, err := s.waitsForErasures(ctx); waits || err != nil {
					t.Error(waits, err)
				}
			})
		}
		looks.Wait()
	}
	look()
	if reads := meter.Cost().Reads; reads != 2 {
		t.Errorf("%d reads", reads)
	}
	b.Pass(looked + time.Second)
	look()
	if reads := meter.Cost().Reads; reads != 4 {
		t.Errorf("%d reads, and ten seconds later", reads)
	}
}
