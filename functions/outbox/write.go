package outbox

import (
	"context"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/mail"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// purposes are what each kind's link is for; a kind without one has no link.
var purposes = map[outbox.Kind]link.Purpose{
	outbox.ConfirmEnrolment:     link.Confirm,
	outbox.ChooseNow:            link.Choose,
	outbox.MatchReleased:        link.Match,
	outbox.MatchChosen:          link.Match,
	outbox.PairingStarted:       link.Pairing,
	outbox.SessionBooked:        link.Pairing,
	outbox.SessionMoved:         link.Pairing,
	outbox.SessionCancelled:     link.Pairing,
	outbox.SessionInAWeek:       link.Pairing,
	outbox.SessionTomorrow:      link.Pairing,
	outbox.LogYourSession:       link.Pairing,
	outbox.QuestionnaireInvited: link.Questionnaire,
	outbox.StaffSignIn:          link.SignIn,
}

// write reads what a message is about, mints its link and writes the email. The
// address is read now, so that a changed one is honoured.
func (s *sender) write(ctx context.Context, m *outbox.Message) (*mail.Envelope, error) {
	p, err := s.Store.Programme(ctx, m.Programme)
	if err != nil {
		return nil, err
	}
	facts := mail.Facts{Programme: p, Role: m.Role}
	envelope := &mail.Envelope{ReplyTo: p.Host.Email, Message: m.ID, Attempt: m.Attempts, Thread: m.Pairing}

	var me *enrolment.Enrolment
	if m.Kind == outbox.StaffSignIn {
		staff, err := s.Store.StaffMember(ctx, m.To)
		if err != nil {
			return nil, err
		}
		facts.Name, envelope.ToName, envelope.ToAddress = staff.Name, staff.Name, staff.Email
	} else {
		if me, err = s.Store.Enrolment(ctx, m.Programme, m.To); err != nil {
			return nil, err
		}
		facts.Name, envelope.ToName, envelope.ToAddress = me.Person.Name, me.Person.Name, me.Person.Email
	}

	if m.Match != "" {
		match, err := s.Store.Match(ctx, m.Programme, m.Run, m.Match)
		if err != nil {
			return nil, err
		}
		facts.Reasons = match.Reasons
		if facts.Other, err = s.Store.Enrolment(ctx, m.Programme, match.Side(m.Role.Other()).Enrolment); err != nil {
			return nil, err
		}
	}
	if m.Pairing != "" {
		if facts.Pairing, err = s.Store.Pairing(ctx, m.Programme, m.Pairing); err != nil {
			return nil, err
		}
		if facts.Other, err = s.Store.Enrolment(ctx, m.Programme, facts.Pairing.Enrolment(m.Role.Other())); err != nil {
			return nil, err
		}
	}
	if m.Session != "" {
		if facts.Session, err = s.Store.Session(ctx, m.Programme, m.Pairing, m.Session); err != nil {
			return nil, err
		}
	}
	if m.Invitation != "" {
		invitation, err := s.Store.Invitation(ctx, m.Programme, m.Invitation)
		if err != nil {
			return nil, err
		}
		facts.Closing = invitation.Moment == programme.Closing
	}

	purpose, linked := purposes[m.Kind]
	if !linked && facts.FromDirectory() && (m.Kind == outbox.MatchDeclined || m.Kind == outbox.MatchWithdrawn) {
		purpose, linked = link.Choose, true
	}
	if linked {
		facts.Link, err = s.Links.Mint(ctx, purpose, store.Link{
			Programme: m.Programme, Person: m.To, Role: m.Role,
			Run: m.Run, Match: m.Match, Pairing: m.Pairing, Invitation: m.Invitation,
		})
		if err != nil {
			return nil, err
		}
	}
	if envelope.Email, err = s.letters.Write(m.Kind, facts); err != nil {
		return nil, err
	}
	switch m.Kind {
	case outbox.SessionBooked, outbox.SessionMoved, outbox.SessionCancelled:
		envelope.Calendar = mail.Invitation(p, facts.Session, []*enrolment.Enrolment{me, facts.Other}, s.Now())
	}
	return envelope, nil
}
