// Package message says what kinds of email there are, all that belongs to a kind, and
// makes its messages.
//
// A new kind is a name, a row and a constructor in this file, and a letter of its name
// in platform/mail; one that comes because time has passed is found due in package
// reminder. A test over all kinds fails while anything is missing.
package message

import (
	"strconv"
	"time"

	"github.com/cascading-leadership/cascade/shared/complaint"
	"github.com/cascading-leadership/cascade/shared/devicecode"
	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/nomination"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
	"github.com/cascading-leadership/cascade/shared/sealed"
)

// Kinds that answer what someone just did, or tell of it.
const (
	KindConfirmEnrolment     outbox.Kind = "confirm-enrolment"
	KindEnrolmentConfirmed   outbox.Kind = "enrolment-confirmed"
	KindChooseNow            outbox.Kind = "choose-now"
	KindMatchReleased        outbox.Kind = "match-released"
	KindMatchChosen          outbox.Kind = "match-chosen"
	KindMatchDeclined        outbox.Kind = "match-declined"
	KindMatchWithdrawn       outbox.Kind = "match-withdrawn"
	KindMatchLapsed          outbox.Kind = "match-lapsed"
	KindMatchNamed           outbox.Kind = "match-named"
	KindMatchAsked           outbox.Kind = "match-asked"
	KindMatchReplied         outbox.Kind = "match-replied"
	KindPairingStarted       outbox.Kind = "pairing-started"
	KindSessionBooked        outbox.Kind = "session-booked"
	KindSessionMoved         outbox.Kind = "session-moved"
	KindSessionCancelled     outbox.Kind = "session-cancelled"
	KindPairingPaused        outbox.Kind = "pairing-paused"
	KindPairingResumed       outbox.Kind = "pairing-resumed"
	KindPairingStopped       outbox.Kind = "pairing-stopped"
	KindPairingCompleted     outbox.Kind = "pairing-completed"
	KindTimesProposed        outbox.Kind = "times-proposed"
	KindFurtherAsked         outbox.Kind = "further-asked"
	KindFurtherGranted       outbox.Kind = "further-granted"
	KindFurtherRefused       outbox.Kind = "further-refused"
	KindFinishProposed       outbox.Kind = "finish-proposed"
	KindFinishDeclined       outbox.Kind = "finish-declined"
	KindHasLeft              outbox.Kind = "has-left"
	KindYourLink             outbox.Kind = "your-link"
	KindYourData             outbox.Kind = "your-data"
	KindConfirmErasure       outbox.Kind = "confirm-erasure"
	KindErasureConfirmed     outbox.Kind = "erasure-confirmed"
	KindErasureAskedFor      outbox.Kind = "erasure-asked-for"
	KindConfirmAddress       outbox.Kind = "confirm-address"
	KindAddressAsked         outbox.Kind = "address-asked"
	KindAddressChanged       outbox.Kind = "address-changed"
	KindAddressTaken         outbox.Kind = "address-taken"
	KindQuestionnaireInvited outbox.Kind = "questionnaire-invited"
	KindComplaintReceived    outbox.Kind = "complaint-received"
	KindComplaintArrived     outbox.Kind = "complaint-arrived"
	KindComplaintNews        outbox.Kind = "complaint-news"
	KindPassedOn             outbox.Kind = "passed-on"
	KindCallWanted           outbox.Kind = "call-wanted"
	KindAssistantAsked       outbox.Kind = "assistant-asked"
	KindAssistantTimes       outbox.Kind = "assistant-times"
	KindDeviceCode           outbox.Kind = "device-code"
	KindStaffSignIn          outbox.Kind = "staff-sign-in"
)

// Kinds that come because time has passed. Which are due is decided in package
// reminder.
const (
	KindGetReady           outbox.Kind = "get-ready"
	KindAnswerMatch        outbox.Kind = "answer-match"
	KindAgreeExpectations  outbox.Kind = "agree-expectations"
	KindBookSession        outbox.Kind = "book-session"
	KindFinishWaits        outbox.Kind = "finish-waits"
	KindSessionInAWeek     outbox.Kind = "session-in-a-week"
	KindSessionTomorrow    outbox.Kind = "session-tomorrow"
	KindLogYourSession     outbox.Kind = "log-your-session"
	KindFollowUp           outbox.Kind = "follow-up"
	KindQuestionnaireWaits outbox.Kind = "questionnaire-waits"
	KindComplaintWaits     outbox.Kind = "complaint-waits"
	KindSealedLetterBack   outbox.Kind = "sealed-letter-back"
	KindDailyDigest        outbox.Kind = "daily-digest"
)

