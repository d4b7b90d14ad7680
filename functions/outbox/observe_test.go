package outbox

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/telemetry"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// seen is what an operator sees of a test, with the figures as they were before.
type seen struct {
	*testbed.Seen
	before map[string]float64
}

// watch looks at logs, spans and figures from here on to the end of the test.
func watch(t *testing.T) *seen {
	t.Helper()
	s := &seen{Seen: testbed.Watch(t)}
	s.before = s.Figures()
	return s
}

// counted is by how much the counts have risen since.
func (s *seen) counted() map[string]float64 {
	risen := map[string]float64{}
	for name, n := range s.Figures() {
		if n -= s.before[name]; n != 0 && !strings.HasPrefix(name, "cascade.messages.oldest") && !strings.HasPrefix(name, "cascade.messages.unsettled") && !strings.HasPrefix(name, "cascade.schedule") && !strings.HasPrefix(name, "cascade.firestore") {
			risen[name] = n
		}
	}
	return risen
}

// What an operator is told of the sending: each figure, and no other.
func TestEveryFigureIsRecorded(t *testing.T) {
	b := newBedAlone(t)
	signs := newSigner(t)
	b.serve(Config{WebhookKey: signs.public()})
	s := watch(t)
	expect := func(what string, want map[string]float64) {
		t.Helper()
		if got := s.counted(); !maps.Equal(got, want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
		s.before = s.Figures()
	}

	b.booked("sent")
	b.Event("outbox/sent", "")
	expect("sent", map[string]float64{
		"cascade.messages.owed{kind=session-booked}":                             1,
		"cascade.messages.attempts{answer=taken kind=session-booked state=sent}": 1,
	})
	b.deliver(signs, reported("delivered", "sent", 1), reported("delivered", "sent", 1))
	expect("delivered, twice", map[string]float64{"cascade.messages.reports{outcome=delivered}": 1})
	b.hook("[]", "", "")
	expect("a stranger's report", map[string]float64{"cascade.webhook.refused{}": 1})

	for code, want := range map[int]string{429: "pending", 503: "pending", 401: "pending", 400: "set aside", 500: "in doubt"} {
		id := fmt.Sprint("status-", code)
		b.refusing(status(code))
		b.booked(id)
		b.Event("outbox/"+id, "")
		figures := map[string]float64{
			"cascade.messages.owed{kind=session-booked}":                                                 1,
			fmt.Sprintf("cascade.messages.attempts{answer=%d kind=session-booked state=%s}", code, want): 1,
		}
		if code == 500 { // it may have been taken
			delete(figures, fmt.Sprintf("cascade.messages.attempts{answer=%d kind=session-booked state=%s}", code, want))
			figures["cascade.messages.attempts{answer=unknown kind=session-booked state=in doubt}"] = 1
		}
		if code == 401 { // the host must know
			figures["cascade.account.faults{fault=key}"] = 1
		}
		if want == "set aside" {
			figures["cascade.messages.aside{kind=session-booked}"] = 1
		}
		expect(id, figures)
	}
	b.refusing(nil)

	b.booked("crashed")
	b.change("crashed", func(m *outbox.Message, server time.Time) { m.Claim(server.Add(-time.Hour), outbox.Usual) })
	s.before = s.Figures()
	b.Event("outbox/crashed", "")
	expect("a lease that ran out", map[string]float64{
		"cascade.messages.takeovers{}": 1,
		"cascade.messages.attempts{answer=unknown kind=session-booked state=in doubt}": 1,
	})

	b.owe(t.Context(), outbox.Message{ID: "poison", Kind: "no-such-letter", To: "robin", Role: programme.Consultant})
	b.Event("outbox/poison", "")
	expect("a letter that cannot be written", map[string]float64{
		"cascade.messages.owed{kind=no-such-letter}":                                      1,
		"cascade.messages.aside{kind=no-such-letter}":                                     1,
		"cascade.messages.attempts{answer=not asked kind=no-such-letter state=set aside}": 1,
	})
	b.serve(Config{WebhookKey: signs.public(), PerDomain: 6})
	b.enrolled("pilot", 2)
	s.before = s.Figures()
	b.Until("a limit is used up", func(context.Context) bool {
		b.sweep() // where a window ends between the two, both go
		used := s.counted()["cascade.messages.limited{lane=known limit=domain}"] > 0
		if !used {
			b.booked(rand.Text())
			b.booked(rand.Text())
		}
		return used
	})

	b.serve(Config{WebhookKey: signs.public()})
	b.compared(1) // of which none are there
	b.booked("backup")
	s.before = s.Figures()
	b.Event("outbox/backup", "")
	expect("a backup that is not compared", map[string]float64{"cascade.erasures.uncompared{}": 1})
	b.compared(0)
	b.Pass(looked)
	b.booked("quota")
	b.Event("outbox/quota", "")
	s.before = s.Figures()
	b.deliver(signs, event("quota", map[string]string{"event": "dropped", "reason": "Recipient List over Package Quota"}),
		event("", map[string]string{"event": "account_status_change", "type": "compliance_suspend"}))
	expect("the account's faults", map[string]float64{
		"cascade.messages.reports{outcome=held}": 1, "cascade.account.faults{fault=quota}": 1, "cascade.account.faults{fault=suspended}": 1,
	})
	b.booked("bounced")
	b.Event("outbox/bounced", "")
	s.before = s.Figures()
	b.deliver(signs, reported("bounce", "bounced", 1))
	expect("bounced", map[string]float64{"cascade.messages.reports{outcome=bounced}": 1, "cascade.messages.aside{kind=session-booked}": 1})

	b.deliver(signs, event("", map[string]string{"event": "bounce", "reason": "550 5.1.1", "sg_message_id": "nowhere.recvd-1"}),
		event("", map[string]string{"event": "bounce", "reason": "550 5.1.1", "sg_message_id": ""}), event("gone", map[string]string{"event": "delivered"}))
	expect("reports that cannot be placed", map[string]float64{"cascade.webhook.unplaced{outcome=bounced}": 2, "cascade.webhook.unplaced{outcome=delivered}": 1})
}

// The age of what waits is right where nothing does, whatever else there is.
func TestHowFarBehindTheSendingIs(t *testing.T) {
	b := newBedAlone(t)
	s := watch(t)
	is := func(what string, oldest, unsettled time.Duration) {
		t.Helper()
		b.sweep()
		for name, want := range map[string]time.Duration{"cascade.messages.oldest{lane=known programme=pilot}": oldest, "cascade.messages.unsettled{programme=pilot}": unsettled} {
			got, known := s.Figures()[name]
			if off := time.Duration(got*float64(time.Second)) - want; !known || off.Abs() > 10*time.Second {
				t.Errorf("%s: %s is %v, want %v", what, name, got, want)
			}
		}
		if got, known := s.Figures()["cascade.messages.oldest{lane=strangers programme=pilot}"]; !known || got != 0 {
			t.Errorf("%s: strangers wait for %v", what, got)
		}
	}
	is("nothing is owed", 0, 0)
	b.booked("sent")
	is("the sweep sends it", 0, 0)

	b.refusing(status(503))
	b.booked("waits")
	b.change("waits", func(m *outbox.Message, _ time.Time) { m.Wait(b.Now().Add(24 * time.Hour)) })
	is("one waits for tomorrow", 0, 0)
	b.booked("refused")
	b.change("refused", func(m *outbox.Message, server time.Time) {
		m.Claim(server.Add(-5*time.Hour), outbox.Usual)
		m.Refused("the provider answered 503", 24*time.Hour, 0, b.Now())
	})
	is("one is refused for hours, and waits between", 0, 5*time.Hour)
	b.booked("leased")
	b.change("leased", func(m *outbox.Message, server time.Time) {
		m.Claim(server.Add(-6*time.Hour), outbox.Usual)
		m.DueAt = server.Add(time.Hour)
	})
	is("a lease is stuck", 0, 6*time.Hour)
	b.booked("doubt")
	b.change("doubt", func(m *outbox.Message, server time.Time) {
		m.Claim(server.Add(-7*time.Hour), outbox.Usual)
		m.State, m.DueAt = outbox.InDoubt, server.Add(time.Hour)
	})
	is("one is in doubt", 0, 7*time.Hour)
	for _, id := range []string{"refused", "leased", "doubt"} {
		b.change(id, func(m *outbox.Message, now time.Time) { m.Took("x", now) })
	}
	is("all are sent", 0, 0)

	// Two that nobody could take up, one of them far younger.
	b.booked("old")
	b.change("old", func(m *outbox.Message, _ time.Time) {
		m.CreatedAt = b.Now().Add(-50 * time.Hour)
		m.Wait(b.Now().Add(-3 * time.Hour))
	})
	b.booked("new")
	is("the oldest is seen before it is worked on", 3*time.Hour, 0)
	for _, id := range []string{"old", "new"} {
		b.change(id, func(m *outbox.Message, now time.Time) { m.Took("x", now) })
	}
	b.booked("at-once")
	b.change("at-once", func(m *outbox.Message, _ time.Time) {
		m.CreatedAt, m.DueAt = b.Now().Add(-2*time.Hour), b.Now().Add(-3*time.Hour)
	})
	for i := range 5 {
		b.booked(fmt.Sprint("a", i))
	}
	is("due at once for long, among younger ones", 2*time.Hour, 0)
}

// The trace of a cause goes on through the sending to what the provider reports of
// the email, and has a place for what went along.
func TestOneTraceFromCauseToDelivery(t *testing.T) {
	b := newBedAlone(t)
	signs := newSigner(t)
	b.serve(Config{WebhookKey: signs.public()})
	s := watch(t)
	causes := map[string]string{"lead": "0af7651916cd43dd8448eb211c80319c", "other": "1af7651916cd43dd8448eb211c80319c"}
	for id, m := range map[string]outbox.Message{
		"lead":  {Kind: message.KindPairingStarted, To: "alex", Role: programme.Client, IDs: outbox.IDs{Pairing: "m"}},
		"other": {Kind: message.KindQuestionnaireInvited, To: "alex", Role: programme.Client, IDs: outbox.IDs{Pairing: "m", Invitation: "i"}},
	} {
		m.ID = id
		b.owe(telemetry.Continue(t.Context(), "00-"+causes[id]+"-b7ad6b7169203331-01"), m)
	}
	b.sweep()
	var lead, other = b.message("lead"), b.message("other")
	if other.With == "" {
		lead, other = other, lead
	}
	if lead.State != outbox.Sent || other.State != outbox.Sent || other.With != lead.ID {
		t.Fatalf("%+v, %+v", lead, other)
	}
	b.deliver(signs, reported("delivered", lead.ID, 1))
	for id, want := range map[string][]string{lead.ID: {"send message", "HTTP POST", "email delivered"}, other.ID: {"send message"}} {
		var got []string
		for _, span := range s.Spans() {
			if span.SpanContext.TraceID().String() != causes[id] || span.InstrumentationScope.Name == "" {
				continue
			}
			if slices.Contains(want, span.Name) {
				got = append(got, span.Name)
			}
			for _, a := range span.Attributes {
				if a.Key == "cascade.with" && a.Value.AsString() != lead.ID {
					t.Errorf("%s goes with %s", id, a.Value.AsString())
				}
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: the trace has %v, want %v", id, got, want)
		}
	}
}

// What becomes of a message and of its person, the log says once.
func TestEachChangeOfStateIsLoggedOnce(t *testing.T) {
	s := watch(t)
	b := newBedAlone(t)
	signs := newSigner(t)
	b.serve(Config{WebhookKey: signs.public()})
	for _, id := range []string{"m1", "m2", "m3"} {
		b.booked(id)
	}
	send := func(id string) func() { return func() { b.Event("outbox/"+id, "") } }
	report := func(event, id string) func() { return func() { b.deliver(signs, reported(event, id, 1)) } }
	for _, row := range []struct {
		what    string
		refuse  http.HandlerFunc
		do      func()
		changes int
	}{
		{"sent", nil, send("m1"), 1},
		{"sent before", nil, send("m1"), 0},
		{"delivered", nil, report("delivered", "m1"), 0},
		{"refused for now", status(503), send("m2"), 0}, // it waits as before
		{"refused for good", status(400), send("m3"), 1},
		{"a complaint", nil, report("spamreport", "m1"), 1}, // the person's
		{"a complaint, again", nil, report("spamreport", "m1"), 0},
	} {
		b.refusing(row.refuse)
		if n := s.Tells(b.Bed, row.what, row.do); n != row.changes {
			t.Errorf("%s: %d states changed, want %d", row.what, n, row.changes)
		}
	}
}

// Nothing that tells of a person stands in a log line, in a span or at a figure,
// whatever goes wrong.
func TestNothingPersonalIsLogged(t *testing.T) {
	s := watch(t)
	b := newBedAlone(t)
	signs := newSigner(t)
	b.serve(Config{WebhookKey: signs.public()})
	canaries := []string{"Quillfeather", "canary-address", "canary.example.net", "07700900123", "canary-free-text"}
	b.Spoil("programmes/pilot/enrolments/alex", "person", map[string]any{
		"name": "Quillfeather Sample", "email": "canary-address@canary.example.net", "phone": "07700900123"})
	b.Spoil("programmes/pilot/pairings/m/sessions/s", "place", "canary-free-text")

	refusals := map[string]http.HandlerFunc{"sent": nil, "slow-down": naming(429), "down": naming(503), "key": naming(401), "refused": naming(400), "broken": naming(500), "quiet": b.goneQuiet}
	for id, refuse := range refusals {
		b.refusing(refuse)
		b.booked(id)
		b.Event("outbox/"+id, "")
	}
	b.refusing(nil)
	b.owe(t.Context(), outbox.Message{ID: "poison", Kind: "no-such-letter", To: "robin", Role: programme.Consultant})
	b.owe(t.Context(), outbox.Message{ID: "lacking", Kind: message.KindSessionBooked, To: "alex", Role: programme.Client})
	b.owe(t.Context(), outbox.Message{ID: "confirm", Kind: message.KindYourLink, To: "alex", Role: programme.Client})
	b.owe(t.Context(), outbox.Message{ID: "news", Kind: message.KindPairingStarted, To: "alex", Role: programme.Client, IDs: outbox.IDs{Pairing: "m"}})
	b.booked("unreadable")
	b.Spoil("outbox/unreadable", "attempts", "canary-free-text")
	b.booked("crashed")
	b.change("crashed", func(m *outbox.Message, server time.Time) { m.Claim(server.Add(-time.Hour), outbox.Usual) })
	b.sweep()
	for _, event := range []string{"delivered", "bounce", "dropped", "spamreport"} {
		b.deliver(signs, strings.Replace(reported(event, "sent", 1), "alex@example.org", "canary-address@canary.example.net", 1))
	}
	for _, body := range []string{
		`[{"email":"canary-address@canary.example.net","reason":"canary-free-text","message":"canary-address@canary.example.net","event":"bounce","try":"1"}]`,
		`[{"email":["canary-address@canary.example.net"],"event":7}, "canary-free-text"]`, `[{"email":"canary-address@canary.example.net"`, `{"canary-free-text":1}`,
	} {
		signature, timestamp := signs.sign(time.Now(), body)
		b.hook(body, signature, timestamp)
		b.hook(body, "canary-free-text", timestamp)
	}
	b.post(`{"canary-free-text":1`, map[string]string{"ce-type": created, "ce-document": "outbox/canary-address@canary.example.net"})
	b.post(`{`, map[string]string{"ce-type": "canary-free-text@", "ce-specversion": ""})
	// People who are spoiled: what is in their place cannot be read.
	b.Spoil("programmes/pilot/enrolments/robin", "person", "canary-free-text canary-address@canary.example.net")
	b.owe(t.Context(), outbox.Message{ID: "spoiled", Kind: message.KindSessionBooked, To: "robin", Role: programme.Consultant, IDs: outbox.IDs{Pairing: "m", Session: "s"}})
	b.sweep()

	taken := b.emails()
	token := regexp.MustCompile(`https://cascade\.example\.org/[^\s"<>]*/([A-Za-z0-9_-]{20,})`)
	for _, e := range taken {
		for _, found := range token.FindAllStringSubmatch(e.part("text/plain")+" "+fmt.Sprint(e.Headers), -1) {
			canaries = append(canaries, found[1])
		}
	}
	if len(taken) < 4 || len(canaries) < 7 || !strings.Contains(fmt.Sprint(taken), "canary-free-text") {
		t.Fatalf("the canaries did not fly: %d emails, %d canaries", len(taken), len(canaries))
	}
	logs := s.Logs()
	for _, state := range []string{"pending", "sending", "sent", "in doubt", "set aside"} {
		if !strings.Contains(logs, `"state":"`+state+`"`) {
			t.Errorf("no log line says that a message is %s", state)
		}
	}
	if n := len(s.Spans()); n < 20 {
		t.Errorf("only %d spans", n)
	}
	s.Silent(canaries...)
}

// naming refuses an email with an answer that names the person.
func naming(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		fmt.Fprint(w, `{"errors":[{"message":"Quillfeather canary-address@canary.example.net canary-free-text"}]}`)
	}
}
