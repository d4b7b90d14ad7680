package programme

import (
	"fmt"

	"github.com/cascading-leadership/cascade/shared/email"
)

// Complaints say to whom people complain: somebody outside the programme's staff.
type Complaints struct {
	Name  string `firestore:"name" yaml:"name"`
	Email string `firestore:"email" yaml:"email"`
	Phone string `firestore:"phone,omitempty" yaml:"phone,omitempty"`
	// Is what they are to the host, as it stands after "who is", such as "a trustee of the host".
	Is string `firestore:"is" yaml:"is"`
	// Days is within how many working days a complaint is answered; 0 for 20.
	Days int `firestore:"days,omitempty" yaml:"days,omitempty"`
}

// Set reports whether somebody is named. In a programme from before it had to be nobody may be.
func (c Complaints) Set() bool { return c.Email != "" }

// WorkingDays is within how many working days a complaint is answered.
func (c Complaints) WorkingDays() int {
	if c.Days > 0 {
		return c.Days
	}
	return 20
}

// mostComplaintDays bounds that.
const mostComplaintDays = 60

// checkComplaints says what is missing, or who cannot be named since they are of the staff.
func (p *Programme) checkComplaints() error {
	for _, setting := range []struct{ name, value string }{
		{"complaints.name", p.Complaints.Name}, {"complaints.email", p.Complaints.Email}, {"complaints.is", p.Complaints.Is},
	} {
		switch {
		case setting.value == "":
			return fmt.Errorf("programme: %s is missing: name somebody outside the programme’s staff, to whom people can complain", setting.name)
		case !Plain(setting.value):
			return fmt.Errorf("programme: %s holds control characters", setting.name)
		}
	}
	address, err := email.Parse(p.Complaints.Email)
	switch {
	case err != nil:
		return fmt.Errorf("programme: complaints.email %q: %w", p.Complaints.Email, err)
	case !Plain(p.Complaints.Phone):
		return fmt.Errorf("programme: complaints.phone holds control characters")
	case p.Complaints.Days < 0 || p.Complaints.Days > mostComplaintDays:
		return fmt.Errorf("programme: complaints.days is a number of working days up to %d", mostComplaintDays)
	case address.Same(email.Address(p.Host.Email)) || address.Same(email.Address(p.RequestsTo)):
		return fmt.Errorf("programme: complaints.email is the address of somebody who runs the programme: name somebody else")
	}
	return nil
}

// Answers names to whom people complain.
func (p *Programme) Answers(c Complaints) error {
	before := p.Complaints
	c.Email = string(email.Read(c.Email))
	p.Complaints = c
	err := p.checkComplaints()
	if err != nil {
		p.Complaints = before
	}
	return err
}
