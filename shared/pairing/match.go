// Package pairing is what happens between two people who were matched: the
// proposed match and its answers, the pairing that both accepted, its sessions
// and their logs, and when it is complete.
package pairing

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/matching/commitment"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// MatchState is how far a match has come.
type MatchState string

// The states of a match. A Proposed match is for the coordinator's eyes, and only
// while its run is the programme's latest; a Released one is out, and takes up the
// places of both people, as an Accepted one does; a Declined or Withdrawn one has given
// them back, as a Lapsed one has, to which no answer came in time.
const (
	Proposed  MatchState = "proposed"
	Released  MatchState = "released"
	Accepted  MatchState = "accepted"
	Declined  MatchState = "declined"
	Withdrawn MatchState = "withdrawn"
	Lapsed    MatchState = "lapsed"
)

// Out are the states of matches that people know of. They count whichever run they
// are from.
var Out = []MatchState{Released, Accepted, Declined, Withdrawn, Lapsed}

// Apart are the states of matches of two who are not matched with each other again: one of
// them has said no, or nothing.
var Apart = []MatchState{Declined, Lapsed}

// Match is a proposed pair with its reasons and both people's answers.
type Match struct {
	ID        string `firestore:"-"`
	Run       string `firestore:"-"`
	Programme string `firestore:"programme"`
	// Client and Consultant are the two sides.
	Client     Side             `firestore:"client"`
	Consultant Side             `firestore:"consultant"`
	Reasons    matching.Reasons `firestore:"reasons"`
	// Continues is the pairing after which it goes on with the organisation's new leader, "" for
	// none, and Goals that what stands in the notebook of that passes on.
	Continues string `firestore:"continues,omitempty"`
	Goals     bool   `firestore:"goals,omitempty"`
	// Bound is what its run was bound to before it was solved; zero where no run made it, and in
	// those of versions before.
	Bound      Bound      `firestore:"bound,omitempty"`
	Score      int        `firestore:"score"`
	State      MatchState `firestore:"state"`
	ReleasedAt time.Time  `firestore:"releasedAt"`
	// ReplyBy is until when both are to answer; the zero time where nothing ends that.
	ReplyBy time.Time `firestore:"replyBy,omitempty"`
	// Neutral says that neither learns who the other is before both have said that they see no
	// conflict, see Clear.
	Neutral bool `firestore:"neutral,omitempty"`
	// ReleasedBy is the id of the member of staff who released it, or "" where people chose.
	ReleasedBy string `firestore:"releasedBy,omitempty"`
	// Questions are what the two have asked about it through the coordinator, and Extended that
	// the day to answer was moved for one.
	Questions []Question `firestore:"questions,omitempty"`
	Extended  bool       `firestore:"extended,omitempty"`
	// Look is that one of the two has asked that somebody looks again at how it was made; by
	// nobody where they have not.
	Look Look `firestore:"look,omitempty"`
	// DueAt is when reminders look at it next; the zero time when nothing is owed.
	// Overdue says that it waits for the coordinator: unanswered for too long, or with
	// something that one of the two has asked.
	DueAt     time.Time `firestore:"dueAt"`
	Overdue   bool      `firestore:"overdue"`
	CreatedAt time.Time `firestore:"createdAt"`
	UpdatedAt time.Time `firestore:"updatedAt"`
	// Version is the time of the document's last write, which guards the next.
	Version time.Time `firestore:"-"`
}

// Bound is what a run was bound to before it was solved: the root of a tree of what so many
// people had answered. By ID it stands in their rows, see package commitment.
type Bound struct {
	ID     string    `firestore:"id"`
	Root   string    `firestore:"root"`
	People int       `firestore:"people"`
	At     time.Time `firestore:"at"`
}

// Side is one of the two people in a match.
type Side struct {
	// Enrolment is the id of the person's enrolment.
	Enrolment string `firestore:"enrolment"`
	Answer    Answer `firestore:"answer"`
	// Others says what the run found of others than the other side; zero where no run did.
	Others matching.Others `firestore:"others"`
	// Proof leads from this side's own answers to the root of the run.
	Proof commitment.Proof `firestore:"proof,omitempty"`
	// Reason is why this side declined, for the coordinator alone; it may be empty. Conflict
	// says that it is since they may have a conflict with the other.
	Reason   string `firestore:"reason"`
	Conflict bool   `firestore:"conflict,omitempty"`
	// ClearAt is when this side has said that they see no conflict.
	ClearAt time.Time `firestore:"clearAt,omitempty"`
	// Limits are within what this side accepted, for the other; it may be empty.
	Limits string `firestore:"limits,omitempty"`
	// Expectations is the version of the expectations that this side agreed to.
	Expectations string    `firestore:"expectations"`
	AnsweredAt   time.Time `firestore:"answeredAt"`
}

// Answer is what one side said to a match.
type Answer string

