// Package agenda is what is next for somebody who takes part in a programme, and by when:
// all that waits for them in whichever roles and pairings, the most pressing first, and then
// what they wait for. There is always something: nothing ends without a next step.
package agenda

import (
	"cmp"
	"slices"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
	"github.com/cascading-leadership/cascade/shared/reminder"
)

// What is what an item of the agenda is.
type What string

// What somebody does next, the most pressing first: others wait for the first ones, and the
// last ones can be left.
const (
	AnswerMatch   What = "answer a match"
	AgreeToFinish What = "agree to finish, or go on"
	PickTime      What = "pick one of the times that the other proposes"
	AnswerFurther What = "say whether they would like a session more than planned, too"
	WriteLog      What = "write the log of a session"
	Book          What = "book a session"
	Finish        What = "finish, or book another session"
	Choose        What = "choose with whom to work"
	SayNext       What = "say what is next after a pairing"
	AnswerAsked   What = "answer a questionnaire"
)

// What somebody waits for, or comes by itself.
const (
	Meet        What = "meet"
	TheirAnswer What = "wait for the other's answer to a match"
	TheirPick   What = "wait for the other to pick a time"
	TheirMore   What = "wait for the other to say whether they would like a session more, too"
	HostsMore   What = "wait for the coordinator to say whether there is a session more"
	TheirFinish What = "wait for the other to agree to finish"
	TheirLog    What = "wait for the other's log"
	Rest        What = "wait until a pause is over"
	Prepare     What = "wait for what comes before a match"
	BeMatched   What = "wait for a match"
	Supported   What = "nothing, since they have had their support"
	NotForNow   What = "nothing, since they want no other match for now"
	Left        What = "nothing, since they have left"
)

// order is that of an agenda's items.
var order = []What{AnswerMatch, AgreeToFinish, PickTime, AnswerFurther, WriteLog, Book, Finish, Choose, SayNext, AnswerAsked, Meet, TheirAnswer, TheirPick, TheirMore, HostsMore, TheirFinish, TheirLog, Rest, Prepare, BeMatched, Supported, NotForNow, Left}

// Theirs reports whether it is for the person to do.
func (w What) Theirs() bool { return slices.Index(order, w) < slices.Index(order, Meet) }

// Item is one thing of an agenda.
type Item struct {
	What What
	// Role is as what they take part in it.
	Role programme.Role
	// At is when it is, and By until when it can be done; the zero time where nothing says so.
	At, By time.Time
	// Match, Pairing, Session and Invitation are what it is about, each nil where it is not.
	Match      *pairing.Match
	Pairing    *pairing.Pairing
	Session    *pairing.Session
	Invitation *questionnaire.Invitation
	// Missing is what comes before a match, in words that follow "you still need".
	Missing []string
}

// Facts are what an agenda is made from: all that is of one person in a programme.
type Facts struct {
	Programme  *programme.Programme
	Enrolments []*enrolment.Enrolment
	// Matches are those that are released and not accepted by both.
	Matches  []*pairing.Match
	Pairings []*pairing.Pairing
	// Sessions are those of the pairings that go on, of the last weeks and to come.
	Sessions    []*pairing.Session
	Invitations []*questionnaire.Invitation
}

// Of is somebody's agenda at a time.
func Of(f Facts, now time.Time) []Item {
	var all []Item
	for _, e := range f.Enrolments {
		mine := ofEnrolment(f, e, now)
		if len(mine) == 0 {
			mine = []Item{waits(f, e)}
		}
		all = append(all, mine...)
	}
	for _, i := range f.Invitations {
		if by, closes := f.Programme.Closes(i.Moment); !i.Submitted && !(closes && !now.Before(by)) && f.takesPart(i.Enrolment) {
			all = append(all, Item{What: AnswerAsked, Role: i.Role, By: by, Invitation: i})
		}
	}
	slices.SortStableFunc(all, func(a, b Item) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.What), slices.Index(order, b.What)), a.At.Compare(b.At))
	})
	return all
}

// takesPart reports whether an enrolment is one of those that have not left.
func (f Facts) takesPart(id string) bool {
	return slices.ContainsFunc(f.Enrolments, func(e *enrolment.Enrolment) bool { return e.ID == id && e.State != enrolment.Withdrawn })
}

