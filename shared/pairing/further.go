package pairing

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Further is that one of the two would like one session more than a pairing can have: the
// other agrees or does not, and then the coordinator gives it or does not. It is the latest
// of a pairing; the zero Further where nobody has asked.
type Further struct {
	State FurtherState `firestore:"state,omitempty"`
	// By is who asked, Why what for, in a line that the other and coordinators read, and AskedAt
	// when, which tells it from the others of a pairing.
	By      programme.Role `firestore:"by,omitempty"`
	Why     string         `firestore:"why,omitempty"`
	AskedAt time.Time      `firestore:"askedAt,omitempty"`
	// AgreedAt is when the other agreed, and AnswerBy until when the coordinator is to answer:
	// the zero time unless it waits for them.
	AgreedAt time.Time `firestore:"agreedAt,omitempty"`
	AnswerBy time.Time `firestore:"answerBy,omitempty"`
	// SettledAt is when it was over.
	SettledAt time.Time `firestore:"settledAt,omitempty"`
}

// FurtherState is how far it has come that somebody asks for a further session.
type FurtherState string

// The states. The other did not agree to one that stays AsPlanned, and a pairing ended before
// one that is Over was settled.
const (
	FurtherAsked     FurtherState = "asked"
	FurtherAgreed    FurtherState = "agreed"
	FurtherGranted   FurtherState = "granted"
	FurtherRefused   FurtherState = "refused"
	FurtherAsPlanned FurtherState = "as planned"
	FurtherWithdrawn FurtherState = "withdrawn"
	FurtherOver      FurtherState = "over"
)

// Open reports whether it waits for the other or for the coordinator.
func (f Further) Open() bool { return f.State == FurtherAsked || f.State == FurtherAgreed }

// MaxFurtherWhy is the longest line that says why, in characters.
const MaxFurtherWhy = 300

// FurtherDays is within how many working days the coordinator answers.
const FurtherDays = 5

// Grants are how many further sessions a programme has given in all: one document, which the
// commit that gives one writes, so that no two give the last.
type Grants struct {
	Given     int       `firestore:"given"`
	CreatedAt time.Time `firestore:"createdAt"`
	UpdatedAt time.Time `firestore:"updatedAt"`
	// Version is the time of the document's last write, which guards the next.
	Version time.Time `firestore:"-"`
}

// Left is how many more a programme can give.
func (g *Grants) Left(s programme.Sessions) int { return max(0, s.Further-g.Given) }

// Most is how many sessions the pairing can have: what the programme plans, and those that
// were granted.
func (p *Pairing) Most(s programme.Sessions) int {
	return min(s.Most()+p.Granted, programme.MostSessions)
}

// errFurther is that somebody acts on what the other or the coordinator has just settled.
var errFurther = fault.New(fault.Conflict, "That was just asked anew, answered or taken back. Go back to your sessions to see how it is now.")

// errNoneLeft is that a programme has given all further sessions that it can give.
var errNoneLeft = fault.New(fault.Conflict, "The programme has given all the further sessions that it can give. Nothing was changed.")

