package pairing

import (
	"strconv"
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
)

// DecisionKind is what a coordinator decided about a pair.
type DecisionKind string

// The decisions: a pinned pair is matched whatever the rest, a forbidden one is not.
const (
	Pin    DecisionKind = "pin"
	Forbid DecisionKind = "forbid"
)

// Decision is what a coordinator decided about two people by hand, by the ids of
// their enrolments. It stands for each run until it is lifted, and is kept with its
// reason after that: what was decided stays to be read.
type Decision struct {
	ID         string       `firestore:"-"`
	Kind       DecisionKind `firestore:"kind"`
	Client     string       `firestore:"client"`
	Consultant string       `firestore:"consultant"`
	// Reason is for coordinators alone.
	Reason string `firestore:"reason"`
	// Seen is a hash of what its cost was worked out from, before it was made.
	Seen string `firestore:"seen"`
	// By is the id of the member of staff.
	By string    `firestore:"by"`
	At time.Time `firestore:"at"`
	// LiftedBy and LiftedAt are empty while it stands.
	LiftedBy  string    `firestore:"liftedBy"`
	LiftedAt  time.Time `firestore:"liftedAt"`
	CreatedAt time.Time `firestore:"createdAt"`
	UpdatedAt time.Time `firestore:"updatedAt"`
	// Version is the time of the document's last write, which guards the next.
	Version time.Time `firestore:"-"`
}

// Stands reports whether a decision was not lifted.
func (d *Decision) Stands() bool { return d.LiftedAt.IsZero() }

// Decide is a new decision, beside all that were made in the programme so far. A
// pair has one at a time: the id counts the pair's decisions, so that of two who
// decide about a pair at once one is told. A client can be pinned once.
func Decide(kind DecisionKind, client, consultant, reason, by string, now time.Time, before []*Decision) (*Decision, error) {
	var invalid fault.Invalid
	if reason == "" {
		invalid.Add("reason", "Write why, so that others can understand it later")
	} else if len([]rune(reason)) > MaxText {
		invalid.Add("reason", "Your reason must be %d characters or fewer", MaxText)
	}
	if err := invalid.Err(); err != nil {
		return nil, err
	}
	n := 1
	for _, d := range before {
		same := d.Client == client && d.Consultant == consultant
		switch {
		case d.Stands() && same:
			return nil, fault.New(fault.Conflict, "There is a decision about this pair already. Lift it first.")
		case d.Stands() && kind == Pin && d.Kind == Pin && d.Client == client:
			return nil, fault.New(fault.Conflict, "This person is in a pinned pair already. Lift that decision first.")
		case same:
			n++
		}
	}
	return &Decision{
		ID: client + "_" + consultant + "_" + strconv.Itoa(n), Kind: kind, Client: client, Consultant: consultant, Reason: reason,
		By: by, At: now, CreatedAt: now, UpdatedAt: now,
	}, nil
}

// Lift ends a decision. Lifting it twice is once.
func (d *Decision) Lift(by string, now time.Time) {
	if d.Stands() {
		d.LiftedBy, d.LiftedAt, d.UpdatedAt = by, now, now
	}
}
