package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"regexp"
	"slices"
	"sync"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/outbox"
)

// owed is one email that somebody has to get, by the row's own book-keeping and not
// by what Cascade says.
type owed struct {
	message string // its id
	to      string // the address
	poison  bool   // it cannot be sent, and must be set aside
	dropped bool   // it need not be sent any more, and may not be after stopped
	stopped time.Time
}

// ledger is what a row was told was done.
type ledger struct {
	mu  sync.Mutex
	all map[string]*owed
}

func newLedger() *ledger { return &ledger{all: map[string]*owed{}} }

func (l *ledger) add(o owed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all[o.message] = &o
}

// stop notes that a message may not be sent any more from now on.
func (l *ledger) stop(message string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if o := l.all[message]; o != nil {
		o.dropped, o.stopped = true, time.Now()
	}
}

func (l *ledger) len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.all)
}

// person tells a person's name wherever it stands in an email.
var person = regexp.MustCompile(`\bp[0-9]{5}\b`)

// document is what the checks look at in an outbox document, which need not be one
// that Cascade can read.
type document struct {
	id       string
	kind     string
	state    string
	due      time.Time
	attempts int64
	doubts   int64
	failure  string
	read     time.Time
}

// messages are all messages, read at one moment.
func (at *place) messages(ctx context.Context) (map[string]document, error) {
	all, read, err := at.snapshot(ctx, "outbox")
	if err != nil {
		return nil, err
	}
	found := map[string]document{}
	for _, d := range all["outbox"] {
		m := document{id: d.Ref.ID, read: read}
		for name, into := range map[string]any{"kind": &m.kind, "state": &m.state, "dueAt": &m.due, "attempts": &m.attempts, "doubts": &m.doubts, "failure": &m.failure} {
			field(d, name, into)
		}
		found[m.id] = m
	}
	return found, nil
}

// field reads one field, and leaves what is missing or of another type.
func field(d *firestore.DocumentSnapshot, name string, into any) {
	v, err := d.DataAt(name)
	if err != nil {
		return
	}
	switch into := into.(type) {
	case *string:
		*into, _ = v.(string)
	case *int64:
		*into, _ = v.(int64)
	case *time.Time:
		*into, _ = v.(time.Time)
	}
}

// promises checks the invariants I1 to I4 and I6 of the notes on reliability over the
// whole outbox and the whole mailbox.
func (at *place) promises(ctx context.Context, l *ledger) error {
	docs, err := at.messages(ctx)
	if err != nil {
		return err
	}
	copies := at.provider.copies()
	l.mu.Lock()
	defer l.mu.Unlock()

	for id, o := range l.all {
		m, there := docs[id]
		if !there {
			at.violation("I1: %s is owed and is not in the outbox", id)
			continue
		}
		taken := copies[id]
		switch {
		case !final(m.state):
			at.violation("I2: %s is still %q, due %v, after %d attempts: %s", id, m.state, m.due.Sub(m.read).Round(time.Millisecond), m.attempts, m.failure)
		case o.poison:
			if m.state != string(outbox.SetAside) || len(taken) > 0 {
				at.violation("poison %s is %q, with %d emails", id, m.state, len(taken))
			}
		case o.dropped:
			for _, r := range taken {
				if r.at.After(o.stopped) {
					at.violation("I5: %s was sent %v after nobody wanted it any more (%v)", id, r.at.Sub(o.stopped).Round(time.Millisecond), r)
				}
			}
		case m.state != string(outbox.Sent):
			at.violation("I3: %s is %q, and nothing was wrong with it: %s", id, m.state, m.failure)
		case len(taken) == 0:
			at.violation("I3: %s counts as sent, and nobody got it (of %d requests)", id, len(at.provider.requests[id]))
		}
		at.copiesOf(id, m, taken)
		for _, r := range taken {
			who := person.FindAllString(r.text+" "+r.to, -1)
			if r.to != o.to || len(slices.Compact(slices.Sorted(slices.Values(who)))) > 1 {
				at.violation("I6: %s went to %s and not to %s, with the names of %v", id, r.to, o.to, who)
			}
		}
	}
	for id, m := range docs {
		if l.all[id] == nil {
			at.violation("I1: %s (%s) is in the outbox, and nobody is owed it", id, m.kind)
		}
	}
	for id, taken := range copies {
		if _, there := docs[id]; !there {
			at.violation("I1: %d emails went for %s, which is not in the outbox", len(taken), id)
		}
	}
	if n := at.provider.strange; n > 0 {
		at.violation("%d requests to the provider were about no message", n)
	}
	return nil
}

// copiesOf checks I4: no extra copy where the provider's event arrived, and elsewhere
// no more than the attempts in doubt, none of them before the grace was over.
func (at *place) copiesOf(id string, m document, taken []request) {
	at.count("emails", len(taken))
	at.count("attempts in doubt", int(m.doubts))
	if len(taken) <= 1 {
		return
	}
	at.count("extra copies", len(taken)-1)
	if len(taken) > 1+int(m.doubts) {
		at.violation("I4: %d copies of %s and %d attempts in doubt: %v", len(taken), id, int(m.doubts), taken)
		return
	}
	for i, later := range taken[1:] {
		for _, earlier := range taken[:i+1] {
			switch {
			case !earlier.reported.IsZero() && earlier.reported.Before(later.at):
				at.violation("I4: another copy of %s %v after the event about the first had arrived: %v", id, later.at.Sub(earlier.reported).Round(time.Millisecond), taken)
				return
			case later.at.Sub(earlier.at) < grace:
				at.violation("I4: another copy of %s after %v, before the grace was over: %v", id, later.at.Sub(earlier.at).Round(time.Millisecond), taken)
				return
			}
		}
	}
}

// fixpoint checks I12: two full sweeps after quiet change nothing.
func (at *place) fixpoint(ctx context.Context, collections []string, sweep func(context.Context) error) error {
	before, err := at.digest(ctx, collections)
	if err != nil {
		return err
	}
	sent := len(at.provider.log())
	for range 2 {
		if err := sweep(ctx); err != nil {
			return err
		}
	}
	after, err := at.digest(ctx, collections)
	if err != nil {
		return err
	}
	if before != after {
		at.violation("I12: two sweeps after quiet changed the database")
	}
	if n := len(at.provider.log()) - sent; n > 0 {
		at.violation("I12: two sweeps after quiet sent %d emails", n)
	}
	return nil
}

// digest is one number for all that collections hold.
func (at *place) digest(ctx context.Context, collections []string) (string, error) {
	all, _, err := at.snapshot(ctx, collections...)
	if err != nil {
		return "", err
	}
	var lines []string
	for _, docs := range all {
		for _, d := range docs {
			lines = append(lines, d.Ref.Path+" "+d.UpdateTime.UTC().Format(time.RFC3339Nano)+fmt.Sprint(fieldsOf(d)))
		}
	}
	slices.Sort(lines)
	return fmt.Sprintf("%x", sha256.Sum256([]byte(fmt.Sprint(lines)))), nil
}

func fieldsOf(d *firestore.DocumentSnapshot) map[string]any { return d.Data() } // fmt prints maps by sorted keys
