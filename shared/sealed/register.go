package sealed

import "github.com/cascading-leadership/cascade/shared/register"

// Register says what a Letter stores. What was written is hidden by a key of the participant
// function, so that neither staff nor whoever reads the database can.
var Register = register.Document{
	Holds: "a letter that somebody wrote to themselves, sealed", Called: "a letter that you wrote to yourself, sealed", Person: "enrolment",
	Whose: []register.Whose{{By: "enrolment", Is: register.Role, Then: register.Deleted}},
	Read:  register.Participant | register.Reminders, Kept: register.AYearAfterTheEnd,
	Rows: []register.Row{
		{Fields: "sealed", Class: register.Others, For: "to come back to its author alone, unread by anybody: it is encrypted", Seen: register.Themselves},
		{Fields: "enrolment role returnAt", Class: register.Recorded, For: "whose it is, and when it comes back", Seen: register.Themselves},
		{Fields: "dueAt", Class: register.Recorded, For: "when it is sent back, or deleted half a year after that", Seen: register.Nobody},
	},
}
