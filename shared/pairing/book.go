package pairing

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Booking is what someone enters to book a session.
type Booking struct {
	StartsAt time.Time `firestore:"startsAt"`
	Minutes  int       `firestore:"minutes"`
	Place    string    `firestore:"place"`
	Way      Way       `firestore:"way,omitempty"`
}

// Way is how the two meet; "" where nobody has said.
type Way string

// The ways of meeting.
const (
	InPerson Way = "in person"
	ByVideo  Way = "video"
	ByPhone  Way = "phone"
)

// Ways are the choices of how the two meet.
var Ways = []Choice{{string(InPerson), "In person"}, {string(ByVideo), "By video"}, {string(ByPhone), "By phone"}}

// Where is how and where the two meet, in words.
func (b Booking) Where() string {
	if b.Way == "" {
		return b.Place
	}
	return b.WayName() + ": " + b.Place
}

// WayName is how the two meet, in words; "" where nobody has said.
func (b Booking) WayName() string { return NameOf(Ways, string(b.Way)) }

// Link is where a place leads that is a link; "" where it is none that a browser may open.
func (b Booking) Link() string {
	u, err := url.Parse(b.Place)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || strings.ContainsAny(b.Place, " \\") {
		return ""
	}
	return u.String()
}

// The bounds of a session's length in minutes, and how far ahead one is booked.
const (
	MinMinutes = 15
	MaxMinutes = 480
	farAhead   = 366 * 24 * time.Hour
)

// mostChanges is how often sessions of a pairing can be booked, moved and proposed on one day:
// each writes to people.
const mostChanges = 10

// endsAt is when the session is to end.
func (b Booking) endsAt() time.Time { return b.StartsAt.Add(time.Duration(b.Minutes) * time.Minute) }

// check says what to correct in a booking of a session, which may be one that is there, by
// its id.
func (p *Pairing) check(session string, b Booking, now time.Time) error {
	var invalid fault.Invalid
	switch clash := p.clash(session, b); {
	case b.StartsAt.IsZero():
		invalid.Add("date", "Enter a date and a time, like 27 3 2027 and 14:00")
	case !b.StartsAt.After(now):
		invalid.Add("date", "The session must be in the future")
	case b.StartsAt.After(now.Add(farAhead)):
		invalid.Add("date", "The session must be within a year from now")
	case p.Paused(now) && b.StartsAt.Before(p.PausedUntil):
		invalid.Add("date", "Enter a date after the pause")
	case clash:
		invalid.Add("date", "Enter another time: at this one you have another session")
	}
	if b.Minutes < MinMinutes || b.Minutes > MaxMinutes {
		invalid.Add("minutes", "Enter a length from %d to %d minutes", MinMinutes, MaxMinutes)
	}
	switch n := len([]rune(b.Place)); {
	case n == 0:
		invalid.Add("place", "Enter where you will meet, or the link or number of the call")
	case n > 300:
		invalid.Add("place", "The place must be 300 characters or fewer")
	case !programme.Plain(b.Place):
		invalid.Add("place", "Enter the place on one line, without special codes")
	}
	if b.Way != "" && !chosen(Ways, string(b.Way)) {
		invalid.Add("way", "Select how you will meet")
	}
	return invalid.Err()
}

// clash reports whether another session of the two goes on at the time of a booking. Of
// sessions from before lengths were kept it is known only when they begin.
func (p *Pairing) clash(session string, b Booking) bool {
	for id, at := range p.Dates {
		if other := (Booking{StartsAt: at, Minutes: max(1, p.Lengths[id])}); id != session && at.Before(b.endsAt()) && b.StartsAt.Before(other.endsAt()) {
			return true
		}
	}
	return false
}

// numbered is the last session's number. Pairings from before sessions could be
// cancelled count all of theirs as booked.
func (p *Pairing) numbered() int { return max(p.Numbered, p.Booked) }

// Full reports whether a pairing has as many sessions as it can have at the most: those
// that were held or are booked.
func (p *Pairing) Full(most int) bool { return p.Taken() >= most }

// Book adds a session to an active pairing, which counts it, up to the most that the
// programme means a pairing to have.
func (p *Pairing) Book(id, programmeID string, by programme.Role, b Booking, most int, now time.Time) (*Session, error) {
	switch {
	case p.State != Active:
		return nil, fault.New(fault.Conflict, "This pairing has ended, so no more sessions can be booked.")
	case p.Full(most):
		return nil, errFull(p.Taken())
	}
	if err := p.check(id, b, now); err != nil {
		return nil, err
	}
	if err := p.change(now); err != nil {
		return nil, err
	}
	p.Booked, p.Numbered, p.Proposal = p.Booked+1, p.numbered()+1, Proposal{}
	p.meet(id, b, now)
	return &Session{
		ID: id, Programme: programmeID, Pairing: p.ID, Number: p.Numbered, Client: p.Client, Consultant: p.Consultant,
		StartsAt: b.StartsAt, Minutes: b.Minutes, Place: b.Place, Way: b.Way, BookedBy: by, State: Booked,
		BookedAt: now, DueAt: now, Logged: map[string]bool{}, CreatedAt: now, UpdatedAt: now,
	}, nil
}

// errFull is that a pairing has as many sessions as it can have.
func errFull(n int) error {
	return fault.New(fault.Conflict, "You have booked or held %d sessions, which are the most in this programme. Ask the coordinator if you need more.", n)
}

// change counts a booking, a move or a proposal, of which there are so many a day at the most.
func (p *Pairing) change(now time.Time) error {
	if today := now.UTC().Format(time.DateOnly); p.ChangedOn != today {
		p.ChangedOn, p.Changes = today, 0
	}
	if p.Changes >= mostChanges {
		return fault.New(fault.Conflict, "%s", fmt.Sprintf("Sessions were booked, moved or proposed %d times today, and each time wrote to you. Write to each other to find a time, and book it tomorrow.", mostChanges))
	}
	p.Changes++
	return nil
}
