// Package request is what somebody asks the programme's staff about their own data, and a
// person has to see to: a correction once they are matched, and what others wrote about them.
package request

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
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
	return &Request{ID: id, Enrolment: enrolment, Kind: kind, For: to, State: Open, DueAt: monthAfter(now), CreatedAt: now, UpdatedAt: now}
}

// monthAfter is the same time of the day a month later, and where that month has no such day,
// on its last one: the law gives a month, and not the days that February lacks.
func monthAfter(now time.Time) time.Time {
	due := now.AddDate(0, 1, 0)
	if due.Day() != now.Day() {
		due = due.AddDate(0, 0, -due.Day())
	}
	return due
}

// Colleague is a coordinator, as far as it decides who of them answers requests.
type Colleague struct {
	ID      string
	Address email.Address
	// Since is from when on they are one of the staff.
	Since time.Time
}

// To is who of a programme's coordinators answers what people ask about their data: the one
// whom its settings name, or else the host's contact, or else who is there for the longest
// time. It is "" where there is none.
func To(p *programme.Programme, all []Colleague) string {
	rank := func(c Colleague) int {
		switch {
		case c.Address.Same(email.Address(p.RequestsTo)):
			return 0
		case c.Address.Same(email.Address(p.Host.Email)):
			return 1
		}
		return 2
	}
	if len(all) == 0 {
		return ""
	}
	return slices.MinFunc(all, func(a, b Colleague) int {
		return cmp.Or(rank(a)-rank(b), a.Since.Compare(b.Since), strings.Compare(a.ID, b.ID))
	}).ID
}

// Hand gives it to another member of staff, and reports whether that is new. It is due as
// before.
func (r *Request) Hand(to string, now time.Time) (changed bool, err error) {
	switch {
	case r.State != Open:
		return false, fault.New(fault.Conflict, "Somebody has seen to this already.")
	case r.For == to:
		return false, nil
	}
	r.For, r.UpdatedAt = to, now
	return true, nil
}

// Late reports whether it should have been answered by now.
func (r *Request) Late(now time.Time) bool { return r.State == Open && now.After(r.DueAt) }

// End records that somebody has seen to it.
func (r *Request) End(s State, by string, now time.Time) error {
	if r.State != Open {
		return fault.New(fault.Conflict, "Somebody has seen to this already.")
	}
	r.State, r.DoneBy, r.DoneAt, r.UpdatedAt = s, by, now, now
	return nil
}