// kinds are the definitions of all kinds, the most pressing first: it leads the day's
// email.
//
// An invitation to a questionnaire may be declined, unlike other news. Nobody owes
// answers, and somebody who wants to be asked nothing should not have to say so to
// each invitation.
var kinds = []Definition{
	{
		Kind: KindStaffSignIn, Staff: true, Class: Answer, Words: "signing in to the desk",
		Leads: to(purpose.SignIn), Fields: []string{"link"}, Unwanted: never,
	},
	{
		Kind: KindDeviceCode, Class: Answer, Words: "a code for reading what they wrote",
		Leads: nowhere, Fields: []string{"code"}, Unwanted: codeGone, AfterLeaving: true,
	},
	{
		Kind: KindConfirmEnrolment, Class: Answer, Words: "confirming their enrolment", Unconfirmed: true,
		Leads: to(purpose.Confirm), Fields: []string{"link"}, Unwanted: claimOver,
	},
	{
		Kind: KindPassedOn, Class: Answer, Words: "an invitation that was passed on", Unconfirmed: true,
		Leads: to(purpose.PassedOn), Fields: []string{"link"}, Unwanted: nominationOver,
	},
	{
		Kind: KindEnrolmentConfirmed, Class: Answer, Words: "their enrolment, which is confirmed",
		Leads: to(purpose.Mine), Fields: []string{"link", "answers"}, Unwanted: never,
	},
	{
		Kind: KindYourLink, Class: Answer, Words: "their link, which they asked for",
		Leads: toWhatIsTheirs, Fields: []string{"link"}, Unwanted: never,
	},
	{
		Kind: KindYourData, Class: Answer, Words: "what is held about them, which they asked for",
		Leads: to(purpose.Mine), Fields: []string{"link"}, Unwanted: never, AfterLeaving: true,
	},
	{
		Kind: KindConfirmErasure, Class: Answer, Words: "confirming that they want to be forgotten",
		Leads: to(purpose.Erase), Fields: []string{"link"}, Unwanted: never, AfterLeaving: true,
	},
	{
		Kind: KindErasureConfirmed, Class: Answer, Words: "being forgotten, as they confirmed",
		Leads: to(purpose.Erase), Fields: []string{"link"}, Unwanted: never, AfterLeaving: true,
	},
	{
		Kind: KindErasureAskedFor, Class: Answer, Words: "being forgotten, as staff asked for them",
		Leads: to(purpose.Erase), Fields: []string{"link"}, Unwanted: never, AfterLeaving: true,
	},
	{
		Kind: KindComplaintArrived, Class: Answer, Outside: true, Words: "a complaint",
		Leads: to(purpose.Complaint), Fields: []string{"answer-by", "link"}, Unwanted: complaintAnswered,
	},
	{
		Kind: KindComplaintWaits, Class: Answer, Outside: true, Words: "a complaint that waits for an answer",
		Leads: to(purpose.Complaint), Fields: []string{"answer-by", "link"}, Unwanted: complaintAnswered,
	},
	{
		Kind: KindCallWanted, Class: Answer, Outside: true, Words: "a call that somebody asked for",
		Leads: nowhere, Fields: []string{"caller", "caller-reach"}, Unwanted: never,
	},
	{
		Kind: KindComplaintReceived, Class: Answer, Words: "their complaint, which has arrived",
		Leads: nowhere, Fields: []string{"answer-by", "complaints-name"}, Unwanted: never,
	},
	{
		Kind: KindComplaintNews, Class: Answer, Words: "their complaint, about which there is news",
		Leads: nowhere, Fields: []string{"complaints-name"}, Unwanted: never,
	},
	{
		Kind: KindConfirmAddress, Class: Answer, Words: "confirming another address", To: newEmail, Unconfirmed: true,
		Leads: to(purpose.Address), Fields: []string{"link"}, Unwanted: noAddressWaits,
	},
	{
		Kind: KindAssistantAsked, Class: Answer, Words: "their assistant, whom they let pick times", To: assistantEmail, Unconfirmed: true,
		Leads: to(purpose.Assistant), Fields: []string{"by-email", "link"}, Unwanted: assistantAnswered,
	},
	{
		Kind: KindAssistantTimes, Class: Answer, Words: "times that their assistant can pick", To: assistantEmail, Unconfirmed: true,
		Leads: to(purpose.Assistant), Fields: []string{"by-email", "times", "link"}, Unwanted: timesNotPicked,
	},
	{
		Kind: KindAddressAsked, Class: Answer, Words: "another address that was asked for",
		Leads: to(purpose.Emails), Fields: []string{"link"}, Unwanted: noAddressWaits,
	},
	{
		Kind: KindAddressChanged, Class: Answer, Words: "their address, which is another now", To: formerEmail,
		Leads: nowhere, Unwanted: never,
	},
	{
		Kind: KindAddressTaken, Class: Answer, Words: "their address, which somebody else asked for",
		Leads: nowhere, Unwanted: never, AfterLeaving: true,
	},
	{
		Kind: KindHasLeft, Class: Answer, Words: "their leaving the programme",
		Leads: to(purpose.Mine), Fields: []string{"link"}, Unwanted: never, AfterLeaving: true,
	},
	{
		Kind: KindPairingStopped, Class: AtOnce, Words: "their pairing, which has ended",
		Leads: to(purpose.Pairing), Fields: []string{"other", "link"}, Unwanted: never,
	},
	{
		Kind: KindPairingPaused, Class: AtOnce, Words: "a pause of their pairing",
		Leads: to(purpose.Pairing), Fields: []string{"other", "until", "link"}, Unwanted: pauseOver,
	},
	{
		Kind: KindPairingResumed, Class: AtOnce, Words: "the end of a pause",
		Leads: to(purpose.Pairing), Fields: []string{"other", "other-email", "link"}, Unwanted: pairingEnded,
	},
	{
		Kind: KindSessionCancelled, Class: AtOnce, Words: "a session that was cancelled",
		Leads: to(purpose.Pairing), Fields: []string{"session", "other", "when", "reason", "link"}, Unwanted: never,
		AfterLeaving: true, // it takes the session out of their calendar
	},
	{
		Kind: KindSessionMoved, Class: AtOnce, Words: "a session that was moved",
		Leads: to(purpose.Pairing), Fields: []string{"session", "other", "other-email", "when", "when-before", "length-and-before", "place-and-before", "link"}, Unwanted: sessionChanged,
	},
	{
		Kind: KindSessionBooked, Class: AtOnce, Words: "a session that was booked",
		Leads: to(purpose.Pairing), Fields: []string{"session", "other", "when", "length", "place", "link"}, Unwanted: sessionChanged,
	},
	{
		Kind: KindTimesProposed, Class: AtOnce, Words: "times that are proposed for a session",
		Leads: to(purpose.Pairing), Fields: []string{"other", "times", "proposed-length", "proposed-place", "link"}, Unwanted: timesAnswered,
	},
	{
		Kind: KindSessionTomorrow, Class: Reminder, Words: "a session on the next day",
		Leads: to(purpose.Pairing), Fields: []string{"session", "other", "when", "place", "link"}, Unwanted: sessionChanged,
	},
	{
		Kind: KindAnswerMatch, Class: Reminder, Again: true, Words: "answering their match",
		Leads: to(purpose.Match), Fields: []string{"other", "other-organisation", "reply-by", "link"}, Unwanted: matchAnswered,
	},
	{
		Kind: KindMatchReleased, Class: News, Asks: true, Words: "their match",
		Leads: to(purpose.Match), Fields: []string{"other", "other-organisation", "near", "needs-met", "reply-by", "link"}, Unwanted: matchAnswered,
	},
	{
		Kind: KindMatchChosen, Class: News, Asks: true, Words: "{a client} who chose them",
		Leads: to(purpose.Match), Fields: []string{"other", "other-organisation", "needs-met", "reply-by", "link"}, Unwanted: matchAnswered,
	},
	{
		Kind: KindMatchNamed, Class: News, Asks: true, Words: "who their match is with",
		Leads: to(purpose.Match), Fields: []string{"other", "other-organisation", "reply-by", "link"}, Unwanted: matchAnswered,
	},
	{
		Kind: KindMatchAsked, Class: News, Asks: true, Words: "a question about their match",
		Leads: to(purpose.Match), Fields: []string{"link"}, Unwanted: notPassed,
	},
	{
		Kind: KindMatchReplied, Class: News, Words: "the answer to what they asked about their match",
		Leads: to(purpose.Match), Fields: []string{"link"}, Unwanted: never,
	},
	{
		Kind: KindMatchWithdrawn, Class: News, Words: "their match, which was taken back",
		Leads: toDirectory, Fields: []string{"link"}, Unwanted: never,
	},
	{
		Kind: KindMatchLapsed, Class: News, Words: "their match, which was not answered in time",
		Leads: toDirectory, Fields: []string{"link"}, Unwanted: never,
	},
	{
		Kind: KindMatchDeclined, Class: News, Words: "their match, which was declined",
		Leads: toDirectory, Fields: []string{"link"}, Unwanted: never,
	},
	{
		Kind: KindPairingStarted, Class: News, Asks: true, Words: "their pairing, which has started",
		Leads: to(purpose.Pairing), Fields: []string{"other", "other-email", "minimum-sessions", "link"}, Unwanted: pairingEnded,
	},
	{
		Kind: KindFinishProposed, Class: News, Asks: true, Words: "whether they have finished",
		Leads: to(purpose.Pairing), Fields: []string{"other", "other-email", "link"}, Unwanted: finishAnswered,
	},
	{
		Kind: KindFurtherAsked, Class: News, Asks: true, Words: "a session more than planned",
		Leads: to(purpose.Pairing), Fields: []string{"other", "link"}, Unwanted: furtherAnswered,
	},
	{
		Kind: KindFurtherGranted, Class: News, Words: "a session more than planned, which they have",
		Leads: to(purpose.Pairing), Fields: []string{"other", "link"}, Unwanted: pairingEnded,
	},
	{
		Kind: KindFurtherRefused, Class: News, Words: "a session more than planned, which they do not have",
		Leads: to(purpose.Pairing), Fields: []string{"other", "link"}, Unwanted: pairingEnded,
	},
	{
		Kind: KindFinishDeclined, Class: News, Words: "going on with their sessions",
		Leads: to(purpose.Pairing), Fields: []string{"other", "other-email", "link"}, Unwanted: pairingEnded,
	},
	{
		Kind: KindPairingCompleted, Class: News, Words: "their pairing, which is completed",
		Leads: to(purpose.Pairing), Fields: []string{"other", "other-email", "link"}, Unwanted: never,
	},
	{
		Kind: KindFinishWaits, Class: Reminder, Again: true, Topic: SessionPlanning, Words: "whether they have finished",
		Leads: to(purpose.Pairing), Fields: []string{"other", "link"}, Unwanted: finishAnswered,
	},
	{
		Kind: KindChooseNow, Class: News, Asks: true, Words: "choosing {a consultant}",
		Leads: to(purpose.Choose), Fields: []string{"link"}, Unwanted: notReady,
	},
	{
		Kind: KindSessionInAWeek, Class: Reminder, Topic: SessionPlanning, Words: "a session in a week",
		Leads: to(purpose.Pairing), Fields: []string{"session", "other", "when", "place", "link"}, Unwanted: sessionChanged,
	},
	{
		Kind: KindBookSession, Class: Reminder, Again: true, Topic: SessionPlanning, Words: "booking a session",
		Leads: to(purpose.Pairing), Fields: []string{"other", "other-email", "link"}, Unwanted: sessionToCome,
	},
	{
		Kind: KindAgreeExpectations, Class: Reminder, Again: true, Topic: Preparing, Words: "agreeing what to expect",
		Leads: to(purpose.Match), Fields: []string{"other", "other-organisation", "reply-by", "link"}, Unwanted: matchAnswered,
	},
	{
		Kind: KindLogYourSession, Class: Reminder, Topic: SessionLogs, Words: "the log of a session",
		Leads: to(purpose.Pairing), Fields: []string{"session", "when", "link"}, Unwanted: sessionLogged,
	},
	{
		Kind: KindFollowUp, Class: Reminder, Again: true, Topic: SessionLogs, Words: "a call or an email after a session",
		Leads: to(purpose.Pairing), Fields: []string{"session", "other", "other-email", "when", "link"}, Unwanted: followed,
	},
	{
		Kind: KindQuestionnaireWaits, Class: Reminder, Again: true, Topic: Questionnaires, Words: "a questionnaire that waits",
		Leads: to(purpose.Questionnaire), Fields: []string{"link"}, Unwanted: submitted,
	},
	{
		Kind: KindQuestionnaireInvited, Class: News, Topic: Questionnaires, Asks: true, Words: "a questionnaire",
		Leads: to(purpose.Questionnaire), Fields: []string{"link"}, Unwanted: submitted,
	},
	{
		Kind: KindSealedLetterBack, Class: News, Words: "a letter that they wrote to themselves, which is back",
		Leads: to(purpose.My), Fields: []string{"link"}, Unwanted: never, AfterLeaving: true,
	},
	{
		Kind: KindGetReady, Class: Reminder, Topic: Preparing, Words: "what is missing before they can be matched",
		Leads: nowhere, Fields: []string{"missing"}, Unwanted: ready,
	},
	{
		Kind: KindDailyDigest, Staff: true, Class: News, Words: "what needs the coordinator",
		Leads: toDesk, Fields: []string{"concerns", "link"}, Unwanted: noConcerns,
	},
}

