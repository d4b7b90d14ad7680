// Package supervision is who coaches the consultants one to one. No consultant is
// matched without a supervisor, and no supervisor has more pairings under them than
// they can take: a programme grows no further than its support does.
package supervision

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/form"
	"github.com/cascading-leadership/cascade/shared/pairing"
)

// Schema is the version of the document's form.
const Schema = 1

// Supervisor is the document of one supervisor in one programme.
type Supervisor struct {
	ID    string `firestore:"-"`
	Name  string `firestore:"name"`
	Email string `firestore:"email"`
	// Capacity is how many pairings at once can be under them.
	Capacity  int       `firestore:"capacity"`
	Schema    int       `firestore:"schema"`
	CreatedAt time.Time `firestore:"createdAt"`
	UpdatedAt time.Time `firestore:"updatedAt"`
	// Version is the time of the document's last write, which guards the next.
	Version time.Time `firestore:"-"`
}

// Form is what a coordinator enters about a supervisor; the JSON names are those of
// the inputs.
type Form struct {
	Name  string `json:"name" validate:"required,max=100,plain,named"`
	Email string `json:"email" validate:"required,max=254,plain,address"`
	// Capacity is 0 for someone who takes on no more, such as before they leave.
	Capacity int `json:"capacity" validate:"min=0,max=500"`
}

var checker = form.New(nil)

var messages = form.Messages{
	"name":     {"required": "Enter their full name", "max": "Their name must be 100 characters or fewer", "": "Enter their name using letters, without special codes"},
	"email":    {"required": "Enter their email address", "": "Enter an email address in the correct format, like name@example.org"},
	"capacity": {"": "Enter a number from 0 to 500"},
}

// Normalised is the form without stray spaces.
func (f Form) Normalised() Form {
	f.Name, f.Email = form.Tidy(f.Name), form.Address(f.Email)
	return f
}

// New is a supervisor as they were entered.
func New(id string, f Form, now time.Time) (*Supervisor, error) {
	s := &Supervisor{ID: id, Schema: Schema, CreatedAt: now}
	if err := s.Change(f, 0, now); err != nil {
		return nil, err
	}
	return s, nil
}

// Change takes over what was entered. The caseload is how many pairings are under
// the supervisor now: fewer than those they cannot be said to take. The error is a
// *fault.Invalid with the inputs in the form's order.
func (s *Supervisor) Change(f Form, caseload int, now time.Time) error {
	f = f.Normalised()
	wrong := checker.Wrong(f, messages)
	var invalid fault.Invalid
	for _, name := range []string{"name", "email", "capacity"} {
		if text, ok := wrong[name]; ok {
			invalid.Add(name, "%s", text)
		} else if name == "capacity" && f.Capacity < min(caseload, s.Capacity) {
			invalid.Add(name, "Enter %d or more: %d pairings are under this supervisor now", min(caseload, s.Capacity), caseload)
		}
	}
	if err := invalid.Err(); err != nil {
		return err
	}
	s.Name, s.Email, s.Capacity, s.UpdatedAt = f.Name, f.Email, f.Capacity, now
	return nil
}

// Left is how many more pairings a supervisor with a caseload can take.
func (s *Supervisor) Left(caseload int) int { return max(0, s.Capacity-caseload) }

// Open counts each consultant's pairings, by the id of their enrolment: matches that
// were not declined, whether or not they are answered yet, without those that have
// become a pairing and are completed.
func Open(matches []*pairing.Match, pairings []*pairing.Pairing) map[string]int {
	type pair struct{ client, consultant string }
	completed := map[pair]bool{}
	for _, x := range pairings {
		completed[pair{x.Client, x.Consultant}] = x.State == pairing.Completed
	}
	open := map[string]int{}
	for _, m := range matches {
		if m.State != pairing.Declined && !completed[pair{m.Client.Enrolment, m.Consultant.Enrolment}] {
			open[m.Consultant.Enrolment]++
		}
	}
	return open
}

// Caseloads counts the pairings under each supervisor, by id: those of the people
// who are theirs now, of whom open says how many each has.
func Caseloads(people []*enrolment.Enrolment, open map[string]int) map[string]int {
	caseloads := map[string]int{}
	for _, e := range people {
		if e.Supervisor != "" {
			caseloads[e.Supervisor] += open[e.ID]
		}
	}
	return caseloads
}

// Room is how many more pairings each supervisor can take, by id: what a matching
// run may fill. The people are those who are supervised.
func Room(supervisors []*Supervisor, people []*enrolment.Enrolment, matches []*pairing.Match, pairings []*pairing.Pairing) map[string]int {
	caseloads := Caseloads(people, Open(matches, pairings))
	room := make(map[string]int, len(supervisors))
	for _, s := range supervisors {
		room[s.ID] = s.Left(caseloads[s.ID])
	}
	return room
}

// Assign says whether a supervisor, or none where s is nil, can have someone who has
// so many open pairings, beside the caseload that is under the supervisor without
// that person. Who has pairings is never without a supervisor.
func Assign(s *Supervisor, caseload, open int) error {
	var invalid fault.Invalid
	switch {
	case s == nil && open > 0:
		invalid.Add("supervisor", "Select a supervisor: pairings are under way")
	case s != nil && open > s.Left(caseload):
		invalid.Add("supervisor", "Select another supervisor: %s can take %d more, and %d are under way", s.Name, s.Left(caseload), open)
	}
	return invalid.Err()
}
