package reminder

import (
	"slices"

	"github.com/cascading-leadership/cascade/shared/outbox"
)

// Class is when messages of a kind may come.
type Class int

// The classes.
const (
	// Asked answers what the person did a moment ago: at once, always.
	Asked Class = iota + 1
	// OfTime tells that a time has been set or changed: at once, at any hour.
	OfTime
	// News comes in the day's email, in waking hours.
	News
	// Nudge is a reminder: it comes like news, and is capped.
	Nudge
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

// manner is how messages of a kind come.
type manner struct {
	kind  outbox.Kind
	class Class
	// topic is what must be declined to get no such message; one without a topic is
	// for everybody, since others wait for the answer or come to the meeting.
	topic Topic
	// asks says that it asks for something, beside the nudges that all do.
	asks bool
}

// manners are those of all kinds, the most pressing first: it leads the day's email.
//
// An invitation to a questionnaire may be declined, unlike other news. Nobody owes
// answers, and somebody who wants to be asked nothing should not have to say so to
// each invitation.
var manners = []manner{
	{kind: outbox.StaffSignIn, class: Asked},
	{kind: outbox.ConfirmEnrolment, class: Asked},
	{kind: outbox.EnrolmentConfirmed, class: Asked},
	{kind: outbox.AlreadyEnrolled, class: Asked},
	{kind: outbox.SessionCancelled, class: OfTime},
	{kind: outbox.SessionMoved, class: OfTime},
	{kind: outbox.SessionBooked, class: OfTime},
	{kind: outbox.SessionTomorrow, class: Nudge},
	{kind: outbox.AnswerMatch, class: Nudge},
	{kind: outbox.MatchReleased, class: News, asks: true},
	{kind: outbox.MatchChosen, class: News, asks: true},
	{kind: outbox.MatchWithdrawn, class: News},
	{kind: outbox.MatchDeclined, class: News},
	{kind: outbox.PairingStarted, class: News, asks: true},
	{kind: outbox.ChooseNow, class: News, asks: true},
	{kind: outbox.SessionInAWeek, class: Nudge, topic: SessionPlanning},
	{kind: outbox.BookSession, class: Nudge, topic: SessionPlanning},
	{kind: outbox.AgreeExpectations, class: Nudge, topic: Preparing},
	{kind: outbox.LogYourSession, class: Nudge, topic: SessionLogs},
	{kind: outbox.FollowUp, class: Nudge, topic: SessionLogs},
	{kind: outbox.QuestionnaireWait, class: Nudge, topic: Questionnaires},
	{kind: outbox.QuestionnaireInvited, class: News, topic: Questionnaires, asks: true},
	{kind: outbox.GetReady, class: Nudge, topic: Preparing},
	{kind: outbox.DailyDigest, class: News},
}

// of is how a message comes, and its place among the kinds. Of a kind that this
// version of the code does not know, it is told like news.
func of(kind outbox.Kind, step int) (manner, int) {
	for i, m := range manners {
		if m.kind != kind {
			continue
		}
		if m.class == Asked && step > 1 { // asked for once: the next is a reminder
			m.class = Nudge
		}
		m.asks = m.asks || m.class == Nudge
		return m, i
	}
	return manner{kind: kind, class: News}, len(manners)
}

// ClassOf is when a message of a kind may come. The step is which ask of its kind
// it is, 1 or 0 for the first: a second "confirm your enrolment" is a nudge.
func ClassOf(kind outbox.Kind, step int) Class {
	m, _ := of(kind, step)
	return m.class
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
	m, _ := of(kind, 0)
	return m.topic
}
