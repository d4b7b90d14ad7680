package message

import (
	"errors"

	"github.com/cascading-leadership/cascade/shared/complaint"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/nomination"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
)

// Subject is to whom a message goes and what it is about, as that stands when it is
// to be sent; nil for what it is not about.
type Subject struct {
	Person *enrolment.Enrolment
	// Claim is what somebody has sent in a form, to whoever reads its address; nobody is the
	// Person of that message yet.
	Claim *enrolment.Claim
	// Other is the other side of the match or pairing.
	Other      *enrolment.Enrolment
	Match      *pairing.Match
	Pairing    *pairing.Pairing
	Session    *pairing.Session
	Invitation *questionnaire.Invitation
	Complaint  *complaint.Complaint
	// Nomination is an invitation that was passed on, to whoever reads its address, and TakesPart
	// that they take part already, or did.
	Nomination *nomination.Nomination
	TakesPart  bool
	// Caller is who asks to be rung.
	Caller *enrolment.Enrolment
	// Concerns are what needs a coordinator, for messages to one.
	Concerns Concerns
}

// Reader reads what ids of a programme name, as it stands now. One that reads many
// documents together answers ErrLater for what it has not read yet.
type Reader interface {
	Enrolment(programme, id string) (*enrolment.Enrolment, error)
	Claim(programme, id string) (*enrolment.Claim, error)
	Match(programme, run, id string) (*pairing.Match, error)
	Pairing(programme, id string) (*pairing.Pairing, error)
	Session(programme, pairing, id string) (*pairing.Session, error)
	Invitation(programme, id string) (*questionnaire.Invitation, error)
	Complaint(programme, id string) (*complaint.Complaint, error)
	Nomination(programme, id string) (*nomination.Nomination, error)
}

// ErrLater is that a document was asked for and not read yet.
var ErrLater = errors.New("not read yet")

// Read finds to whom in a programme a message goes, and what its ids name. Where the
// reader has not read something yet, it asks for all that it can and returns ErrLater.
func Read(from Reader, m *outbox.Message) (s Subject, err error) {
	if m.Kind == KindConfirmEnrolment {
		s.Claim, err = claim(from, m)
		return s, err
	}
	if m.Nomination != "" {
		return passedOn(from, m)
	}
	var first error
	found := func(err error) bool {
		// What is not read yet counts least: something else may be gone for good.
		if err != nil && (first == nil || errors.Is(first, ErrLater)) {
			first = err
		}
		return err == nil
	}
	s.Person, err = from.Enrolment(m.Programme, m.To)
	found(err)
	other := ""
	if m.Match != "" {
		if s.Match, err = from.Match(m.Programme, m.Run, m.Match); found(err) {
			other = s.Match.Side(m.Role.Other()).Enrolment
		}
	}
	if m.Pairing != "" {
		if s.Pairing, err = from.Pairing(m.Programme, m.Pairing); found(err) {
			other = s.Pairing.Enrolment(m.Role.Other())
		}
	}
	switch other {
	case "":
	case pairing.Forgotten:
		s.Other = enrolment.Gone
	default:
		s.Other, err = from.Enrolment(m.Programme, other)
		found(err)
	}
	if m.Session != "" {
		s.Session, err = from.Session(m.Programme, m.Pairing, m.Session)
		found(err)
	}
	if m.Invitation != "" {
		s.Invitation, err = from.Invitation(m.Programme, m.Invitation)
		found(err)
	}
	if m.Caller != "" {
		s.Caller, err = from.Enrolment(m.Programme, m.Caller)
		found(err)
	}
	if m.Complaint != "" {
		s.Complaint, err = from.Complaint(m.Programme, m.Complaint)
		found(err)
	}
	return s, first
}

// passedOn is an invitation that was passed on, with whether its reader takes part.
func passedOn(from Reader, m *outbox.Message) (s Subject, err error) {
	if s.Nomination, err = from.Nomination(m.Programme, m.Nomination); err != nil {
		return s, err
	}
	for _, id := range s.Nomination.Enrolments() {
		switch _, one := from.Enrolment(m.Programme, id); {
		case one == nil:
			s.TakesPart = true
		case !fault.Is(one, fault.NotFound):
			err = one
		}
	}
	return s, err
}

// claim is the one that a message is about. What an earlier version has stored or owed is an
// enrolment that nobody has confirmed, or is moved to a claim with its id.
func claim(from Reader, m *outbox.Message) (*enrolment.Claim, error) {
	id := m.ClaimID
	if id == "" {
		id = m.To
	}
	c, err := from.Claim(m.Programme, id)
	if id != m.To || !fault.Is(err, fault.NotFound) {
		return c, err
	}
	e, before := from.Enrolment(m.Programme, id)
	switch {
	case before != nil:
		return nil, before
	case e.State != enrolment.Unconfirmed:
		return nil, err
	}
	return enrolment.ClaimOf(e), nil
}
