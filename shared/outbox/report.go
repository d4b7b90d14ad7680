package outbox

import "time"

// Outcome is what became of an email, as far as the provider reported it.
type Outcome string

// The outcomes.
const (
	Unknown   Outcome = ""
	Taken     Outcome = "taken" // the provider works on it, or tries again by itself
	Delivered Outcome = "delivered"

	// It came back, and goes again by itself.
	Held    Outcome = "held"     // for a fault of the host's account: until that is over
	PutOff  Outcome = "put off"  // the recipient's server takes it another time, or was not to be reached
	BoxFull Outcome = "box full" // the recipient's box has no room
	Blocked Outcome = "blocked"  // the recipient's server thinks ill of it, or of whence it came

	// It came back, and needs a person.
	Unclear Outcome = "unclear" // nobody can tell why
	Bounced Outcome = "bounced" // the address takes no emails
	Dropped Outcome = "dropped" // the provider did not try, after an earlier bounce
	Invalid Outcome = "invalid" // the provider did not try: to it that is no address

	SpamReport   Outcome = "spam report"  // the recipient marked it, or one before, as spam
	Unsubscribed Outcome = "unsubscribed" // the recipient asked the provider for no more
)

// rank orders outcomes by how much they say: a later report counts only where it
// says more, in whatever order reports arrive and however often. Those of one rank are
// ends of the same.
var rank = map[Outcome]int{Unknown: 0, Taken: 1, Delivered: 2, Held: 3, PutOff: 3, BoxFull: 3, Blocked: 3, Unclear: 3, Bounced: 4, Dropped: 4, Invalid: 4, SpamReport: 5, Unsubscribed: 6}

// Returns reports whether an email that came back so goes again by itself.
func (o Outcome) Returns() bool { return o == Held || o == PutOff || o == BoxFull || o == Blocked }

// Failed reports whether the email did not reach its recipient.
func (o Outcome) Failed() bool {
	return o.Returns() || o == Unclear || o == Bounced || o == Dropped || o == Invalid
}

// Stops reports whether nothing more should be sent to the address.
func (o Outcome) Stops() bool {
	return o == Bounced || o == Dropped || o == Invalid || o == SpamReport || o == Unsubscribed
}

// Report is what the provider said about one attempt at one message.
type Report struct {
	Message string
	Attempt int
	Outcome Outcome
	// Dropped: the provider did not try. Fault is what it found wrong with the account.
	Dropped bool
	Fault   Fault
	// Provider is the provider's id of the email, "" where it does not say.
	Provider string
	At       time.Time
}

const (
	// MostReturns is how often an email that came back for now goes again by itself; what
	// comes back after that needs a person.
	MostReturns = 5
	// accountPause is how long after a fault of the account an email is tried again, at
	// most: whether the fault is over, only trying tells.
	accountPause = 30 * time.Minute
)

// returnPause is how long an email waits that came back for now, by how often it has: what
// greylists wants minutes, and a full box days.
var returnPause = [MostReturns]time.Duration{30 * time.Minute, 2 * time.Hour, 8 * time.Hour, 24 * time.Hour, 48 * time.Hour}

// Report takes a provider's report into account at the programme's time now, and says
// whether it changed anything. It is proof that the provider took the email: a message
// that was being sent, in doubt or waiting for its next attempt is sent. One that came
// back waits, to go again: shortened by up to half by jitter, from 0 to 1.
func (m *Message) Report(r Report, jitter float64, now time.Time) bool {
	if r.Attempt <= m.Retried || r.Attempt > m.Attempts || rank[r.Outcome] <= rank[m.Outcome] || m.State == Bundled {
		return false
	}
	// That an earlier attempt came back says nothing of the one that is under way or done.
	if r.Outcome.Returns() && (r.Attempt < m.Attempts || m.State == Unwanted) {
		return false
	}
	// It went after all: that it was given up on is no reason to ask a person.
	gone := m.State == SetAside && !m.Outcome.Failed()
	m.Outcome, m.OutcomeAt = r.Outcome, r.At
	if m.Provider == "" && r.Attempt == m.Attempts {
		m.Provider = r.Provider // it was quicker than the provider's answer, which never came
	}
	if !m.State.Final() || gone {
		m.end(Sent, "")
		m.SentAt = r.At
	}
	switch {
	case r.Outcome.Returns():
		m.comeBack(r, jitter, now)
	case r.Outcome.Failed() || r.Dropped:
		m.PutAside(string(r.Outcome))
	}
	return true
}

// comeBack makes a message wait that came back, until the claim of its next attempt.
func (m *Message) comeBack(r Report, jitter float64, now time.Time) {
	pause := accountPause
	if r.Outcome != Held || !r.Dropped { // a recipient's server is not asked for ever
		if m.Returned >= MostReturns {
			m.PutAside(string(r.Outcome))
			return
		}
		pause = returnPause[m.Returned]
		m.Returned++
	}
	pause -= time.Duration(jitter * float64(pause) / 2)
	m.State, m.DueAt, m.TriedAt = Pending, now.Add(pause), time.Time{}
	m.Fault, m.Failure = r.Fault, string(r.Outcome)
	if r.Fault != NoFault {
		m.Failure = "the account's " + string(r.Fault)
	}
}

// Hold records an attempt that certainly did not send anything, for a fault of the host's
// account. However long that lasts, the message is not given up: it is tried again after
// a doubling delay, up to half an hour.
func (m *Message) Hold(f Fault, why string, jitter float64, now time.Time) {
	delay := min(shifted(firstDelay, m.Attempts-m.Retried), accountPause)
	delay -= time.Duration(jitter * float64(delay) / 2)
	m.State, m.Failure, m.Fault, m.DueAt = Pending, why, f, now.Add(delay)
}
