package outbox

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/contact"
	"github.com/cascading-leadership/cascade/shared/outbox"
)

// stopped is why alex is not written to any more, and what they decline.
func (b *bed) stopped() (contact.Stop, int) {
	b.t.Helper()
	c, err := b.Store.Contact(b.t.Context(), "pilot", "alex")
	if err != nil {
		b.t.Fatal(err)
	}
	return c.Stopped, len(c.Declined)
}

// told delivers events, and fails unless they are taken.
func (b *bed) told(s signer, events ...string) {
	b.t.Helper()
	if status := b.deliver(s, events...); status != http.StatusOK {
		b.t.Fatalf("status %d", status)
	}
}

// What SendGrid drops and what comes back, each as it is told: whom it stops, and what
// becomes of the email.
func TestWhatComesBack(t *testing.T) {
	again := func(o outbox.Outcome) (outbox.State, outbox.Outcome, contact.Stop) { return outbox.Pending, o, "" }
	ends := func(o outbox.Outcome, s contact.Stop) (outbox.State, outbox.Outcome, contact.Stop) {
		return outbox.SetAside, o, s
	}
	type want func() (outbox.State, outbox.Outcome, contact.Stop)
	goes := func(o outbox.Outcome) want {
		return func() (outbox.State, outbox.Outcome, contact.Stop) { return again(o) }
	}
	stays := func(o outbox.Outcome, s contact.Stop) want {
		return func() (outbox.State, outbox.Outcome, contact.Stop) { return ends(o, s) }
	}
	for name, row := range map[string]struct {
		fields map[string]string
		want   want
	}{
		"over quota":     {map[string]string{"event": "dropped", "reason": "Recipient List over Package Quota"}, goes(outbox.Held)},
		"header":         {map[string]string{"event": "dropped", "reason": "Invalid SMTPAPI header"}, goes(outbox.Held)},
		"spam check":     {map[string]string{"event": "dropped", "reason": "Spam Content"}, goes(outbox.Held)},
		"unauthorised":   {map[string]string{"event": "bounce", "type": "blocked", "reason": "550 5.7.26 Unauthenticated email is not accepted due to DMARC policy", "status": "5.7.26"}, goes(outbox.Held)},
		"greylisted":     {map[string]string{"event": "bounce", "type": "bounce", "reason": "450 4.2.0 greylisted, try again", "status": "4.2.0", "bounce_classification": "Technical Failure"}, goes(outbox.PutOff)},
		"no mx":          {map[string]string{"event": "bounce", "type": "bounce", "reason": "unable to get mx info: failed to get IPs from PTR record: lookup <nil>: unrecognized address", "status": "5.0.0", "bounce_classification": "Technical Failure"}, goes(outbox.PutOff)},
		"no status":      {map[string]string{"event": "bounce", "type": "blocked", "reason": "unable to get mx info: lookup <nil>: unrecognized address", "bounce_classification": "Unclassified"}, goes(outbox.PutOff)},
		"full":           {map[string]string{"event": "bounce", "type": "bounce", "reason": "552 5.2.2 The email account that you tried to reach is over quota.", "status": "5.2.2"}, goes(outbox.BoxFull)},
		"expired":        {map[string]string{"event": "bounce", "type": "expired", "reason": "Delivery time expired"}, goes(outbox.PutOff)},
		"reputation":     {map[string]string{"event": "bounce", "type": "blocked", "reason": "554 5.7.1 blocked using zen.spamhaus.org", "status": "5.7.1", "bounce_classification": "Reputation"}, goes(outbox.Blocked)},
		"unknown user":   {map[string]string{"event": "bounce", "type": "bounce", "reason": "550 5.1.1 The email account that you tried to reach does not exist.", "status": "5.1.1", "bounce_classification": "Invalid Address"}, stays(outbox.Bounced, contact.Bounced)},
		"earlier bounce": {map[string]string{"event": "dropped", "reason": "Bounced Address"}, stays(outbox.Dropped, contact.Bounced)},
		"no address":     {map[string]string{"event": "dropped", "reason": "Invalid"}, stays(outbox.Invalid, contact.Bounced)},
		"reported":       {map[string]string{"event": "dropped", "reason": "Spam Reporting Address"}, stays(outbox.SpamReport, contact.SpamReport)},
		"unsubscribed":   {map[string]string{"event": "dropped", "reason": "Unsubscribed Address"}, stays(outbox.Unsubscribed, "")},
		"no reason":      {map[string]string{"event": "dropped"}, stays(outbox.Unclear, "")},
		"nothing said":   {map[string]string{"event": "bounce"}, stays(outbox.Unclear, "")},
	} {
		t.Run(name, func(t *testing.T) {
			b, s := newReportedBed(t)
			b.booked("a")
			b.Event("outbox/a", "")
			row.fields["sg_message_id"] = "sg-1.recvd-1"
			for range 3 { // SendGrid says everything about three times
				b.told(s, event("a", map[string]string{"event": "processed"}), event("a", row.fields))
			}
			state, outcome, stop := row.want()
			if m := b.message("a"); m.State != state || m.Outcome != outcome || (m.Fault != outbox.NoFault) != (outcome == outbox.Held) {
				t.Fatalf("%+v", m)
			}
			stopped, declined := b.stopped()
			if stopped != stop || (declined > 0) != (outcome == outbox.Unsubscribed) {
				t.Errorf("stopped %q, %d declined", stopped, declined)
			}
			if state != outbox.Pending {
				return
			}
			b.sweep()
			if n := len(b.emails()); n != 1 {
				t.Fatalf("it goes again at once: %d emails", n)
			}
			b.Pass(31 * time.Minute)
			b.sweep()
			all := b.emails()
			if m := b.message("a"); len(all) != 2 || m.State != outbox.Sent || m.Outcome != outbox.Unknown || m.Attempts != 2 {
				t.Fatalf("%d emails; %+v", len(all), m)
			}
			// The provider's own list of those that came back does not hold it up.
			if !all[1].MailSettings["bypass_bounce_management"].Enable || len(all[0].MailSettings) > 0 {
				t.Errorf("settings %v, then %v", all[0].MailSettings, all[1].MailSettings)
			}
			b.told(s, event("a", row.fields)) // late, about the first
			b.told(s, event("a", map[string]string{"event": "delivered", "try": "2"}))
			if m := b.message("a"); m.State != outbox.Sent || m.Outcome != outbox.Delivered {
				t.Errorf("%+v", m)
			}
		})
	}
}

