package message

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Unwanted says why a message that waits is no longer worth sending at the
// programme's time now; "" where it is. Much can happen while a message waits: what
// it asks for was done, what it tells of has changed, or it has become too late.
func Unwanted(m *outbox.Message, about Subject, now time.Time) string {
	if !m.Until.IsZero() && !now.Before(m.Until) {
		return "it is too late for it"
	}
	d, _ := definitionOf(m.Kind)
	if about.Person != nil && about.Person.State == enrolment.Withdrawn && !d.AfterLeaving {
		return "the person has left"
	}
	return d.Unwanted(m, about, now)
}

// never is the rule of what tells of something that stays as it was.
func never(*outbox.Message, Subject, time.Time) string { return "" }

// noLonger is the rule of what no version owes any more.
func noLonger(*outbox.Message, Subject, time.Time) string {
	return "emails of this kind are not sent any more"
}

// codeGone is the rule of a message that was set aside, without its code, and is tried
// again.
func codeGone(m *outbox.Message, _ Subject, _ time.Time) string {
	if m.Code == "" {
		return "its code is gone"
	}
	return ""
}

func complaintAnswered(_ *outbox.Message, about Subject, _ time.Time) string {
	if !about.Complaint.Waits() {
		return "it was answered"
	}
	return ""
}

func claimOver(_ *outbox.Message, about Subject, now time.Time) string {
	if !about.Claim.Waits(now) {
		return "it was not confirmed in time"
	}
	return ""
}

func nominationOver(_ *outbox.Message, about Subject, now time.Time) string {
	switch {
	case about.TakesPart:
		return "they take part, or did"
	case !about.Nomination.Waits(now):
		return "the invitation is over"
	}
	return ""
}

func noAddressWaits(_ *outbox.Message, about Subject, now time.Time) string {
	if !about.Person.AddressWaits(now) {
		return "no other address is asked for any more"
	}
	return ""
}

func assistantAnswered(m *outbox.Message, about Subject, _ time.Time) string {
	switch a := about.Person.Assistant; {
	case !a.Named() || a.Generation != m.Sequence:
		return "they are not asked any more"
	case a.Picks():
		return "it was answered"
	}
	return ""
}

// timesNotPicked is the rule of times for an assistant, who must be let in.
func timesNotPicked(m *outbox.Message, about Subject, now time.Time) string {
	if !about.Person.Assistant.Picks() {
		return "nobody is let in to pick times"
	}
	return timesAnswered(m, about, now)
}

func ready(_ *outbox.Message, about Subject, _ time.Time) string {
	if about.Person.State != enrolment.Confirmed {
		return "the person is ready"
	}
	return ""
}

func notReady(_ *outbox.Message, about Subject, _ time.Time) string {
	if about.Person.State != enrolment.Ready {
		return "the person is not ready any more"
	}
	return ""
}

func matchAnswered(m *outbox.Message, about Subject, _ time.Time) string {
	if about.Match.State != pairing.Released {
		return "the match is no longer open"
	}
	if !about.Match.Owes(m.Role) {
		return "it was answered"
	}
	return ""
}

// notPassed is the rule of questions that were passed on: one that is answered, or whose match
// is over, asks for nothing.
func notPassed(m *outbox.Message, about Subject, _ time.Time) string {
	if about.Match.State != pairing.Released {
		return "the match is no longer open"
	}
	for _, q := range about.Match.Questions {
		if q.By == m.Role.Other() && !q.PassedAt.IsZero() && q.Reply == "" {
			return ""
		}
	}
	return "it was answered"
}

func pairingEnded(_ *outbox.Message, about Subject, _ time.Time) string {
	if about.Pairing.State != pairing.Active {
		return "the pairing has ended"
	}
	return ""
}

func furtherAnswered(_ *outbox.Message, about Subject, _ time.Time) string {
	if about.Pairing.Further.State != pairing.FurtherAsked {
		return "it was answered, or taken back"
	}
	return ""
}

func timesAnswered(m *outbox.Message, about Subject, now time.Time) string {
	switch {
	case about.Pairing.State != pairing.Active:
		return "the pairing has ended"
	case about.Pairing.Proposal.By != m.Role.Other() || len(about.Pairing.Proposed(now)) == 0:
		return "it was answered"
	}
	return ""
}

