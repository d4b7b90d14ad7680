// Package erasure is how somebody who takes part is forgotten: they ask for it and confirm
// it by email, or staff ask for them; for a day it can be stopped; then everything that is
// about them goes.
package erasure

import (
	"slices"
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
)

// State is how far an erasure has come. One that is stopped or done is not there any more.
type State string

// The states of an erasure.
const (
	// Asked waits for the person to confirm it, by the link in their email.
	Asked State = "asked"
	// Confirmed is carried out at DueAt, and can be stopped until then.
	Confirmed State = "confirmed"
	// Begun cannot be stopped: they have left, and what is about them goes.
	Begun State = "begun"
)

// Erasure is that one person is to be forgotten: the truth about it, which every function
// that has a part in it reads.
type Erasure struct {
	ID string `firestore:"-"` // the person's, see enrolment.PersonOf
	// Enrolment is as whom they are written to about it.
	Enrolment string `firestore:"enrolment"`
	State     State  `firestore:"state"`
	// By is who asked: a member of staff, the cascade program, or the person, see ByThemselves.
	By string `firestore:"by"`
	// Reason is why staff asked for it.
	Reason  string    `firestore:"reason,omitempty"`
	AskedAt time.Time `firestore:"askedAt"`
	// DueAt is when it is carried out, once it is confirmed; an unconfirmed one is dropped
	// then.
	DueAt time.Time `firestore:"dueAt"`
	// Done are the functions that have worked off their part.
	Done      []string  `firestore:"done,omitempty"`
	CreatedAt time.Time `firestore:"createdAt"`
	UpdatedAt time.Time `firestore:"updatedAt"`
	// Version is the time of the document's last write, which guards the next.
	Version time.Time `firestore:"-"`
}

// ByThemselves is in By where the person has asked.
const ByThemselves = "themselves"

const (
	// Wait is for how long a confirmed erasure can be stopped.
	Wait = 24 * time.Hour
	// Unconfirmed is for how long one waits to be confirmed.
	Unconfirmed = 7 * 24 * time.Hour
)

// Ask is an erasure that the person has asked for.
func Ask(person, enrolment string, now time.Time) *Erasure {
	return &Erasure{ID: person, Enrolment: enrolment, State: Asked, By: ByThemselves, AskedAt: now, DueAt: now.Add(Unconfirmed), CreatedAt: now, UpdatedAt: now}
}

// AskFor is an erasure that somebody else has asked for, who says why. They have seen to it
// that the person wants it: it waits for nothing but its day.
func AskFor(person, enrolment, by, reason string, now time.Time) *Erasure {
	return &Erasure{ID: person, Enrolment: enrolment, State: Confirmed, By: by, Reason: reason, AskedAt: now, DueAt: now.Add(Wait), CreatedAt: now, UpdatedAt: now}
}

// Confirm records that the person has confirmed it, and reports whether that is new.
func (e *Erasure) Confirm(now time.Time) (changed bool, err error) {
	switch {
	case e.State != Asked:
		return false, nil
	case !now.Before(e.DueAt):
		return false, fault.New(fault.Gone, "This was asked for more than a week ago, and never confirmed. Ask for it again.")
	}
	e.State, e.DueAt, e.UpdatedAt = Confirmed, now.Add(Wait), now
	return true, nil
}

// Stoppable reports whether it can still be stopped.
func (e *Erasure) Stoppable() bool { return e.State != Begun }

// Due reports whether it is to be carried out, or gone on with.
func (e *Erasure) Due(now time.Time) bool {
	return e.State == Begun || e.State == Confirmed && !now.Before(e.DueAt)
}

// Lapsed reports whether nobody confirmed it in time.
func (e *Erasure) Lapsed(now time.Time) bool { return e.State == Asked && !now.Before(e.DueAt) }

// Begin records that it is being carried out.
func (e *Erasure) Begin(now time.Time) { e.State, e.UpdatedAt = Begun, now }

// Finish records that a function has worked off its part, and reports whether that is new.
func (e *Erasure) Finish(function string, now time.Time) bool {
	if slices.Contains(e.Done, function) {
		return false
	}
	e.Done, e.UpdatedAt = append(e.Done, function), now
	return true
}

// Waits are those of some functions that have not worked off their part.
func (e *Erasure) Waits(functions []string) (left []string) {
	for _, f := range functions {
		if !slices.Contains(e.Done, f) {
			left = append(left, f)
		}
	}
	return left
}

// Tombstone is that somebody was forgotten, so that they are forgotten again where a backup
// brings them back. Its id is a keyed hash of the person's in the programme, by which
// nobody finds out who it was without both the key and the person's address.
type Tombstone struct {
	Programme string `firestore:"programme"`
	// At is when: whoever enrols after that is somebody new.
	At        time.Time `firestore:"at"`
	CreatedAt time.Time `firestore:"createdAt"`
}

// Again reports whether something of the person that was written at a time is what a backup
// brought back.
func (t *Tombstone) Again(written time.Time) bool { return written.Before(t.At) }

// Compared is how many tombstones there were in an installation when they were last compared
// with who is there. A backup that is loaded into it brings back the number of then.
type Compared struct {
	Tombstones int       `firestore:"tombstones"`
	At         time.Time `firestore:"at"`
	// Version is the time of the document's last write, which guards the next; the zero time
	// where there is none yet.
	Version time.Time `firestore:"-"`
}

// Misses reports whether so many tombstones are not those that were compared: a backup was
// loaded, and until who came back with it is forgotten again nobody is to be written to.
// Where nothing was ever compared, that is so with the first tombstone.
func (c *Compared) Misses(tombstones int) bool { return c.Tombstones != tombstones }

// Resume makes an erasure that a backup brought back, and that had been carried out since, due
// again: at once, whoever asked for it and whether or not it was confirmed by then.
func (e *Erasure) Resume(by, reason string, now time.Time) {
	e.State, e.By, e.Reason, e.DueAt, e.UpdatedAt = Confirmed, by, reason, now, now
}