// AskFurther is one side's asking for a session more than the pairing can have, in a programme
// that has given some. It reports whether that changed something: sent twice it is asked once.
func (p *Pairing) AskFurther(by programme.Role, why string, s programme.Sessions, given *Grants, now time.Time) (changed bool, err error) {
	now = now.Truncate(time.Microsecond) // as it is stored
	f := p.Further
	switch {
	case f.Open() && f.By == by && f.Why == why:
		return false, nil
	case p.State != Active:
		return false, errEnded
	case f.Open() && f.By == by:
		return false, fault.New(fault.Conflict, "You have asked for a further session already. Take that back before you ask anew.")
	case f.Open():
		return false, fault.New(fault.Conflict, "The other has just asked for the same. Go back to your sessions to agree.")
	case p.Paused(now):
		return false, fault.New(fault.Conflict, "Your sessions pause. Ask once they go on.")
	case s.Further == 0:
		return false, fault.New(fault.NotFound, "This programme gives no further sessions.")
	case !p.Full(p.Most(s)):
		return false, fault.New(fault.Conflict, "You can still book a session without asking for one.")
	case p.Most(s) >= programme.MostSessions:
		return false, fault.New(fault.Conflict, "No pairing can have more than %d sessions.", programme.MostSessions)
	case given.Left(s) == 0:
		return false, errNoneLeft
	}
	var invalid fault.Invalid
	switch {
	case why == "":
		invalid.Add("why", "Say in a line what the session would be for")
	case len([]rune(why)) > MaxFurtherWhy:
		invalid.Add("why", "Use %d characters or fewer", MaxFurtherWhy)
	case !programme.Plain(why):
		invalid.Add("why", "Enter it on one line, without special codes")
	}
	if err := invalid.Err(); err != nil {
		return false, err
	}
	if err := p.change(now); err != nil { // it writes to the other
		return false, err
	}
	p.Further = Further{State: FurtherAsked, By: by, Why: why, AskedAt: now}
	return true, nil
}

// AgreeFurther is the other's word that they would like the further session, too, which was
// asked for at a time: the coordinator then answers until another.
func (p *Pairing) AgreeFurther(by programme.Role, asked, answerBy, now time.Time) (changed bool, err error) {
	f := &p.Further
	switch {
	case !f.AskedAt.Equal(asked) || f.By == by:
		return false, errFurther
	case f.State == FurtherAgreed:
		return false, nil
	case f.State != FurtherAsked:
		return false, errFurther
	}
	f.State, f.AgreedAt, f.AnswerBy = FurtherAgreed, now, answerBy
	return true, nil
}

// LeaveFurther is the other's word that it stays as it is planned, without a reason.
func (p *Pairing) LeaveFurther(by programme.Role, asked, now time.Time) (changed bool, err error) {
	if f := p.Further; !f.AskedAt.Equal(asked) || f.By == by || f.State != FurtherAsked && f.State != FurtherAsPlanned {
		return false, errFurther
	}
	return p.settleFurther(FurtherAsPlanned, now), nil
}

// WithdrawFurther takes back what one side has asked for.
func (p *Pairing) WithdrawFurther(by programme.Role, asked, now time.Time) (changed bool, err error) {
	if f := p.Further; !f.AskedAt.Equal(asked) || f.By != by || !f.Open() && f.State != FurtherWithdrawn {
		return false, errFurther
	}
	return p.settleFurther(FurtherWithdrawn, now), nil
}

// Grant gives the pairing the further session on which both agreed, out of what the programme
// can give in all. Whoever else is to have a say, such as a supervisor, has had it before.
func (p *Pairing) Grant(asked time.Time, s programme.Sessions, given *Grants, now time.Time) (changed bool, err error) {
	switch f := p.Further; {
	case f.AskedAt.Equal(asked) && f.State == FurtherGranted:
		return false, nil
	case !f.AskedAt.Equal(asked) || f.State != FurtherAgreed:
		return false, errFurther
	case given.Left(s) == 0:
		return false, errNoneLeft
	}
	p.Granted++
	given.Given++
	return p.settleFurther(FurtherGranted, now), nil
}

// Refuse does not give it.
func (p *Pairing) Refuse(asked, now time.Time) (changed bool, err error) {
	if f := p.Further; !f.AskedAt.Equal(asked) || f.State != FurtherAgreed && f.State != FurtherRefused {
		return false, errFurther
	}
	return p.settleFurther(FurtherRefused, now), nil
}

// settleFurther ends it, and reports whether that is new.
func (p *Pairing) settleFurther(to FurtherState, now time.Time) bool {
	f := &p.Further
	if f.State == to {
		return false
	}
	f.State, f.AnswerBy, f.SettledAt = to, time.Time{}, now
	if to == FurtherGranted {
		p.lookAgain(now)
	}
	return true
}
