// Package message says what kinds of email there are, and all that belongs to a kind.
package message

import (
	"slices"

	"github.com/cascading-leadership/cascade/shared/outbox"
)

// Class is when messages of a kind may come.
type Class int

// The classes.
const (
	// Answer is to what the person did a moment ago: at once, always.
	Answer Class = iota + 1
	// AtOnce tells that a time has been set or changed: at once, at any hour.
	AtOnce
	// News comes in the day's email, in waking hours.
	News
	// Reminder comes like news, and is capped.
	Reminder
)

// Topic is what somebody may decline to be written to about.
type Topic string

// The topics.
const (
	Preparing       Topic = "preparing"
	SessionPlanning Topic = "session-planning"
	SessionLogs     Topic = "logs"
	Questionnaires  Topic = "questionnaires"
)

// Topics are all topics, in the order in which pages show them.
var Topics = []Topic{Preparing, SessionPlanning, SessionLogs, Questionnaires}

// Known reports whether t is a topic.
func (t Topic) Known() bool { return slices.Contains(Topics, t) }

// Policy is how messages of a kind come.
type Policy struct {
	Kind  outbox.Kind
	Class Class
	// Topic is what must be declined to get no such message; one without a topic is
	// for everybody, since others wait for the answer or come to the meeting.
	Topic Topic
	// Asks says that it asks for something, beside the reminders that all do.
	Asks bool
}

// policies are those of all kinds, the most pressing first: it leads the day's email.
//
// An invitation to a questionnaire may be declined, unlike other news. Nobody owes
// answers, and somebody who wants to be asked nothing should not have to say so to
// each invitation.
var policies = []Policy{
	{Kind: KindStaffSignIn, Class: Answer},
	{Kind: KindConfirmEnrolment, Class: Answer},
	{Kind: KindEnrolmentConfirmed, Class: Answer},
	{Kind: KindAlreadyEnrolled, Class: Answer},
	{Kind: KindSessionCancelled, Class: AtOnce},
	{Kind: KindSessionMoved, Class: AtOnce},
	{Kind: KindSessionBooked, Class: AtOnce},
	{Kind: KindSessionTomorrow, Class: Reminder},
	{Kind: KindAnswerMatch, Class: Reminder},
	{Kind: KindMatchReleased, Class: News, Asks: true},
	{Kind: KindMatchChosen, Class: News, Asks: true},
	{Kind: KindMatchWithdrawn, Class: News},
	{Kind: KindMatchDeclined, Class: News},
	{Kind: KindPairingStarted, Class: News, Asks: true},
	{Kind: KindChooseNow, Class: News, Asks: true},
	{Kind: KindSessionInAWeek, Class: Reminder, Topic: SessionPlanning},
	{Kind: KindBookSession, Class: Reminder, Topic: SessionPlanning},
	{Kind: KindAgreeExpectations, Class: Reminder, Topic: Preparing},
	{Kind: KindLogYourSession, Class: Reminder, Topic: SessionLogs},
	{Kind: KindFollowUp, Class: Reminder, Topic: SessionLogs},
	{Kind: KindQuestionnaireWaits, Class: Reminder, Topic: Questionnaires},
	{Kind: KindQuestionnaireInvited, Class: News, Topic: Questionnaires, Asks: true},
	{Kind: KindGetReady, Class: Reminder, Topic: Preparing},
	{Kind: KindDailyDigest, Class: News},
}

// Kinds are all kinds, the most pressing first.
func Kinds() []outbox.Kind {
	kinds := make([]outbox.Kind, len(policies))
	for i, p := range policies {
		kinds[i] = p.Kind
	}
	return kinds
}

// PolicyOf is how a message comes, and its place among the kinds. Of a kind that this
// version of the code does not know, it is told like news.
func PolicyOf(kind outbox.Kind, step int) (Policy, int) {
	for i, m := range policies {
		if m.Kind != kind {
			continue
		}
		if m.Class == Answer && step > 1 { // asked for once: the next is a reminder
			m.Class = Reminder
		}
		m.Asks = m.Asks || m.Class == Reminder
		return m, i
	}
	return Policy{Kind: kind, Class: News}, len(policies)
}

// ClassOf is when a message of a kind may come. The step is which ask of its kind
// it is, 1 or 0 for the first: a second "confirm your enrolment" is a reminder.
func ClassOf(kind outbox.Kind, step int) Class {
	m, _ := PolicyOf(kind, step)
	return m.Class
}

// TopicsOf are the topics under which an email of these kinds can be declined.
func TopicsOf(kinds ...outbox.Kind) []Topic {
	var all []Topic
	for _, t := range Topics {
		if slices.ContainsFunc(kinds, func(k outbox.Kind) bool { return TopicOf(k) == t }) {
			all = append(all, t)
		}
	}
	return all
}

// TopicOf is the topic under which a kind can be declined, or "" for what everybody
// must have.
func TopicOf(kind outbox.Kind) Topic {
	m, _ := PolicyOf(kind, 0)
	return m.Topic
}
