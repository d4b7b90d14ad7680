package outbox

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
)

// looked is for how long a process remembers whether a backup was loaded. To one that runs
// while that is done, it is no news for as long.
const looked = 10 * time.Second

// backup is what a process remembers of that.
type backup struct {
	mu sync.Mutex // one at a time looks
	at time.Time
	// uncompared says that one was loaded, and that who came back with it may not be
	// forgotten again yet.
	uncompared bool
}

// waitsForErasures reports whether nothing goes but what may go always: a backup may have
// brought somebody back who was forgotten, with emails that were owed to them or tell of
// them. It reads two documents each ten seconds at most, whatever is sent.
func (s *sender) waitsForErasures(ctx context.Context) (bool, error) {
	b := &s.backup
	b.mu.Lock()
	defer b.mu.Unlock()
	now := s.Now()
	if !b.at.IsZero() && now.Sub(b.at).Abs() < looked {
		return b.uncompared, nil
	}
	uncompared, err := s.Store.BroughtBack(ctx)
	if err != nil {
		return false, err
	}
	b.at, b.uncompared = now, uncompared
	if uncompared {
		backups.Add(ctx, 1)
		slog.ErrorContext(ctx, "emails wait: a backup was restored, and erasures are not compared with it yet")
	}
	return uncompared, nil
}

// goesAlways reports whether a message goes also before erasures are compared with a backup:
// staff sign in, who may have to see to it. What else they are sent can tell of somebody.
func goesAlways(m *outbox.Message) bool {
	return message.ForStaff(m.Kind) && message.ClassOf(m.Kind) == message.Answer
}
