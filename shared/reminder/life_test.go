package reminder

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
)

// story is two people in a programme, from their enrolment to their last session, with
// all that they were told.
type story struct {
	fatal func(string, ...any)
	p     *programme.Programme
	who   Calendars
	now   time.Time
	// late is by how much a tick comes after what it tells, at most; 0 for any time.
	late time.Duration

	enrolments  []*enrolment.Enrolment
	match       *pairing.Match
	pairing     *pairing.Pairing
	sessions    []*pairing.Session
	invitations []*questionnaire.Invitation

	told map[string]outbox.Message
	when map[string]time.Time
	// invited are the ids of what was owed by the steps themselves.
	invited map[string]bool
	// expected are messages that somebody must have been told, by a line that says which.
	expected []expectation
	// planned is when a session was booked or moved last.
	planned map[string]time.Time
}

// expectation is that a message is owed at a time, unless something changes before.
type expectation struct {
	what  string
	id    string
	at    time.Time
	still func() bool
}

func newStory(fatal func(string, ...any), p *programme.Programme, regions [2]string, id string, now time.Time, late time.Duration) *story {
	s := &story{fatal: fatal, p: p, now: now, late: late, told: map[string]outbox.Message{}, when: map[string]time.Time{}, invited: map[string]bool{}, who: Calendars{}, planned: map[string]time.Time{}}
	for i, role := range programme.Roles {
		e := &enrolment.Enrolment{ID: string(role) + id, Role: role, State: enrolment.Unconfirmed, CreatedAt: now, DueAt: now}
		e.Organisation.Region = regions[i]
		s.who[role] = calendar.Of(p, regions[i], "")
		s.enrolments = append(s.enrolments, e)
		s.invited[message.ConfirmEnrolment(p, enrolment.ClaimOf(e)).ID] = true
		again := message.ConfirmEnrolmentAgain(p, enrolment.ClaimOf(e), 2).ID
		s.expect("confirm once more", again, s.who[role].AddDays(now, 2), func() bool { return e.State == enrolment.Unconfirmed })
	}
	return s
}

// confirm has somebody confirm what they have sent.
func (s *story) confirm(e *enrolment.Enrolment) {
	if e.State == enrolment.Unconfirmed {
		e.State, e.ConfirmedAt, e.DueAt = enrolment.Confirmed, s.now, programme.DueNow(e.DueAt, s.now)
	}
}

func (s *story) expect(what, id string, at time.Time, still func() bool) {
	s.expected = append(s.expected, expectation{what, id, at, still})
}

// release is of a match of the two.
func (s *story) release(id string) {
	s.match = &pairing.Match{ID: "m" + id, Run: "r", Programme: s.p.ID, State: pairing.Proposed,
		Client: pairing.Side{Enrolment: s.enrolments[0].ID}, Consultant: pairing.Side{Enrolment: s.enrolments[1].ID}}
	if err := s.match.Release(pairing.Holders{Client: room{}, Consultant: room{}}, ReplyBy(s.p, s.enrolments[0], s.enrolments[1], s.now), s.now); err != nil {
		s.fatal("%v", err)
	}
	m := s.match
	for _, role := range programme.Roles {
		s.invited[message.MatchReleased(s.p, m, role).ID] = true
		s.expect("answer", message.AnswerMatch(s.p, m, role, 1).ID, s.who[role].AddWorkingDays(s.now, 3), func() bool {
			return m.State == pairing.Released && m.Client.Answer == "" && m.Consultant.Answer == ""
		})
	}
}

// lapse ends a match that nobody answered in time, and never one sooner.
func (s *story) lapse(m *pairing.Match) {
	for role, cal := range s.who {
		days := 0
		for day := m.ReleasedAt; cal.Day(day) < cal.Day(s.now); day = day.AddDate(0, 0, 1) {
			if cal.WorkingDay(day.AddDate(0, 0, 1)) {
				days++
			}
		}
		if least := s.p.Cadence.Filled().Asks.ReplyBy; days < least {
			s.fatal("a match lapses after %d working days of the %s, of %d", days, role, least)
		}
	}
	if !m.Lapse(pairing.Holders{Client: room{}, Consultant: room{}}, s.now) {
		s.fatal("it does not lapse")
	}
	if m.State != pairing.Lapsed || m.Lapse(pairing.Holders{}, s.now) {
		s.fatal("it is %s, or lapses twice", m.State)
	}
}

// room is a holder that has room.
type room struct{}

func (room) Open() error       { return nil }
func (room) Room(string) error { return nil }
func (room) Take(string)       {}
func (room) Free(string)       {}

