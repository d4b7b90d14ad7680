package reminder

import (
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/contact"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
)

// No reminder comes before what it reminds of, and none is lost to a first message
// that nobody wanted.
func TestReminderComesAfterItsFirst(t *testing.T) {
	t.Parallel()
	now := at("2026-11-24 12:00")
	sent := func(ago time.Duration) outbox.Message {
		return outbox.Message{State: outbox.Sent, SentAt: now.Add(-ago)}
	}
	const waits, goes, drops = "waits", "goes", "is not wanted"
	for _, row := range []struct {
		name           string
		first          outbox.Message
		other, session string // what becomes of the reminder of something else, and of a session
	}{
		{"pending", outbox.Message{State: outbox.Pending}, waits, waits},
		{"being sent", outbox.Message{State: outbox.Sending}, waits, waits},
		{"in doubt", outbox.Message{State: outbox.InDoubt}, waits, waits},
		{"in another's email", outbox.Message{State: outbox.Bundled}, waits, waits},
		{"sent a moment ago", sent(time.Minute), drops, drops},
		{"sent in the morning", sent(13 * time.Hour), drops, goes}, // booked in the evening, and near on the next day
		{"sent a day ago", sent(24 * time.Hour), goes, goes},
		{"not wanted", outbox.Message{State: outbox.Unwanted}, goes, goes},
		{"set aside", outbox.Message{State: outbox.SetAside}, waits, goes},
	} {
		for session, want := range map[string]string{"": row.other, "s": row.session} {
			until, unwanted := Order(&outbox.Message{IDs: outbox.IDs{Session: session}}, &row.first, now)
			got := goes
			switch {
			case unwanted != "":
				got = drops
			case until.After(now):
				got = waits
			}
			if got != want {
				t.Errorf("%s: the reminder of %q %s, and not %s", row.name, session, got, want)
			}
		}
	}
}

// The reminder of a session names the message that told of it as it now is.
func TestReminderOfASessionNamesWhatToldOfIt(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	x := &pairing.Pairing{ID: "x", Client: "alex", Consultant: "zoe", State: pairing.Active}
	for sequence, told := range []func(*programme.Programme, *pairing.Session, programme.Role) outbox.Message{
		message.SessionBooked, message.SessionMoved, message.SessionMoved} {
		s := &pairing.Session{ID: "s", Pairing: "x", Client: "alex", Consultant: "zoe", State: pairing.Booked, Sequence: sequence,
			BookedAt: at("2026-11-24 12:00"), StartsAt: at("2026-12-14 14:00"), Minutes: 90}
		l := OfSession(p, s, x, both(p), s.BookedAt, at("2026-12-07 09:00"))
		if len(l.Owed) != 2 {
			t.Fatalf("owed %+v", l.Owed)
		}
		for _, m := range l.Owed {
			if want := told(p, s, m.Role).ID; m.After != want {
				t.Errorf("change %d: %s to %s comes after %q, and not %q", sequence, m.Kind, m.To, m.After, want)
			}
		}
	}
}

// An ask is worth sending until the next of its kind is due and no longer, so that
// they come in their order however long each waits.
func TestEachAskEndsWhereTheNextBegins(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	who := both(p)
	noon := at("2026-11-24 12:00")
	active := &pairing.Pairing{ID: "x", Client: "alex", Consultant: "zoe", State: pairing.Active, StartedAt: noon}
	for kind, look := range map[outbox.Kind]func(since, now time.Time) Due{
		message.KindConfirmEnrolment: func(since, now time.Time) Due {
			return OfClaim(p, &enrolment.Claim{ID: "claim", Enrolment: "alex", Role: programme.Client, CreatedAt: noon, ExpireAt: noon.Add(enrolment.ClaimLife)}, who[programme.Client], since, now)
		},
		message.KindGetReady: func(since, now time.Time) Due {
			return OfEnrolment(p, &enrolment.Enrolment{ID: "alex", Role: programme.Client, State: enrolment.Confirmed, ConfirmedAt: noon}, who[programme.Client], since, now)
		},
		message.KindAnswerMatch: func(since, now time.Time) Due {
			return OfMatch(p, &pairing.Match{ID: "m", Run: "r", State: pairing.Released, ReleasedAt: noon, Client: pairing.Side{Enrolment: "alex"}, Consultant: pairing.Side{Enrolment: "zoe"}}, who, since, now)
		},
		message.KindBookSession: func(since, now time.Time) Due { return OfPairing(p, active, who, since, now) },
		message.KindLogYourSession: func(since, now time.Time) Due {
			return OfSession(p, &pairing.Session{ID: "s", Pairing: "x", Client: "alex", Consultant: "zoe", State: pairing.Held, BookedAt: noon, StartsAt: noon, Minutes: 90}, active, who, since, now)
		},
		message.KindQuestionnaireWaits: func(since, now time.Time) Due {
			return OfInvitation(p, &questionnaire.Invitation{ID: "i", Enrolment: "alex", Role: programme.Client, CreatedAt: noon}, who[programme.Client], since, now)
		},
	} {
		before := map[string]outbox.Message{}
		seconds := 0
		for since, now := noon, noon; !now.IsZero(); {
			l := look(since, now)
			for _, m := range l.Owed {
				if m.Kind != kind {
					continue
				}
				if b, asked := before[m.To]; asked {
					if seconds++; b.Until.After(now) || m.Step != b.Step+1 {
						t.Errorf("%s: ask %d lasts until %v, and ask %d comes at %v", kind, b.Step, b.Until, m.Step, now)
					}
				}
				before[m.To] = m
			}
			since, now = l.Next, l.Next
		}
		if seconds == 0 {
			t.Errorf("%s is never asked for again", kind)
		}
	}
}

// Whoever moves between two looks is still reminded, whichever way they go, and
// nothing that they were told has another id.
func TestNobodyMovesPastAReminder(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	s := &pairing.Session{ID: "s", Pairing: "x", Client: "alex", Consultant: "zoe", State: pairing.Booked,
		BookedAt: at("2026-11-24 12:00"), StartsAt: at("2026-12-14 14:00"), Minutes: 90}
	x := &pairing.Pairing{ID: "x", Client: "alex", Consultant: "zoe", State: pairing.Active}
	zones := append([]string{"", "Pacific/Kiritimati", "Pacific/Pago_Pago"}, calendar.Zones...)
	for _, before := range zones {
		for _, after := range zones {
			who := func(zone string) Calendars {
				return Calendars{programme.Client: calendar.Of(p, "", zone)}
			}
			told := map[string]bool{}
			c := &contact.Contact{Zone: before}
			due := s.BookedAt
			for zone := before; !due.IsZero() && due.Before(s.StartsAt); zone = after {
				l := OfSession(p, s, x, who(zone), c.Since(due), due)
				for _, m := range l.Owed {
					told[string(m.Kind)+m.ID] = true
				}
				due = l.Next
				c.SetZone(after, due)
			}
			if len(told) != 2 {
				t.Errorf("from %q to %q: told %v", before, after, told)
			}
		}
	}
}
