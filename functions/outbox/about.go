package outbox

import (
	"context"
	"errors"
	"slices"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/mail"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
	"github.com/cascading-leadership/cascade/shared/reminder"
)

// about is a message with what it is about, as that stands now.
type about struct {
	*outbox.Message
	programme  *programme.Programme
	staff      *store.Staff
	me, other  *enrolment.Enrolment
	match      *pairing.Match
	pairing    *pairing.Pairing
	session    *pairing.Session
	invitation *questionnaire.Invitation
	concerns   message.Concerns
	// link and choices are URLs, or "".
	link, choices string
}

// about finds what a message is about with a batch reader. Where something is not there yet, it
// asks for all that it can and returns store.ErrLater. The address is read now, so
// that a changed one is honoured.
func (s *sender) about(ctx context.Context, h *store.BatchReader, m *outbox.Message) (a *about, err error) {
	a = &about{Message: m}
	if a.programme, err = s.Store.RecentProgramme(ctx, m.Programme); err != nil {
		return nil, err
	}
	if message.ForStaff(m.Kind) {
		if a.staff, err = h.StaffMember(m.To); err == nil && m.Kind == message.KindDailyDigest {
			a.concerns, err = s.Store.Concerns(ctx, m.Programme)
		}
		return a, err
	}
	var errs [6]error
	a.me, errs[0] = h.Enrolment(m.Programme, m.To)
	other := ""
	if m.Match != "" {
		if a.match, errs[1] = h.Match(m.Programme, m.Run, m.Match); errs[1] == nil {
			other = a.match.Side(m.Role.Other()).Enrolment
		}
	}
	if m.Pairing != "" {
		if a.pairing, errs[2] = h.Pairing(m.Programme, m.Pairing); errs[2] == nil {
			other = a.pairing.Enrolment(m.Role.Other())
		}
	}
	if other != "" {
		a.other, errs[3] = h.Enrolment(m.Programme, other)
	}
	if m.Session != "" {
		a.session, errs[4] = h.Session(m.Programme, m.Pairing, m.Session)
	}
	if m.Invitation != "" {
		a.invitation, errs[5] = h.Invitation(m.Programme, m.Invitation)
	}
	// What is not read yet counts least: something else may be gone for good.
	for _, err := range errs {
		if err != nil && !errors.Is(err, store.ErrLater) {
			return nil, err
		}
	}
	if slices.Contains(errs[:], store.ErrLater) {
		return nil, store.ErrLater
	}
	return a, nil
}

// subject is what the domain judges a message by.
func (a *about) subject() message.Subject {
	return message.Subject{Person: a.me, Match: a.match, Pairing: a.pairing, Session: a.session, Invitation: a.invitation, Concerns: a.concerns}
}

// address is to whom the email goes.
func (a *about) address() (name, address string) {
	if a.staff != nil {
		return a.staff.Name, string(a.staff.Email)
	}
	return a.me.Person.Name, string(a.me.Person.Email)
}

// facts are what the letter is written from.
func (a *about) facts() mail.Facts {
	f := mail.Facts{
		Programme: a.programme, Role: a.Role, Other: a.other, Pairing: a.pairing, Session: a.session,
		Step: a.Step, Concerns: a.concerns, Link: a.link, Choices: a.choices,
	}
	if a.me != nil {
		f.Missing, f.Left = reminder.Missing(a.me), a.me.State == enrolment.Withdrawn
	}
	f.Name, _ = a.address()
	if a.match != nil {
		f.Reasons = a.match.Reasons
	}
	if a.invitation != nil {
		f.Closing = a.invitation.Moment == programme.Closing
	}
	return f
}
