package pairing

import (
	"slices"
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Log is one side's short account of a session. Only its author reads it; what they share of
// it stands in a Shared of its own.
type Log struct {
	Session string         `firestore:"session"`
	Role    programme.Role `firestore:"role"`
	Held    bool           `firestore:"held"`
	// Surfaced is what came up, in the author's words.
	Surfaced string `firestore:"surfaced"`
	// Topic is which kind of issue that was: the id of one of the programme's skills, which the
	// client picks; or "".
	Topic string `firestore:"topic,omitempty"`
	// Balance and Thinking are choices, see Balances and Thinkings.
	Balance  string `firestore:"balance"`
	Thinking string `firestore:"thinking"`
	// Next is what the client decided.
	Next string `firestore:"next"`
	// Learnt is what the author learnt.
	Learnt string `firestore:"learnt,omitempty"`
	// Helps and Change are a line each on how working together is going: what helps, and what
	// the author would change.
	Helps  string `firestore:"helps,omitempty"`
	Change string `firestore:"change,omitempty"`
	// Fit is whether the two fit, asked after the first session and for the author alone; or "".
	Fit Fit `firestore:"fit,omitempty"`
	// Note is what the author wanted to remember before the session; it may be there before a
	// log is.
	Note string `firestore:"note,omitempty"`
	// Shares are the fields that the author shares with the other, see Shareable.
	Shares []string `firestore:"shares,omitempty"`
	// Writer is a keyed hash of the device on which it was written, where no code was given
	// on it, and no other device has changed it since; or "".
	Writer    string    `firestore:"writer,omitempty"`
	CreatedAt time.Time `firestore:"createdAt"`
	UpdatedAt time.Time `firestore:"updatedAt"`
	// Version is the time of the document's last write, which guards the next.
	Version time.Time `firestore:"-"`
}

// Fit is what somebody thinks of whether the two fit.
type Fit string

// The answers about the fit; "" is none.
const (
	Fits     Fit = "yes"
	Deciding Fit = "deciding"
	NoFit    Fit = "no"
)

// Fitness are the choices of whether the two fit.
var Fitness = []Choice{{string(Fits), "Yes"}, {string(Deciding), "I am still deciding"}, {string(NoFit), "No"}}

// Choice is one answer to a question with fixed answers. Names may hold the
// placeholders of programme.Terms.Say.
type Choice struct{ ID, Name string }

// Balances are what a session was mostly about.
var Balances = []Choice{
	{"practical", "Mostly practical help"}, {"both", "Both about equally"}, {"leadership", "Mostly growing as a leader"},
}

// Thinkings are who did the thinking, on a scale from asking to telling: a drift towards the
// last is a sign of dependency.
var Thinkings = []Choice{
	{"asked", "The {consultant} asked, and the {client} worked it out"},
	{"mostly-asked", "The {consultant} mostly asked, with a thought here and there"},
	{"suggested", "The {consultant} suggested, and the {client} chose"},
	{"mostly-told", "The {consultant} mostly said what to do"},
	{"did", "The {consultant} said what to do, or did it for the {client}"},
}

// Thing is a name for the log among all of a programme's, by its pairing's id.
func (l *Log) Thing(pairing string) string {
	return pairing + "/" + l.Session + "/" + string(l.Role)
}

// Is reports whether two logs say and share the same.
func (l *Log) Is(other *Log) bool {
	return l.Held == other.Held && l.Surfaced == other.Surfaced && l.Topic == other.Topic && l.Balance == other.Balance && l.Thinking == other.Thinking &&
		l.Next == other.Next && l.Learnt == other.Learnt && l.Helps == other.Helps && l.Change == other.Change && l.Fit == other.Fit && slices.Equal(l.Shares, other.Shares)
}

// First reports whether no session of the two that is booked or was held begins before this
// one: after it they are asked whether they fit.
func (p *Pairing) First(s *Session) bool {
	for id, at := range p.Dates {
		if id != s.ID && at.Before(s.StartsAt) {
			return false
		}
	}
	return true
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
	if l.Fit != "" && !chosen(Fitness, string(l.Fit)) {
		invalid.Add("fit", "Select whether the two of you fit, or leave it out")
	}
	for _, text := range []struct {
		name, value string
		most        int
	}{{"surfaced", l.Surfaced, MaxText}, {"next", l.Next, MaxText}, {"learnt", l.Learnt, MaxText}, {"helps", l.Helps, MaxReason}, {"change", l.Change, MaxReason}} {
		if len([]rune(text.value)) > text.most {
			invalid.Add(text.name, "Your answer must be %d characters or fewer", text.most)
		}
	}
	for _, field := range l.Shares {
		if !slices.Contains(Shareable(l.Role), field) {
			invalid.Add("shares", "Select what you would like to share")
			break
		}
	}
	return invalid.Err()
}

// CheckNote says what to correct in a note before a session.
func (l *Log) CheckNote() error {
	var invalid fault.Invalid
	if len([]rune(l.Note)) > MaxText {
		invalid.Add("note", "Your note must be %d characters or fewer", MaxText)
	}
	return invalid.Err()
}

// CheckTopic says what to correct in the kind of issue, which is one of the programme's skills,
// or what the log had before the programme dropped that.
func (l *Log) CheckTopic(skills []programme.Skill, had string) error {
	var invalid fault.Invalid
	if l.Topic != "" && l.Topic != had && !slices.ContainsFunc(skills, func(s programme.Skill) bool { return s.ID == l.Topic }) {
		invalid.Add("topic", "Select a kind of issue from the list, or leave it out")
	}
	return invalid.Err()
}

// NameOf is the name of one of some choices, or "".
func NameOf(choices []Choice, id string) string {
	for _, c := range choices {
		if c.ID == id {
			return c.Name
		}
	}
	return ""
}

func chosen(choices []Choice, id string) bool { return id != "" && NameOf(choices, id) != "" }

// Record takes one side's log of a session into account, or what that side has amended in
// it. A session is held where one side says so and the other does not say otherwise, not
// held where one says that, and disputed where the two say different things: it counts once
// one of them has amended their log.
func (p *Pairing) Record(s *Session, l *Log, now time.Time) error {
	if s.State == Cancelled {
		return fault.New(fault.Conflict, "Session %d was cancelled, so there is nothing to log.", s.Number)
	}
	if now.Before(s.StartsAt) {
		return fault.New(fault.Conflict, "This session has not started yet. Come back once it has.")
	}
	if err := l.Check(); err != nil {
		return err
	}
	said := map[string]bool{}
	for _, role := range programme.Roles {
		if held, ok := s.says(role); ok {
			said[string(role)] = held
		}
	}
	said[string(l.Role)] = l.Held
	if s.Logged == nil {
		s.Logged = map[string]bool{}
	}
	s.Logged[string(l.Role)], s.Said = true, said
	s.DueAt = programme.DueNow(s.DueAt, now)
	p.turn(s, agreed(said), now)
	return nil
}

// says is what a side has said of whether the session was held, if it has. What was said
// before that was kept is what became of the session.
func (s *Session) says(role programme.Role) (held, ok bool) {
	if held, ok = s.Said[string(role)]; ok {
		return held, true
	}
	return s.State == Held, s.Logged[string(role)]
}

// Says is "held" or "not held", as a side has said of a session; "" where it has not.
func (s *Session) Says(role programme.Role) string {
	switch held, ok := s.says(role); {
	case !ok:
		return ""
	case held:
		return string(Held)
	}
	return string(NotHeld)
}

// agreed is the state of a session of which the sides have said that it was held or not.
func agreed(said map[string]bool) SessionState {
	held, not := false, false
	for _, h := range said {
		held, not = held || h, not || !h
	}
	switch {
	case held && not:
		return Disputed
	case held:
		return Held
	}
	return NotHeld
}

// turn has a session that has begun be in another state, and counts it.
func (p *Pairing) turn(s *Session, to SessionState, now time.Time) {
	if s.State == to {
		return
	}
	count := func(state SessionState, n int) {
		switch state {
		case Held:
			p.Held += n
		case Disputed:
			p.Disputed += n
		}
	}
	count(s.State, -1)
	count(to, 1)
	if s.State = to; to == NotHeld {
		p.callOff(s.ID, s.StartsAt, now)
	} else {
		p.meet(s.ID, s.Booking(), now) // one side may have said that it was not held
	}
}
