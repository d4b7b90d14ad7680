package message

import "github.com/cascading-leadership/cascade/shared/outbox"

// Kinds that answer what someone just did, or tell of it.
const (
	KindConfirmEnrolment     outbox.Kind = "confirm-enrolment"
	KindAlreadyEnrolled      outbox.Kind = "already-enrolled"
	KindEnrolmentConfirmed   outbox.Kind = "enrolment-confirmed"
	KindChooseNow            outbox.Kind = "choose-now"
	KindMatchReleased        outbox.Kind = "match-released"
	KindMatchChosen          outbox.Kind = "match-chosen"
	KindMatchDeclined        outbox.Kind = "match-declined"
	KindMatchWithdrawn       outbox.Kind = "match-withdrawn"
	KindPairingStarted       outbox.Kind = "pairing-started"
	KindSessionBooked        outbox.Kind = "session-booked"
	KindSessionMoved         outbox.Kind = "session-moved"
	KindSessionCancelled     outbox.Kind = "session-cancelled"
	KindQuestionnaireInvited outbox.Kind = "questionnaire-invited"
	KindStaffSignIn          outbox.Kind = "staff-sign-in"
)

// Kinds that come because time has passed. Which are due is decided in package
// reminder.
const (
	KindGetReady           outbox.Kind = "get-ready"
	KindAnswerMatch        outbox.Kind = "answer-match"
	KindAgreeExpectations  outbox.Kind = "agree-expectations"
	KindBookSession        outbox.Kind = "book-session"
	KindSessionInAWeek     outbox.Kind = "session-in-a-week"
	KindSessionTomorrow    outbox.Kind = "session-tomorrow"
	KindLogYourSession     outbox.Kind = "log-your-session"
	KindFollowUp           outbox.Kind = "follow-up"
	KindQuestionnaireWaits outbox.Kind = "questionnaire-waits"
	KindDailyDigest        outbox.Kind = "daily-digest"
)

// ForStaff reports whether messages of a kind go to a member of staff.
func ForStaff(k outbox.Kind) bool { return k == KindStaffSignIn || k == KindDailyDigest }