// A box that stays full is given up on after days, and its owner is not: the next email
// is sent.
func TestFullBoxIsTriedForDays(t *testing.T) {
	b, s := newReportedBed(t)
	b.booked("a")
	b.Event("outbox/a", "")
	began := b.Now()
	for try := 1; b.message("a").State != outbox.SetAside; try++ {
		if try > outbox.MostReturns+1 {
			t.Fatalf("tried for ever: %+v", b.message("a"))
		}
		b.told(s, event("a", map[string]string{"event": "bounce", "type": "bounce", "try": fmt.Sprint(try), "reason": "452 4.2.2 over quota"}))
		if m := b.message("a"); m.State == outbox.Pending {
			b.change("a", func(m *outbox.Message, _ time.Time) { m.Until = time.Time{} })
			b.Pass(m.DueAt.Sub(b.Now()) + time.Second)
			b.sweep()
		}
	}
	if took := b.Now().Sub(began); took < 24*time.Hour || len(b.emails()) != outbox.MostReturns+1 {
		t.Errorf("%d emails in %v", len(b.emails()), took)
	}
	if stopped, _ := b.stopped(); stopped != "" {
		t.Errorf("stopped %q", stopped)
	}
}

// While the account is over its quota everything waits, however long that is, and goes
// when it is not; nobody is stopped.
func TestQuotaIsWaitedOut(t *testing.T) {
	b, s := newReportedBed(t)
	b.booked("a")
	b.Event("outbox/a", "")
	const times = outbox.MaxAttempts + 2 // more than anything else is tried
	for try := 1; try <= times; try++ {
		b.told(s, event("a", map[string]string{"event": "dropped", "try": fmt.Sprint(try), "reason": "Recipient List over Package Quota"}))
		if n, err := b.Store.CountHeld(t.Context(), "pilot"); err != nil || n != 1 {
			t.Fatalf("%d wait, %v", n, err)
		}
		b.Pass(31 * time.Minute)
		b.sweep()
	}
	b.told(s, event("a", map[string]string{"event": "delivered", "try": fmt.Sprint(times + 1)}))
	if m := b.message("a"); m.State != outbox.Sent || m.Outcome != outbox.Delivered || m.Attempts != times+1 {
		t.Errorf("%+v", m)
	}
	if n, err := b.Store.CountHeld(t.Context(), "pilot"); err != nil || n != 0 {
		t.Errorf("%d wait, %v", n, err)
	}
	if stopped, _ := b.stopped(); stopped != "" {
		t.Errorf("stopped %q", stopped)
	}
}

