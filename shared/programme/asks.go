package programme

import (
	"fmt"
	"slices"
)

// Asks are when people are asked again for what they have not done yet. What is left
// out, an empty list or a zero, is the default.
type Asks struct {
	// ConfirmEnrolment are the days after enrolling on which somebody is asked once
	// more to confirm their address; GetReady the days after confirming on which they
	// hear what is missing before they can be matched.
	ConfirmEnrolment []int `firestore:"confirmEnrolment" yaml:"confirmEnrolment,omitempty"`
	GetReady         []int `firestore:"getReady" yaml:"getReady,omitempty"`
	// AnswerMatch are the working days after a match was released, or after one of a pair
	// has proposed to finish, BookSession those
	// after the pairing began or its last session was, QuestionnaireWaits those after
	// the invitation: two at most.
	AnswerMatch        []int `firestore:"answerMatch" yaml:"answerMatch,omitempty"`
	BookSession        []int `firestore:"bookSession" yaml:"bookSession,omitempty"`
	QuestionnaireWaits []int `firestore:"questionnaireWaits" yaml:"questionnaireWaits,omitempty"`
	// LogSession are the working days after a session on which somebody is asked once
	// more for a log; the first time they are asked when it is over.
	LogSession []int `firestore:"logSession" yaml:"logSession,omitempty"`
	// FollowUp is how many days after a session that was held its follow-up is.
	FollowUp int `firestore:"followUp" yaml:"followUp,omitempty"`
	// ReplyBy is how many working days there are to answer a match, or one's part of it: after
	// the last of them it lapses.
	ReplyBy int `firestore:"replyBy,omitempty" yaml:"replyBy,omitempty"`
	// After so long the coordinator hears of it: Unanswered working days of a match, or of a
	// proposal to finish,
	// Unbooked working days of a pairing with no session to come, Unready days of
	// somebody who is not ready.
	Unanswered int `firestore:"unanswered" yaml:"unanswered,omitempty"`
	Unbooked   int `firestore:"unbooked" yaml:"unbooked,omitempty"`
	Unready    int `firestore:"unready" yaml:"unready,omitempty"`
}

// UsualAsks are those of a programme that sets nothing.
var UsualAsks = Asks{
	ConfirmEnrolment: []int{2, 7}, GetReady: []int{14, 35}, AnswerMatch: []int{3, 6}, BookSession: []int{5, 10},
	QuestionnaireWaits: []int{5, 10}, LogSession: []int{5}, FollowUp: 14, ReplyBy: 12, Unanswered: 10, Unbooked: 15, Unready: 42,
}

// MostQuestionnaireWaits is how often a questionnaire may be asked for again, whatever
// a programme sets.
const MostQuestionnaireWaits = 2

// Bounds of asks: how many there are of one kind, and how many days they take.
const (
	mostOfAKind = 4
	longestAsk  = 180
	// longestConfirm is of confirmEnrolment: a form that nobody confirms is deleted soon after.
	longestConfirm = 28
)

// Filled is the asks with the defaults in the place of what was left out.
func (a Asks) Filled() Asks {
	for i, list := range a.lists() {
		if len(*list.days) == 0 {
			*list.days = *UsualAsks.lists()[i].days
		}
	}
	for i, n := range a.numbers() {
		if *n.days == 0 {
			*n.days = *UsualAsks.numbers()[i].days
		}
	}
	return a
}

type setting[T any] struct {
	name string
	days *T
}

func (a *Asks) lists() []setting[[]int] {
	return []setting[[]int]{
		{"confirmEnrolment", &a.ConfirmEnrolment}, {"getReady", &a.GetReady}, {"answerMatch", &a.AnswerMatch},
		{"bookSession", &a.BookSession}, {"questionnaireWaits", &a.QuestionnaireWaits}, {"logSession", &a.LogSession},
	}
}

func (a *Asks) numbers() []setting[int] {
	return []setting[int]{{"followUp", &a.FollowUp}, {"replyBy", &a.ReplyBy}, {"unanswered", &a.Unanswered}, {"unbooked", &a.Unbooked}, {"unready", &a.Unready}}
}

func (a Asks) check() error {
	a = a.Filled()
	for _, list := range a.lists() {
		most, longest, days := mostOfAKind, longestAsk, *list.days
		switch list.name {
		case "questionnaireWaits":
			most = MostQuestionnaireWaits
		case "confirmEnrolment":
			longest = longestConfirm
		}
		rises := slices.IsSorted(days) && len(slices.Compact(slices.Clone(days))) == len(days)
		if len(days) > most || !rises || days[0] < 1 || days[len(days)-1] > longest {
			return fmt.Errorf("programme: cadence.asks.%s is up to %d numbers of days from 1 to %d, each larger than the one before", list.name, most, longest)
		}
	}
	for _, n := range a.numbers() {
		if *n.days < 1 || *n.days > longestAsk {
			return fmt.Errorf("programme: cadence.asks.%s is a number of days from 1 to %d", n.name, longestAsk)
		}
	}
	return nil
}
