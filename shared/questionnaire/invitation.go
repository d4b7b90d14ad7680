// Package questionnaire is what is asked of both people before and after, and
// their answers. Definitions are data; identity and answers are kept apart.
package questionnaire

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/programme"
)

// Invitation asks one person to answer one questionnaire. It knows who; the
// response that it names knows what, under a pseudonym and without times.
type Invitation struct {
	ID            string           `firestore:"-"`
	Enrolment     string           `firestore:"enrolment"`
	Pairing       string           `firestore:"pairing"`
	Role          programme.Role   `firestore:"role"`
	Moment        programme.Moment `firestore:"moment"`
	Questionnaire string           `firestore:"questionnaire"`
	Response      string           `firestore:"response"`
	Submitted     bool             `firestore:"submitted"`
	// DueAt is when reminders look at it next; the zero time when nothing is owed, as
	// from the commit on that hands the answers in.
	DueAt     time.Time `firestore:"dueAt"`
	CreatedAt time.Time `firestore:"createdAt"`
	UpdatedAt time.Time `firestore:"updatedAt"`
	// Version is the time of the document's last write, which guards the next.
	Version time.Time `firestore:"-"`
}

// Hand records that the answers were handed in.
func (i *Invitation) Hand(now time.Time) {
	i.Submitted, i.DueAt, i.UpdatedAt = true, time.Time{}, now
}

// Response is one person's answers to one questionnaire.
type Response struct {
	ID            string           `firestore:"-"`
	Questionnaire string           `firestore:"questionnaire"`
	Moment        programme.Moment `firestore:"moment"`
	Role          programme.Role   `firestore:"role"`
	// Respondent is the person's pseudonym, which joins the two moments.
	Respondent string `firestore:"respondent"`
	// Answers are by question: a choice's value, or words.
	Answers   map[string]string `firestore:"answers"`
	Submitted bool              `firestore:"submitted"`
	// Writer is a keyed hash of the device on which they were first saved, where no code was
	// given on it, and no other device has changed them since; or "". It is another one for
	// each response, so that it joins none.
	Writer string `firestore:"writer,omitempty"`
	// Version is the time of the document's last write, which guards the next.
	Version time.Time `firestore:"-"`
}
