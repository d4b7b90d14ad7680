// Package sealed is a letter that somebody who takes part writes to themselves: it is sealed as
// they send it, comes back six months later, and is read by nobody else.
package sealed

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

const (
	// months are after how many it comes back, and for how many it can be read from then on. The
	// function's keys of a time are kept for both together: see docs/deploy.md.
	months = 6
	// Most is how many characters it may have.
	Most = 10_000
	// margin is how long before all that is kept is deleted a letter comes back at the latest.
	margin = 30 * 24 * time.Hour
)

// Letter is one of them. There is at most one of a person, by whose id it is named.
type Letter struct {
	ID string `firestore:"-"`
	// Enrolment is as whom its author takes part.
	Enrolment string         `firestore:"enrolment"`
	Role      programme.Role `firestore:"role"`
	// Sealed is what they wrote, encrypted: see Thing.
	Sealed string `firestore:"sealed"`
	// ReturnAt is when it comes back.
	ReturnAt time.Time `firestore:"returnAt"`
	// DueAt is when reminders look at it next; the zero time when nothing is owed.
	DueAt     time.Time `firestore:"dueAt"`
	CreatedAt time.Time `firestore:"createdAt"`
	UpdatedAt time.Time `firestore:"updatedAt"`
	// Version is the time of the document's last write, which guards the next.
	Version time.Time `firestore:"-"`
}

// New is the letter of somebody who takes part, still to be sealed, from what they wrote. Where
// all that is kept would be deleted before it comes back, there is none.
func New(p *programme.Programme, e *enrolment.Enrolment, words string, now time.Time) (*Letter, error) {
	var invalid fault.Invalid
	switch {
	case strings.TrimSpace(words) == "":
		invalid.Add("words", "Write your letter")
	case utf8.RuneCountInString(words) > Most:
		invalid.Add("words", "Your letter must be 10,000 characters or fewer")
	case !Possible(p, now):
		return nil, fault.New(fault.Conflict, "It is too late for a letter: what is kept about the programme is deleted before it would come back.")
	}
	if err := invalid.Err(); err != nil {
		return nil, err
	}
	back := now.AddDate(0, months, 0)
	return &Letter{ID: enrolment.PersonOf(e.ID), Enrolment: e.ID, Role: e.Role, ReturnAt: back, DueAt: back, CreatedAt: now, UpdatedAt: now}, nil
}

// Possible reports whether a letter that is sealed now would come back before all that is kept
// is deleted.
func Possible(p *programme.Programme, now time.Time) bool {
	until, ends := p.KeptUntil()
	return !ends || !now.AddDate(0, months, 0).After(until.Add(-margin))
}

// Thing is what the letter is sealed to: beside any other it cannot be read.
func (l *Letter) Thing(programme string) string {
	return programme + "/" + l.ID + "/" + l.CreatedAt.UTC().Format(time.RFC3339)
}

// Back reports whether it has come back, and can be read.
func (l *Letter) Back(now time.Time) bool { return !now.Before(l.ReturnAt) }

// Until is until when it can be read; then it is deleted.
func (l *Letter) Until() time.Time { return l.ReturnAt.AddDate(0, months, 0) }

// Over reports whether it is to be deleted.
func (l *Letter) Over(now time.Time) bool { return !now.Before(l.Until()) }

// ReturnNow has it come back at once, where it has not: because all that is kept is going to be
// deleted. It reports whether that changed something.
func (l *Letter) ReturnNow(now time.Time) bool {
	if l.Back(now) {
		return false
	}
	l.ReturnAt, l.DueAt, l.UpdatedAt = now, now, now
	return true
}
