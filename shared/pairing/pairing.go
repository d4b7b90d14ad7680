package pairing

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/programme"
)

// State is how far a pairing has come.
type State string

// The states of a pairing. A Completed one has ended as both wanted it to, once the least
// number of sessions was held; a Stopped one at the word of one of the two, or of the
// coordinator, whenever that was.
const (
	Active    State = "active"
	Completed State = "completed"
	Stopped   State = "stopped"
)

// Pairing is a match that both accepted. Its id is the match's.
type Pairing struct {
	ID         string `firestore:"-"`
	Client     string `firestore:"client"`     // the enrolment's id
	Consultant string `firestore:"consultant"` // the enrolment's id
	State      State  `firestore:"state"`
	// Continues is the pairing that went before with the organisation's leader before, "" for none,
	// and Before the sessions that were held until then: they count, and stand in that.
	Continues string    `firestore:"continues,omitempty"`
	Before    []Earlier `firestore:"before,omitempty"`
	// Booked and Held count sessions; only held ones count towards completion, and
	// a cancelled one does not count as booked.
	Booked int `firestore:"booked"`
	Held   int `firestore:"held"`
	// Numbered is the last session's number, where one was cancelled: sessions keep
	// their numbers, and none is given again.
	Numbered int `firestore:"numbered"`
	// Disputed counts sessions of which one says that they were held and the other that
	// they were not.
	Disputed  int       `firestore:"disputed,omitempty"`
	StartedAt time.Time `firestore:"startedAt"`
	EndedAt   time.Time `firestore:"endedAt"`
	// EndedBy is who ended it, see Ender, and EndReason why, for the coordinator alone.
	EndedBy   Ender  `firestore:"endedBy,omitempty"`
	EndReason string `firestore:"endReason,omitempty"`
	// Expectations are what both agreed to, as it was then.
	Expectations programme.Text `firestore:"expectations"`
	// Agreement is what the two have agreed on between them, such as in their first session.
	Agreement Agreement `firestore:"agreement"`
	// Limits are within what a side accepted, by role, for the other.
	Limits map[string]string `firestore:"limits,omitempty"`
	// Thanks are what a side passed on to the other at the end, by role.
	Thanks map[string]Thanks `firestore:"thanks,omitempty"`
	// Next is what each side wants after the end, by role.
	Next map[string]Next `firestore:"next,omitempty"`
	// FinishBy is the side that has proposed to finish, or "", and FinishAt when.
	FinishBy programme.Role `firestore:"finishBy,omitempty"`
	FinishAt time.Time      `firestore:"finishAt,omitempty"`
	// PausedBy is the side that has asked for the last pause, or "", at PausedAt, and
	// PausedUntil when it ends or ended.
	PausedBy    programme.Role `firestore:"pausedBy,omitempty"`
	PausedAt    time.Time      `firestore:"pausedAt,omitempty"`
	PausedUntil time.Time      `firestore:"pausedUntil,omitempty"`
	// Lent is set while the places of a paused pairing are for others, see Pause.
	Lent bool `firestore:"lent,omitempty"`
	// Dates are when its sessions begin, by their ids: of those that are booked or were
	// held; and Lengths their minutes. CalledOffAt is when one was last cancelled, or was to
	// be and was not held.
	Dates       map[string]time.Time `firestore:"dates"`
	Lengths     map[string]int       `firestore:"lengths,omitempty"`
	CalledOffAt time.Time            `firestore:"calledOffAt"`
	// Proposal is what one side proposes for the next session.
	Proposal Proposal `firestore:"proposal"`
	// Further is that one side asks for more sessions than it can have, and Granted how many more
	// it was given.
	Further Further `firestore:"further,omitempty"`
	Granted int     `firestore:"granted,omitempty"`
	// FollowedOn is the last day on which they were in contact by email or phone, as their notebook
	// says: reminders go by it, which do not read that.
	FollowedOn time.Time `firestore:"followedOn,omitempty"`
	// ChangedOn is the day, by Greenwich, on which sessions were last booked, moved or proposed, and
	// Changes how often on that day.
	ChangedOn string `firestore:"changedOn,omitempty"`
	Changes   int    `firestore:"changes,omitempty"`
	// DueAt is when reminders look at it next; the zero time when nothing is owed.
	// Overdue says that it waits for the coordinator, without a session for too long.
	DueAt   time.Time `firestore:"dueAt"`
	Overdue bool      `firestore:"overdue"`
	// Milestone asks for the questionnaires at the end; it is cleared in the commit that
	// invites to them.
	Milestone Milestone `firestore:"milestone"`
	CreatedAt time.Time `firestore:"createdAt"`
	UpdatedAt time.Time `firestore:"updatedAt"`
	// Version is the time of the document's last write, which guards the next.
	Version time.Time `firestore:"-"`
}

// Milestone is a step at which people may be asked a questionnaire. A pairing of versions
// before may have another, which asks for nothing.
type Milestone string

// The milestones.
const (
	None  Milestone = ""
	Ended Milestone = "ended"
)

