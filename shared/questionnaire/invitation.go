// Package questionnaire is what is asked of people before and after, and their answers.
// Definitions are data.
//
// Who is asked and what is answered are kept in two databases, and nothing leads from the
// one to the other but a keyed hash that the questionnaires function alone can work out: see
// Pseudonyms. An invitation says once a day, for all together, who has answered: see Marks.
package questionnaire

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/programme"
)

// Invitation asks one person to answer the questionnaire of a moment, once in a programme,
// however many roles and pairings they have.
type Invitation struct {
	ID        string `firestore:"-"`
	Enrolment string `firestore:"enrolment"`
	// Pairing is the one at whose end it was asked, and of an invitation of versions before
	// the one at whose start; "" for who has just enrolled.
	Pairing       string           `firestore:"pairing,omitempty"`
	Role          programme.Role   `firestore:"role"`
	Moment        programme.Moment `firestore:"moment"`
	Questionnaire string           `firestore:"questionnaire"`
	// Former is the id of the answers as versions before kept them, beside people, until they
	// are moved.
	Former string `firestore:"response,omitempty"`
	// Submitted says that they have answered, as of the day on which that was last marked.
	Submitted bool `firestore:"submitted"`
	// DueAt is when reminders look at it next; the zero time when nothing is owed.
	DueAt     time.Time `firestore:"dueAt"`
	CreatedAt time.Time `firestore:"createdAt"`
	UpdatedAt time.Time `firestore:"updatedAt"`
	// Version is the time of the document's last write, which guards the next.
	Version time.Time `firestore:"-"`
}

// Mark says that it is answered. Nothing says when: the time of its last change stays.
func (i *Invitation) Mark() { i.Submitted, i.DueAt = true, time.Time{} }

// Response is one person's answers to one questionnaire, which they have handed in. It has no
// time.
type Response struct {
	ID            string           `firestore:"-"`
	Questionnaire string           `firestore:"questionnaire"`
	Moment        programme.Moment `firestore:"moment"`
	Role          programme.Role   `firestore:"role"`
	// Respondent is the person's pseudonym, which joins the two moments.
	Respondent string `firestore:"respondent"`
	// Answers are by question: a choice's value, or words.
	Answers map[string]string `firestore:"answers"`
	// Rewritten says that it was written anew since its moment closed.
	Rewritten bool `firestore:"rewritten"`
	// Version is the time of the document's last write, which guards the next.
	Version time.Time `firestore:"-"`
}

// Saved are the answers that one person has given so far and not handed in.
type Saved struct {
	ID     string           `firestore:"-"`
	Moment programme.Moment `firestore:"moment"`
	// Answers are as a Response's.
	Answers map[string]string `firestore:"answers"`
	// Writer is a keyed hash of the device on which they were first saved, where no code was
	// given on it, and no other device has changed them since; or "". It is another one for
	// each document, so that it joins none.
	Writer string `firestore:"writer,omitempty"`
	// Version is the time of the document's last write, which guards the next; the zero time
	// where nothing was saved yet.
	Version time.Time `firestore:"-"`
}

// Agreed is that one person has agreed to the privacy notice, which had changed, on the way to
// their questions. It lies among the answers until it is written beside people, once a day for
// all together as Marks are: the minute in which they agreed would say which answers are theirs.
type Agreed struct {
	ID string `firestore:"-"`
	// Version and Facts are which notice it was, see enrolment.Consent.
	Version string `firestore:"version"`
	Facts   string `firestore:"facts"`
	// Day is the programme's day on which they did, such as 2027-03-01.
	Day string `firestore:"day"`
	// Written is the time of the document's last write, which guards the next; the zero time
	// where it is not there yet.
	Written time.Time `firestore:"-"`
}

// At is the beginning of the day, where the programme is.
func (a *Agreed) At(place *time.Location) (time.Time, error) {
	return time.ParseInLocation(time.DateOnly, a.Day, place)
}

// Former are answers as versions before kept them, beside people: saved, or handed in.
type Former struct {
	ID            string            `firestore:"-"`
	Questionnaire string            `firestore:"questionnaire"`
	Moment        programme.Moment  `firestore:"moment"`
	Role          programme.Role    `firestore:"role"`
	Respondent    string            `firestore:"respondent"`
	Answers       map[string]string `firestore:"answers"`
	Submitted     bool              `firestore:"submitted"`
	Writer        string            `firestore:"writer,omitempty"`
	// Version is the time of the document's last write, which guards the next.
	Version time.Time `firestore:"-"`
}