// former are the definitions of kinds that no version owes any more. What waits of them as this
// one comes is not sent, and what was sent is told of by its words.
var former = []Definition{
	{
		// Whoever enrols once more confirms that form like any other.
		Kind: "already-enrolled", Class: Answer, Words: "being enrolled already",
		Leads: nowhere, Unwanted: noLonger, AfterLeaving: true,
	},
}

// ConfirmEnrolment asks whoever reads the address of a claim to look at it, and to confirm or
// discard it.
func ConfirmEnrolment(p *programme.Programme, c *enrolment.Claim) outbox.Message {
	return identified(aboutClaim(p, c), c.ID, c.CreatedAt.UTC().Format(time.RFC3339Nano))
}

// ConfirmEnrolmentAgain asks for it once more, as the step 2 or later. However many claims
// there are of one address, each step comes once in a month.
func ConfirmEnrolmentAgain(p *programme.Programme, c *enrolment.Claim, step int) outbox.Message {
	m := aboutClaim(p, c)
	m.Step, m.After = step, ConfirmEnrolment(p, c).ID
	return identified(m, p.ID, c.CreatedAt.UTC().Format("2006-01"))
}

// ConfirmEnrolmentAsked asks for it once more since somebody asked for that at a time.
func ConfirmEnrolmentAsked(p *programme.Programme, c *enrolment.Claim, now time.Time) outbox.Message {
	return identified(aboutClaim(p, c), c.ID, "asked "+now.UTC().Format(time.RFC3339Nano))
}