func (s *story) accept(role programme.Role) {
	if s.match.Accept(role, "v1", s.now) == nil && s.match.State == pairing.Accepted && s.pairing == nil {
		s.pairing = pairing.Start(s.match, s.now)
		for i, r := range programme.Roles {
			s.invited[message.PairingStarted(s.p, s.pairing, s.match, r).ID] = true
			in := questionnaire.Invite(s.p, s.enrolments[i], programme.Baseline, "", s.now)
			s.invitations = append(s.invitations, in)
			s.invited[message.QuestionnaireInvited(s.p, in).ID] = true
			for step, days := range []int{5, 10} {
				s.expect("questionnaire", message.QuestionnaireWaits(s.p, in, step+1).ID,
					s.who[r].AddWorkingDays(s.now, days), func() bool { return !in.Submitted })
			}
		}
		s.idle()
	}
}

// idle expects a reminder to book, unless the two do.
func (s *story) idle() {
	x := s.pairing
	if x == nil || x.State != pairing.Active || x.FinishBy != "" || len(x.Dates) >= s.p.Sessions.Target {
		return
	}
	last, booked := x.LastDate(), x.Numbered
	for _, role := range programme.Roles {
		id := message.BookSession(s.p, x, role, 1).ID
		if at := s.who[role].AddWorkingDays(last, 5); !at.Before(s.now) {
			s.expect("book", id, at, func() bool {
				return x.State == pairing.Active && x.FinishBy == "" && x.Numbered == booked && x.LastDate().Equal(last) && len(x.Dates) < s.p.Sessions.Target
			})
		}
	}
}

func (s *story) book(at time.Time, minutes int) {
	x, err := s.pairing.Book(fmt.Sprint("s", len(s.sessions)), s.p.ID, programme.Client, pairing.Booking{StartsAt: at, Minutes: minutes, Place: "Leeds"}, programme.MostSessions, s.now)
	if err == nil {
		s.sessions = append(s.sessions, x)
		s.plan(x)
	}
}

// finish has one side propose to finish, or agree to it, and expects the other to be asked
// once more.
func (s *story) finish(role programme.Role) {
	x := s.pairing
	if changed, err := x.ProposeFinish(role, s.p.Sessions.Minimum, s.now); err != nil || !changed || x.State != pairing.Active {
		return
	}
	s.invited[message.FinishProposed(s.p, x, role.Other()).ID] = true
	at := x.FinishAt
	s.expect("answer to finish", message.FinishWaits(s.p, x, role.Other(), 1).ID, s.who[role.Other()].AddWorkingDays(s.now, 3), func() bool {
		return x.State == pairing.Active && x.FinishAt.Equal(at) && x.PausedUntil.IsZero()
	})
}

// plan expects what is owed about a session as it is booked now.
func (s *story) plan(x *pairing.Session) {
	s.planned[x.ID] = s.now
	sequence, booked := x.Sequence, s.now
	for _, role := range programme.Roles {
		cal := s.who[role]
		told := message.SessionBooked
		if sequence > 0 {
			told = message.SessionMoved
		}
		s.invited[told(s.p, x, role).ID] = true
		// What is due while a pairing pauses is left out.
		goesOn := func() bool { return s.pairing.PausedUntil.IsZero() }
		as := func() bool { return goesOn() && x.State == pairing.Booked && x.Sequence == sequence }
		// Told apart from the code: days are counted one by one.
		eve := x.StartsAt.In(cal.Zone()).AddDate(0, 0, -1)
		for !cal.WorkingDay(eve) {
			eve = eve.AddDate(0, 0, -1)
		}
		week := x.StartsAt.In(cal.Zone()).AddDate(0, 0, -7)
		for !cal.WorkingDay(week) {
			week = week.AddDate(0, 0, -1)
		}
		eight := func(t time.Time) time.Time {
			return time.Date(t.Year(), t.Month(), t.Day(), 8, 0, 0, 0, cal.Zone())
		}
		if eight(eve).Sub(booked) >= 12*time.Hour {
			s.expect("tomorrow", message.SessionTomorrow(s.p, x, role).ID, eight(eve), as)
		}
		if eight(week).Sub(booked) >= 12*time.Hour && eight(week).Before(eight(eve)) {
			s.expect("in a week", message.SessionInAWeek(s.p, x, role).ID, eight(week), as)
		}
		after := x.EndsAt().In(cal.Zone())
		for !cal.WorkingDay(after) || !eight(after).After(x.EndsAt()) {
			after = after.AddDate(0, 0, 1)
		}
		s.expect("log", message.LogYourSession(s.p, x, role, 1).ID, eight(after), func() bool {
			return goesOn() && x.State != pairing.Cancelled && x.Sequence == sequence && !x.Logged[string(role)]
		})
	}
}

