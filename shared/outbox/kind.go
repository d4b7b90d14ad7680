package outbox

// Kind is what a message is about, and the name of its letter.
type Kind string

// Kinds that answer what someone just did, or tell of it.
const (
	ConfirmEnrolment     Kind = "confirm-enrolment"
	AlreadyEnrolled      Kind = "already-enrolled"
	EnrolmentConfirmed   Kind = "enrolment-confirmed"
	ChooseNow            Kind = "choose-now"
	MatchReleased        Kind = "match-released"
	MatchChosen          Kind = "match-chosen"
	MatchDeclined        Kind = "match-declined"
	MatchWithdrawn       Kind = "match-withdrawn"
	PairingStarted       Kind = "pairing-started"
	SessionBooked        Kind = "session-booked"
	SessionMoved         Kind = "session-moved"
	SessionCancelled     Kind = "session-cancelled"
	QuestionnaireInvited Kind = "questionnaire-invited"
	StaffSignIn          Kind = "staff-sign-in"
)

// Kinds that come because time has passed. Which are owed is decided in
// package reminder.
const (
	GetReady          Kind = "get-ready"
	AnswerMatch       Kind = "answer-match"
	AgreeExpectations Kind = "agree-expectations"
	BookSession       Kind = "book-session"
	SessionInAWeek    Kind = "session-in-a-week"
	SessionTomorrow   Kind = "session-tomorrow"
	LogYourSession    Kind = "log-your-session"
	FollowUp          Kind = "follow-up"
	QuestionnaireWait Kind = "questionnaire-waits"
	DailyDigest       Kind = "daily-digest"
)

// ForStaff reports whether messages of the kind go to a member of staff.
func (k Kind) ForStaff() bool { return k == StaffSignIn || k == DailyDigest }
