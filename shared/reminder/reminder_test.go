package reminder

import (
	"fmt"
	"slices"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/nomination"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
)

var london = func() *time.Location {
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		panic(err)
	}
	return zone
}()

// pilot has two sessions, and the usual cadence.
func pilot(t testing.TB) *programme.Programme {
	t.Helper()
	p, err := programme.Preset("pilot-2016")
	if err != nil {
		t.Fatal(err)
	}
	p.ID = "pilot"
	return p
}

// at is a time in London.
func at(text string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, london)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

// both have the calendar of England.
func both(p *programme.Programme) Calendars {
	cal := calendar.Of(p, "London", "")
	return Calendars{programme.Client: cal, programme.Consultant: cal}
}

// told runs a document's looks through its life, from when it was made until a year
// later, each exactly when it is due, and says what was owed when, and from when on
// it was overdue.
func told(look func(since, now time.Time) Due, from time.Time) (lines []string) {
	overdue := false
	for since, now := from, from; !now.IsZero() && now.Before(from.AddDate(1, 0, 0)); {
		l := look(since, now)
		when := now.In(london).Format("Mon 2006-01-02 15:04")
		for _, m := range l.Owed {
			line := when + " " + string(m.Kind)
			if m.Step > 0 {
				line += fmt.Sprint(" ", m.Step)
			}
			lines = append(lines, line+" to "+m.To)
		}
		if l.Overdue != overdue {
			overdue = l.Overdue
			lines = append(lines, when+" overdue")
		}
		since, now = l.Next, l.Next
	}
	return lines
}

func same(t *testing.T, name string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", name, got, want)
	}
}

