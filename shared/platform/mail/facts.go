package mail

import (
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/language"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Facts are what letters are written from. A letter uses those its kind needs.
type Facts struct {
	Programme *programme.Programme
	// Name is whom the letter greets.
	Name string
	// Role is the recipient's; the other side's is Role.Other.
	Role programme.Role
	// Subject is the recipient, where it is no member of staff, and what the letter is about.
	message.Subject
	// In is the language that the recipient has asked for, see Letters.
	In language.Language
	// Step is which ask of its kind this is, 1 or 0 for the first.
	Step int
	// Code is the one that the letter tells, or "".
	Code string
	// Link is where the one thing to do is done.
	Link string
	// Choices is where the person chooses what they get: a URL, or empty on what
	// cannot be declined.
	Choices string
	// My is where all stands that the recipient takes part in: a URL, or "" where they do not.
	My string
	// Notice is where the programme's privacy notice stands: a URL, or "".
	Notice string
	// Logo is where the logo of the programme's host is: a URL, or "".
	Logo string
}

// Mine and Theirs are the terms for the recipient's role and the other side's.
func (f *Facts) Mine() programme.Term { return f.Programme.Terms.Of(f.Role) }

// Theirs is the term for the other side's role.
func (f *Facts) Theirs() programme.Term { return f.Programme.Terms.Of(f.Role.Other()) }

// FromDirectory reports whether the recipient finds a match in a directory.
func (f *Facts) FromDirectory() bool {
	return f.Programme.FromDirectory(f.Role)
}

// Left reports whether the recipient has left the programme.
func (f *Facts) Left() bool { return f.Person.State == enrolment.Withdrawn }

// Closing tells the questionnaire at the end from the one at the start.
func (f *Facts) Closing() bool { return f.Invitation.Moment == programme.Closing }
