package nomination

import "github.com/cascading-leadership/cascade/shared/register"

// Register says what a Nomination stores.
var Register = register.Document{
	Holds: "an invitation that somebody passed on to a leader, or to who leads an organisation now; not who passed it on", Called: "an invitation that somebody passed on to you", Person: "person",
	Whose: []register.Whose{{By: "person", Is: register.Address, Then: register.Deleted}},
	Read:  register.Enrolment | register.Reminders | register.Outbox, Kept: register.ExpirySwept,
	Rows: []register.Row{
		{Fields: "email", Class: register.Others, For: "to write to them once, and once more at most", Seen: register.Nobody},
		{Fields: "person", Class: register.Pseudonymous, For: "that it is found for whoever has the address, and not sent to somebody who takes part: a hash of that and of the programme's salt", Seen: register.Nobody},
		{Fields: "takes", Class: register.Recorded, For: "in which role the organisation takes part that they lead now, where somebody else led it; not which it is", Seen: register.Nobody},
		{Fields: "dueAt", Class: register.Recorded, For: "when they are reminded, once", Seen: register.Nobody},
		{Fields: "expireAt", Class: register.Technical, For: "when it is deleted", Seen: register.Nobody},
	},
}
