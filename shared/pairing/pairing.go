package pairing

import (
	"fmt"
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// State is how far a pairing has come.
type State string

// The states of a pairing.
const (
	Active    State = "active"
	Completed State = "completed"
)

// Pairing is a match that both accepted. Its id is the match's.
type Pairing struct {
	ID         string `firestore:"-"`
	Client     string `firestore:"client"`     // the enrolment's id
	Consultant string `firestore:"consultant"` // the enrolment's id
	State      State  `firestore:"state"`
	// Booked and Held count sessions; only held ones count towards completion, and
	// a cancelled one does not count as booked.
	Booked int `firestore:"booked"`
	Held   int `firestore:"held"`
	// Numbered is the last session's number, where one was cancelled: sessions keep
	// their numbers, and none is given again.
	Numbered  int       `firestore:"numbered"`
	StartedAt time.Time `firestore:"startedAt"`
	EndedAt   time.Time `firestore:"endedAt"`
	// Dates are when its sessions begin, by their ids: of those that are booked or were
	// held. CalledOffAt is when one was last cancelled, or was to be and was not held.
	Dates       map[string]time.Time `firestore:"dates"`
	CalledOffAt time.Time            `firestore:"calledOffAt"`
	// DueAt is when reminders look at it next; the zero time when nothing is owed.
	// Overdue says that it waits for the coordinator, without a session for too long.
	DueAt   time.Time `firestore:"dueAt"`
	Overdue bool      `firestore:"overdue"`
	// Milestone asks for the questionnaires of a step that was just taken; it is
	// cleared in the commit that invites to them.
	Milestone Milestone `firestore:"milestone"`
	CreatedAt time.Time `firestore:"createdAt"`
	UpdatedAt time.Time `firestore:"updatedAt"`
	// Version is the time of the document's last write, which guards the next.
	Version time.Time `firestore:"-"`
}

// Milestone is a step at which both people are asked a questionnaire.
type Milestone string

// The milestones.
const (
	None    Milestone = ""
	Started Milestone = "started"
	Ended   Milestone = "ended"
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
	return &Pairing{
		ID: m.ID, Client: m.Client.Enrolment, Consultant: m.Consultant.Enrolment, State: Active,
		StartedAt: now, Dates: map[string]time.Time{}, DueAt: now, Milestone: Started, CreatedAt: now, UpdatedAt: now,
	}
}

// SessionState is how far a session has come.
type SessionState string

// The states of a session.
const (
	Booked  SessionState = "booked"
	Held    SessionState = "held"
	NotHeld SessionState = "not held"
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
	BookedBy   programme.Role `firestore:"bookedBy"`
	State      SessionState   `firestore:"state"`
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
	Logged    map[string]bool `firestore:"logged"`
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

// Booking is what someone enters to book a session.
type Booking struct {
	StartsAt time.Time `firestore:"startsAt"`
	Minutes  int       `firestore:"minutes"`
	Place    string    `firestore:"place"`
}

// The bounds of a session's length in minutes, and how far ahead one is booked.
const (
	MinMinutes = 15
	MaxMinutes = 480
	farAhead   = 366 * 24 * time.Hour
)

// check says what to correct in a booking.
func (b Booking) check(now time.Time) error {
	var invalid fault.Invalid
	switch {
	case b.StartsAt.IsZero():
		invalid.Add("date", "Enter a date and a time, like 27 3 2027 and 14:00")
	case !b.StartsAt.After(now):
		invalid.Add("date", "The session must be in the future")
	case b.StartsAt.After(now.Add(farAhead)):
		invalid.Add("date", "The session must be within a year from now")
	}
	if b.Minutes < MinMinutes || b.Minutes > MaxMinutes {
		invalid.Add("minutes", "Enter a length from %d to %d minutes", MinMinutes, MaxMinutes)
	}
	switch n := len([]rune(b.Place)); {
	case n == 0:
		invalid.Add("place", "Enter where you will meet, or the link or number of the call")
	case n > 300:
		invalid.Add("place", "The place must be 300 characters or fewer")
	case !programme.Plain(b.Place):
		invalid.Add("place", "Enter the place on one line, without special codes")
	}
	return invalid.Err()
}

// numbered is the last session's number. Pairings from before sessions could be
// cancelled count all of theirs as booked.
func (p *Pairing) numbered() int { return max(p.Numbered, p.Booked) }

// Book adds a session to an active pairing, which counts it.
func (p *Pairing) Book(id, programmeID string, by programme.Role, b Booking, now time.Time) (*Session, error) {
	if p.State != Active {
		return nil, fault.New(fault.Conflict, "This pairing has ended, so no more sessions can be booked.")
	}
	if err := b.check(now); err != nil {
		return nil, err
	}
	p.Booked, p.Numbered = p.Booked+1, p.numbered()+1
	p.meet(id, b.StartsAt, now)
	return &Session{
		ID: id, Programme: programmeID, Pairing: p.ID, Number: p.Numbered, Client: p.Client, Consultant: p.Consultant,
		StartsAt: b.StartsAt, Minutes: b.Minutes, Place: b.Place, BookedBy: by, State: Booked,
		BookedAt: now, DueAt: now, Logged: map[string]bool{}, CreatedAt: now, UpdatedAt: now,
	}, nil
}

// Log is one side's short account of a session. Only its author reads it.
type Log struct {
	Session string         `firestore:"session"`
	Role    programme.Role `firestore:"role"`
	Held    bool           `firestore:"held"`
	// Surfaced is what came up, in the author's words.
	Surfaced string `firestore:"surfaced"`
	// Balance and Thinking are choices, see Balances and Thinkings.
	Balance   string    `firestore:"balance"`
	Thinking  string    `firestore:"thinking"`
	Next      string    `firestore:"next"`
	CreatedAt time.Time `firestore:"createdAt"`
	UpdatedAt time.Time `firestore:"updatedAt"`
}

// Choice is one answer to a question with fixed answers. Names may hold the
// placeholders of programme.Terms.Say.
type Choice struct{ ID, Name string }

// Balances are what a session was mostly about.
var Balances = []Choice{
	{"practical", "Mostly practical help"}, {"both", "Both about equally"}, {"leadership", "Mostly growing as a leader"},
}

// Thinkings are who did the thinking: a drift towards "did it" is a sign of dependency.
var Thinkings = []Choice{
	{"asked", "The {consultant} asked, the {client} worked it out"},
	{"suggested", "The {consultant} suggested what to do"},
	{"did", "The {consultant} did it for the {client}"},
}

// Check says what to correct in a log. A session that was not held needs no choices.
func (l *Log) Check() error {
	var invalid fault.Invalid
	if (l.Held || l.Balance != "") && !chosen(Balances, l.Balance) {
		invalid.Add("balance", "Select what the session was mostly about")
	}
	if (l.Held || l.Thinking != "") && !chosen(Thinkings, l.Thinking) {
		invalid.Add("thinking", "Select who did most of the thinking")
	}
	for _, text := range []struct{ name, value string }{{"surfaced", l.Surfaced}, {"next", l.Next}} {
		if len([]rune(text.value)) > MaxText {
			invalid.Add(text.name, "Your answer must be %d characters or fewer", MaxText)
		}
	}
	return invalid.Err()
}

func chosen(choices []Choice, id string) bool {
	for _, c := range choices {
		if c.ID == id {
			return true
		}
	}
	return false
}

// Record takes one side's log of a session into account. A session is held once
// either side says so; it is not held when one side says so and the other does
// not say otherwise. When enough sessions were held, the pairing is completed.
func (p *Pairing) Record(s *Session, l *Log, target int, now time.Time) error {
	if s.State == Cancelled {
		return fault.New(fault.Conflict, "Session %d was cancelled, so there is nothing to log.", s.Number)
	}
	if now.Before(s.StartsAt) {
		return fault.New(fault.Conflict, "This session has not started yet. Come back once it has.")
	}
	if s.Logged[string(l.Role)] {
		return fault.New(fault.Conflict, "You have already sent a log of session %d.", s.Number)
	}
	if err := l.Check(); err != nil {
		return err
	}
	if s.Logged == nil {
		s.Logged = map[string]bool{}
	}
	s.Logged[string(l.Role)] = true
	s.DueAt = programme.DueNow(s.DueAt, now)
	switch {
	case l.Held && s.State != Held:
		s.State = Held
		p.Held++
		p.meet(s.ID, s.StartsAt, now) // one side may have said that it was not held
	case !l.Held && s.State == Booked:
		s.State = NotHeld
		p.callOff(s.ID, s.StartsAt, now)
	}
	if p.State == Active && p.Held >= target {
		p.complete(now)
	}
	return nil
}

// Finish ends a pairing at either side's word once the least number of sessions
// was held.
func (p *Pairing) Finish(minimum int, now time.Time) error {
	if p.State == Completed {
		return nil
	}
	if p.Held < minimum {
		return fault.New(fault.Conflict, "%s", fmt.Sprintf("You have held %d of at least %d sessions. Ask the coordinator if you need to stop before.", p.Held, minimum))
	}
	p.complete(now)
	return nil
}

func (p *Pairing) complete(now time.Time) {
	p.State, p.EndedAt, p.Milestone = Completed, now, Ended
	p.DueAt, p.Overdue = time.Time{}, false
}

// meet takes down when a session begins.
func (p *Pairing) meet(session string, at, now time.Time) {
	if p.Dates == nil {
		p.Dates = map[string]time.Time{}
	}
	p.Dates[session] = at
	p.DueAt, p.Overdue = programme.DueNow(p.DueAt, now), false
}

// callOff takes down that a session will not be, or was not, and since when.
func (p *Pairing) callOff(session string, at, now time.Time) {
	delete(p.Dates, session)
	if at.After(p.CalledOffAt) {
		p.CalledOffAt = at
	}
	p.DueAt = programme.DueNow(p.DueAt, now)
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
// called off; else when it started.
func (p *Pairing) LastDate() time.Time {
	last := p.StartedAt
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
