package reminder

import "github.com/cascading-leadership/cascade/shared/register"

// DigestRegister says what a Digest stores.
var DigestRegister = register.Document{
	Holds: "when a programme's daily digest is written next", Read: register.Reminders, Kept: register.WithTheProgramme,
	Rows: []register.Row{{Fields: "programme dueAt", Class: register.Technical, For: "that coordinators hear once a day of what needs them", Seen: register.Nobody}},
}
