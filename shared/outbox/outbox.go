// Package outbox is the life of an email that is owed: a message is written in
// the same commit as its cause, and waits here until it was sent.
//
// It holds ids and no addresses or words: both are read when the message is
// sent, so that a changed address or a withdrawn person is honoured. A code for a
// device is in it until it was sent.
//
// What it promises: a message is never lost; it is sent once, with no extra copy,
// where the provider's events arrive; and where they do not, in no more copies
// than one and one for each attempt in doubt.
package outbox

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// State is how far a message has come.
//
//	   ┌─────────────came back for now───────┐
//	   ▼                                     │
//	pending ──claim──▶ sending ──taken──▶ sent ──bounced, dropped──▶ set aside
//	   ▲  ▲              │  │ │                                        ▲   │
//	   │  └──refused─────┘  │ └──────────refused for good──────────────┘   │
//	   │     for now        ▼                                              │
//	   │                 in doubt ──the provider's event──▶ sent           │
//	   │                    └──no event for long──▶ sending                │
//	   └───────────────────────a person tries again────────────────────────┘
//
// From each of the first four it can become unwanted. A person moves a message back,
// and the provider's word that the email came back for now, so many times; late,
// double and disordered events cannot.
type State string

// The states of a message.
const (
	Pending  State = "pending"   // waiting until DueAt
	Bundled  State = "bundled"   // goes in the same email as the message With
	Sending  State = "sending"   // leased by one sender until DueAt
	InDoubt  State = "in doubt"  // it may have gone: waits until DueAt for the provider's word
	Sent     State = "sent"      // taken by the provider
	Unwanted State = "unwanted"  // no longer owed, such as one to a person who is gone
	SetAside State = "set aside" // refused for good; needs a person
)

// Final reports whether a message moves on by itself no more.
func (s State) Final() bool { return s == Sent || s == Unwanted || s == SetAside }

// Kind is what a message is about, and the name of its letter: see package message.
type Kind string

// Lane is in which of several lines a message waits, so that it waits behind none of the
// others: see message.LaneOf.
type Lane string

// The lanes.
const (
	// Known is of emails to who is known: who takes part, and staff.
	Known Lane = "known"
	// Strangers is of emails to addresses that nobody has confirmed. Whoever wants to can
	// cause many of them: they take what the others leave, and half of each limit at most.
	Strangers Lane = "strangers"
)

// Lanes are all lanes, in the order in which a sweep goes through them.
var Lanes = []Lane{Known, Strangers}