// EnrolmentConfirmed tells somebody who has confirmed their address what comes next.
func EnrolmentConfirmed(p *programme.Programme, e *enrolment.Enrolment) outbox.Message {
	return identified(aboutEnrolment(KindEnrolmentConfirmed, p, e), p.ID, "")
}

// GetReady tells somebody what they still need before they can be matched, as the given
// step.
func GetReady(p *programme.Programme, e *enrolment.Enrolment, step int) outbox.Message {
	m := aboutEnrolment(KindGetReady, p, e)
	m.Step = step
	return identified(m, p.ID, "")
}

// ChooseNow asks somebody who is ready from now on to choose. Each time that they become
// ready they get a new link.
func ChooseNow(p *programme.Programme, e *enrolment.Enrolment, now time.Time) outbox.Message {
	return identified(aboutEnrolment(KindChooseNow, p, e), p.ID, now.Format(time.RFC3339Nano))
}

// ComplaintReceived tells somebody that their complaint has arrived, and by when it is answered.
func ComplaintReceived(p *programme.Programme, c *complaint.Complaint) outbox.Message {
	return identified(aboutComplaint(KindComplaintReceived, p, c, c.Enrolment, c.Role), c.ID, "")
}

// ComplaintArrived tells the named person of a complaint.
func ComplaintArrived(p *programme.Programme, c *complaint.Complaint) outbox.Message {
	return identified(aboutComplaint(KindComplaintArrived, p, c, complaint.Recipient, c.Role), c.ID, "")
}

