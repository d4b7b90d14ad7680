package outbox

import (
	"context"
	"fmt"
	"testing"

	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// enrolled owes messages to people at once, as many as asked for.
func (b *bed) enrolled(programmeID string, n int) {
	b.t.Helper()
	c := b.Store.Commit()
	for i := range n {
		c.Enqueue(b.t.Context(), outbox.Message{ID: fmt.Sprint(programmeID, i), Kind: message.KindYourLink, Programme: programmeID, To: "alex", Role: programme.Client}, b.Now())
	}
	b.Commit(c)
}

// sentIn is how many emails went in the windows in which a sweep was.
func (b *bed) sentIn(do func()) (emails, windows int) {
	b.t.Helper()
	before := len(b.emails())
	from, err := b.Store.Time(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	do()
	to, err := b.Store.Time(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return len(b.emails()) - before, 1 + int(to.Truncate(outbox.Window).Sub(from.Truncate(outbox.Window))/outbox.Window)
}

func TestNoMoreGoInAWindowThanMay(t *testing.T) {
	for name, row := range map[string]Config{
		"of a programme": {PerProgramme: 60},
		"to a domain":    {PerDomain: 60},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			b.serve(row)
			b.enrolled("pilot", 12)
			emails, windows := b.sentIn(b.sweep)
			if emails < 10 || emails > 10*windows {
				t.Errorf("%d emails in %d windows of 10", emails, windows)
			}
			b.Until("all are sent", func(context.Context) bool { b.Pass(outbox.Window); b.sweep(); return len(b.emails()) == 12 })
		})
	}
}

// One programme with many messages does not hold up another's few.
func TestProgrammesTakeTurns(t *testing.T) {
	b := newBed(t)
	b.serve(Config{PerProgramme: 12})
	other := *b.Programme
	other.ID, other.Name = "other", "Other"
	c := b.Store.Commit()
	c.CreateProgramme(&other)
	e, err := b.Store.Enrolment(t.Context(), "pilot", "alex")
	if err != nil {
		t.Fatal(err)
	}
	c.CreateEnrolment("other", e)
	b.Commit(c)
	b.enrolled("pilot", 300)
	b.enrolled("other", 1)
	b.sweep()
	m, _, err := b.Store.Message(t.Context(), "other0")
	if err != nil || m.State != outbox.Sent {
		t.Errorf("%+v, %v", m, err)
	}
	if n := len(b.emails()); n > 1+2*2 {
		t.Errorf("%d emails", n)
	}

}
