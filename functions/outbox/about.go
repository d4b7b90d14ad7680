package outbox

import (
	"context"

	"github.com/cascading-leadership/cascade/shared/complaint"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/language"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/mail"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// about is a message with what it is about, as that stands now.
type about struct {
	*outbox.Message
	programme *programme.Programme
	staff     *store.Staff
	subject   message.Subject
	// link, choices and my are URLs, or "".
	link, choices, my string
	// notice is where the programme's privacy notice stands.
	notice string
	// logo is where the logo of the programme's host is, or "".
	logo string
}

// about finds what a message is about with a batch reader. Where something is not there
// yet, it asks for all that it can and returns message.ErrLater. The address is read now,
// so that a changed one is honoured.
func (s *sender) about(ctx context.Context, h *store.BatchReader, m *outbox.Message) (a *about, err error) {
	a = &about{Message: m}
	if a.programme, err = s.Store.RecentProgramme(ctx, m.Programme); err != nil {
		return nil, err
	}
	a.notice = s.Links.Page("/privacy/" + a.programme.ID)
	if at := web.LogoPath(a.programme); at != "" {
		a.logo = s.Links.Page(at)
	}
	if message.ForStaff(m.Kind) {
		if a.staff, err = h.StaffMember(m.To); err == nil && m.Kind == message.KindDailyDigest {
			if a.subject.Concerns, err = s.Store.Concerns(ctx, a.programme, m.Since); err == nil && a.subject.Concerns.Requests > 0 {
				a.subject.Concerns.OwnRequests, err = s.Store.RequestsFor(ctx, a.programme.ID, m.To)
			}
		}
		return a, err
	}
	if a.subject, err = message.Read(reader{h, a.programme}, m); err != nil {
		return nil, err
	}
	return a, nil
}

// reader is a batch reader in which the named person who answers complaints, and the host's
// contact, are found like those who take part, by the settings.
type reader struct {
	*store.BatchReader
	programme *programme.Programme
}

func (r reader) Enrolment(p, id string) (*enrolment.Enrolment, error) {
	if e := complaint.Outside(r.programme, id); e != nil {
		return e, nil
	}
	return r.BatchReader.Enrolment(p, id)
}

// recipient is to whom the email goes; the name is "" where nobody has confirmed the address.
func (a *about) recipient() (name, address string) {
	switch {
	case a.staff != nil:
		return a.staff.Name, string(a.staff.Email)
	case a.subject.Claim != nil:
		address = string(a.subject.Claim.Address())
	case a.subject.Nomination != nil:
		address = string(a.subject.Nomination.Email)
	default:
		name, address = a.subject.Person.Person.Name, string(message.Recipient(a.Kind, a.subject.Person))
	}
	if message.ToUnconfirmed(a.Kind) { // whoever reads it may not be who typed the name
		name = ""
	}
	return name, address
}

// leadsToAll reports whether its email leads to all that its reader takes part in, beside its one
// thing, which is something else. They must not have left.
func (a *about) leadsToAll() bool {
	return message.LeadsToAll(a.Kind) && a.To != complaint.Recipient && message.Leads(a.Kind, a.programme, a.Role, a.IDs).Purpose != purpose.My && a.subject.Person != nil && a.subject.Person.State != enrolment.Withdrawn
}

// generation is which of the person's links are theirs now, or their assistant's.
func (a *about) generation() int {
	if a.subject.Person == nil {
		return 0
	}
	if message.Leads(a.Kind, a.programme, a.Role, a.IDs).Purpose == purpose.Assistant {
		return a.subject.Person.Assistant.Generation
	}
	return a.subject.Person.Generation
}

// facts are what the letter is written from.
func (a *about) facts() mail.Facts {
	name, _ := a.recipient()
	in := language.English
	if c := a.subject.Claim; c != nil {
		in = c.Language
	}
	return mail.Facts{
		In: in, Programme: a.programme, Name: name, Role: a.Role, Subject: a.subject,
		Step: a.Step, Code: a.Code, Link: a.link, Choices: a.choices, My: a.my, Notice: a.notice, Logo: a.logo,
	}
}
