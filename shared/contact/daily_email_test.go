package contact

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// london is the calendar of somebody in London.
func london() calendar.Calendar {
	return calendar.Of(&programme.Programme{Zone: "Europe/London"}, "London", "")
}

// zones have clocks that change at odd times, by odd steps, the other way about, or never.
var zones = []string{"Europe/London", "Europe/Dublin", "America/New_York", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Chatham",
	"Africa/Casablanca", "Asia/Gaza", "Asia/Kathmandu", "America/Nuuk", "Antarctica/Troll", "America/Asuncion", "Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"}

// anInstant is some time from 2026 to 2030, often near a change of clocks.
func anInstant(t *rapid.T, name string) time.Time {
	at := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.Int64Range(0, 5*365*24*60).Draw(t, name)) * time.Minute)
	if rapid.Bool().Draw(t, name+" in spring") {
		at = time.Date(at.Year(), time.March, 20+at.Day()%12, at.Hour(), at.Minute(), 0, 0, time.UTC)
	}
	return at
}

// local is a time in the UK.
func local(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", text, london().Zone())
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// decided is a decision as text: "alone a; together b c; d waits until 2026-11-30
// 08:00: closed; e: too late".
func decided(d Decision) string {
	ids := func(of []Pending) string {
		var all []string
		for _, p := range of {
			all = append(all, p.ID)
		}
		return strings.Join(all, " ")
	}
	var parts []string
	if len(d.Alone) > 0 {
		parts = append(parts, "alone "+ids(d.Alone))
	}
	if len(d.Together) > 0 {
		parts = append(parts, "together "+ids(d.Together))
	}
	for _, w := range d.Waiting {
		parts = append(parts, fmt.Sprintf("%s waits until %s: %s", w.ID, w.Until.In(time.FixedZone("", 0)).Format("2006-01-02 15:04"), w.Why))
	}
	for _, r := range d.Unwanted {
		parts = append(parts, r.ID+": "+string(r.Why))
	}
	return strings.Join(parts, "; ")
}

// The rules, one by one, in a winter where local time is UTC. 2026-11-26 is a Thursday.
func TestWhatSomebodyGetsNow(t *testing.T) {
	t.Parallel()
	asks := func(days ...string) []Ask {
		var all []Ask
		for i, d := range days {
			all = append(all, Ask{Message: fmt.Sprint("earlier", i), Kind: message.KindGetReady, At: local(t, d+" 08:00")})
		}
		return all
	}
	const now = "2026-11-26 11:00"
	meeting := func(session, at string) []Meeting { return []Meeting{{session, local(t, at)}} }
	for _, row := range []struct {
		rule     string
		contact  Contact
		now      string
		meetings []Meeting
		pending  []Pending
		want     string
	}{
		{"what was asked for comes at night, alone", Contact{Day: "2026-11-28"}, "2026-11-28 03:00", nil,
			[]Pending{{ID: "a", Kind: message.KindConfirmEnrolment, Step: 1}, {ID: "b", Kind: message.KindStaffSignIn}}, "alone b a"},
		{"a changed time comes at any hour, alone", Contact{Day: "2026-11-28"}, "2026-11-28 03:00", nil,
			[]Pending{{ID: "a", Kind: message.KindSessionMoved}, {ID: "b", Kind: message.KindSessionCancelled}, {ID: "c", Kind: message.KindSessionBooked}}, "alone b a c"},
		{"news waits for a working day", Contact{}, "2026-11-28 11:00", nil,
			[]Pending{{ID: "a", Kind: message.KindMatchReleased}}, "a waits until 2026-11-30 08:00: outside waking hours"},
		{"all together, the most pressing first", Contact{}, now, nil,
			[]Pending{{ID: "a", Kind: message.KindQuestionnaireInvited}, {ID: "b", Kind: message.KindSessionTomorrow}, {ID: "c", Kind: message.KindMatchDeclined}, {ID: "d", Kind: message.KindMatchReleased}}, "together b d c a"},
		{"of a kind, what ends first is first", Contact{}, now, nil,
			[]Pending{{ID: "a", Kind: message.KindPairingStarted}, {ID: "b", Kind: message.KindPairingStarted, Until: local(t, "2026-12-10 00:00")}, {ID: "c", Kind: message.KindPairingStarted, Until: local(t, "2026-12-05 00:00")}}, "together c b a"},
		{"one a day", Contact{Day: "2026-11-26", Lead: "z"}, now, nil,
			[]Pending{{ID: "a", Kind: message.KindMatchReleased}, {ID: "b", Kind: message.KindSessionTomorrow, Until: local(t, "2026-11-27 00:00")}},
			"b waits until 2026-11-27 00:00: one email a day; a waits until 2026-11-27 08:00: one email a day"},
		{"on Friday, one a day is until Monday", Contact{Day: "2026-11-27", Lead: "z"}, "2026-11-27 11:00", nil,
			[]Pending{{ID: "a", Kind: message.KindMatchReleased}}, "a waits until 2026-11-30 08:00: one email a day"},
		{"the day's email is tried again", Contact{Day: "2026-11-26", Lead: "b", Asks: asks("2026-11-24", "2026-11-25", "2026-11-26")}, now, nil,
			[]Pending{{ID: "a", Kind: message.KindMatchReleased}, {ID: "b", Kind: message.KindGetReady}}, "together b; a waits until 2026-11-27 08:00: one email a day"},
		{"not at night", Contact{Day: "2026-11-26", Lead: "b"}, "2026-11-26 21:00", nil,
			[]Pending{{ID: "b", Kind: message.KindGetReady}}, "b waits until 2026-11-27 08:00: outside waking hours"},
		{"tried again another day, it leads and others come along", Contact{Day: "2026-11-25", Lead: "b"}, now, nil,
			[]Pending{{ID: "a", Kind: message.KindMatchReleased}, {ID: "b", Kind: message.KindGetReady}}, "together b a"},
		{"whoever travelled westwards had today's email tomorrow", Contact{Day: "2026-11-27", Lead: "b"}, now, nil,
			[]Pending{{ID: "b", Kind: message.KindGetReady}}, "b waits until 2026-11-27 08:00: one email a day"},
		{"reminders are capped by week", Contact{Asks: asks("2026-11-20", "2026-11-23", "2026-11-25")}, now, nil,
			[]Pending{{ID: "a", Kind: message.KindGetReady}, {ID: "b", Kind: message.KindMatchDeclined}}, "together b; a waits until 2026-11-27 08:00: asked often enough"},
		{"what is eight days old counts no more", Contact{Asks: asks("2026-11-19", "2026-11-23", "2026-11-25")}, now, nil,
			[]Pending{{ID: "a", Kind: message.KindGetReady}}, "together a"},
		{"reminders are capped by month", Contact{Asks: asks("2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05", "2026-11-09", "2026-11-10", "2026-11-11", "2026-11-12")}, now, nil,
			[]Pending{{ID: "a", Kind: message.KindGetReady}}, "a waits until 2026-12-02 08:00: asked often enough"},
		{"the cap holds within one email, where the most pressing go first", Contact{Asks: asks("2026-11-25")}, now, nil,
			[]Pending{{ID: "a", Kind: message.KindGetReady}, {ID: "b", Kind: message.KindFollowUp}, {ID: "c", Kind: message.KindBookSession}}, "together c b; a waits until 2026-12-02 08:00: asked often enough"},
		{"news that cannot wait does not count", Contact{Asks: append(asks("2026-11-24", "2026-11-25"), Ask{Message: "news", Kind: message.KindPairingStarted, At: local(t, "2026-11-25 08:00")})}, now, nil,
			[]Pending{{ID: "a", Kind: message.KindGetReady}, {ID: "b", Kind: message.KindMatchReleased}}, "together b a"},
		{"an invitation that may be declined waits like a reminder", Contact{Asks: asks("2026-11-23", "2026-11-24", "2026-11-25")}, now, nil,
			[]Pending{{ID: "a", Kind: message.KindQuestionnaireInvited}}, "a waits until 2026-11-30 08:00: asked often enough"},
		{"what can wait leaves room for the reminder of a session", Contact{Asks: asks("2026-11-24", "2026-11-25")}, now, meeting("s", "2026-11-30 15:00"),
			[]Pending{{ID: "a", Kind: message.KindGetReady}}, "a waits until 2026-12-01 08:00: asked often enough"},
		{"an earlier attempt does not count against the next", Contact{Day: "2026-11-25", Lead: "a", Asks: append(asks("2026-11-24", "2026-11-25"), Ask{Message: "a", Kind: message.KindGetReady, At: local(t, "2026-11-25 08:00")})}, now, nil,
			[]Pending{{ID: "a", Kind: message.KindGetReady}}, "together a"},
		{"whoever was reminded often enough is reminded no more, but of what everybody must have", Contact{Again: 5}, now, nil,
			[]Pending{{ID: "a", Kind: message.KindBookSession}, {ID: "b", Kind: message.KindAnswerMatch}, {ID: "c", Kind: message.KindGetReady, Step: 1}, {ID: "d", Kind: message.KindGetReady, Step: 2}},
			"together b c; a: reminded often enough; d: reminded often enough"},
		{"of two reminders the last that there is room for is the more pressing", Contact{Again: 4}, now, nil,
			[]Pending{{ID: "a", Kind: message.KindFollowUp}, {ID: "b", Kind: message.KindFinishWaits}}, "together b; a: reminded often enough"},
		{"a reminder that is tried again was counted", Contact{Again: 5, Day: "2026-11-25", Lead: "a", Asks: []Ask{{Message: "a", Kind: message.KindFollowUp, At: local(t, "2026-11-25 08:00")}}}, now, nil,
			[]Pending{{ID: "a", Kind: message.KindFollowUp}}, "together a"},
		{"what must come and cannot wait passes the cap", Contact{Asks: asks("2026-11-23", "2026-11-24", "2026-11-25")}, now, nil,
			[]Pending{{ID: "a", Kind: message.KindSessionTomorrow, Until: local(t, "2026-11-27 00:00")}, {ID: "b", Kind: message.KindAnswerMatch, Until: local(t, "2026-12-10 00:00")}},
			"together a; b waits until 2026-12-01 08:00: asked often enough"},
		{"what may be declined and cannot wait does not", Contact{Asks: asks("2026-11-23", "2026-11-24", "2026-11-25")}, now, nil,
			[]Pending{{ID: "a", Kind: message.KindSessionInAWeek, Until: local(t, "2026-11-27 00:00")}}, "a waits until 2026-11-27 00:00: asked often enough"},
		{"a pause is for what may be declined", Contact{SnoozedUntil: local(t, "2026-12-05 11:00")}, now, nil,
			[]Pending{{ID: "a", Kind: message.KindGetReady}, {ID: "b", Kind: message.KindSessionTomorrow}, {ID: "c", Kind: message.KindQuestionnaireInvited}, {ID: "d", Kind: message.KindMatchReleased}},
			"together b d; c waits until 2026-12-07 08:00: paused by the person; a waits until 2026-12-07 08:00: paused by the person"},
		{"what is declined is not sent", Contact{Declined: []message.Topic{message.SessionPlanning, message.Questionnaires}}, now, nil,
			[]Pending{{ID: "a", Kind: message.KindBookSession}, {ID: "b", Kind: message.KindQuestionnaireInvited}, {ID: "c", Kind: message.KindGetReady}}, "together c; a: declined by the person; b: declined by the person"},
		{"what everybody must have is, whatever is declined", Contact{Declined: slices.Concat(message.Topics, []message.Topic{""})}, now, nil,
			[]Pending{{ID: "a", Kind: message.KindSessionTomorrow}}, "together a"},
		{"a stopped address gets what was asked for alone", Contact{Stopped: Bounced}, now, nil,
			[]Pending{{ID: "a", Kind: message.KindSessionTomorrow}, {ID: "b", Kind: message.KindSessionCancelled}, {ID: "c", Kind: message.KindConfirmEnrolment}, {ID: "d", Kind: message.KindMatchReleased}},
			"alone c; b: address stopped; a: address stopped; d: address stopped"},
		{"too late is not sent", Contact{}, now, nil,
			[]Pending{{ID: "a", Kind: message.KindSessionInAWeek, Until: local(t, now)}, {ID: "b", Kind: message.KindSessionInAWeek, Until: local(t, "2026-11-26 11:01")}}, "together b; a: too late"},
		{"the day of a session is quiet", Contact{}, now, meeting("s", "2026-11-26 15:00"),
			[]Pending{{ID: "a", Kind: message.KindGetReady}, {ID: "b", Kind: message.KindLogYourSession, Session: "other"}, {ID: "c", Kind: message.KindMatchReleased}},
			"together c; b waits until 2026-11-27 08:00: a session is today; a waits until 2026-11-27 08:00: a session is today"},
		{"but for what is about it", Contact{}, "2026-11-26 17:00", slices.Concat(meeting("s", "2026-11-26 15:00"), meeting("t", "2026-11-26 10:00")),
			[]Pending{{ID: "a", Kind: message.KindLogYourSession, Session: "s"}, {ID: "b", Kind: message.KindGetReady}}, "together a; b waits until 2026-11-27 08:00: a session is today"},
		{"and for what must come today", Contact{}, now, slices.Concat(meeting("s", "2026-11-26 15:00"), meeting("t", "2026-11-27 10:00")),
			[]Pending{{ID: "a", Kind: message.KindSessionTomorrow, Session: "t", Until: local(t, "2026-11-27 00:00")}}, "together a"},
		{"news waits a moment for the day's reminders", Contact{}, "2026-11-26 08:00", nil,
			[]Pending{{ID: "a", Kind: message.KindMatchReleased}}, "a waits until 2026-11-26 08:10: others join it"},
		{"and goes along with them", Contact{}, "2026-11-26 08:00", nil,
			[]Pending{{ID: "a", Kind: message.KindMatchReleased}, {ID: "b", Kind: message.KindGetReady}}, "together a b"},
		{"the day before a session is kept for its reminder", Contact{}, "2026-11-27 08:30", meeting("s", "2026-11-30 15:00"),
			[]Pending{{ID: "a", Kind: message.KindMatchReleased}, {ID: "b", Kind: message.KindGetReady}}, "a waits until 2026-11-27 11:00: others join it; b waits until 2026-11-27 11:00: others join it"},
		{"until it comes", Contact{}, "2026-11-27 08:30", meeting("s", "2026-11-30 15:00"),
			[]Pending{{ID: "a", Kind: message.KindMatchReleased}, {ID: "b", Kind: message.KindSessionTomorrow, Session: "s", Until: local(t, "2026-11-30 00:00")}}, "together b a"},
		{"or will not come", Contact{}, "2026-11-27 11:00", meeting("s", "2026-11-30 15:00"),
			[]Pending{{ID: "a", Kind: message.KindMatchReleased}}, "together a"},
		{"nothing that ends before waits for it", Contact{}, "2026-11-27 08:30", meeting("s", "2026-11-30 15:00"),
			[]Pending{{ID: "a", Kind: message.KindAnswerMatch, Until: local(t, "2026-11-27 09:00")}, {ID: "b", Kind: message.KindMatchReleased}}, "together a b"},
		{"nobody who has nothing pending gets anything", Contact{}, now, nil, nil, ""},
	} {
		c := row.contact
		at := Conditions{Calendar: london(), Cadence: programme.Cadence{MostAWeek: 3, MostAMonth: 8}, MostAgain: 5, Meetings: row.meetings, Now: local(t, row.now)}
		if got := decided(c.Decide(at, row.pending)); got != row.want {
			t.Errorf("%s:\n got %s\nwant %s", row.rule, got, row.want)
		}
	}
}

func TestSomebodyIsAskedAsOftenAsTheyAreTold(t *testing.T) {
	t.Parallel()
	cal := london()
	c := &Contact{}
	at := local(t, "2026-11-02 08:00")
	for day := range 40 {
		c.Record(cal, []Pending{{ID: fmt.Sprint("a", day), Kind: message.KindGetReady}, {ID: fmt.Sprint("b", day), Kind: message.KindMatchDeclined}}, at.AddDate(0, 0, day))
	}
	now := at.AddDate(0, 0, 39)
	if week, month := c.Asked(cal, now, Week), c.Asked(cal, now, Month); week != 7 || month != 30 {
		t.Errorf("asked %d times in a week and %d in a month, want 7 and 30", week, month)
	}
	if c.Day != cal.Day(now) || c.Lead != "a39" {
		t.Errorf("the day's place is %s, %s", c.Day, c.Lead)
	}
	c.Record(cal, []Pending{{ID: "a39", Kind: message.KindGetReady}}, now.Add(time.Hour))
	if n := c.Asked(cal, now, 1); n != 1 {
		t.Errorf("one that was tried twice counts as %d", n)
	}
	for i := range 200 {
		c.Record(cal, []Pending{{ID: fmt.Sprint("c", i), Kind: message.KindGetReady}}, now)
	}
	if len(c.Asks) > maxAsks || c.Asks[len(c.Asks)-1].Message != "c199" {
		t.Errorf("%d asks are kept, the last %+v", len(c.Asks), c.Asks[len(c.Asks)-1])
	}
	before := *c
	if c.Record(cal, nil, now.Add(48*time.Hour)); c.Day != before.Day {
		t.Error("nothing took the day's place")
	}
}

func TestChoices(t *testing.T) {
	t.Parallel()
	c := &Contact{}
	c.Decline(message.Questionnaires)
	c.Decline(message.SessionLogs, message.Questionnaires, "unknown", "")
	if !slices.Equal(c.Declined, []message.Topic{message.SessionLogs, message.Questionnaires}) || c.Wants(message.Questionnaires) || !c.Wants(message.Preparing) || !c.Wants("") {
		t.Errorf("declined %q", c.Declined)
	}
	c.Want(message.Questionnaires)
	if !slices.Equal(c.Declined, []message.Topic{message.Preparing, message.SessionPlanning, message.SessionLogs}) {
		t.Errorf("declined %q", c.Declined)
	}
	c.Want(message.Topics...)
	if len(c.Declined) != 0 {
		t.Errorf("declined %q", c.Declined)
	}
	cal := london()
	now := local(t, "2027-03-25 12:00") // over a change of the clocks
	if c.Snooze(cal, now); !c.SnoozedUntil.Equal(local(t, "2027-04-01 12:00")) || !c.Snoozed(now) || c.Snoozed(c.SnoozedUntil) {
		t.Errorf("paused until %v", c.SnoozedUntil)
	}
	if c.Resume(); c.Snoozed(now) {
		t.Error("still paused")
	}
	c.Stop(Bounced, now)
	if c.Stop(SpamReport, now.Add(time.Hour)); c.Stopped != Bounced || !c.StoppedAt.Equal(now) {
		t.Errorf("stopped as %q at %v", c.Stopped, c.StoppedAt)
	}
	if c.Restart(); c.Stopped != "" || !c.StoppedAt.IsZero() {
		t.Error("still stopped")
	}
}

// history is one person's life with the programme, step by step, checked against
// the promises by what they got, and not by what the Contact says.
type history struct {
	*rapid.T
	c        *Contact
	at       Conditions
	pending  []Pending
	days     []string // of the emails of news and reminders that went
	asked    []time.Time
	again    map[string]bool   // of what they were asked for before, what they were reminded of
	hours    programme.Cadence // in which the person may be written to
	n        int
	sessions []Meeting
}

// asking is how many reminders of what was asked for before wait or go, and were not tried yet.
func (h *history) asking(d Decision) (n int) {
	all := slices.Clone(d.Together)
	for _, w := range d.Waiting {
		all = append(all, w.Pending)
	}
	for _, p := range all {
		if message.AsksAgain(p.Kind, p.Step) && !h.again[p.ID] {
			n++
		}
	}
	return n
}

func (h *history) owe() {
	h.n++
	p := Pending{ID: fmt.Sprint("m", h.n), Kind: rapid.SampledFrom(message.Kinds()).Draw(h.T, "kind"), Step: rapid.IntRange(0, 3).Draw(h.T, "step")}
	if rapid.Bool().Draw(h.T, "ends") {
		p.Until = h.at.Now.Add(time.Duration(rapid.IntRange(1, 20*24).Draw(h.T, "hours")) * time.Hour)
	}
	if rapid.Bool().Draw(h.T, "about a session") && len(h.sessions) > 0 {
		p.Session = rapid.SampledFrom(h.sessions).Draw(h.T, "session").Session
	}
	h.pending = append(h.pending, p)
}

// post decides, sends, and checks. It returns when to look again.
func (h *history) post() (next time.Time) {
	cal, now := h.at.Calendar, h.at.Now
	today := cal.Day(now)
	h.at.Meetings = slices.DeleteFunc(slices.Clone(h.sessions), func(x Meeting) bool { return cal.Day(x.StartsAt) < today })
	before := *h.c
	d := h.c.Decide(h.at, h.pending)
	if fmt.Sprint(before) != fmt.Sprint(*h.c) {
		h.Fatalf("deciding changed the contact: %+v", h.c)
	}

	// Nothing is lost, and nothing is twice.
	var seen []string
	for _, p := range slices.Concat(d.Alone, d.Together) {
		seen = append(seen, p.ID)
	}
	// What can wait leaves room for the reminders of booked sessions: it waits a month from the
	// last of them at the most, and the holidays that come then.
	last := now
	for _, meeting := range h.at.Meetings {
		if meeting.StartsAt.After(last) {
			last = meeting.StartsAt
		}
	}
	for _, w := range d.Waiting {
		seen = append(seen, w.ID)
		if !w.Until.After(now) || w.Until.Sub(last) > 45*24*time.Hour || w.Why == "" {
			h.Fatalf("%+v waits at %v", w, now)
		}
		if next.IsZero() || w.Until.Before(next) {
			next = w.Until
		}
	}
	for _, r := range d.Unwanted {
		seen = append(seen, r.ID)
		late := !r.Pending.Until.IsZero() && !now.Before(r.Pending.Until)
		declined := slices.Contains(h.c.Declined, message.TopicOf(r.Kind))
		stopped := h.c.Stopped != "" && message.ClassOf(r.Kind) != message.Answer
		vain := message.AsksAgain(r.Kind, r.Step) && message.TopicOf(r.Kind) != "" && len(h.again)+h.asking(d) >= h.at.MostAgain
		if !(r.Why == TooLate && late || r.Why == DeclinedByMe && declined || r.Why == NoLonger && stopped || r.Why == AskedInVain && vain) {
			h.Fatalf("%+v is refused", r)
		}
	}
	var ids []string
	for _, p := range h.pending {
		ids = append(ids, p.ID)
	}
	slices.Sort(seen)
	slices.Sort(ids)
	if !slices.Equal(seen, ids) {
		h.Fatalf("of %q, %q were decided about", ids, seen)
	}

	for _, p := range d.Alone {
		if class := message.ClassOf(p.Kind); class != message.Answer && class != message.AtOnce || h.c.Stopped != "" && class != message.Answer {
			h.Fatalf("%+v goes alone", p)
		}
	}
	keep := func(p Pending) bool {
		return slices.ContainsFunc(d.Waiting, func(w Waiting) bool { return w.ID == p.ID })
	}
	if len(d.Together) > 0 {
		refused := rapid.IntRange(0, 3).Draw(h.T, "refused") == 0
		h.together(d.Together, refused)
		if refused {
			keep = func(p Pending) bool {
				return slices.ContainsFunc(d.Waiting, func(w Waiting) bool { return w.ID == p.ID }) || slices.Contains(d.Together, p)
			}
			again := now.Add(time.Duration(rapid.IntRange(1, 600).Draw(h.T, "tried again in")) * time.Minute)
			if next.IsZero() || again.Before(next) {
				next = again
			}
		}
	}
	h.pending = slices.DeleteFunc(h.pending, func(p Pending) bool { return !keep(p) })
	return next
}

// together checks an email of news and reminders, and sends it unless it is refused.
func (h *history) together(email []Pending, refused bool) {
	cal, now := h.at.Calendar, h.at.Now
	today := cal.Day(now)
	if local := now.In(cal.Zone()); h.c.Stopped != "" || local.Hour() < h.hours.Opens || local.Hour() >= h.hours.Closes ||
		local.Weekday() == time.Saturday || local.Weekday() == time.Sunday || !cal.WorkingDay(now) {
		h.Fatalf("%v was sent at %v", email, local)
	}
	if slices.Contains(h.days, today) {
		h.Fatalf("%v is the second email on %s", email, today)
	}
	retry := h.c.Day == today // the same email, which was refused: counted then
	if retry && (len(email) != 1 || email[0].ID != h.c.Lead) {
		h.Fatalf("%v goes in the place of %s", email, h.c.Lead)
	}
	asked := slices.Clone(h.asked)
	capped, passing := false, 0
	for _, p := range email {
		class, topic := message.ClassOf(p.Kind), message.TopicOf(p.Kind)
		if class != message.News && class != message.Reminder || slices.Contains(h.c.Declined, topic) || topic != "" && now.Before(h.c.SnoozedUntil) {
			h.Fatalf("%+v was sent", p)
		}
		if canWait(p.Kind) {
			asked = append(asked, now)
		}
		if message.AsksAgain(p.Kind, p.Step) && !h.again[p.ID] {
			h.again[p.ID] = true
			if topic != "" && len(h.again) > h.at.MostAgain {
				h.Fatalf("%+v reminds for the %dth time", p, len(h.again))
			}
		}
		// What everybody must have passes where it could not have waited.
		if must := topic == "" && !p.Until.IsZero(); canWait(p.Kind) && must {
			passing++
		} else if canWait(p.Kind) {
			capped = true
			about := slices.ContainsFunc(h.sessions, func(x Meeting) bool { return cal.Day(x.StartsAt) == today && x.Session == p.Session })
			if !about && !retry && slices.ContainsFunc(h.sessions, func(x Meeting) bool { return cal.Day(x.StartsAt) == today }) {
				h.Fatalf("%+v came on the day of a session", p)
			}
		}
	}
	caps := h.at.Cadence.Filled()
	for days, most := range map[int]int{Week: caps.MostAWeek, Month: caps.MostAMonth} {
		n := 0
		from := now.In(cal.Zone()).AddDate(0, 0, 1-days).Format(time.DateOnly)
		for _, at := range asked {
			if cal.Day(at) >= from {
				n++
			}
		}
		if capped && !retry && n > most+passing {
			h.Fatalf("asked %d times in %d days, at most %d", n, days, most)
		}
	}
	h.c.Record(cal, email, now)
	if !refused {
		h.days = append(h.days, today)
		h.asked = asked
	}
}

// Whatever happens to somebody: no two emails of news and reminders on a day, none at
// night, on a weekend or a holiday, none above the caps, none that was declined,
// and nothing that is owed gets lost or waits for ever.
func TestNobodyIsPestered(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		opens := rapid.IntRange(5, 22).Draw(t, "opens")
		hours := programme.Cadence{Opens: opens, Closes: rapid.IntRange(opens+1, 23).Draw(t, "closes")}
		region := rapid.SampledFrom([]string{"Scotland", "Northern Ireland", "Wales", "London", "", "Atlantis"}).Draw(t, "region")
		calendarIn := func(what string) calendar.Calendar {
			return calendar.Of(&programme.Programme{Zone: rapid.SampledFrom(zones).Draw(t, what), Cadence: hours}, region, "")
		}
		cal := calendarIn("zone")
		week := rapid.IntRange(1, 5).Draw(t, "most a week")
		h := &history{T: t, c: &Contact{}, again: map[string]bool{}, hours: hours, at: Conditions{Calendar: cal, Now: anInstant(t, "begins"), MostAgain: rapid.IntRange(1, 12).Draw(t, "most again"),
			Cadence: programme.Cadence{MostAWeek: week, MostAMonth: rapid.IntRange(week, 12).Draw(t, "most a month")}}}
		for i := range rapid.IntRange(0, 6).Draw(t, "sessions") {
			h.sessions = append(h.sessions, Meeting{fmt.Sprint("s", i), h.at.Now.Add(time.Duration(rapid.IntRange(0, 60*24).Draw(t, "starts")) * time.Hour)})
		}
		travels := rapid.Bool().Draw(t, "travels")
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.SampledFrom([]string{"owe", "owe", "owe", "choose", "snooze", "resume", "stop", "restart", "travel"}).Draw(t, "step") {
			case "owe":
				h.owe()
			case "choose":
				h.c.Want(rapid.SliceOf(rapid.SampledFrom(message.Topics)).Draw(t, "topics")...)
			case "snooze":
				h.c.Snooze(cal, h.at.Now)
			case "resume":
				h.c.Resume()
			case "stop":
				if rapid.IntRange(0, 9).Draw(t, "bounces") == 0 {
					h.c.Stop(Bounced, h.at.Now)
				}
			case "restart":
				h.c.Restart()
			case "travel":
				if travels {
					h.at.Calendar = calendarIn("to")
				}
			}
			next := h.post()
			switch rapid.SampledFrom([]string{"soon", "later", "when it is time"}).Draw(t, "looks again") {
			case "soon":
				h.at.Now = h.at.Now.Add(time.Duration(rapid.IntRange(0, 59).Draw(t, "minutes")) * time.Minute)
			case "later":
				h.at.Now = h.at.Now.Add(time.Duration(rapid.IntRange(1, 72).Draw(t, "hours")) * time.Hour)
			default:
				if !next.IsZero() {
					h.at.Now = next
				}
			}
		}
		// Left to itself, everything comes to its end.
		end := h.at.Now.AddDate(2, 0, 0)
		for next := h.post(); len(h.pending) > 0; next = h.post() {
			if next.IsZero() || next.After(end) {
				t.Fatalf("%+v wait until %v", h.pending, next)
			}
			h.at.Now = next
		}
	})
}
