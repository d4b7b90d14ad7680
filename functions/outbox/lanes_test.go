package outbox

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// strangers owes letters to addresses that nobody has confirmed, all of one domain, to as many
// as asked for, and returns the messages' ids.
func (b *bed) strangers(n int) (ids []string) {
	b.t.Helper()
	for len(ids) < n {
		c := b.Store.Commit()
		for range min(100, n-len(ids)) {
			id := fmt.Sprintf("stranger%03d", len(ids))
			c.CreateClaim("pilot", &enrolment.Claim{ID: id, Enrolment: id, Role: programme.Client, CreatedAt: b.Now(), ExpireAt: b.Now().Add(enrolment.ClaimLife),
				Form: enrolment.Form{Name: "Kim Sample", Email: id + "@example.org"}})
			c.Enqueue(b.t.Context(), outbox.Message{ID: id, Kind: message.KindConfirmEnrolment, Programme: "pilot", To: id, Role: programme.Client}, b.Now())
			ids = append(ids, id)
		}
		b.Commit(c)
	}
	return ids
}

// known owes a member of staff their link to sign in, and somebody who takes part the email
// about a session.
func (b *bed) known() {
	b.t.Helper()
	b.owe(b.t.Context(), outbox.Message{ID: "sign-in", Kind: message.KindStaffSignIn, To: "morgan"})
	b.booked("session")
}

// toStranger reports whether an email went to somebody whom strangers owes one.
func toStranger(e email) bool { return strings.HasPrefix(e.to().Email, "stranger") }

// before counts the emails to strangers that went before the last of the others.
func (b *bed) before() (strangers int) {
	so := 0
	for _, e := range b.emails() {
		if toStranger(e) {
			so++
		} else {
			strangers = so
		}
	}
	return strangers
}

// sentOf counts which of some messages are sent.
func (b *bed) sentOf(ids ...string) (n int) {
	b.t.Helper()
	all, err := b.Store.MessagesOf(b.t.Context(), ids)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, m := range all {
		if m.State == outbox.Sent {
			n++
		}
	}
	return n
}

// 400 people enrol, and the provider is slow: whoever is owed an email after them has it
// before them, when a sweep finds all of it.
func TestASweepSendsToStrangersLast(t *testing.T) {
	b := newBed(t)
	b.slow = func(email) { time.Sleep(5 * time.Millisecond) }
	strangers := b.strangers(400)
	b.known()
	b.sweep()
	if n := b.sentOf("sign-in", "session"); n != 2 {
		t.Errorf("%d of two were sent", n)
	}
	if n := b.before(); n > 0 {
		t.Errorf("%d of 400 strangers went before who is known", n)
	}
	b.Until("the strangers are written to", func(context.Context) bool { b.sweep(); return b.sentOf(strangers...) == 400 })
	if n := len(b.emails()); n != 402 {
		t.Errorf("%d emails", n)
	}
}

// What a programme or a domain may have in a minute is not used up by strangers: others go
// also while no more strangers may.
func TestStrangersLeaveOthersTheirPace(t *testing.T) {
	for name, row := range map[string]Config{
		"of a programme": {PerProgramme: 48},
		"to a domain":    {PerDomain: 48},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			b.serve(row)
			b.strangers(400)
			emails, windows := b.sentIn(func() { b.sweep(); b.sweep() })
			if emails < 4 || emails > 4*windows {
				t.Errorf("%d strangers were written to in %d windows of 8", emails, windows)
			}
			b.known()
			b.Event("outbox/sign-in", "")
			b.Event("outbox/session", "")
			if n := b.sentOf("sign-in", "session"); n != 2 {
				t.Errorf("%d of two were sent at once; %d strangers went", n, len(b.emails())-n)
			}
		})
	}
}

// A function has room for so many events. Those of strangers leave some for others, however
// long the provider takes over them.
func TestEventsOfStrangersLeaveRoom(t *testing.T) {
	b := newBed(t)
	served := make(chan struct{})
	var waiting atomic.Int32
	b.slow = func(e email) {
		if !toStranger(e) {
			return
		}
		waiting.Add(1)
		select { // it takes none until the others are through, or the sender gives up
		case <-served:
		case <-time.After(40 * time.Second):
		case <-t.Context().Done():
		}
	}
	strangers := b.strangers(400)
	b.known()
	room := make(chan struct{}, 40) // as infra/knative has it
	var events sync.WaitGroup
	for _, id := range append(strangers, "sign-in", "session") {
		room <- struct{}{}
		events.Go(func() {
			defer func() { <-room }()
			b.Event("outbox/"+id, "")
		})
	}
	b.Until("who is known is written to", func(context.Context) bool { return b.sentOf("sign-in", "session") == 2 })
	if n := waiting.Load(); n > strangersAtOnce {
		t.Errorf("%d strangers were in hand at once", n)
	}
	close(served)
	events.Wait()
	b.Until("the strangers are written to", func(context.Context) bool { b.sweep(); return b.sentOf(strangers...) == 400 })
	if n := len(b.emails()); n != 402 {
		t.Errorf("%d emails", n)
	}
}

// Where others are owed many emails and leave room, strangers go in the same sweep.
func TestStrangersGoWhereOthersLeaveRoom(t *testing.T) {
	b := newBed(t)
	b.serve(Config{PerProgramme: 6 * 200, PerDomain: 6 * 200})
	strangers := b.strangers(30)
	b.enrolled("pilot", 100)
	b.sweep()
	if n := b.sentOf(strangers...); n != 30 {
		t.Errorf("%d of 30 strangers were written to", n)
	}
	if n := len(b.emails()); n != 130 {
		t.Errorf("%d emails", n)
	}
	if n := b.before(); n > 0 {
		t.Errorf("%d strangers went before who is known", n)
	}
}

// Messages that a version without lanes wrote, and that wait when this one comes, are each sent
// in their lane, before anything has changed them.
func TestWhatWaitsFromBeforeLanesGoesInItsLane(t *testing.T) {
	b := newBed(t)
	strangers := b.strangers(200)
	b.known()
	for path, d := range b.Documents() {
		if strings.HasPrefix(path, "outbox/") {
			fields := d.Data()
			delete(fields, "lane")
			fields["schema"] = 1
			b.Put(path, fields)
		}
	}
	b.sweep()
	if n := b.before(); n > 0 || len(b.emails()) != 202 || b.sentOf(strangers...) != 200 {
		t.Errorf("%d emails, %d strangers before who is known", len(b.emails()), n)
	}
	if lane := b.message("stranger000").Lane; lane != outbox.Strangers {
		t.Errorf("the lane is %q", lane)
	}
}
