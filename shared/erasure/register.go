package erasure

import "github.com/cascading-leadership/cascade/shared/register"

// Register says what an Erasure stores.
var Register = register.Document{
	Holds: "that somebody asked to be forgotten, until it is done", Called: "that everything about you is to be deleted", Person: "its id",
	Whose: []register.Whose{{Is: register.Person, Then: register.Deleted}},
	Read:  register.Participant | register.Desk | register.Reminders | register.Questionnaires | register.CommandLine,
	Kept:  register.Kept{Until: "the person is forgotten, or it is stopped, or was not confirmed for a week", By: "the reminders function"},
	Rows: []register.Row{
		{Fields: "enrolment state by askedAt dueAt", Class: register.Recorded, For: "who asked for it, and when it is carried out", Seen: register.Themselves | register.Coordinators},
		{Fields: "reason", Class: register.Noted, For: "why staff asked for it", Seen: register.Themselves | register.Coordinators},
		{Fields: "done", Class: register.Technical, For: "which functions have done their part", Seen: register.Nobody},
	},
}

// TombstoneRegister says what a Tombstone stores.
var TombstoneRegister = register.Document{
	Holds: "that somebody was forgotten; its id is a keyed hash", Called: "that somebody was forgotten, without who it was", Person: "its id, by the key",
	Whose: []register.Whose{{Is: register.Keyed, Then: register.Anonymous, Unseen: "it is there once nothing else is"}},
	Read:  register.Reminders | register.Outbox | register.Questionnaires, Kept: register.WithTheProgramme, Of: "programme",
	Rows: []register.Row{{Fields: "programme at", Class: register.Pseudonymous, For: "that they are forgotten again where a backup brings them back", Seen: register.Nobody}},
}

// ComparedRegister says what Compared stores.
var ComparedRegister = register.Document{
	Holds: "how many people were forgotten when that was last compared with who is there", Read: register.Reminders | register.Outbox | register.Questionnaires | register.CommandLine, Kept: register.ForGood,
	Rows: []register.Row{{Fields: "tombstones at", Class: register.Technical, For: "that it is noticed where a backup was loaded", Seen: register.Nobody}},
}
