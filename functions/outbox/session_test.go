package outbox

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"

	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// A session that is booked, moved and cancelled is one entry of a calendar, which
// each email brings to what the session is then (complaint 4 of the programme's
// requirements).
func TestChangedSessionChangesItsEntryInTheCalendar(t *testing.T) {
	b := newBed(t)
	x, err := b.Store.Pairing(t.Context(), "pilot", "m")
	if err != nil {
		t.Fatal(err)
	}
	var at time.Time
	for i, row := range []struct {
		kind           outbox.Kind
		change         func(*pairing.Session) (bool, error)
		subject        string
		method, status string
		part           string
	}{
		{message.KindSessionBooked, nil, "Session 1 is booked: ", "REQUEST", "CONFIRMED", "text/calendar; method=REQUEST"},
		{message.KindSessionMoved, func(s *pairing.Session) (bool, error) {
			at = s.StartsAt.Add(25 * time.Hour)
			return x.Move(s, 0, pairing.Booking{StartsAt: at, Minutes: 60, Place: "York"}, b.Now())
		}, "Session 1 has moved to ", "REQUEST", "CONFIRMED", "text/calendar; method=REQUEST"},
		{message.KindSessionCancelled, func(s *pairing.Session) (bool, error) { return x.Cancel(s, 1, "I am ill", b.Now()) },
			"Session 1 is cancelled: ", "CANCEL", "CANCELLED", "text/calendar"},
	} {
		s, err := b.Store.Session(t.Context(), "pilot", "m", "s")
		if err != nil {
			t.Fatal(err)
		}
		if row.change != nil {
			if changed, err := row.change(s); err != nil || !changed {
				t.Fatalf("%s: changed %v, %v", row.kind, changed, err)
			}
			c := b.Store.Commit()
			c.UpdateSession(s)
			b.Commit(c)
		}
		id := string(row.kind)
		b.owe(t.Context(), outbox.Message{ID: id, Kind: row.kind, Sequence: s.Sequence, To: "alex", Role: programme.Client, IDs: outbox.IDs{Pairing: "m", Session: "s"}})
		b.Event("outbox/"+id, "")
		all := b.emails()
		if len(all) != i+1 {
			t.Fatalf("%s: %d emails", row.kind, len(all))
		}
		e := all[i]
		if !strings.HasPrefix(e.Subject, row.subject) || len(e.Attachments) != 1 {
			t.Fatalf("%s: %q with %d attachments", row.kind, e.Subject, len(e.Attachments))
		}
		file, err := base64.StdEncoding.DecodeString(e.Attachments[0].Content)
		if err != nil || e.part(row.part) != string(file) {
			t.Fatalf("%s: %v, the part %q differs from the attachment", row.kind, err, row.part)
		}
		calendar, err := ics.ParseCalendar(strings.NewReader(string(file)))
		if err != nil || len(calendar.Events()) != 1 {
			t.Fatalf("%s: %v: %s", row.kind, err, file)
		}
		event := calendar.Events()[0]
		starts, err := event.GetStartAt()
		if err != nil || !starts.Equal(s.StartsAt) || event.Id() != "m-s@cascade" || !strings.Contains(string(file), "METHOD:"+row.method+"\r\n") ||
			event.GetProperty(ics.ComponentPropertyStatus).Value != row.status || event.GetProperty(ics.ComponentPropertySequence).Value != string(rune('0'+i)) {
			t.Errorf("%s: %s", row.kind, file)
		}
		if row.kind == message.KindSessionMoved && !starts.Equal(at) {
			t.Errorf("moved to %v, and the calendar says %v", at, starts)
		}
	}
	text := b.emails()[2].part("text/plain")
	if !strings.Contains(text, "The reason given: “I am ill”") || !strings.Contains(text, "/pairing/") {
		t.Errorf("text %s", text)
	}
}
