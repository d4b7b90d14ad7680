package message

import (
	"slices"
	"time"

	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// Definition is all that belongs to a kind of email beside its letter.
type Definition struct {
	Kind outbox.Kind
	// Staff says that it goes to a member of staff, and not to somebody who takes part.
	Staff bool
	Class Class
	// Topic is what must be declined to get no such message; one without a topic is
	// for everybody, since others wait for the answer or come to the meeting.
	Topic Topic
	// Asks says that it asks for something, beside the reminders that all do.
	Asks bool
	// Again says that it reminds of what was asked for before, or of a session that is over; other
	// reminders do from their second step on.
	Again bool
	// Words say in a list what it is about, so that they follow "about". They may hold
	// the placeholders of programme.Terms.Say.
	Words string
	// To is to which of the person's addresses it goes; nil for the one that they have.
	To func(*enrolment.Enrolment) email.Address
	// Leads is where its button leads somebody in a role, of what the message is about.
	Leads func(*programme.Programme, programme.Role, outbox.IDs) Destination
	// Fields are those that its letters can name beside those that all can: what the
	// kind is about, and no more than its reader may know by then. Each is used by one
	// of its letters at least. Package platform/mail says what they are.
	Fields []string
	// Unwanted is the rule by which it is no longer worth sending.
	Unwanted rule
	// AfterLeaving says that it goes also to somebody who has left.
	AfterLeaving bool
	// Outside says that it goes to the named person who answers complaints, who takes no part.
	Outside bool
	// Unconfirmed says that it goes to an address which nobody who takes part has confirmed as
	// theirs. Whoever reads that may not be who typed it, so that the email holds nothing that
	// anybody has typed: no name, also not in its greeting or its heading. An address that was
	// confirmed it may hold.
	Unconfirmed bool
}

// rule says why a message is no longer worth sending at the programme's time now; ""
// where it is. When it has become too late, and that the person has left, is the same
// for all kinds and not asked of it.
type rule func(m *outbox.Message, about Subject, now time.Time) string

// Class is when messages of a kind may come.
type Class int

// The classes.
const (
	// Answer is to what the person did a moment ago: at once, always.
	Answer Class = iota + 1
	// AtOnce tells that a time has been set or changed: at once, at any hour.
	AtOnce
	// News comes in the day's email, in waking hours.
	News
	// Reminder comes like news, and is capped.
	Reminder
)

// Topic is what somebody may decline to be written to about.
type Topic string

// The topics.
const (
	Preparing       Topic = "preparing"
	SessionPlanning Topic = "session-planning"
	SessionLogs     Topic = "logs"
	Questionnaires  Topic = "questionnaires"
)

// Topics are all topics, in the order in which pages show them.
var Topics = []Topic{Preparing, SessionPlanning, SessionLogs, Questionnaires}

// Known reports whether t is a topic.
func (t Topic) Known() bool { return slices.Contains(Topics, t) }

// Destination is where the button of a letter leads; nowhere for the zero Destination,
// whose letter has no button.
type Destination struct {
	// Purpose is what a link of the person's own is for.
	Purpose purpose.Purpose
	// Page is the path of a page that needs no such link.
	Page string
}

// to leads to what a link of the person's own is for.
func to(p purpose.Purpose) func(*programme.Programme, programme.Role, outbox.IDs) Destination {
	return func(*programme.Programme, programme.Role, outbox.IDs) Destination { return Destination{Purpose: p} }
}

// nowhere is of a letter that asks for nothing.
func nowhere(*programme.Programme, programme.Role, outbox.IDs) Destination { return Destination{} }

// toDirectory leads whoever chooses from a directory there, to choose again.
func toDirectory(p *programme.Programme, role programme.Role, _ outbox.IDs) (d Destination) {
	if p.FromDirectory(role) {
		d.Purpose = purpose.Choose
	}
	return d
}

// toDesk leads a coordinator to the programme's desk.
func toDesk(p *programme.Programme, _ programme.Role, _ outbox.IDs) Destination {
	return Destination{Page: deskpath.Of(p.ID).String()}
}

// Kinds are all kinds, the most pressing first.
func Kinds() []outbox.Kind {
	all := make([]outbox.Kind, len(kinds))
	for i, d := range kinds {
		all[i] = d.Kind
	}
	return all
}

// definitionOf is that of a kind, and its place among them. A kind that this version of
// the code does not know is told like news, after all others.
func definitionOf(kind outbox.Kind) (Definition, int) {
	for i, d := range kinds {
		if d.Kind == kind {
			return d, i
		}
	}
	for _, d := range former {
		if d.Kind == kind {
			return d, len(kinds)
		}
	}
	return Definition{Kind: kind, Class: News, Words: string(kind), Leads: nowhere, Unwanted: never}, len(kinds)
}

// Urgency orders kinds by how pressing they are: the lower, the more.
func Urgency(kind outbox.Kind) int {
	_, place := definitionOf(kind)
	return place
}

// ClassOf is when a message of a kind may come.
func ClassOf(kind outbox.Kind) Class {
	d, _ := definitionOf(kind)
	return d.Class
}

// Asks reports whether a message of a kind asks the person for something.
func Asks(kind outbox.Kind) bool {
	d, _ := definitionOf(kind)
	return d.Asks || d.Class == Reminder
}

// AsksAgain reports whether a message, as a step of its kind, asks for what the person was asked
// for before, or comes after what they have done. Nobody gets many of these, see
// programme.Programme.MostAgain.
func AsksAgain(kind outbox.Kind, step int) bool {
	d, _ := definitionOf(kind)
	return d.Again || d.Class == Reminder && step > 1
}

// ToUnconfirmed reports whether a message of a kind goes to an address that nobody has
// confirmed, and holds nothing that anybody has typed.
func ToUnconfirmed(kind outbox.Kind) bool {
	d, _ := definitionOf(kind)
	return d.Unconfirmed
}

// LaneOf is the lane in which messages of a kind wait.
func LaneOf(kind outbox.Kind) outbox.Lane {
	if ToUnconfirmed(kind) {
		return outbox.Strangers
	}
	return outbox.Known
}

// LeadsToAll reports whether emails of a kind lead to all that their reader takes part in,
// beside their one thing: those to the address that somebody who takes part has. A code is
// asked for where such a link goes, so that the email with a code has none.
func LeadsToAll(kind outbox.Kind) bool {
	d, _ := definitionOf(kind)
	return !d.Staff && !d.Outside && !d.Unconfirmed && d.To == nil && kind != KindDeviceCode && kind != KindHasLeft
}

// ForStaff reports whether messages of a kind go to a member of staff.
func ForStaff(kind outbox.Kind) bool {
	d, _ := definitionOf(kind)
	return d.Staff
}

// TopicOf is the topic under which a kind can be declined, or "" for what everybody
// must have.
func TopicOf(kind outbox.Kind) Topic {
	d, _ := definitionOf(kind)
	return d.Topic
}

// About says what messages of a kind are about, in words that follow "about"; of a kind
// that is not known, its name.
func About(kind outbox.Kind, terms programme.Terms) string {
	d, _ := definitionOf(kind)
	return terms.Say(d.Words)
}

// Fields are those that letters of a kind can name beside those that all can.
func Fields(kind outbox.Kind) []string {
	d, _ := definitionOf(kind)
	return d.Fields
}

// Leads is where the button of a kind's letter leads somebody in a role, of what a message
// is about.
func Leads(kind outbox.Kind, p *programme.Programme, role programme.Role, about outbox.IDs) Destination {
	d, _ := definitionOf(kind)
	return d.Leads(p, role, about)
}

// toWhatIsTheirs leads to the questions that a message is about, or else to all that its reader
// takes part in.
func toWhatIsTheirs(_ *programme.Programme, _ programme.Role, about outbox.IDs) Destination {
	if about.Invitation != "" {
		return Destination{Purpose: purpose.Questionnaire}
	}
	return Destination{Purpose: purpose.My}
}

// Recipient is to which address of a person a message of a kind goes.
func Recipient(kind outbox.Kind, person *enrolment.Enrolment) email.Address {
	if d, _ := definitionOf(kind); d.To != nil {
		return d.To(person)
	}
	return person.Person.Email
}
