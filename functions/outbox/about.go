package outbox

import (
	"context"
	"sync"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/link"
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
	concerns   reminder.Concerns
	// link and choices are URLs, or "".
	link, choices string
}

// read reads what a message is about. The address is read now, so that a changed one
// is honoured.
func (s *sender) read(ctx context.Context, m *outbox.Message) (a *about, err error) {
	a = &about{Message: m}
	if a.programme, err = s.Store.RecentProgramme(ctx, m.Programme); err != nil {
		return nil, err
	}
	if m.Kind.ForStaff() {
		if m.Kind == outbox.DailyDigest {
			if a.concerns, err = s.Store.Concerns(ctx, m.Programme); err != nil {
				return nil, err
			}
		}
		a.staff, err = s.Store.StaffMember(ctx, m.To)
		return a, err
	}
	if a.me, err = s.Store.Enrolment(ctx, m.Programme, m.To); err != nil {
		return nil, err
	}
	other := ""
	if m.Match != "" {
		if a.match, err = s.Store.Match(ctx, m.Programme, m.Run, m.Match); err != nil {
			return nil, err
		}
		other = a.match.Side(m.Role.Other()).Enrolment
	}
	if m.Pairing != "" {
		if a.pairing, err = s.Store.Pairing(ctx, m.Programme, m.Pairing); err != nil {
			return nil, err
		}
		other = a.pairing.Enrolment(m.Role.Other())
	}
	if other != "" {
		if a.other, err = s.Store.Enrolment(ctx, m.Programme, other); err != nil {
			return nil, err
		}
	}
	if m.Session != "" {
		if a.session, err = s.Store.Session(ctx, m.Programme, m.Pairing, m.Session); err != nil {
			return nil, err
		}
	}
	if m.Invitation != "" {
		if a.invitation, err = s.Store.Invitation(ctx, m.Programme, m.Invitation); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// subject is what the domain judges a message by.
func (a *about) subject() reminder.Subject {
	return reminder.Subject{Person: a.me, Match: a.match, Pairing: a.pairing, Session: a.session, Invitation: a.invitation, Concerns: a.concerns}
}

// address is to whom the email goes.
func (a *about) address() (name, address string) {
	if a.staff != nil {
		return a.staff.Name, a.staff.Email
	}
	return a.me.Person.Name, a.me.Person.Email
}

// facts are what the letter is written from.
func (a *about) facts() mail.Facts {
	f := mail.Facts{
		Programme: a.programme, Role: a.Role, Other: a.other, Pairing: a.pairing, Session: a.session,
		Step: a.Step, Concerns: a.concerns, Link: a.link, Choices: a.choices,
	}
	if a.me != nil {
		f.Missing = reminder.Missing(a.me)
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

// purposes are what each kind's link is for; a kind without one has no link.
var purposes = map[outbox.Kind]link.Purpose{
	outbox.ConfirmEnrolment:     link.Confirm,
	outbox.ChooseNow:            link.Choose,
	outbox.MatchReleased:        link.Match,
	outbox.MatchChosen:          link.Match,
	outbox.AnswerMatch:          link.Match,
	outbox.AgreeExpectations:    link.Match,
	outbox.PairingStarted:       link.Pairing,
	outbox.BookSession:          link.Pairing,
	outbox.SessionBooked:        link.Pairing,
	outbox.SessionMoved:         link.Pairing,
	outbox.SessionCancelled:     link.Pairing,
	outbox.SessionInAWeek:       link.Pairing,
	outbox.SessionTomorrow:      link.Pairing,
	outbox.LogYourSession:       link.Pairing,
	outbox.FollowUp:             link.Pairing,
	outbox.QuestionnaireInvited: link.Questionnaire,
	outbox.QuestionnaireWait:    link.Questionnaire,
	outbox.StaffSignIn:          link.SignIn,
}

// purpose is what the message's link is for, or "".
func (a *about) purpose() link.Purpose {
	if a.Kind == outbox.MatchDeclined || a.Kind == outbox.MatchWithdrawn {
		if a.facts().FromDirectory() {
			return link.Choose
		}
	}
	return purposes[a.Kind]
}

// readAll reads what several messages are about, all at once. An error stands in the
// place of what could not be read.
func (s *sender) readAll(ctx context.Context, all []*outbox.Message) ([]*about, []error) {
	found, errs := make([]*about, len(all)), make([]error, len(all))
	var wait sync.WaitGroup
	for i, m := range all {
		wait.Go(func() { found[i], errs[i] = s.read(ctx, m) })
	}
	wait.Wait()
	return found, errs
}