// Enrolment is the id of a role's enrolment.
func (p *Pairing) Enrolment(r programme.Role) string {
	if r == programme.Client {
		return p.Client
	}
	return p.Consultant
}

// Start is the pairing that an accepted match becomes.
func Start(m *Match, now time.Time) *Pairing {
	var limits map[string]string
	for _, role := range programme.Roles {
		if within := m.Side(role).Limits; within != "" {
			if limits == nil {
				limits = map[string]string{}
			}
			limits[string(role)] = within
		}
	}
	return &Pairing{
		ID: m.ID, Limits: limits, Client: m.Client.Enrolment, Consultant: m.Consultant.Enrolment, State: Active,
		StartedAt: now, Dates: map[string]time.Time{}, DueAt: now, CreatedAt: now, UpdatedAt: now,
	}
}

// SessionState is how far a session has come.
type SessionState string

// The states of a session.
const (
	Booked  SessionState = "booked"
	Held    SessionState = "held"
	NotHeld SessionState = "not held"
	// Disputed is a session that was held as one side says, and not as the other says.
	Disputed SessionState = "disputed"
	// Cancelled is a session that was called off before it began.
	Cancelled SessionState = "cancelled"
)

// Session is one booked meeting of a pairing.
type Session struct {
	ID        string `firestore:"-"`
	Programme string `firestore:"programme"`
	Pairing   string `firestore:"pairing"`
	Number    int    `firestore:"number"`
	// Client and Consultant are the enrolments' ids.
	Client     string         `firestore:"client"`
	Consultant string         `firestore:"consultant"`
	StartsAt   time.Time      `firestore:"startsAt"`
	Minutes    int            `firestore:"minutes"`
	Place      string         `firestore:"place"`
	Way        Way            `firestore:"way,omitempty"`
	BookedBy   programme.Role `firestore:"bookedBy"`
	// ByAssistant says that it was the assistant of that side who picked the time.
	ByAssistant bool         `firestore:"byAssistant,omitempty"`
	State       SessionState `firestore:"state"`
	// Sequence counts the changes since it was booked, for messages and calendars,
	// which know the latest by it.
	Sequence int `firestore:"sequence"`
	// Was is the booking before the last move; zero where there was none.
	Was Booking `firestore:"was"`
	// Reason is why it was cancelled, in the words of who did; it may be empty.
	Reason string `firestore:"reason"`
	// BookedAt is when it was booked, or last moved.
	BookedAt time.Time `firestore:"bookedAt"`
	// DueAt is when reminders look at it next; the zero time when nothing is owed.
	DueAt time.Time `firestore:"dueAt"`
	// Logged says who has written a log, for reminders; the words are in Logs,
	// each of which only its author reads.
	Logged map[string]bool `firestore:"logged"`
	// Said is by role whether the session was held, by the log of that side.
	Said      map[string]bool `firestore:"said,omitempty"`
	CreatedAt time.Time       `firestore:"createdAt"`
	UpdatedAt time.Time       `firestore:"updatedAt"`
	// Version is the time of the document's last write, which guards the next.
	Version time.Time `firestore:"-"`
}

// Enrolment is the id of a role's enrolment.
func (s *Session) Enrolment(r programme.Role) string {
	if r == programme.Client {
		return s.Client
	}
	return s.Consultant
}

// EndsAt is when the session is planned to end.
func (s *Session) EndsAt() time.Time { return s.StartsAt.Add(time.Duration(s.Minutes) * time.Minute) }

// meet takes down when a session begins, and for how long it is.
func (p *Pairing) meet(session string, b Booking, now time.Time) {
	if p.Dates == nil {
		p.Dates = map[string]time.Time{}
	}
	if p.Lengths == nil {
		p.Lengths = map[string]int{}
	}
	p.Dates[session], p.Lengths[session] = b.StartsAt, b.Minutes
	p.lookAgain(now)
}

// lookAgain has reminders look at a pairing that goes on.
func (p *Pairing) lookAgain(now time.Time) {
	if p.State == Active {
		p.DueAt, p.Overdue = programme.DueNow(p.DueAt, now), false
	}
}

// callOff takes down that a session will not be, or was not, and since when.
func (p *Pairing) callOff(session string, at, now time.Time) {
	delete(p.Dates, session)
	delete(p.Lengths, session)
	if at.After(p.CalledOffAt) {
		p.CalledOffAt = at
	}
	if p.State == Active {
		p.DueAt = programme.DueNow(p.DueAt, now)
	}
}

// ToCome reports whether a session is booked that has not begun.
func (p *Pairing) ToCome(now time.Time) bool {
	for _, at := range p.Dates {
		if at.After(now) {
			return true
		}
	}
	return false
}

// LastDate is when its last session begins that is booked or was held, or one was
// called off, or when a pause ended; else when it started.
func (p *Pairing) LastDate() time.Time {
	last := p.StartedAt
	if p.PausedUntil.After(last) {
		last = p.PausedUntil
	}
	if p.CalledOffAt.After(last) {
		last = p.CalledOffAt
	}
	for _, at := range p.Dates {
		if at.After(last) {
			last = at
		}
	}
	return last
}