// Each kind comes on its days, at the opening of a working day. The 24th of November
// 2026 is a Tuesday.
func TestWhatIsOwedAboutEachDocument(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	who := both(p)
	noon := at("2026-11-24 12:00")

	c := &enrolment.Claim{ID: "claim", Enrolment: "alex", Role: programme.Client, CreatedAt: noon, ExpireAt: noon.Add(enrolment.ClaimLife)}
	n := &nomination.Nomination{ID: "n", CreatedAt: noon, ExpireAt: noon.Add(nomination.Life)}
	ofNomination := func(since, now time.Time) Due { return OfNomination(p, n, who[programme.Client], since, now) }
	same(t, "passed on", told(ofNomination, noon), "Fri 2026-12-04 08:00 passed-on 2 to invited-n")
	n.Rest(noon)
	if got := OfNomination(p, n, who[programme.Client], n.ExpireAt, n.ExpireAt); len(got.Owed) > 0 {
		t.Errorf("of an invitation that was taken up is owed %v", got.Owed)
	}
	e := &enrolment.Enrolment{ID: "alex", Role: programme.Client, CreatedAt: noon}
	ofEnrolment := func(since, now time.Time) Due { return OfEnrolment(p, e, who[e.Role], since, now) }
	same(t, "not confirmed", told(func(since, now time.Time) Due { return OfClaim(p, c, who[c.Role], since, now) }, noon),
		"Thu 2026-11-26 08:00 confirm-enrolment 2 to alex", "Tue 2026-12-01 08:00 confirm-enrolment 3 to alex")
	e.State, e.ConfirmedAt = enrolment.Confirmed, at("2026-11-27 23:50")
	same(t, "not ready", told(ofEnrolment, e.ConfirmedAt),
		"Fri 2026-12-11 08:00 get-ready 1 to alex",
		"Mon 2027-01-04 08:00 get-ready 2 to alex", // the 1st of January is a holiday
		"Fri 2027-01-08 08:00 overdue")
	e.State = enrolment.Ready
	same(t, "ready", told(ofEnrolment, noon))

	m := &pairing.Match{ID: "m", Run: "r", State: pairing.Released, ReleasedAt: noon,
		Client: pairing.Side{Enrolment: "alex"}, Consultant: pairing.Side{Enrolment: "zoe"}}
	ofMatch := func(since, now time.Time) Due { return OfMatch(p, m, who, since, now) }
	same(t, "no answer", told(ofMatch, noon),
		"Fri 2026-11-27 08:00 answer-match 1 to alex", "Fri 2026-11-27 08:00 answer-match 1 to zoe",
		"Wed 2026-12-02 08:00 answer-match 2 to alex", "Wed 2026-12-02 08:00 answer-match 2 to zoe",
		"Tue 2026-12-08 08:00 overdue")
	m.ReplyBy = ReplyBy(p, &enrolment.Enrolment{}, &enrolment.Enrolment{Organisation: enrolment.Organisation{Region: "Scotland"}}, noon)
	if want := at("2026-12-11 23:59").Add(time.Minute); !m.ReplyBy.Equal(want) { // Scotland keeps St Andrew's Day
		t.Errorf("it is to be answered by %v, want %v", m.ReplyBy, want)
	}
	if l := OfMatch(p, m, who, noon, at("2026-12-08 08:00")); !l.Overdue || !l.Next.Equal(m.ReplyBy) {
		t.Errorf("before it lapses: %+v", l)
	}
	if l := OfMatch(p, m, who, noon, m.ReplyBy); !l.Lapses || l.Owed != nil || !l.Next.IsZero() {
		t.Errorf("once nobody has answered: %+v", l)
	}
	m.ReplyBy = time.Time{} // it is from before there was one
	m.Client.Answer = pairing.Yes
	same(t, "one answer", told(ofMatch, noon),
		"Fri 2026-11-27 08:00 agree-expectations 1 to zoe", "Wed 2026-12-02 08:00 agree-expectations 2 to zoe", "Tue 2026-12-08 08:00 overdue")
	for _, state := range []pairing.MatchState{pairing.Proposed, pairing.Accepted, pairing.Declined, pairing.Withdrawn, pairing.Lapsed} {
		m.State = state
		same(t, string(state), told(ofMatch, noon))
	}

	x := &pairing.Pairing{ID: "x", Client: "alex", Consultant: "zoe", State: pairing.Active, StartedAt: noon}
	ofPairing := func(since, now time.Time) Due { return OfPairing(p, x, who, since, now) }
	same(t, "no session", told(ofPairing, noon),
		"Tue 2026-12-01 08:00 book-session 1 to alex", "Tue 2026-12-01 08:00 book-session 1 to zoe",
		"Tue 2026-12-08 08:00 book-session 2 to alex", "Tue 2026-12-08 08:00 book-session 2 to zoe",
		"Tue 2026-12-15 08:00 overdue")
	x.Dates = map[string]time.Time{"s": at("2026-12-10 14:00")}
	same(t, "a session to come", told(ofPairing, noon),
		"Thu 2026-12-17 08:00 book-session 1 to alex", "Thu 2026-12-17 08:00 book-session 1 to zoe",
		"Thu 2026-12-24 08:00 book-session 2 to alex", "Thu 2026-12-24 08:00 book-session 2 to zoe",
		"Tue 2027-01-05 08:00 overdue")
	x.Dates["s2"] = at("2027-01-10 14:00")
	same(t, "as many sessions as are meant", told(ofPairing, noon))
	delete(x.Dates, "s2")
	x.CalledOffAt = at("2026-12-22 09:00")
	same(t, "called off lately", told(ofPairing, noon)[:1], "Thu 2026-12-31 08:00 book-session 1 to alex")
	x.FinishBy, x.FinishAt = programme.Client, noon
	proposed := []string{"Fri 2026-11-27 08:00 finish-waits 1 to zoe", "Wed 2026-12-02 08:00 finish-waits 2 to zoe", "Tue 2026-12-08 08:00 overdue"}
	same(t, "one has proposed to finish", told(ofPairing, noon), proposed...)
	x.PausedUntil = at("2026-12-01 00:00")
	same(t, "and it pauses", told(ofPairing, noon), proposed[1:]...)
	x.FinishBy, x.Dates, x.CalledOffAt = "", nil, time.Time{}
	same(t, "after a pause", told(ofPairing, noon)[:1], "Tue 2026-12-08 08:00 book-session 1 to alex")
	x.PausedUntil, x.Disputed = time.Time{}, 1
	if l := ofPairing(noon, noon); !l.Overdue {
		t.Error("what the two say differently, the coordinator does not hear")
	}
	x.Disputed, x.State = 0, pairing.Completed
	same(t, "completed", told(ofPairing, noon))
	x.State = pairing.Stopped
	same(t, "stopped", told(ofPairing, noon))

	x = &pairing.Pairing{ID: "x", Client: "alex", Consultant: "zoe", State: pairing.Active}
	s := &pairing.Session{ID: "s", Pairing: "x", Client: "alex", Consultant: "zoe", State: pairing.Booked,
		BookedAt: noon, StartsAt: at("2026-12-14 14:00"), Minutes: 90, Logged: map[string]bool{}} // a Monday
	ofSession := func(since, now time.Time) Due { return OfSession(p, s, x, who, since, now) }
	near := []string{
		"Mon 2026-12-07 08:00 session-in-a-week to alex", "Mon 2026-12-07 08:00 session-in-a-week to zoe",
		"Fri 2026-12-11 08:00 session-tomorrow to alex", "Fri 2026-12-11 08:00 session-tomorrow to zoe"}
	logs := []string{
		"Tue 2026-12-15 08:00 log-your-session 1 to alex", "Tue 2026-12-15 08:00 log-your-session 1 to zoe",
		"Tue 2026-12-22 08:00 log-your-session 2 to alex", "Tue 2026-12-22 08:00 log-your-session 2 to zoe"}
	same(t, "booked", told(ofSession, noon), append(slices.Clone(near), logs...)...)
	s.State = pairing.Held
	same(t, "held", told(ofSession, noon), append(slices.Clone(logs), "Tue 2026-12-29 08:00 follow-up to zoe")...)
	s.Logged["client"] = true
	same(t, "logged by one", told(ofSession, noon), logs[1], logs[3], "Tue 2026-12-29 08:00 follow-up to zoe")
	x.FollowedOn = at("2026-12-13 00:00")
	same(t, "in contact on the day before", told(ofSession, noon), logs[1], logs[3], "Tue 2026-12-29 08:00 follow-up to zoe")
	for _, day := range []string{"2026-12-14 00:00", "2026-12-20 00:00"} {
		x.FollowedOn = at(day)
		same(t, "in contact since", told(ofSession, noon), logs[1], logs[3])
	}
	x.FollowedOn = time.Time{}
	x.Dates = map[string]time.Time{"s": s.StartsAt, "s2": s.StartsAt.AddDate(0, 1, 0)}
	same(t, "another follows", told(ofSession, noon), logs[1], logs[3])
	x.Dates, x.State = nil, pairing.Completed
	same(t, "the pairing is completed, and its last session followed up", told(ofSession, noon), logs[1], logs[3], "Tue 2026-12-29 08:00 follow-up to zoe")
	x.State = pairing.Stopped
	same(t, "the pairing was stopped", told(ofSession, noon), logs[1], logs[3])
	x.State, x.PausedUntil = pairing.Active, at("2026-12-20 00:00")
	same(t, "it pauses", told(ofSession, noon), logs[3], "Tue 2026-12-29 08:00 follow-up to zoe")
	x.PausedUntil = time.Time{}
	x.State, s.State = pairing.Active, pairing.NotHeld
	same(t, "not held", told(ofSession, noon), logs[1], logs[3])
	s.State = pairing.Cancelled
	same(t, "cancelled", told(ofSession, noon))
	s.State, s.Logged = pairing.Booked, map[string]bool{}
	s.BookedAt = at("2026-12-07 07:00")
	same(t, "booked an hour before its week", told(ofSession, s.BookedAt)[:1], near[2])
	s.BookedAt = at("2026-12-11 09:00")
	same(t, "booked on the last working day before", told(ofSession, s.BookedAt)[:1], logs[0])

	i := &questionnaire.Invitation{ID: "i", Enrolment: "alex", Role: programme.Client, CreatedAt: noon}
	ofInvitation := func(since, now time.Time) Due { return OfInvitation(p, i, who[i.Role], since, now) }
	same(t, "not answered", told(ofInvitation, noon),
		"Tue 2026-12-01 08:00 questionnaire-waits 1 to alex", "Tue 2026-12-08 08:00 questionnaire-waits 2 to alex")
	p.Cadence.Asks.QuestionnaireWaits = []int{1, 2, 3, 4}
	same(t, "asked for more", told(ofInvitation, noon),
		"Wed 2026-11-25 08:00 questionnaire-waits 1 to alex", "Thu 2026-11-26 08:00 questionnaire-waits 2 to alex")
	i.Submitted = true
	same(t, "answered", told(ofInvitation, noon))
}