// The answers; empty until given.
const (
	Yes Answer = "yes"
	No  Answer = "no"
)

// Side is a role's side of the match.
func (m *Match) Side(r programme.Role) *Side {
	if r == programme.Client {
		return &m.Client
	}
	return &m.Consultant
}

// Both are the ids of the two enrolments.
func (m *Match) Both() []string { return []string{m.Client.Enrolment, m.Consultant.Enrolment} }

// Release lets both people see a proposed match, which takes up a place of each
// holder, and is to be answered before replyBy. It changes nothing where one of them has no
// room. Releasing it twice is one release.
func (m *Match) Release(h Holders, replyBy, now time.Time) error {
	switch m.State {
	case Proposed:
		if h.Client == nil || h.Consultant == nil {
			return fault.New(fault.Conflict, "One of the two has left.")
		}
		if err := h.begin(m.ID); err != nil {
			return err
		}
		m.State, m.ReleasedAt, m.ReplyBy, m.DueAt = Released, now, replyBy, now
		return nil
	case Released:
		return nil
	case Withdrawn:
		return fault.New(fault.Conflict, "This match was withdrawn.")
	}
	return fault.New(fault.Conflict, "This match was already answered.")
}

// Withdraw takes a released match back, which both have not accepted yet, and gives
// the holders their places back. Withdrawing it twice is once.
func (m *Match) Withdraw(h Holders) error {
	switch m.State {
	case Released:
		m.end(Withdrawn)
		h.free(m.ID)
		return nil
	case Withdrawn:
		return nil
	case Proposed:
		return fault.New(fault.Conflict, "This match was not released.")
	}
	return fault.New(fault.Conflict, "This match was already answered.")
}

// Lapses reports whether it is over at a time for want of an answer.
func (m *Match) Lapses(now time.Time) bool {
	return m.State == Released && !m.ReplyBy.IsZero() && !now.Before(m.ReplyBy)
}

// Lapse ends a match that has waited for an answer for as long as it may, and gives the
// holders their places back. It reports whether it did: until then an answer counts, also a
// late one.
func (m *Match) Lapse(h Holders, now time.Time) bool {
	if !m.Lapses(now) {
		return false
	}
	m.end(Lapsed)
	h.free(m.ID)
	return true
}

// LastDay is a time of the last day on which both are to answer; the zero time where none is.
func (m *Match) LastDay() time.Time {
	if m.ReplyBy.IsZero() {
		return time.Time{}
	}
	return m.ReplyBy.Add(-time.Second)
}

// Unanswered reports whether a released match has no answer from either side.
func (m *Match) Unanswered() bool {
	return m.State == Released && m.Client.Answer == "" && m.Consultant.Answer == ""
}

// Accept records one side's yes, with the version of the expectations that it
// agreed to. The match is accepted once both sides said yes. Saying yes twice is
// one yes.
func (m *Match) Accept(r programme.Role, expectations string, now time.Time) error {
	return m.AcceptWithin(r, "", expectations, now)
}

// AcceptWithin records one side's yes within limits, such as times and topics, which the
// other reads; "" is a yes without limits.
func (m *Match) AcceptWithin(r programme.Role, limits, expectations string, now time.Time) error {
	side := m.Side(r)
	if side.Answer == Yes {
		return nil
	}
	if m.State != Released {
		return errNotOpen
	}
	if !m.Named() {
		return errNotNamed
	}
	if len([]rune(limits)) > MaxText {
		var invalid fault.Invalid
		invalid.Add("limits", "Your limits must be %d characters or fewer", MaxText)
		return invalid.Err()
	}
	side.Answer, side.Limits, side.Expectations, side.AnsweredAt = Yes, limits, expectations, now
	if m.Client.Answer == Yes && m.Consultant.Answer == Yes {
		m.end(Accepted)
	}
	return nil
}

// end is the last step of a match, about which nothing is owed any more.
func (m *Match) end(s MatchState) { m.State, m.DueAt, m.Overdue = s, time.Time{}, false }

// Decline records one side's no. It is open to a side until both have said yes,
// also after its own yes, and gives the holders their places back. The reason may be
// empty.
func (m *Match) Decline(r programme.Role, reason string, now time.Time, h Holders) error {
	side := m.Side(r)
	if side.Answer == No {
		return nil
	}
	if m.State != Released {
		return errNotOpen
	}
	var invalid fault.Invalid
	if len([]rune(reason)) > MaxText {
		invalid.Add("reason", "Your reason must be %d characters or fewer", MaxText)
	}
	if err := invalid.Err(); err != nil {
		return err
	}
	side.Answer, side.Reason, side.AnsweredAt = No, reason, now
	m.end(Declined)
	h.free(m.ID)
	return nil
}

// MaxText is the longest free text, in characters.
const MaxText = 2000

var errNotOpen = fault.New(fault.Conflict, "This match is no longer open for an answer.")
