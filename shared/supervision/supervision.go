// Package supervision is who coaches the consultants one to one. No consultant is
// matched without a supervisor, and no supervisor has more pairings under them than
// they can take: a programme grows no further than its support does.
package supervision

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/form"
	"github.com/cascading-leadership/cascade/shared/text"
)

// Supervisor is the document of one supervisor in one programme.
type Supervisor struct {
	ID    string        `firestore:"-"`
	Name  string        `firestore:"name"`
	Email email.Address `firestore:"email"`
	// Staff is the id of the member of staff who they are, by their address.
	Staff string `firestore:"staff"`
	// Capacity is how many pairings at once can be under them.
	Capacity int `firestore:"capacity"`
	// Places are the ids of the matches and pairings under them, see Take.
	Places    []string  `firestore:"places"`
	CreatedAt time.Time `firestore:"createdAt"`
	UpdatedAt time.Time `firestore:"updatedAt"`
	// Version is the time of the document's last write, which guards the next.
	Version time.Time `firestore:"-"`
}

// Form is what a coordinator enters about a supervisor; the JSON names are those of
// the inputs.
type Form struct {
	Name  string `json:"name" validate:"required,max=100,plain,named"`
	Email string `json:"email" validate:"required,address"`
	// Capacity is 0 for someone who takes on no more, such as before they leave.
	Capacity int `json:"capacity" validate:"min=0,max=500"`
}

var checker = form.New(nil)

var messages = form.Messages{
	"name":     {"required": "Enter their full name", "max": "Their name must be 100 characters or fewer", "": "Enter their name using letters, without special codes"},
	"email":    {"required": "Enter their email address"},
	"capacity": {"": "Enter a number from 0 to 500"},
}

// Normalised is the form without stray spaces.
func (f Form) Normalised() Form {
	f.Name, f.Email = text.Tidy(f.Name), string(email.Read(f.Email))
	return f
}

// New is a supervisor as they were entered.
func New(id string, f Form, now time.Time) (*Supervisor, error) {
	s := &Supervisor{ID: id, CreatedAt: now}
	if err := s.Change(f, now); err != nil {
		return nil, err
	}
	return s, nil
}

// Change takes over what was entered. They cannot be said to take fewer pairings than
// are under them now. The error is a *fault.Invalid with the inputs in the form's
// order.
func (s *Supervisor) Change(f Form, now time.Time) error {
	f = f.Normalised()
	caseload := len(s.Places)
	wrong := checker.Wrong(f, messages)
	var invalid fault.Invalid
	for _, name := range []string{"name", "email", "capacity"} {
		if enter, ok := wrong[name]; ok {
			invalid.Add(name, "%s", enter)
		} else if name == "capacity" && f.Capacity < min(caseload, s.Capacity) {
			invalid.Add(name, "Enter %d or more: %d pairings are under this supervisor now", min(caseload, s.Capacity), caseload)
		}
	}
	if err := invalid.Err(); err != nil {
		return err
	}
	s.Name, s.Email, s.Capacity, s.UpdatedAt = f.Name, email.Address(f.Email), f.Capacity, now
	return nil
}