// Message is one email that is owed to one person.
type Message struct {
	ID        string `firestore:"-"`
	Kind      Kind   `firestore:"kind"`
	Lane      Lane   `firestore:"lane"`
	Programme string `firestore:"programme"`
	To        string `firestore:"to"` // the enrolment's id, or the staff member's
	// Person is the id of the enrolment's person, whose day's email it shares.
	Person string         `firestore:"person,omitempty"`
	Role   programme.Role `firestore:"role,omitempty"`
	IDs                   // what it is about
	// Sequence is the session's when the message was owed: a session that was moved
	// or cancelled since has another.
	Sequence int `firestore:"sequence,omitempty"`
	// Step is which ask of its kind about its subject this is, 1 first; 0 where there
	// is only one.
	Step int `firestore:"step,omitempty"`
	// After is the id of the message that this one reminds of, and never comes before.
	After string `firestore:"after,omitempty"`
	// Since is from when on it tells what is new; the zero time where it tells nothing of
	// that kind.
	Since time.Time `firestore:"since,omitempty"`
	// Until is when it stops being worth sending, by the programme's clock; the zero
	// time for never.
	Until time.Time `firestore:"until,omitempty"`

	// Code is the code that the email tells, and is there until the message has come to
	// its end.
	Code string `firestore:"code,omitempty"`

	State State `firestore:"state"`
	// DueAt is when the message may next be taken up: by the server's clock where it
	// is leased or in doubt, and by the programme's where it is pending, which outside
	// of local development is the same. It is the zero time in all other states.
	DueAt    time.Time `firestore:"dueAt,omitempty"`
	Attempts int       `firestore:"attempts,omitempty"`
	// Doubts counts the attempts of which nobody knows whether the email went.
	Doubts int `firestore:"doubts,omitempty"`
	// Retried is how many attempts there were when a person last tried again, or when an
	// email that had come back last went again: what the provider reports about those changes nothing any more.
	Retried int `firestore:"retried,omitempty"`
	// TriedAt is when it was first tried, by the server's clock, and first since a
	// person tried again, where one did; the zero time once it came to its end.
	TriedAt time.Time `firestore:"triedAt,omitempty"`
	// Returned is how often its email came back for now and went again by itself.
	Returned int `firestore:"returned,omitempty"`
	// Fault is that of the host's account for which it waits; "" where none is known.
	Fault Fault `firestore:"fault,omitempty"`
	// Bundle are the ids of the messages that go in this one's email; With is set on
	// each of them, and is this one's.
	Bundle []string `firestore:"bundle,omitempty"`
	With   string   `firestore:"with,omitempty"`
	// Failure is the last failure's class, without anything personal.
	Failure  string `firestore:"failure,omitempty"`
	Provider string `firestore:"provider,omitempty"` // the provider's id of the accepted email
	// Outcome is the furthest that the provider reported, and when.
	Outcome   Outcome   `firestore:"outcome,omitempty"`
	OutcomeAt time.Time `firestore:"outcomeAt,omitempty"`
	SentAt    time.Time `firestore:"sentAt,omitempty"`
	// Trace is the W3C traceparent of the cause, which the sending continues.
	Trace     string    `firestore:"trace,omitempty"`
	CreatedAt time.Time `firestore:"createdAt"`
	UpdatedAt time.Time `firestore:"updatedAt"`
	// Version is the time of the document's last write, which guards the next.
	Version time.Time `firestore:"-"`
	// ReadAt is the server's time of its reading, by which leases are judged.
	ReadAt time.Time `firestore:"-"`
}

// Terms are how long things may take, and what the provider can be relied on for.
type Terms struct {
	// Lease is how long one sender has for one attempt; a sender gives up before.
	Lease time.Duration
	// Grace is how long a message in doubt waits for the provider's event, at first.
	Grace time.Duration
	// Reports says that the provider's events arrive. Without them nothing can end a
	// doubt, and waiting for long would only delay.
	Reports bool
}

// Usual are the terms outside of tests. A lease is longer than the 30 seconds after
// which a sender gives up; the grace is longer than the minutes by which SendGrid's
// events are late on a bad day.
var Usual = Terms{Lease: 2 * time.Minute, Grace: 20 * time.Minute, Reports: true}

const (
	// MaxAttempts is after how many failed attempts a message needs a person:
	// with the back-off of Refused, after about three days.
	MaxAttempts = 20
	firstDelay  = 30 * time.Second
	longest     = 6 * time.Hour
	// longestAsked bounds what a provider can ask for.
	longestAsked = 24 * time.Hour
)

// Due reports whether something is to be done about the message now: by the
// server's time where it is leased or in doubt, by the programme's where it is
// pending.
func (m *Message) Due(server, programme time.Time) bool {
	switch m.State {
	case Pending:
		return !m.DueAt.After(programme)
	case Sending, InDoubt:
		return !m.DueAt.After(server)
	}
	return false
}

// Waits is for how long a message has waited for a sender beyond its time, by the
// programme's clock.
func (m *Message) Waits(programme time.Time) time.Duration {
	since := m.DueAt
	if m.State != Pending || since.Before(m.CreatedAt) {
		since = m.CreatedAt
	}
	return max(0, programme.Sub(since))
}

// Expired reports whether the lease of a sender has run out that left no outcome.
func (m *Message) Expired(server time.Time) bool {
	return m.State == Sending && !m.DueAt.After(server)
}