// ComplaintWaits tells the named person that the day of a complaint is near.
func ComplaintWaits(p *programme.Programme, c *complaint.Complaint) outbox.Message {
	return identified(aboutComplaint(KindComplaintWaits, p, c, complaint.Recipient, c.Role), c.ID, "")
}

// ComplaintNews tells somebody that the named person has acknowledged or answered their complaint.
func ComplaintNews(p *programme.Programme, c *complaint.Complaint) outbox.Message {
	return identified(aboutComplaint(KindComplaintNews, p, c, c.Enrolment, c.Role), c.ID, string(c.State))
}

// MatchReleased tells one side of a match that it is out, and asks for an answer.
func MatchReleased(p *programme.Programme, m *pairing.Match, role programme.Role) outbox.Message {
	return identified(aboutMatch(KindMatchReleased, p, m, role), m.Run+"/"+m.ID, "")
}

// MatchChosen tells one side that the other has chosen them from the directory, and asks
// for an answer.
func MatchChosen(p *programme.Programme, m *pairing.Match, role programme.Role) outbox.Message {
	return identified(aboutMatch(KindMatchChosen, p, m, role), m.ID, "")
}

// MatchDeclined tells one side of a match that the other has declined it.
func MatchDeclined(p *programme.Programme, m *pairing.Match, role programme.Role) outbox.Message {
	return identified(aboutMatch(KindMatchDeclined, p, m, role), m.ID, "")
}

// MatchWithdrawn tells one side of a match that a coordinator took it back.
func MatchWithdrawn(p *programme.Programme, m *pairing.Match, role programme.Role) outbox.Message {
	return identified(aboutMatch(KindMatchWithdrawn, p, m, role), m.Run+"/"+m.ID, "")
}

// MatchLapsed tells one side of a match that it is over, since there was no answer to it in time.
func MatchLapsed(p *programme.Programme, m *pairing.Match, role programme.Role) outbox.Message {
	return identified(aboutMatch(KindMatchLapsed, p, m, role), m.Run+"/"+m.ID, "")
}

// MatchNamed tells one side that both see no conflict, and who the other is.
func MatchNamed(p *programme.Programme, m *pairing.Match, role programme.Role) outbox.Message {
	return identified(aboutMatch(KindMatchNamed, p, m, role), m.Run+"/"+m.ID, "")
}

// MatchAsked tells one side that the other has asked something, by the question's number from
// 0, which the coordinator has passed on.
func MatchAsked(p *programme.Programme, m *pairing.Match, n int) outbox.Message {
	return identified(aboutMatch(KindMatchAsked, p, m, m.Questions[n].By.Other()), m.Run+"/"+m.ID, strconv.Itoa(n))
}

// MatchReplied tells one side that their question, by its number from 0, has its answer.
func MatchReplied(p *programme.Programme, m *pairing.Match, n int) outbox.Message {
	return identified(aboutMatch(KindMatchReplied, p, m, m.Questions[n].By), m.Run+"/"+m.ID, strconv.Itoa(n))
}

// MatchLookedAt tells one side what was found by somebody who looked again at their match.
func MatchLookedAt(p *programme.Programme, m *pairing.Match) outbox.Message {
	return identified(aboutMatch(KindMatchReplied, p, m, m.Look.By), m.Run+"/"+m.ID, "look")
}

// AnswerMatch asks one side once more for their answer to a match, as the given step.
func AnswerMatch(p *programme.Programme, m *pairing.Match, role programme.Role, step int) outbox.Message {
	return answerOf(KindAnswerMatch, p, m, role, step)
}

// AgreeExpectations asks one side once more for their answer to a match to which the
// other has agreed, as the given step.
func AgreeExpectations(p *programme.Programme, m *pairing.Match, role programme.Role, step int) outbox.Message {
	return answerOf(KindAgreeExpectations, p, m, role, step)
}

// answerOf reminds one side of what told them of a match.
func answerOf(kind outbox.Kind, p *programme.Programme, m *pairing.Match, role programme.Role, step int) outbox.Message {
	told := MatchReleased(p, m, role)
	if m.Run == pairing.Directory {
		told = MatchChosen(p, m, role)
	}
	reminder := aboutMatch(kind, p, m, role)
	reminder.Step, reminder.After = step, told.ID
	return identified(reminder, m.Run+"/"+m.ID, "")
}

