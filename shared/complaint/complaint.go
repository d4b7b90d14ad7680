// Package complaint is what somebody who takes part complains of to a named person outside the
// programme's staff: they alone read it, acknowledge it and answer it by a day that is set, and
// staff see nothing of it unless whoever complained agrees.
package complaint

import (
	"hash/crc32"
	"time"
	"unicode/utf8"

	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/text"
)

// State is how far a complaint has come.
type State string

// The states.
const (
	Received     State = "received"
	Acknowledged State = "acknowledged"
	Answered     State = "answered"
)

// Most is how many characters a complaint and its answer may have.
const Most = 5000

// nearing is how many working days before its day a complaint that waits is reminded of.
const nearing = 3

// Complaint is one of them.
type Complaint struct {
	ID string `firestore:"-"`
	// Enrolment is as whom its author takes part.
	Enrolment string         `firestore:"enrolment"`
	Role      programme.Role `firestore:"role"`
	// Text is what happened, in the author's words.
	Text string `firestore:"text"`
	// Desk says that the author agreed that the programme's coordinators read it, too.
	Desk  bool  `firestore:"desk"`
	State State `firestore:"state"`
	// Note is what the author is told with the state.
	Note string `firestore:"note,omitempty"`
	// AnswerBy is by when it is to be answered, and DueAt when it is looked at whether it was.
	AnswerBy  time.Time `firestore:"answerBy"`
	DueAt     time.Time `firestore:"dueAt"`
	CreatedAt time.Time `firestore:"createdAt"`
	UpdatedAt time.Time `firestore:"updatedAt"`
	// Version is the time of the document's last write, which guards the next.
	Version time.Time `firestore:"-"`
}

// New is a complaint of somebody who takes part, in what they have sent. Its id follows from
// the form, so that a form that is sent twice is one complaint.
func New(p *programme.Programme, e *enrolment.Enrolment, id, words string, desk bool, now time.Time) (*Complaint, error) {
	words, err := said("what", words, "Write what happened")
	if err != nil {
		return nil, err
	}
	cal := calendar.Of(p, "", "")
	by := cal.AddWorkingDays(now, p.Complaints.WorkingDays())
	return &Complaint{ID: id, Enrolment: e.ID, Role: e.Role, Text: words, Desk: desk, State: Received,
		AnswerBy: by, DueAt: cal.AddWorkingDays(now, max(1, p.Complaints.WorkingDays()-nearing)), CreatedAt: now, UpdatedAt: now}, nil
}

// said is what stands in a field, or what is wrong with it.
func said(field, words, missing string) (string, error) {
	words = text.Tidy(words)
	var invalid fault.Invalid
	switch {
	case words == "":
		invalid.Add(field, "%s", missing)
	case utf8.RuneCountInString(words) > Most:
		invalid.Add(field, "Use 5,000 characters or fewer")
	default:
		return words, nil
	}
	return "", &invalid
}

// Move takes a complaint on to a state, with what the author is told, and reports whether
// that is new.
func (c *Complaint) Move(to State, note string, now time.Time) (changed bool, err error) {
	if to != Acknowledged && to != Answered {
		return false, fault.New(fault.NotFound, "This page does not know what was asked of it. Go back, and use its buttons.")
	}
	if c.State == to || c.State == Answered {
		return false, nil
	}
	if note = text.Tidy(note); to == Answered || note != "" {
		if note, err = said("note", note, "Write your answer: it is what they read"); err != nil {
			return false, err
		}
		c.Note = note
	}
	c.State, c.UpdatedAt = to, now
	return true, nil
}

// Waits reports whether it is still to be answered.
func (c *Complaint) Waits() bool { return c.State != Answered }

// Recipient stands in messages and links for the named person, in the place of somebody who
// takes part.
const Recipient = "complaints"

// Host stands likewise for the host's contact.
const Host = "host"

// Outside is the one of the two who stands under an id, as emails are written to them; nil for
// somebody who takes part.
func Outside(p *programme.Programme, id string) *enrolment.Enrolment {
	switch id {
	case Recipient:
		return Answerer(p)
	case Host:
		return &enrolment.Enrolment{ID: Host, State: enrolment.Ready, Person: enrolment.Person{Name: p.Host.Contact, Email: email.Address(p.Host.Email)}}
	}
	return nil
}

// Answerer is the named person as emails are written to them. Links that an earlier one was
// sent open nothing once the settings name another.
func Answerer(p *programme.Programme) *enrolment.Enrolment {
	return &enrolment.Enrolment{ID: Recipient, State: enrolment.Ready, Generation: int(crc32.ChecksumIEEE([]byte(p.Complaints.Email))),
		Person: enrolment.Person{Name: p.Complaints.Name, Email: email.Address(p.Complaints.Email)}}
}
