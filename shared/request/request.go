// Package request is what somebody asks the programme's staff about their own data, and a
// person has to see to: a correction once they are matched, and what others wrote about them.
package request

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
)

// Kind is what somebody asks for.
type Kind string

// The kinds.
const (
	// Correction is of what they gave, once they are matched: others have read it by then.
	Correction Kind = "correction"
	// Others is what others wrote about them, which is never shown by itself.
	Others Kind = "what others wrote"
	// OnTheirBehalf is that staff did at a terminal what the person asked for in another way.
	OnTheirBehalf Kind = "on their behalf"
)

// State is how far a request has come.
type State string

// The states.
const (
	Open   State = "open"
	Made   State = "made"
	Closed State = "closed" // answered in another way
)

// Request is one of them.
type Request struct {
	ID string `firestore:"-"`
	// Enrolment is whose it is.
	Enrolment string `firestore:"enrolment"`
	Kind      Kind   `firestore:"kind"`
	// Group is the group of answers that is to be corrected, and Form what it is to be.
	Group string         `firestore:"group,omitempty"`
	Form  enrolment.Form `firestore:"form,omitempty"`
	// Note is what they say to it.
	Note string `firestore:"note,omitempty"`
	// For is the member of staff who sees to it.
	For   string `firestore:"for,omitempty"`
	State State  `firestore:"state"`
	// DueAt is by when it has to be answered.
	DueAt     time.Time `firestore:"dueAt"`
	DoneBy    string    `firestore:"doneBy,omitempty"`
	DoneAt    time.Time `firestore:"doneAt,omitempty"`
	CreatedAt time.Time `firestore:"createdAt"`
	UpdatedAt time.Time `firestore:"updatedAt"`
	// Version is the time of the document's last write, which guards the next.
	Version time.Time `firestore:"-"`
}

// New is a request that somebody makes, to be answered within a month.
func New(id, enrolment string, kind Kind, to string, now time.Time) *Request {
	return &Request{ID: id, Enrolment: enrolment, Kind: kind, For: to, State: Open, DueAt: now.AddDate(0, 1, 0), CreatedAt: now, UpdatedAt: now}
}

// End records that somebody has seen to it.
func (r *Request) End(s State, by string, now time.Time) error {
	if r.State != Open {
		return fault.New(fault.Conflict, "Somebody has seen to this already.")
	}
	r.State, r.DoneBy, r.DoneAt, r.UpdatedAt = s, by, now, now
	return nil
}