func sessionToCome(m *outbox.Message, about Subject, now time.Time) string {
	switch {
	case about.Pairing.State != pairing.Active:
		return "the pairing has ended"
	case about.Pairing.Paused(now):
		return "the pairing pauses"
	case about.Pairing.ToCome(now):
		return "a session is booked"
	case about.Pairing.Proposal.By == m.Role && len(about.Pairing.Proposed(now)) > 0:
		return "they have proposed times"
	}
	return ""
}

// followed is the rule of a follow-up, which is owed after the last session too.
func followed(m *outbox.Message, about Subject, now time.Time) string {
	switch {
	case about.Session != nil && about.Pairing.FollowedUp(about.Session):
		return "they were in contact"
	case about.Pairing.State == pairing.Completed:
		return ""
	}
	return sessionToCome(m, about, now)
}

func pauseOver(_ *outbox.Message, about Subject, now time.Time) string {
	if !about.Pairing.Paused(now) {
		return "the pause is over"
	}
	return ""
}

func finishAnswered(m *outbox.Message, about Subject, now time.Time) string {
	switch {
	case about.Pairing.State != pairing.Active:
		return "the pairing has ended"
	case about.Pairing.FinishBy != m.Role.Other():
		return "it was answered"
	case about.Pairing.Paused(now):
		return "the pairing pauses"
	}
	return ""
}

func sessionChanged(m *outbox.Message, about Subject, now time.Time) string {
	switch {
	case about.Session.State != pairing.Booked:
		return "the session is no longer booked"
	case about.Session.Sequence != m.Sequence:
		return "the session was moved"
	case !now.Before(about.Session.StartsAt):
		return "the session has begun"
	}
	return ""
}

func sessionLogged(m *outbox.Message, about Subject, now time.Time) string {
	if about.Session.State == pairing.Cancelled {
		return "the session was cancelled"
	}
	if about.Session.Logged[string(m.Role)] {
		return "it was logged"
	}
	if about.Pairing != nil && about.Pairing.Paused(now) {
		return "the pairing pauses"
	}
	return ""
}

func submitted(_ *outbox.Message, about Subject, _ time.Time) string {
	if about.Invitation.Submitted {
		return "it was answered"
	}
	// What is asked before the start shows nothing after the end.
	if pair := about.Pairing; pair != nil && pair.State != pairing.Active && about.Invitation.Moment == programme.Baseline {
		return "the pairing has ended"
	}
	return ""
}

func noConcerns(_ *outbox.Message, about Subject, _ time.Time) string {
	if !about.Concerns.Any() {
		return "nothing needs a coordinator any more"
	}
	return ""
}

// Concerns count what in a programme needs a coordinator.
type Concerns struct {
	// Enrolled are people who have confirmed, Declined matches, Lapsed ones, which nobody
	// answered in time, and Stopped pairings, since a time.
	Enrolled, Declined, Lapsed, Stopped int
	// Proposed are matches to review, Unclear people of whom it is not clear whom they named.
	Proposed, Unclear int
	// Unanswered are matches, Unbooked pairings, Unready people, for too long each;
	// SetAside are messages that could not be sent.
	Unanswered, Unbooked, Unready, SetAside int
	// Requests are what people asked about their own data and nobody has answered, RequestDue
	// when the first is due, LateRequests those that are over that, and OwnRequests those that
	// whoever reads this has to answer.
	Requests, LateRequests, OwnRequests int
	RequestDue                          time.Time
	// Further are pairs who both ask for a further session, FurtherDue when the first is to be
	// answered, and LateFurther those that are over that.
	Further, LateFurther int
	FurtherDue           time.Time
	// Held are messages that wait for a fault of the host's account: a coordinator sees them,
	// and can do nothing.
	Held int
	// Deletes is when what is kept about people will be deleted, where that is new or near.
	Deletes time.Time
}

// Any reports whether anything does.
func (c Concerns) Any() bool {
	c.Held = 0
	return c != Concerns{}
}