// next is when reminders look at anything next.
func (s *story) next() (next time.Time) {
	at := func(t time.Time) {
		if !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	for _, e := range s.enrolments {
		at(e.DueAt)
	}
	if s.match != nil {
		at(s.match.DueAt)
	}
	if s.pairing != nil {
		at(s.pairing.DueAt)
	}
	for _, x := range s.sessions {
		at(x.DueAt)
	}
	for _, i := range s.invitations {
		at(i.DueAt)
	}
	return next
}

// look has reminders look at everything that is due, as a tick does.
func (s *story) look() {
	for _, e := range s.enrolments {
		if due(e.DueAt, s.now) {
			l := OfEnrolment(s.p, e, s.who[e.Role], e.DueAt, s.now)
			e.DueAt, e.Overdue = l.Next, l.Overdue
			s.tell(l, message.Subject{Person: e, Claim: enrolment.ClaimOf(e)})
		}
	}
	if m := s.match; m != nil && due(m.DueAt, s.now) {
		l := OfMatch(s.p, m, s.who, m.DueAt, s.now)
		m.DueAt, m.Overdue = l.Next, l.Overdue
		s.tell(l, message.Subject{Match: m})
		if l.Lapses {
			s.lapse(m)
		}
	}
	x := s.pairing
	if x != nil && due(x.DueAt, s.now) {
		l := OfPairing(s.p, x, s.who, x.DueAt, s.now)
		x.DueAt, x.Overdue = l.Next, l.Overdue
		s.tell(l, message.Subject{Pairing: x})
	}
	for _, y := range s.sessions {
		if due(y.DueAt, s.now) {
			l := OfSession(s.p, y, x, s.who, y.DueAt, s.now)
			y.DueAt = l.Next
			s.tell(l, message.Subject{Pairing: x, Session: y})
		}
	}
	for _, i := range s.invitations {
		if due(i.DueAt, s.now) {
			l := OfInvitation(s.p, i, s.who[i.Role], i.DueAt, s.now)
			i.DueAt = l.Next
			s.tell(l, message.Subject{Invitation: i})
		}
	}
	var left []expectation
	for _, e := range s.expected {
		_, told := s.told[e.id]
		switch {
		case told || !e.still():
		case s.late > 0 && s.now.Sub(e.at) >= s.late:
			s.fatal("at %v nobody has been told since %v: %s", s.now.In(london), e.at.In(london), e.what)
		default:
			left = append(left, e)
		}
	}
	s.expected = left
}

func due(at, now time.Time) bool { return !at.IsZero() && !at.After(now) }

// tell takes down what somebody is told, and fails where they should not be.
func (s *story) tell(l Due, about message.Subject) {
	if !l.Next.IsZero() && !l.Next.After(s.now) {
		s.fatal("to be looked at again in the past: %v at %v", l.Next, s.now)
	}
	for _, m := range l.Owed {
		cal := s.who[m.Role]
		local := s.now.In(cal.Zone())
		switch _, twice := s.told[m.ID]; {
		case twice:
			s.fatal("%s %d was told twice to %s", m.Kind, m.Step, m.To)
		case !m.Until.After(s.now):
			s.fatal("%s is told when it is too late", m.Kind)
		case message.Unwanted(&m, about, s.now) != "":
			s.fatal("%s is told although %s", m.Kind, message.Unwanted(&m, about, s.now))
		case m.After != "" && !s.invited[m.After]:
			s.fatal("%s reminds of what was never told", m.Kind)
		case s.late > 0 && (!cal.WorkingDay(s.now) || local.Hour() != 8 || time.Duration(local.Minute())*time.Minute >= s.late):
			s.fatal("%s is told on %v", m.Kind, local)
		case (m.Kind == message.KindSessionTomorrow || m.Kind == message.KindSessionInAWeek) && s.now.Sub(s.planned[m.Session]) < 12*time.Hour:
			s.fatal("%s is told just after the booking", m.Kind)
		case m.Kind == message.KindQuestionnaireWaits && m.Step > 2:
			s.fatal("asked for a questionnaire a third time")
		case m.Kind == message.KindFollowUp && (m.Role != programme.Consultant || about.Session.State != pairing.Held):
			s.fatal("follow-up %+v of a session that is %s", m, about.Session.State)
		}
		s.told[m.ID], s.when[m.ID] = m, s.now
	}
}

// Whatever happens in whatever order, and however irregularly somebody looks: nobody is
// told anything twice, or once it is done, over or too late, or before its invitation;
// and whoever looks every quarter of an hour tells everything, at an opening.
func TestWhateverHappensInWhateverOrder(t *testing.T) {
	t.Parallel()
	regions := []string{"London", "Scotland", "Northern Ireland", "Wales", ""}
	pilot := pilot(t)
	rapid.Check(t, func(t *rapid.T) {
		p := *pilot
		p.Sessions.Target = rapid.IntRange(2, 4).Draw(t, "target")
		began := at("2026-09-01 00:00").Add(time.Duration(rapid.IntRange(0, 400*24*60).Draw(t, "began")) * time.Minute)
		var late time.Duration
		if rapid.Bool().Draw(t, "punctual") {
			late = 15 * time.Minute
			began = began.Truncate(late)
		}
		s := newStory(t.Fatalf, &p, [2]string{rapid.SampledFrom(regions).Draw(t, "one"), rapid.SampledFrom(regions).Draw(t, "other")}, "", began, late)
		minutes := func(most int, what string) time.Duration {
			return time.Duration(rapid.IntRange(1, most).Draw(t, what)) * time.Minute
		}
		ahead := func() time.Duration {
			return minutes(rapid.SampledFrom([]int{2, 12, 40}).Draw(t, "days")*24*60, "ahead")
		}
		role := func() programme.Role { return rapid.SampledFrom(programme.Roles).Draw(t, "role") }
		kinds := []string{"confirm", "prepare", "release", "accept", "accept", "decline", "withdraw", "book", "move", "log", "hand"}
		if rapid.Bool().Draw(t, "paired at once") {
			s.release("")
			s.accept(programme.Client)
			s.accept(programme.Consultant)
			kinds = []string{"book", "book", "move", "cancel", "log", "log", "finish", "finish", "go on", "stop", "pause", "resume", "hand"}
		}
		steps := rapid.IntRange(1, 40).Draw(t, "steps")
		for step := range steps + 1 {
			// The next step is some day, or between something's being due and the tick.
			until := s.now.Add(minutes(12*24*60, "passes"))
			if next := s.next(); !next.IsZero() && rapid.Bool().Draw(t, "just in time") {
				until = next.Add(minutes(13, "after it was due"))
			}
			if step == steps { // then nothing more happens
				until = s.now.AddDate(0, 0, 60)
			}
			for {
				tick := s.now.Add(minutes(5*24*60, "tick"))
				if late > 0 {
					tick = s.now.Truncate(late).Add(late - time.Minute) // so that steps come between
					if !tick.After(s.now) {
						tick = tick.Add(late)
					}
				}
				if !tick.Before(until) {
					break
				}
				s.now = tick
				s.look()
			}
			if step == steps {
				return
			}
			if until.After(s.now) {
				s.now = until
			}
			if late > 0 && s.now.Equal(s.now.Truncate(late).Add(late-time.Minute)) { // a tick comes in this minute
				s.look()
			}
			e := s.enrolments[rapid.IntRange(0, 1).Draw(t, "whose")]
			switch step := rapid.SampledFrom(kinds).Draw(t, "step"); {
			case step == "confirm":
				s.confirm(e)
			case step == "prepare":
				ready := rapid.Bool().Draw(t, "ready")
				_ = e.Prepare(enrolment.Readiness{Workshop: ready, Trained: ready}, "robin", s.now)
			case step == "release" && s.match == nil:
				s.release("")
			case step == "accept" && s.match != nil:
				s.accept(role())
			case step == "decline" && s.match != nil:
				_ = s.match.Decline(role(), "no", s.now, pairing.Holders{})
			case step == "withdraw" && s.match != nil:
				_ = s.match.Withdraw(pairing.Holders{})
			case s.pairing == nil:
			case step == "book":
				s.book(s.now.Add(ahead()), rapid.IntRange(15, 480).Draw(t, "minutes"))
			case step == "finish":
				s.finish(role())
			case step == "go on":
				_, _ = s.pairing.GoOn(s.now)
			case step == "resume":
				_, _ = s.pairing.Resume(role(), s.now)
			case step == "stop":
				_, _ = s.pairing.Stop(pairing.Ender(role()), "", pairing.Later, s.now)
			case step == "pause":
				_, _ = s.pairing.Pause(role(), s.now.Add(ahead()), s.now)
				s.pairing.CallOff(s.sessions, s.pairing.PausedUntil, s.now)
			case step == "hand":
				s.invitations[rapid.IntRange(0, 1).Draw(t, "whose invitation")].Mark()
			case len(s.sessions) == 0:
			default:
				x := s.sessions[rapid.IntRange(0, len(s.sessions)-1).Draw(t, "session")]
				switch step {
				case "move":
					moved, err := s.pairing.Move(x, x.Sequence, pairing.Booking{StartsAt: s.now.Add(ahead()), Minutes: 60, Place: "York"}, s.now)
					if err == nil && moved {
						s.plan(x)
					}
				case "cancel":
					_, _ = s.pairing.Cancel(x, x.Sequence, "", s.now)
				case "log":
					held := rapid.Bool().Draw(t, "held")
					_ = s.pairing.Record(x, &pairing.Log{Session: x.ID, Role: role(), Held: held, Balance: "both", Thinking: "asked"}, s.now)
				}
			}
			s.idle()
		}
	})
}