// PairingStarted tells one side that both have agreed to a match.
func PairingStarted(p *programme.Programme, pair *pairing.Pairing, of *pairing.Match, role programme.Role) outbox.Message {
	m := pairingStarted(p, pair, role)
	m.Run, m.Match = of.Run, of.ID
	return m
}

func pairingStarted(p *programme.Programme, pair *pairing.Pairing, role programme.Role) outbox.Message {
	return identified(aboutPairing(KindPairingStarted, p, pair, role), pair.ID, "")
}

// BookSession asks one side to book a session, as the given step. What is asked after
// one session is not what was asked after the one before.
func BookSession(p *programme.Programme, pair *pairing.Pairing, role programme.Role, step int) outbox.Message {
	m := aboutPairing(KindBookSession, p, pair, role)
	m.Step, m.After = step, pairingStarted(p, pair, role).ID
	return identified(m, pair.ID, pair.LastDate().UTC().Format(time.RFC3339Nano))
}

// TimesProposed tells one side of the times that the other proposes for a session.
func TimesProposed(p *programme.Programme, pair *pairing.Pairing, role programme.Role) outbox.Message {
	return identified(aboutPairing(KindTimesProposed, p, pair, role), pair.ID, pair.Proposal.ID)
}

// PairingPaused tells one side that the other has asked for a pause.
func PairingPaused(p *programme.Programme, pair *pairing.Pairing, role programme.Role) outbox.Message {
	return identified(aboutPairing(KindPairingPaused, p, pair, role), pair.ID, pair.PausedAt.UTC().Format(time.RFC3339Nano))
}

// PairingResumed tells one side that the other is back before the end of the pause.
func PairingResumed(p *programme.Programme, pair *pairing.Pairing, role programme.Role) outbox.Message {
	return identified(aboutPairing(KindPairingResumed, p, pair, role), pair.ID, pair.PausedUntil.UTC().Format(time.RFC3339Nano))
}

// PairingStopped tells one side that the pairing has ended before it was completed.
func PairingStopped(p *programme.Programme, pair *pairing.Pairing, role programme.Role) outbox.Message {
	return identified(aboutPairing(KindPairingStopped, p, pair, role), pair.ID, "")
}

// PairingCompleted tells one side that the pairing is completed.
func PairingCompleted(p *programme.Programme, pair *pairing.Pairing, role programme.Role) outbox.Message {
	return identified(aboutPairing(KindPairingCompleted, p, pair, role), pair.ID, "")
}

// FurtherAsked asks one side whether they would like a session more than planned, as the other
// would.
func FurtherAsked(p *programme.Programme, pair *pairing.Pairing, role programme.Role) outbox.Message {
	return aboutFurther(KindFurtherAsked, p, pair, role)
}

// FurtherGranted tells one side that the two have a session more than planned.
func FurtherGranted(p *programme.Programme, pair *pairing.Pairing, role programme.Role) outbox.Message {
	return aboutFurther(KindFurtherGranted, p, pair, role)
}

// FurtherRefused tells one side that it stays as planned: since the other did not agree, or the
// coordinator could not.
func FurtherRefused(p *programme.Programme, pair *pairing.Pairing, role programme.Role) outbox.Message {
	return aboutFurther(KindFurtherRefused, p, pair, role)
}

// aboutFurther is about what one of the two has asked for last.
func aboutFurther(kind outbox.Kind, p *programme.Programme, pair *pairing.Pairing, role programme.Role) outbox.Message {
	return identified(aboutPairing(kind, p, pair, role), pair.ID, pair.Further.AskedAt.UTC().Format(time.RFC3339Nano))
}

// FinishProposed asks one side whether they have finished, as the other thinks.
func FinishProposed(p *programme.Programme, pair *pairing.Pairing, role programme.Role) outbox.Message {
	return identified(aboutPairing(KindFinishProposed, p, pair, role), pair.ID, pair.FinishAt.UTC().Format(time.RFC3339Nano))
}

// FinishWaits asks one side once more whether they have finished, as the given step.
func FinishWaits(p *programme.Programme, pair *pairing.Pairing, role programme.Role, step int) outbox.Message {
	m := aboutPairing(KindFinishWaits, p, pair, role)
	m.Step, m.After = step, FinishProposed(p, pair, role).ID
	return identified(m, pair.ID, pair.FinishAt.UTC().Format(time.RFC3339Nano))
}

// FinishDeclined tells one side, who had proposed to finish at a time, that the other would
// like to go on.
func FinishDeclined(p *programme.Programme, pair *pairing.Pairing, role programme.Role, proposed time.Time) outbox.Message {
	return identified(aboutPairing(KindFinishDeclined, p, pair, role), pair.ID, proposed.UTC().Format(time.RFC3339Nano))
}

// HasLeft tells somebody that they have left the programme, as they asked at a time.
func HasLeft(p *programme.Programme, e *enrolment.Enrolment, now time.Time) outbox.Message {
	return identified(aboutEnrolment(KindHasLeft, p, e), p.ID, now.UTC().Format(time.RFC3339Nano))
}

