// Package nomination is an invitation to a programme that somebody passes on to a leader: one
// email and at most one reminder, which the leader alone hears of. Who passes it on is not kept,
// so that nothing can go back to them; and who refuses, who does not answer and who was never
// written to look the same to everybody else.
package nomination

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Life is for how long an invitation opens and is kept, as long as the link to it.
const Life = 30 * 24 * time.Hour

// RemindAfter is after how many days the one reminder comes.
const RemindAfter = 10

// Nomination is an invitation on its way to a leader.
type Nomination struct {
	ID string `firestore:"-"`
	// Person is the id that somebody with the address would have: a hash of it.
	Person string        `firestore:"person"`
	Email  email.Address `firestore:"email"`
	// Takes is the role of the place that it asks them to take, since they lead an organisation
	// now of which somebody else took part; "" for an invitation to enrol as they like.
	Takes programme.Role `firestore:"takes,omitempty"`
	// DueAt is when reminders look at it next; the zero time when nothing is owed.
	DueAt time.Time `firestore:"dueAt,omitempty"`
	// ExpireAt is when it is deleted; one past it is treated as gone.
	ExpireAt  time.Time `firestore:"expireAt"`
	CreatedAt time.Time `firestore:"createdAt"`
	UpdatedAt time.Time `firestore:"updatedAt"`
	// Version is the time of the document's last write, which guards the next.
	Version time.Time `firestore:"-"`
}

// New is an invitation to whoever reads an address, as somebody entered it, under an id. The
// error says what to correct.
func New(p *programme.Programme, address, id string, now time.Time) (*Nomination, error) {
	to, err := email.Parse(address)
	if err != nil {
		var invalid fault.Invalid
		invalid.Add("email", "%s", err)
		return nil, &invalid
	}
	return &Nomination{ID: id, Person: enrolment.PersonOf(enrolment.ID(p.Salt, programme.Client, to)), Email: to,
		DueAt: now, ExpireAt: now.Add(Life), CreatedAt: now, UpdatedAt: now}, nil
}

// ToLeader is an invitation to whoever leads an organisation now, to take its place in a role.
func ToLeader(p *programme.Programme, role programme.Role, address, id string, now time.Time) (*Nomination, error) {
	n, err := New(p, address, id, now)
	if err == nil {
		n.Takes = role
	}
	return n, err
}

// Enrolments are the ids of the enrolments of its reader by which it is no longer needed: that of
// the place, or of either side.
func (n *Nomination) Enrolments() []string {
	var all []string
	for i, id := range enrolment.IDs(n.Person) {
		if n.Takes == "" || n.Takes == programme.Roles[i] {
			all = append(all, id)
		}
	}
	return all
}

// Waits reports whether it can still be taken up.
func (n *Nomination) Waits(now time.Time) bool { return now.Before(n.ExpireAt) }

// Rest has nobody reminded of it any more. It is looked at once more when it is over, for
// nothing, as one is that was never sent.
func (n *Nomination) Rest(now time.Time) { n.DueAt, n.UpdatedAt = n.ExpireAt, now }
