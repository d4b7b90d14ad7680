package contact

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Pending is one message that waits to be sent to a person, as far as it matters to
// when.
type Pending struct {
	ID   string
	Kind outbox.Kind
	// Step is which ask of its kind it is, 1 or 0 for the first.
	Step int
	// Session is the id of the session that it is about, or "".
	Session string
	// Until is when it stops being worth sending, or the zero time for never.
	Until time.Time
}

// Meeting is one session that a person has booked.
type Meeting struct {
	Session  string
	StartsAt time.Time
}

// Conditions are those under which it is decided what one person gets.
type Conditions struct {
	Calendar calendar.Calendar
	// Cadence is the programme's, and MostAgain how often it reminds somebody in all of what
	// they were asked for before.
	Cadence   programme.Cadence
	MostAgain int
	// Meetings are the person's booked sessions from today on, at least those of the
	// next two weeks.
	Meetings []Meeting
	Now      time.Time
}

// Why is why a message is not sent now, in words for a log.
type Why string

// Why a message waits, and why one is not wanted.
const (
	Closed     Why = "outside waking hours"
	OneADay    Why = "one email a day"
	Gathering  Why = "others join it"
	Paused     Why = "paused by the person"
	SessionDay Why = "a session is today"
	AskedMuch  Why = "asked often enough"

	TooLate      Why = "too late"
	DeclinedByMe Why = "declined by the person"
	AskedInVain  Why = "reminded often enough"
	NoLonger     Why = "address stopped"
)

// Waiting is a message that is decided about again at Until.
type Waiting struct {
	Pending
	Until time.Time
	Why   Why
}

// Refused is a message that is not wanted.
type Refused struct {
	Pending
	Why Why
}

// Decision says of each pending message what becomes of it.
type Decision struct {
	// Alone go now, each as an email of its own.
	Alone []Pending
	// Together go now as one email, the most pressing first. The first leads it: it
	// holds the day's place.
	Together []Pending
	Waiting  []Waiting
	Unwanted []Refused
}

const (
	// gather is for how long after the day's opening news waits for the reminders of the
	// day, which are written then.
	gather = 10 * time.Minute
	// reserve is for how long it waits for the reminder of a session, which could come
	// on no other day.
	reserve = 3 * time.Hour
)

// Decide says what one person gets now of what is pending for them, all of which
// it must be given.
//
// What they asked for, and what tells of a changed time, goes at once, alone. The
// rest goes in waking hours of a working day, as one email a day: its lead alone may
// be tried again on that day. Reminders are capped, are not sent on the day of a
// session unless they are about it, and wait while the person has paused them; those
// that everybody must have pass the cap and the quiet where waiting would make them
// too late. What the person declined is not sent, nor what they were asked for before once they
// have been reminded as often as the programme reminds anybody, unless everybody must have it.
func (c *Contact) Decide(in Conditions, pending []Pending) (d Decision) {
	cal, now := in.Calendar, in.Now
	today := cal.Day(now)
	wait := func(p Pending, until time.Time, why Why) {
		if !p.Until.IsZero() && p.Until.Before(until) {
			until = p.Until // when it will be found to be too late
		}
		d.Waiting = append(d.Waiting, Waiting{p, until, why})
	}
	refuse := func(p Pending, why Why) { d.Unwanted = append(d.Unwanted, Refused{p, why}) }

	var daily []Pending
	again := c.Again
	for _, p := range c.ordered(pending) {
		class, topic := message.ClassOf(p.Kind), message.TopicOf(p.Kind)
		switch {
		case !p.Until.IsZero() && !now.Before(p.Until):
			refuse(p, TooLate)
		case class == message.Answer:
			d.Alone = append(d.Alone, p)
		case c.Stopped != "":
			refuse(p, NoLonger)
		case class == message.AtOnce:
			d.Alone = append(d.Alone, p)
		case !c.Wants(topic):
			refuse(p, DeclinedByMe)
		case topic != "" && again >= in.MostAgain && c.remindsAgain(p):
			refuse(p, AskedInVain)
		case topic != "" && c.Snoozed(now):
			wait(p, cal.Next(c.SnoozedUntil), Paused)
		default:
			if c.remindsAgain(p) {
				again++
			}
			daily = append(daily, p)
		}
	}
	if len(daily) == 0 {
		return d
	}
	tomorrow := cal.AddWorkingDays(now, 1)
	switch {
	case !cal.Open(now):
		for _, p := range daily {
			wait(p, cal.Next(now), Closed)
		}
		return d
	case c.Day >= today: // or later, where the person has travelled westwards
		for _, p := range daily {
			if c.Day == today && p.ID == c.Lead {
				d.Together = append(d.Together, p)
			} else {
				wait(p, tomorrow, OneADay)
			}
		}
		return d
	}

	// What goes counts as asked, beside what was asked before; an earlier attempt at
	// the same does not.
	asks := dayNumbers(cal, slices.DeleteFunc(slices.Clone(c.Asks), func(a Ask) bool {
		return !canWait(a.Kind) || slices.ContainsFunc(daily, func(p Pending) bool { return p.ID == a.Message })
	}))
	var reminders []Pending
	add := func(p Pending) {
		d.Together = append(d.Together, p)
		if canWait(p.Kind) {
			asks = append(asks, cal.DayNumber(now))
		}
	}
	for _, p := range daily {
		if canWait(p.Kind) {
			reminders = append(reminders, p)
		} else {
			add(p)
		}
	}
	caps := in.Cadence.Filled()
	ahead := in.eves()
	room := func(at time.Time) bool {
		day := cal.DayNumber(at)
		all := slices.Concat(asks, ahead, []int{day})
		for _, last := range append([]int{day}, ahead...) { // what comes then has its room, too
			if last >= day && (within(Week, all, last) > max(1, caps.MostAWeek) || within(Month, all, last) > max(1, caps.MostAMonth)) {
				return false
			}
		}
		return true
	}
	for _, p := range reminders {
		until, why := tomorrow, SessionDay
		if !in.quiet(p, today) {
			if room(now) {
				add(p)
				continue
			}
			why = AskedMuch
			for !room(until) { // at the most for the days of a month
				until = cal.AddWorkingDays(until, 1)
			}
		}
		if message.TopicOf(p.Kind) == "" && !p.Until.IsZero() && !until.Before(p.Until) {
			add(p)
		} else {
			wait(p, until, why)
		}
	}
	d.Together = c.ordered(d.Together)

	from := in.from(daily, len(d.Together) > len(daily)-len(reminders))
	inTime := func(p Pending) bool { return p.Until.IsZero() || p.Until.After(from) }
	if now.Before(from) && !slices.ContainsFunc(d.Together, func(p Pending) bool { return !inTime(p) }) {
		for _, p := range d.Together {
			wait(p, from, Gathering)
		}
		d.Together = nil
	}
	return d
}