// InHand reports whether a sender has it: what is deleted meanwhile has been sent all the
// same, so that it is waited for, for minutes at most.
func (m *Message) InHand(server time.Time) bool { return m.State == Sending && !m.Expired(server) }

// Claim leases a message that is due to the caller for one attempt.
func (m *Message) Claim(server time.Time, t Terms) {
	if m.Outcome.Returns() { // that attempt is over: what is said of it from now on changes nothing
		m.Retried, m.Outcome, m.OutcomeAt = m.Attempts, Unknown, time.Time{}
	}
	if m.Attempts == m.Retried {
		m.TriedAt = server
	}
	m.State, m.DueAt, m.Attempts, m.Provider, m.Fault = Sending, server.Add(t.Lease), m.Attempts+1, "", NoFault
}

// Took records that the provider took the email.
func (m *Message) Took(provider string, at time.Time) {
	m.end(Sent, "")
	m.Provider, m.SentAt = provider, at
}

// Drop records that the message is no longer wanted.
func (m *Message) Drop(why string) { m.end(Unwanted, why) }

// PutAside records that a person has to look at the message.
func (m *Message) PutAside(why string) { m.end(SetAside, why) }

// end brings a message to a final state, in which it is due no more.
func (m *Message) end(s State, failure string) {
	m.State, m.Failure, m.Fault, m.DueAt, m.TriedAt, m.Code = s, failure, NoFault, time.Time{}, time.Time{}, ""
}

// Join puts a message in the same email as another, which is due for both.
func (m *Message) Join(with string) { m.State, m.With, m.DueAt = Bundled, with, time.Time{} }

// Wait puts a message off until then, by the programme's clock.
func (m *Message) Wait(until time.Time) { m.State, m.DueAt = Pending, until }

// Refused records an attempt that certainly did not send anything: it is tried
// again after the longer of a doubling delay and what the provider asked for, up to
// a day. The delay is shortened by up to half by jitter, from 0 to 1, so that what
// was refused together does not come back together. now is the programme's time.
func (m *Message) Refused(why string, retryAfter time.Duration, jitter float64, now time.Time) {
	if m.spent() {
		m.PutAside(why)
		return
	}
	delay := shifted(firstDelay, m.Attempts-m.Retried)
	delay -= time.Duration(jitter * float64(delay) / 2)
	m.State, m.Failure, m.DueAt = Pending, why, now.Add(max(delay, min(retryAfter, longestAsked)))
}

// Doubt records an attempt of which nobody knows whether the email went. The message
// waits for the provider's word, and longer each time; then it is sent once more.
// Where the provider has no word, it waits no longer than after a refusal.
func (m *Message) Doubt(why string, jitter float64, server, now time.Time, t Terms) {
	m.Doubts++
	switch {
	case !t.Reports:
		m.Refused(why, 0, jitter, now)
	case m.spent():
		m.PutAside(why)
	default:
		m.State, m.Failure, m.DueAt = InDoubt, why, server.Add(shifted(t.Grace, m.Attempts-m.Retried))
	}
}

// spent reports whether there were attempts enough.
func (m *Message) spent() bool { return m.Attempts-m.Retried >= MaxAttempts }

// shifted is a delay that doubles with each attempt, from the first on.
func shifted(delay time.Duration, attempts int) time.Duration {
	return min(delay<<min(max(attempts-1, 0), 20), longest)
}

// Again reports whether an earlier email of this message came back: whoever has it sent
// again means the address to be tried, whatever the provider thinks of it.
func (m *Message) Again() bool { return m.Retried > 0 }

// TryAgain sends a message that was set aside once more, at a person's word.
func (m *Message) TryAgain(now time.Time) error {
	if m.State != SetAside {
		return fault.New(fault.Conflict, "This email is not set aside any more.")
	}
	m.State, m.DueAt, m.Retried, m.Failure, m.Outcome, m.OutcomeAt = Pending, now, m.Attempts, "", Unknown, time.Time{}
	m.Bundle, m.With, m.Returned = nil, "", 0
	return nil
}