// ofEnrolment is what somebody has before them in one role; nothing where they wait to be
// matched, or to be ready for that.
func ofEnrolment(f Facts, e *enrolment.Enrolment, now time.Time) (all []Item) {
	if e.State == enrolment.Withdrawn {
		return nil
	}
	for _, m := range f.Matches {
		if m.State != pairing.Released || m.Side(e.Role).Enrolment != e.ID {
			continue
		}
		item := Item{What: AnswerMatch, Role: e.Role, Match: m, By: m.ReplyBy}
		if !m.Owes(e.Role) {
			item.What = TheirAnswer
		}
		all = append(all, item)
	}
	for _, pair := range f.Pairings {
		if pair.Enrolment(e.Role) == e.ID {
			all = append(all, ofPairing(f, e, pair, now)...)
		}
	}
	return all
}

// ofPairing is what is next in a pairing; nothing once it is over and they have said what
// they want next.
func ofPairing(f Facts, e *enrolment.Enrolment, pair *pairing.Pairing, now time.Time) (all []Item) {
	add := func(item Item) {
		item.Role, item.Pairing = e.Role, pair
		all = append(all, item)
	}
	for _, s := range f.Sessions {
		switch {
		case s.Pairing != pair.ID || s.State == pairing.Cancelled:
		case s.State == pairing.Booked && now.Before(s.EndsAt()):
			add(Item{What: Meet, At: s.StartsAt, Session: s})
		case !s.Logged[string(e.Role)]:
			add(Item{What: WriteLog, At: s.StartsAt, Session: s})
		}
	}
	if f := pair.Further; pair.State == pairing.Active && !pair.Paused(now) {
		switch {
		case f.State == pairing.FurtherAgreed:
			add(Item{What: HostsMore, By: f.AnswerBy})
		case f.State == pairing.FurtherAsked && f.By == e.Role:
			add(Item{What: TheirMore})
		case f.State == pairing.FurtherAsked:
			add(Item{What: AnswerFurther})
		}
	}
	switch {
	case pair.State == pairing.Stopped && e.Role == programme.Client && slices.Contains(e.Places, pair.ID) && pair.Next[string(e.Role)] == "" && !e.NotNow:
		add(Item{What: SayNext}) // until then they are not matched
	case pair.State != pairing.Active:
	case pair.Paused(now):
		add(Item{What: Rest, At: pair.PausedUntil})
	case pair.FinishBy == e.Role:
		add(Item{What: TheirFinish, At: pair.FinishAt})
	case pair.FinishBy != "":
		add(Item{What: AgreeToFinish, At: pair.FinishAt})
	case len(pair.Proposed(now)) > 0 && pair.Proposal.By == e.Role:
		add(Item{What: TheirPick})
	case len(pair.Proposed(now)) > 0:
		add(Item{What: PickTime})
	case slices.ContainsFunc(all, func(i Item) bool { return i.What == Meet }):
	case pair.Granted > 0 && pair.Taken() >= f.Programme.Sessions.Most() && !pair.Full(pair.Most(f.Programme.Sessions)):
		add(Item{What: Book}) // the further one that both asked for
	case pair.HeldInAll() >= f.Programme.Sessions.Minimum && pair.Taken() >= f.Programme.Sessions.Target:
		add(Item{What: Finish})
	case !pair.Full(pair.Most(f.Programme.Sessions)):
		add(Item{What: Book})
	case len(all) == 0:
		add(Item{What: TheirLog})
	}
	return all
}

// waits is what somebody waits for who has nothing before them in a role.
func waits(f Facts, e *enrolment.Enrolment) Item {
	item := Item{Role: e.Role}
	switch {
	case e.State == enrolment.Withdrawn:
		item.What = Left
	case e.State != enrolment.Ready:
		item.What, item.Missing = Prepare, reminder.Missing(e)
	case e.NotNow:
		item.What = NotForNow
	case e.Role == programme.Client && slices.ContainsFunc(f.Pairings, func(pair *pairing.Pairing) bool {
		return pair.Client == e.ID && pair.State == pairing.Completed
	}):
		item.What = Supported // once, see pairing.Free
	case f.Programme.Chooses(e.Role):
		item.What = Choose
	default:
		item.What = BeMatched
	}
	return item
}