// ordered are messages with the most pressing first. What led the last email leads
// the next, where it is tried again: others may go along with it.
func (c *Contact) ordered(pending []Pending) []Pending {
	return slices.SortedFunc(slices.Values(pending), func(a, b Pending) int {
		last := func(p Pending) int {
			if p.ID == c.Lead {
				return 0
			}
			return 1
		}
		if n := cmp.Or(last(a)-last(b), message.Urgency(a.Kind)-message.Urgency(b.Kind)); n != 0 {
			return n
		}
		if a.Until.IsZero() != b.Until.IsZero() {
			if b.Until.IsZero() {
				return -1
			}
			return 1
		}
		return cmp.Or(a.Until.Compare(b.Until), strings.Compare(a.ID, b.ID))
	})
}

// remindsAgain reports whether a message reminds the person of what they were asked for before,
// and was not counted yet: one that is tried again was.
func (c *Contact) remindsAgain(p Pending) bool {
	return message.AsksAgain(p.Kind, p.Step) && !slices.ContainsFunc(c.Asks, func(a Ask) bool { return a.Message == p.ID })
}

// canWait reports whether a message of a kind is capped: a reminder, or what may be declined. What
// somebody has just done, or waits for the reader to do, is not.
func canWait(kind outbox.Kind) bool {
	return message.ClassOf(kind) == message.Reminder || message.TopicOf(kind) != ""
}

// eves are the days after today on which reminders of sessions come, which come on no other: what
// can wait leaves room for them.
func (in Conditions) eves() (days []int) {
	today := in.Calendar.DayNumber(in.Now)
	for _, meeting := range in.Meetings {
		if day := in.Calendar.DayNumber(in.Calendar.DayBefore(meeting.StartsAt)); day > today {
			days = append(days, day)
		}
	}
	return days
}

// quiet reports whether a reminder has to wait since the person has a session on the
// day, and it is about none of that day.
func (in Conditions) quiet(p Pending, day string) bool {
	quiet := false
	for _, meeting := range in.Meetings {
		if in.Calendar.Day(meeting.StartsAt) == day {
			if quiet = true; p.Session != "" && meeting.Session == p.Session {
				return false
			}
		}
	}
	return quiet
}

// from is from when today's email may go. Reminders are written as the day opens, and
// the reminder of a session must not find that something else has taken the only day
// on which it could come.
func (in Conditions) from(daily []Pending, reminding bool) time.Time {
	opened := in.Calendar.AddWorkingDays(in.Now, 0)
	half := in.Calendar.Hours() / 2
	for _, meeting := range in.Meetings {
		reminded := slices.ContainsFunc(daily, func(p Pending) bool { return p.Kind == message.KindSessionTomorrow && p.Session == meeting.Session })
		if meeting.StartsAt.After(in.Now) && in.Calendar.DayBefore(meeting.StartsAt).Equal(opened) && !reminded {
			return opened.Add(min(reserve, half))
		}
	}
	if reminding {
		return opened
	}
	return opened.Add(min(gather, half))
}

// Record notes that an email of these goes now, the first of which leads it. It is
// for what goes together; what goes alone holds no place.
func (c *Contact) Record(cal calendar.Calendar, together []Pending, now time.Time) {
	if len(together) == 0 {
		return
	}
	c.Day, c.Lead = cal.Day(now), together[0].ID
	for _, p := range together {
		if c.remindsAgain(p) {
			c.Again++
		}
		c.Asks = slices.DeleteFunc(slices.Clone(c.Asks), func(a Ask) bool { return a.Message == p.ID })
		if message.Asks(p.Kind) {
			c.Asks = append(c.Asks, Ask{p.ID, p.Kind, now})
		}
	}
	old := now.AddDate(0, 0, -Month-2)
	c.Asks = slices.DeleteFunc(c.Asks, func(a Ask) bool { return a.At.Before(old) })
	if n := len(c.Asks) - maxAsks; n > 0 {
		c.Asks = c.Asks[n:]
	}
}