// The digest comes at the opening of a working day, to each coordinator, where
// something needs one; and not for a day that is over.
func TestDigest(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	staff := []string{"morgan", "sam"}
	some := message.Concerns{Unbooked: 1}
	for _, row := range []struct {
		name       string
		waiting    message.Concerns
		since, now string
		owed       int
		next       string
		// news is from when on what is new is told.
		news string
	}{
		{"at the opening", some, "2026-11-27 08:00", "2026-11-27 08:10", 2, "2026-11-30 08:00", "2026-11-26 08:00"},
		{"nothing waits", message.Concerns{}, "2026-11-27 08:00", "2026-11-27 08:10", 0, "2026-11-30 08:00", ""},
		{"late that evening", some, "2026-11-27 08:00", "2026-11-27 23:00", 2, "2026-11-30 08:00", "2026-11-26 08:00"},
		{"at the weekend", some, "2026-11-27 08:00", "2026-11-28 09:00", 0, "2026-11-30 08:00", ""},
		{"nobody looked for days", some, "2026-11-24 08:00", "2026-11-27 09:00", 2, "2026-11-30 08:00", "2026-11-23 08:00"},
		{"before the opening", some, "2026-11-26 08:00", "2026-11-27 07:00", 0, "2026-11-27 08:00", ""},
		{"begun in the afternoon", some, "2026-11-26 15:00", "2026-11-26 15:00", 0, "2026-11-27 08:00", ""},
	} {
		l := OfDigest(p, row.waiting, staff, at(row.since), at(row.now))
		if len(l.Owed) != row.owed || !l.Next.Equal(at(row.next)) {
			t.Errorf("%s: %d owed and next %v", row.name, len(l.Owed), l.Next.In(london))
		}
		for _, m := range l.Owed {
			if m.Kind != message.KindDailyDigest || !m.Until.After(at(row.now)) || m.Until.After(at(row.now).Add(24*time.Hour)) || !m.Since.Equal(at(row.news)) {
				t.Errorf("%s: %+v", row.name, m)
			}
		}
	}
}

