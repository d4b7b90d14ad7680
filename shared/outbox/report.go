package outbox

import "time"

// Outcome is what became of an email, as far as the provider reported it.
type Outcome string

// The outcomes.
const (
	Unknown      Outcome = ""
	Taken        Outcome = "taken" // the provider works on it, or tries again by itself
	Delivered    Outcome = "delivered"
	Blocked      Outcome = "blocked"      // turned away for now by the recipient's server
	Bounced      Outcome = "bounced"      // turned away for good
	Dropped      Outcome = "dropped"      // the provider did not try, such as after an earlier bounce
	SpamReport   Outcome = "spam report"  // the recipient marked it as spam
	Unsubscribed Outcome = "unsubscribed" // the recipient asked the provider for no more
)

// rank orders outcomes by how much they say: a later report counts only where it
// says more, in whatever order reports arrive and however often. Blocked, bounced
// and dropped are three ends of the same.
var rank = map[Outcome]int{Unknown: 0, Taken: 1, Delivered: 2, Blocked: 3, Bounced: 4, Dropped: 4, SpamReport: 5, Unsubscribed: 6}

// Failed reports whether the email did not reach its recipient.
func (o Outcome) Failed() bool { return o == Blocked || o == Bounced || o == Dropped }

// Stops reports whether nothing more should be sent to the address.
func (o Outcome) Stops() bool {
	return o == Bounced || o == Dropped || o == SpamReport || o == Unsubscribed
}

// Report is what the provider said about one attempt at one message.
type Report struct {
	Message string
	Attempt int
	Outcome Outcome
	At      time.Time
}

// Report takes a provider's report into account, and says whether it changed
// anything. It is proof that the provider took the email: a message that was being
// sent, in doubt or waiting for its next attempt is sent.
func (m *Message) Report(r Report) bool {
	if r.Attempt <= m.Retried || r.Attempt > m.Attempts || rank[r.Outcome] <= rank[m.Outcome] || m.State == Bundled {
		return false
	}
	// It went after all: that it was given up on is no reason to ask a person.
	gone := m.State == SetAside && !m.Outcome.Failed()
	m.Outcome, m.OutcomeAt = r.Outcome, r.At
	if !m.State.Final() || gone {
		m.end(Sent, "")
		m.SentAt = r.At
	}
	if r.Outcome.Failed() {
		m.PutAside(string(r.Outcome))
	}
	return true
}