// SealedLetterBack tells somebody that a letter which they wrote to themselves is back. It says
// nothing of it.
func SealedLetterBack(p *programme.Programme, l *sealed.Letter) outbox.Message {
	return identified(toEnrolment(KindSealedLetterBack, p, l.Enrolment, l.Role), l.ID, l.ReturnAt.UTC().Format(time.RFC3339Nano))
}

// PassedOn is an invitation that somebody passed on.
func PassedOn(p *programme.Programme, n *nomination.Nomination) outbox.Message {
	return identified(aboutNomination(p, n), n.ID, "")
}

// PassedOnAgain reminds of it, as the step 2.
func PassedOnAgain(p *programme.Programme, n *nomination.Nomination, step int) outbox.Message {
	m := aboutNomination(p, n)
	m.Step, m.After = step, PassedOn(p, n).ID
	return identified(m, n.ID, "")
}

// CallWanted asks one who takes no part, by what stands for them, to ring somebody: once.
func CallWanted(p *programme.Programme, e *enrolment.Enrolment, to string) outbox.Message {
	m := toEnrolment(KindCallWanted, p, to, e.Role)
	m.Caller = e.ID
	return identified(m, e.ID, "")
}

// AssistantAsked asks whom somebody named whether they pick times for them: once, each time that
// they are named. The message goes by its sequence to who is named now.
func AssistantAsked(p *programme.Programme, e *enrolment.Enrolment) outbox.Message {
	m := aboutEnrolment(KindAssistantAsked, p, e)
	m.Sequence = e.Assistant.Generation
	return identified(m, p.ID, strconv.Itoa(e.Assistant.Generation))
}

// AssistantTimes tells the assistant of one side of the times that the other proposes.
func AssistantTimes(p *programme.Programme, pair *pairing.Pairing, role programme.Role) outbox.Message {
	return identified(aboutPairing(KindAssistantTimes, p, pair, role), pair.ID, pair.Proposal.ID)
}

// newEmail is the address that somebody has asked for, formerEmail the one that they had, and
// assistantEmail that of who picks times for them.
func newEmail(e *enrolment.Enrolment) email.Address       { return e.NewEmail }
func formerEmail(e *enrolment.Enrolment) email.Address    { return e.FormerEmail }
func assistantEmail(e *enrolment.Enrolment) email.Address { return e.Assistant.Email }

// YourLink is a link to all that somebody takes part in, or to an invitation's questions, which
// they asked for at a time: one in a quarter of an hour.
func YourLink(p *programme.Programme, e *enrolment.Enrolment, invitation string, now time.Time) outbox.Message {
	m := aboutEnrolment(KindYourLink, p, e)
	m.Invitation = invitation
	subject := "/"
	if invitation != "" {
		subject = "questions/" + invitation
	}
	return identified(m, subject, now.UTC().Truncate(15*time.Minute).Format(time.RFC3339))
}

// LinkAnew is a link to all that somebody takes part in, after all that were sent before were
// closed: one each time.
func LinkAnew(p *programme.Programme, e *enrolment.Enrolment) outbox.Message {
	return identified(aboutEnrolment(KindYourLink, p, e), "/", "generation "+strconv.Itoa(e.Generation))
}

// Asked is a message that somebody asked for at a time by typing their address, which tells it
// from others of its kind.
func Asked(m outbox.Message, now time.Time) outbox.Message {
	return identified(m, m.Programme, "asked "+now.UTC().Format(time.RFC3339Nano))
}

// YourData is a link to what is held about somebody, which they asked for at a time: one in a
// quarter of an hour.
func YourData(p *programme.Programme, e *enrolment.Enrolment, now time.Time) outbox.Message {
	return identified(aboutEnrolment(KindYourData, p, e), p.ID, now.UTC().Truncate(15*time.Minute).Format(time.RFC3339))
}

// ConfirmErasure asks somebody to confirm that they want to be forgotten, as was asked at a
// time on their page.
func ConfirmErasure(p *programme.Programme, e *enrolment.Enrolment, asked time.Time) outbox.Message {
	return identified(aboutEnrolment(KindConfirmErasure, p, e), p.ID, asked.UTC().Format(time.RFC3339Nano))
}

// ErasureConfirmed tells somebody that they are forgotten in a day from when they confirmed it,
// and how to stop it.
func ErasureConfirmed(p *programme.Programme, e *enrolment.Enrolment, confirmed time.Time) outbox.Message {
	return identified(aboutEnrolment(KindErasureConfirmed, p, e), p.ID, confirmed.UTC().Format(time.RFC3339Nano))
}

// ErasureAskedFor tells somebody that staff have asked at a time that they are forgotten.
func ErasureAskedFor(p *programme.Programme, e *enrolment.Enrolment, asked time.Time) outbox.Message {
	return identified(aboutEnrolment(KindErasureAskedFor, p, e), p.ID, asked.UTC().Format(time.RFC3339Nano))
}