// Whoever looks late owes what is still true, once.
func TestNothingStaleIsMadeUpFor(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	who := both(p)
	noon := at("2026-11-24 12:00")
	kinds := func(l Due) (all []string) {
		for _, m := range l.Owed {
			if m.Role == programme.Client {
				all = append(all, fmt.Sprint(m.Kind, " ", m.Step))
			}
		}
		return all
	}
	x := &pairing.Pairing{State: pairing.Active}
	s := &pairing.Session{State: pairing.Booked, BookedAt: noon, StartsAt: at("2026-12-14 14:00"), Minutes: 90}
	for now, want := range map[string][]string{
		"2026-12-10 12:00": {"session-in-a-week 0"},
		"2026-12-11 12:00": {"session-tomorrow 0"},
		"2026-12-13 23:59": {"session-tomorrow 0"},
		"2026-12-14 00:00": nil,
		"2026-12-14 18:00": nil,
		"2026-12-16 12:00": {"log-your-session 1"},
		"2026-12-24 12:00": {"log-your-session 2"},
		"2027-01-11 12:00": {"log-your-session 2"},
		"2027-01-11 15:30": nil,
	} {
		same(t, "a session, "+now, kinds(OfSession(p, s, x, who, noon, at(now))), want...)
	}
	m := &pairing.Match{State: pairing.Released, ReleasedAt: noon}
	for now, want := range map[string][]string{
		"2026-12-01 12:00": {"answer-match 1"}, "2026-12-04 12:00": {"answer-match 2"}, "2026-12-16 08:00": nil,
	} {
		same(t, "a match, "+now, kinds(OfMatch(p, m, who, noon, at(now))), want...)
	}
}

// Somebody who has left is owed nothing, and nobody waits for them.
func TestNothingIsOwedToWhoIsGone(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	noon := at("2026-11-24 12:00")
	cal := calendar.Of(p, "", "")
	m := &pairing.Match{State: pairing.Released, ReleasedAt: noon, Client: pairing.Side{Enrolment: "alex"}, Consultant: pairing.Side{Enrolment: "zoe"}}
	x := &pairing.Pairing{State: pairing.Active, StartedAt: noon, Client: "alex", Consultant: "zoe"}
	s := &pairing.Session{State: pairing.Booked, BookedAt: noon, StartsAt: at("2026-12-14 14:00"), Minutes: 90, Client: "alex", Consultant: "zoe"}
	for _, who := range []Calendars{{}, {programme.Consultant: cal}} {
		for name, look := range map[string]func(since, now time.Time) Due{
			"match":   func(since, now time.Time) Due { return OfMatch(p, m, who, since, now) },
			"pairing": func(since, now time.Time) Due { return OfPairing(p, x, who, since, now) },
			"session": func(since, now time.Time) Due { return OfSession(p, s, x, who, since, now) },
		} {
			got := told(look, noon)
			for _, line := range got {
				if len(who) == 0 || line[len(line)-4:] == "alex" {
					t.Errorf("%s: %s", name, line)
				}
			}
			if (len(got) == 0) != (len(who) == 0) {
				t.Errorf("%s with %d people: %q", name, len(who), got)
			}
		}
	}
}

func TestWhatIsMissing(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		e    enrolment.Enrolment
		want int
	}{
		{enrolment.Enrolment{Role: programme.Client}, 1},
		{enrolment.Enrolment{Role: programme.Client, Readiness: enrolment.Readiness{Workshop: true}}, 0},
		{enrolment.Enrolment{Role: programme.Consultant}, 2},
		{enrolment.Enrolment{Role: programme.Consultant, Readiness: enrolment.Readiness{Trained: true}}, 1},
		{enrolment.Enrolment{Role: programme.Consultant, Supervisor: "s"}, 1},
		{enrolment.Enrolment{Role: programme.Consultant, Supervisor: "s", Readiness: enrolment.Readiness{Trained: true}}, 0},
	} {
		if got := Missing(&row.e); len(got) != row.want || (len(got) == 0) != row.e.Prepared() {
			t.Errorf("%+v misses %q", row.e, got)
		}
	}
}
