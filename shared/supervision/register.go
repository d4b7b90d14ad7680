package supervision

import "github.com/cascading-leadership/cascade/shared/register"

// Register says what a Supervisor stores.
var Register = register.Document{
	Holds: "somebody who coaches consultants of a programme", Person: "its id",
	Whose: []register.Whose{
		{Is: register.Staff, Then: register.OfStaff},
	},
	Read: register.Desk | register.Participant | register.Matching | register.CommandLine, Kept: register.AYearAfterTheEnd,
	Rows: []register.Row{
		{Fields: "name email", Class: register.Noted, For: "to name and to reach them", Seen: register.Coordinators},
		{Fields: "staff", Class: register.Noted, For: "by which account they sign in", Seen: register.Nobody},
		{Fields: "capacity", Class: register.Noted, For: "how many consultants they can take", Seen: register.Coordinators},
		{Fields: "places", Class: register.Recorded, For: "which matches and pairings take up places of theirs", Seen: register.Coordinators},
	},
}