// ConfirmAddress asks whoever reads the address that somebody has asked for to confirm it.
func ConfirmAddress(p *programme.Programme, e *enrolment.Enrolment) outbox.Message {
	return identified(aboutEnrolment(KindConfirmAddress, p, e), p.ID, e.NewEmailAt.UTC().Format(time.RFC3339Nano))
}

// AddressAsked tells somebody at the address that they have that another was asked for.
func AddressAsked(p *programme.Programme, e *enrolment.Enrolment) outbox.Message {
	return identified(aboutEnrolment(KindAddressAsked, p, e), p.ID, e.NewEmailAt.UTC().Format(time.RFC3339Nano))
}

// AddressChanged tells somebody at the address that they had that it is another since a time.
func AddressChanged(p *programme.Programme, e *enrolment.Enrolment, now time.Time) outbox.Message {
	return identified(aboutEnrolment(KindAddressChanged, p, e), p.ID, now.UTC().Format(time.RFC3339Nano))
}

// AddressTaken tells somebody that another person asked to have their address.
func AddressTaken(p *programme.Programme, owner, by *enrolment.Enrolment) outbox.Message {
	return identified(aboutEnrolment(KindAddressTaken, p, owner), p.ID, by.ID+" "+by.NewEmailAt.UTC().Format(time.RFC3339Nano))
}

// SessionBooked tells one side of a session that is booked.
func SessionBooked(p *programme.Programme, s *pairing.Session, role programme.Role) outbox.Message {
	return aboutSession(KindSessionBooked, p, s, role, 0)
}

// SessionMoved tells one side that a session was moved.
func SessionMoved(p *programme.Programme, s *pairing.Session, role programme.Role) outbox.Message {
	return aboutSession(KindSessionMoved, p, s, role, 0)
}

// SessionCancelled tells one side that a session was cancelled.
func SessionCancelled(p *programme.Programme, s *pairing.Session, role programme.Role) outbox.Message {
	return aboutSession(KindSessionCancelled, p, s, role, 0)
}

// SessionInAWeek reminds one side of a session a week before.
func SessionInAWeek(p *programme.Programme, s *pairing.Session, role programme.Role) outbox.Message {
	return nearSession(KindSessionInAWeek, p, s, role)
}

// SessionTomorrow reminds one side of a session on the working day before.
func SessionTomorrow(p *programme.Programme, s *pairing.Session, role programme.Role) outbox.Message {
	return nearSession(KindSessionTomorrow, p, s, role)
}

// nearSession reminds one side of what told them of a session as it is.
func nearSession(kind outbox.Kind, p *programme.Programme, s *pairing.Session, role programme.Role) outbox.Message {
	told := SessionBooked(p, s, role)
	if s.Sequence > 0 {
		told = SessionMoved(p, s, role)
	}
	m := aboutSession(kind, p, s, role, 0)
	m.After = told.ID
	return m
}

// LogYourSession asks one side for their log of a session, as the given step.
func LogYourSession(p *programme.Programme, s *pairing.Session, role programme.Role, step int) outbox.Message {
	return aboutSession(KindLogYourSession, p, s, role, step)
}

// FollowUp reminds one side of the call or email that follows a session.
func FollowUp(p *programme.Programme, s *pairing.Session, role programme.Role) outbox.Message {
	return aboutSession(KindFollowUp, p, s, role, 0)
}

// QuestionnaireInvited invites somebody to a questionnaire.
func QuestionnaireInvited(p *programme.Programme, i *questionnaire.Invitation) outbox.Message {
	return identified(aboutInvitation(KindQuestionnaireInvited, p, i), i.ID, "")
}

// QuestionnaireWaits reminds somebody of a questionnaire, as the given step.
func QuestionnaireWaits(p *programme.Programme, i *questionnaire.Invitation, step int) outbox.Message {
	m := aboutInvitation(KindQuestionnaireWaits, p, i)
	m.Step, m.After = step, QuestionnaireInvited(p, i).ID
	return identified(m, i.ID, "")
}

// DeviceCode tells somebody, by the id of their enrolment, a code that they asked for on a
// device that was not seen before. Nobody waits for it for longer than it is good.
func DeviceCode(p *programme.Programme, id string, role programme.Role, nonce, code string, now time.Time) outbox.Message {
	m := toEnrolment(KindDeviceCode, p, id, role)
	m.Code, m.Until = code, now.Add(devicecode.Life)
	return identified(m, nonce, "")
}

// StaffSignIn is a link with which a member of staff signs in, on the letterhead of a
// programme, both by their ids; the nonce tells it from others. Nobody waits
// for it for longer than it opens; they ask again, and nobody should find one that they do
// not remember.
func StaffSignIn(p, staff, nonce string, now time.Time) outbox.Message {
	m := outbox.Message{Kind: KindStaffSignIn, Programme: p, To: staff, Person: staff, Until: now.Add(purpose.SignIn.Life())}
	return identified(m, "", nonce)
}

// DailyDigest tells a member of staff, by their id, what needs a coordinator on a day,
// such as "2027-03-01".
func DailyDigest(p *programme.Programme, staff, day string) outbox.Message {
	return identified(outbox.Message{Kind: KindDailyDigest, Programme: p.ID, To: staff, Person: staff}, p.ID, day)
}
