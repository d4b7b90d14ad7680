package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/reminder"
)

// verdict is what of a group is still wanted, and what of it has changed: it is not
// wanted any more, or waits for another.
type verdict struct {
	wanted  []*about
	changed []*outbox.Message
}

// decide says of a message, and of all that waits for its person, what is wanted.
func decide(ctx context.Context, g *group, at moment) (*verdict, error) {
	wanted, unwanted, err := judge(ctx, g, at.programme)
	if err != nil {
		return nil, err
	}
	wanted, early := inOrder(wanted, at.programme)
	return &verdict{wanted, append(unwanted, early...)}, nil
}

// judge parts the messages of a group that are still wanted from those that are not. A
// message that cannot be read whole is put aside, and the others go on without it.
func judge(ctx context.Context, g *group, now time.Time) (wanted []*about, unwanted []*outbox.Message, err error) {
	for i, a := range g.about {
		m, err := g.all[i], g.errs[i]
		if fault.Is(err, fault.NotFound) {
			m.Drop("what it is about is gone")
			unwanted = append(unwanted, m)
			continue
		}
		if err != nil && !errors.Is(err, store.ErrUnreadable) {
			return nil, nil, err
		}
		why, lacks := "", "what it is about cannot be read"
		if err == nil {
			lacks = "it lacks what it is about"
			why, err = unwantedSince(a, now)
		}
		switch {
		case err != nil:
			slog.ErrorContext(ctx, "message put aside", "id", m.ID, "kind", m.Kind, "error", err)
			m.PutAside(lacks)
			unwanted = append(unwanted, m)
		case why != "":
			m.Drop(why)
			unwanted = append(unwanted, m)
		default:
			wanted = append(wanted, a)
		}
	}
	return wanted, unwanted, nil
}

// unwantedSince says why a message is not wanted, or "". A message that does not name
// what its kind is about must fail alone.
func unwantedSince(a *about, now time.Time) (why string, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic of kind %T", v)
		}
	}()
	return message.Unwanted(a.Message, a.subject(), now), nil
}

// inOrder keeps a message from coming before the one that it reminds of: early are
// those that wait for theirs, or have nothing left to remind of.
func inOrder(wanted []*about, now time.Time) (left []*about, early []*outbox.Message) {
	for _, a := range wanted {
		if a.first == nil {
			left = append(left, a)
			continue
		}
		switch until, unwanted := reminder.Order(a.Message, a.first, now); {
		case unwanted != "":
			a.Drop(unwanted)
		case !until.IsZero():
			a.Wait(until)
		default:
			left = append(left, a)
			continue
		}
		early = append(early, a.Message)
	}
	return left, early
}
