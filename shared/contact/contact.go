// Package contact holds what a person was sent and asked, what they want to be spared,
// and the rules by which their day's email is put together: what goes now, what waits
// and what is not wanted.
package contact

import (
	"slices"
	"time"

	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
)

// Contact is what one person has been sent and asked for, and what they want to be
// spared: one document, also of somebody who takes part in both roles. The zero
// Contact is that of somebody who was never written to.
type Contact struct {
	ID string `firestore:"-"` // the person's, see enrolment.PersonOf
	// Enrolments are the ids of those as which the person gets the day's email.
	Enrolments []string `firestore:"enrolments"`
	// Zone is the person's own IANA time zone, or "" for the programme's.
	// MovedAt is when they last chose one.
	Zone    string    `firestore:"zone"`
	MovedAt time.Time `firestore:"movedAt"`
	// Day is the person's date of the last email of news and reminders, such as
	// "2027-03-01", and Lead the id of the message that holds that day's place.
	Day  string `firestore:"day"`
	Lead string `firestore:"lead"`
	// Asks are what the person was asked for lately, the latest last.
	Asks []Ask `firestore:"asks"`
	// Again is how many times they were reminded of what they had been asked for before.
	Again int `firestore:"again,omitempty"`
	// SnoozedUntil is when what may be declined comes again.
	SnoozedUntil time.Time `firestore:"snoozedUntil"`
	// Declined are what the person does not want to be written to about.
	Declined []message.Topic `firestore:"declined"`
	// Stopped is why nothing is sent any more, or "". What the person asks for
	// themselves is still sent: their address may be another by then.
	Stopped   Stop      `firestore:"stopped"`
	StoppedAt time.Time `firestore:"stoppedAt"`
	// DeliveredAt is when an email last arrived, by the provider's word and clock.
	DeliveredAt time.Time `firestore:"deliveredAt"`
	CreatedAt   time.Time `firestore:"createdAt"`
	UpdatedAt   time.Time `firestore:"updatedAt"`
	// Version is the time of the document's last write, which guards the next; the
	// zero time where there is none yet.
	Version time.Time `firestore:"-"`
}

// Ask is one message that asked for something.
type Ask struct {
	Message string      `firestore:"message"`
	Kind    outbox.Kind `firestore:"kind"`
	At      time.Time   `firestore:"at"`
}

// Stop is why an address is not written to any more.
type Stop string

// Why an address is not written to.
const (
	Bounced    Stop = "bounced"
	SpamReport Stop = "spam report"
)

// The windows in which asks are counted, in days on the person's calendar.
const (
	Week  = 7
	Month = 30
)

// maxAsks bounds the list of asks. The caps are lower, see programme.MostAsks.
const maxAsks = 64

// Asked counts how many times the person was asked for something that could wait in the last
// days, today included.
func (c *Contact) Asked(cal calendar.Calendar, now time.Time, days int) int {
	waited := slices.DeleteFunc(slices.Clone(c.Asks), func(a Ask) bool { return !canWait(a.Kind) })
	return within(days, dayNumbers(cal, waited), cal.DayNumber(now))
}

// dayNumbers are the days of asks, on the person's calendar.
func dayNumbers(cal calendar.Calendar, asks []Ask) []int {
	days := make([]int, len(asks))
	for i, a := range asks {
		days[i] = cal.DayNumber(a.At)
	}
	return days
}

// within counts the asks in so many days up to and with the last.
func within(days int, asks []int, last int) int {
	n := 0
	for _, day := range asks {
		if day <= last && day > last-days {
			n++
		}
	}
	return n
}

// AddEnrolment records that the person is written to as an enrolment.
func (c *Contact) AddEnrolment(enrolment string) {
	if !slices.Contains(c.Enrolments, enrolment) {
		c.Enrolments = append(slices.Clone(c.Enrolments), enrolment)
	}
}

// Snooze pauses what may be declined for a week.
func (c *Contact) Snooze(cal calendar.Calendar, now time.Time) {
	c.SnoozedUntil = now.In(cal.Zone()).AddDate(0, 0, 7).UTC()
}

// SnoozeUntil pauses what may be declined until a time, unless it is paused for longer.
func (c *Contact) SnoozeUntil(until time.Time) {
	if until.After(c.SnoozedUntil) {
		c.SnoozedUntil = until
	}
}

// Snoozed reports whether the person has asked for a pause that still goes on.
func (c *Contact) Snoozed(now time.Time) bool { return now.Before(c.SnoozedUntil) }

// Resume ends a pause.
func (c *Contact) Resume() { c.SnoozedUntil = time.Time{} }

// Decline adds to what the person does not want to be written to about.
func (c *Contact) Decline(topics ...message.Topic) {
	c.Want(slices.DeleteFunc(slices.Clone(message.Topics), func(t message.Topic) bool {
		return slices.Contains(topics, t) || slices.Contains(c.Declined, t)
	})...)
}

// Want declines all topics but these.
func (c *Contact) Want(topics ...message.Topic) {
	c.Declined = slices.DeleteFunc(slices.Clone(message.Topics), func(t message.Topic) bool { return slices.Contains(topics, t) })
}

// Wants reports whether the person wants to be written to about a topic. What has
// no topic everybody must have.
func (c *Contact) Wants(t message.Topic) bool { return t == "" || !slices.Contains(c.Declined, t) }

// SetZone records in which time zone the person lives: an IANA name, or "" for the
// programme's. It says whether there is such a zone.
func (c *Contact) SetZone(zone string, now time.Time) bool {
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" { // which is the server's
		return false
	}
	if zone != c.Zone {
		c.Zone, c.MovedAt = zone, now
	}
	return true
}

// Since is from when on what is due about a document counts that says that it is due
// at a time. Where the person lives elsewhere than when that was written, a day may
// have opened before: what is found to be told already has the same id.
func (c *Contact) Since(dueAt time.Time) time.Time {
	if c.MovedAt.IsZero() {
		return dueAt
	}
	return dueAt.Add(-26 * time.Hour) // between the zones farthest from each other
}

// Stop records that the person's address is not to be written to.
func (c *Contact) Stop(why Stop, now time.Time) {
	if c.Stopped == "" {
		c.Stopped, c.StoppedAt = why, now
	}
}

// Reached records that an email arrived, and says whether none is known that arrived
// later: reports come twice and in any order.
func (c *Contact) Reached(at time.Time) bool {
	if !at.After(c.DeliveredAt) {
		return false
	}
	c.DeliveredAt = at
	return true
}

// State is in a word for the log why the person is not written to any more, or that
// they are.
func (c *Contact) State() string {
	if c.Stopped == "" {
		return "written to"
	}
	return string(c.Stopped)
}

// Restart records that the person can be written to again, such as at a new address.
func (c *Contact) Restart() { c.Stopped, c.StoppedAt = "", time.Time{} }
