package contact

import "github.com/cascading-leadership/cascade/shared/register"

// Register says what a Contact stores.
var Register = register.Document{
	Holds: "what one person was sent and asked for, and wants to be spared", Called: "how often we write to you", Person: "its id",
	Whose: []register.Whose{
		{Is: register.Person, Then: register.Deleted},
	},
	Read: register.Participant | register.Desk | register.Reminders | register.Outbox | register.CommandLine, Kept: register.AYearAfterTheEnd,
	Rows: []register.Row{
		{Fields: "enrolments", Class: register.Recorded, For: "as whom they get the day's email", Seen: register.Nobody},
		{Fields: "zone movedAt", Class: register.Given, For: "their own time zone, and when they chose it", Seen: register.Themselves},
		{Fields: "day lead asks.*.message asks.*.kind asks.*.at again", Class: register.Recorded, For: "that nobody gets more than an email a day, or is asked too often", Seen: register.Nobody},
		{Fields: "snoozedUntil declined", Class: register.Given, For: "what they do not want to be written to about", Seen: register.Themselves},
		{Fields: "stopped stoppedAt", Class: register.Recorded, For: "that nothing is sent any more to an address that failed or complained", Seen: register.Themselves | register.Coordinators},
		{Fields: "deliveredAt", Class: register.Recorded, For: "whether their address works", Seen: register.Nobody},
	},
}
