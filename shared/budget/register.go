package budget

import "github.com/cascading-leadership/cascade/shared/register"

// Register says what a Part stores. Its id names the budget, and whose it is by a keyed hash.
var Register = register.Document{
	Holds: "a part of how many emails an address, or forms a network or a programme, had lately, or that an address refused for good; its id has a keyed hash of which",
	Read:  register.Enrolment | register.Participant | register.Desk | register.Reminders | register.CommandLine, Kept: register.ExpirySwept,
	Rows: []register.Row{{Fields: "since used expireAt", Class: register.Technical, For: "that nobody fills a mailbox with what strangers send, sends it what its reader has refused, or holds up everybody else", Seen: register.Nobody}},
}
