package complaint

import "github.com/cascading-leadership/cascade/shared/register"

// Register says what a Complaint stores. Staff's pages about somebody, and what they take along,
// show none of it: it is between its author and whoever answers it.
var Register = register.Document{
	Holds: "what somebody complains of to the named person who answers complaints", Called: "what you complained of", Person: "enrolment",
	Whose: []register.Whose{{By: "enrolment", Is: register.Role, Then: register.Stays, Unseen: "it stands on My programme, and staff are shown none of it without consent"}},
	Read:  register.Participant | register.Desk | register.Reminders | register.Outbox, Kept: register.AYearAfterTheEnd,
	Rows: []register.Row{
		{Fields: "text desk", Class: register.Others, For: "to be answered by the named person, and read by staff where its author agreed", Seen: register.Themselves},
		{Fields: "note", Class: register.Others, For: "what its author is told", Seen: register.Themselves},
		{Fields: "enrolment role state answerBy dueAt", Class: register.Others, For: "whose it is, and by when it is answered", Seen: register.Themselves},
	},
}
