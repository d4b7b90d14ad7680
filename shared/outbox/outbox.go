// Package outbox is the life of an email that is owed: a message is written in
// the same commit as its cause, and waits here until it was sent.
//
// It holds ids and no addresses or words: both are read when the message is
// sent, so that a changed address or a withdrawn person is honoured.
package outbox

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/programme"
)

// State is how far a message has come.
type State string

// The states of a message.
const (
	Pending  State = "pending"   // waiting until DueAt
	Sending  State = "sending"   // leased by one sender until DueAt
	InDoubt  State = "in doubt"  // it may have gone: waits until DueAt for the provider's word
	Sent     State = "sent"      // taken by the provider
	Unwanted State = "unwanted"  // no longer owed, such as one to a person who is gone
	SetAside State = "set aside" // refused for good; needs a person
)

// Message is one email that is owed to one person.
type Message struct {
	ID        string         `firestore:"-"`
	Kind      Kind           `firestore:"kind"`
	Programme string         `firestore:"programme"`
	To        string         `firestore:"to"` // the enrolment's id, or the staff member's
	Role      programme.Role `firestore:"role"`
	// What it is about, as far as the kind needs it: ids.
	Run        string `firestore:"run"`
	Match      string `firestore:"match"`
	Pairing    string `firestore:"pairing"`
	Session    string `firestore:"session"`
	Invitation string `firestore:"invitation"`

	State State `firestore:"state"`
	// DueAt is when the message may next be taken up, by the server's clock.
	DueAt    time.Time `firestore:"dueAt"`
	Attempts int       `firestore:"attempts"`
	// Failure is the last failure's class, without anything personal.
	Failure  string `firestore:"failure"`
	Provider string `firestore:"provider"` // the provider's id of the accepted email
	// Trace is the W3C traceparent of the cause, which the sending continues.
	Trace     string    `firestore:"trace"`
	Schema    int       `firestore:"schema"`
	CreatedAt time.Time `firestore:"createdAt"`
	UpdatedAt time.Time `firestore:"updatedAt"`
	// Version is the time of the document's last write, which guards the next.
	Version time.Time `firestore:"-"`
}

// ID derives a message's id from what it is about, so that owing it twice is one
// message. The occasion tells apart messages of a kind about one subject.
func ID(kind Kind, to, subject, occasion string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{string(kind), to, subject, occasion}, "\x00")))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:26])
}

const (
	// Lease is how long one sender has for one attempt; a sender gives up before.
	Lease = 2 * time.Minute
	// MaxAttempts is after how many failed attempts a message needs a person:
	// with the back-off of Failed, after about three days.
	MaxAttempts = 20
	firstDelay  = 30 * time.Second
	longest     = 6 * time.Hour
	// longestAsked bounds what a provider can ask for.
	longestAsked = 24 * time.Hour
)

// Claim takes the message up if it is due at the server's time now. It is leased
// to one sender then, in the state Sending; or SetAside, where attempts enough have
// left no outcome at all, since what takes its sender down would do so for ever.
func (m *Message) Claim(now time.Time) bool {
	if m.State != Pending && m.State != Sending || m.DueAt.After(now) {
		return false
	}
	if m.Attempts >= MaxAttempts {
		m.State, m.Failure, m.DueAt = SetAside, "the last attempt left no outcome", time.Time{}
		return true
	}
	m.State, m.DueAt, m.Attempts = Sending, now.Add(Lease), m.Attempts+1
	return true
}

// Accepted records that the provider took the email.
func (m *Message) Accepted(provider string) {
	m.State, m.Provider, m.Failure, m.DueAt = Sent, provider, "", time.Time{}
}

// Drop records that the message is no longer wanted.
func (m *Message) Drop(why string) { m.State, m.Failure, m.DueAt = Unwanted, why, time.Time{} }

// Failed records a failed attempt: for good, or to be tried again after the
// longer of a doubling delay and what the provider asked for, up to a day.
func (m *Message) Failed(why string, permanent bool, retryAfter time.Duration, now time.Time) {
	m.Failure = why
	if permanent || m.Attempts >= MaxAttempts {
		m.State, m.DueAt = SetAside, time.Time{}
		return
	}
	delay := min(firstDelay<<min(max(m.Attempts-1, 0), 20), longest)
	m.State, m.DueAt = Pending, now.Add(max(delay, min(retryAfter, longestAsked)))
}