// A bounce that comes late lacks our arguments: it is found by what the provider called
// the email, up to the first dot, also where its answer never came.
func TestLateBounceIsFoundByTheProvidersID(t *testing.T) {
	for name, id := range map[string]string{"as it was called": "sg-1", "with more after a dot": "sg-1.recvd-5f54b5d587-pczjm-1-67BADEEA-6.0"} {
		t.Run(name, func(t *testing.T) {
			b, s := newReportedBed(t)
			b.booked("a")
			b.Event("outbox/a", "")
			b.told(s, event("a", map[string]string{"event": "delivered", "sg_message_id": "sg-1.recvd-1"}))
			for _, other := range []string{"", "sg", "sg-2.recvd-1", "sg-1x.recvd", ".sg-1", "sg-1/..", strings.Repeat("x", 300), "*", "sg 1"} {
				b.told(s, event("", map[string]string{"event": "bounce", "reason": "550 5.1.1 unknown", "sg_message_id": other}))
			}
			if m := b.message("a"); m.State != outbox.Sent {
				t.Fatalf("another's is taken for it: %+v", m)
			}
			for range 2 {
				b.told(s, event("", map[string]string{"event": "bounce", "reason": "550 5.1.1 unknown", "sg_message_id": id}))
			}
			if m := b.message("a"); m.State != outbox.SetAside || m.Outcome != outbox.Bounced {
				t.Errorf("%+v", m)
			}
			if stopped, _ := b.stopped(); stopped != contact.Bounced {
				t.Errorf("stopped %q", stopped)
			}
		})
	}
	t.Run("though the provider's answer was lost", func(t *testing.T) {
		b, s := newReportedBed(t)
		b.refusing(b.goneQuiet)
		b.booked("a")
		b.Event("outbox/a", "")
		b.told(s, event("a", map[string]string{"event": "delivered", "sg_message_id": "lost.recvd-1"}))
		b.told(s, event("", map[string]string{"event": "bounce", "reason": "550 5.1.1 unknown", "sg_message_id": "lost.recvd-1"}))
		if m := b.message("a"); m.State != outbox.SetAside || m.Outcome != outbox.Bounced {
			t.Errorf("%+v", m)
		}
	})
}

// Fields that are missing, or of another kind, hold up none.
func TestEventsOfOtherShapes(t *testing.T) {
	b, s := newReportedBed(t)
	b.booked("a")
	b.Event("outbox/a", "")
	b.told(s, `{"event":"bounce","message":"a","try":1,"status":550,"reason":null,"bounce_classification":["x"],"timestamp":1795993269,"sg_message_id":7}`)
	if m := b.message("a"); m.State != outbox.SetAside || m.Outcome != outbox.Bounced {
		t.Errorf("%+v", m)
	}
}

// What goes in one email comes back together, and goes again together.
func TestWhatWentTogetherComesBackTogether(t *testing.T) {
	b, s := newReportedBed(t)
	b.started("a")
	b.waits("i")
	b.Event("outbox/a", "")
	lead, follower := "a", "i"
	if b.message(follower).With != lead || len(b.emails()) != 1 {
		t.Fatalf("they did not go together: %+v, %+v", b.message("a"), b.message("i"))
	}
	b.told(s, event(lead, map[string]string{"event": "bounce", "reason": "450 4.2.0 greylisted"}))
	if got := b.states(lead, follower); got != lead+" pending, "+follower+" bundled" {
		t.Fatalf("came back: %s", got)
	}
	b.Pass(31 * time.Minute)
	b.sweep()
	if got := b.states(lead, follower); got != lead+" sent, "+follower+" sent" || len(b.emails()) != 2 {
		t.Fatalf("went again: %s, %d emails", got, len(b.emails()))
	}
	b.told(s, event(lead, map[string]string{"event": "bounce", "try": "2", "reason": "550 5.1.1 unknown user"}))
	if got := b.states(lead, follower); got != lead+" set aside, "+follower+" set aside" || b.message(follower).Outcome != outbox.Bounced {
		t.Errorf("came back for good: %s", got)
	}
}

// Each email leads to the programme's privacy notice, in both of its parts.
func TestEveryEmailLeadsToTheNotice(t *testing.T) {
	b := newBed(t)
	b.booked("a")
	b.Event("outbox/a", "")
	for _, e := range b.emails() {
		for _, part := range []string{"text/plain", "text/html"} {
			if !strings.Contains(e.part(part), origin+"/privacy/pilot") {
				t.Errorf("the %s part does not lead there", part)
			}
		}
	}
}
