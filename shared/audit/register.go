package audit

import "github.com/cascading-leadership/cascade/shared/register"

// twoYears is how long the trail is kept.
var twoYears = register.Kept{Until: "two years after it was written", By: "the matching function, with the hour's seal"}

// Register says what is stored of who did and saw what.
var Register = register.Document{
	Holds: "who did or saw what, and when, by pseudonyms", Person: "by, about, as keyed hashes",
	Whose: []register.Whose{{By: "about", Is: register.Keyed, Then: register.Anonymous, Unseen: "it names nobody but by pseudonyms"}},
	Read:  register.Desk | register.Matching | register.CommandLine, Kept: twoYears,
	Rows: []register.Row{
		{Fields: "kind programme did times at", Class: register.Pseudonymous, For: "that it can be found out who did or saw something", Seen: register.Administrators},
		{Fields: "by to about named", Class: register.Pseudonymous, For: "who that was, and whom it was about: hashed and encrypted under the audit's key", Seen: register.Administrators},
		{Fields: "find", Class: register.Pseudonymous, For: "to find what is about one person, or in one programme", Seen: register.Nobody},
		{Fields: "hour", Class: register.Technical, For: "with what it is sealed", Seen: register.Nobody},
	},
}

// SealRegister says what is stored of an hour that was sealed.
var SealRegister = register.Document{
	Holds: "what an hour's audit entries were: their ids, and short keyed hashes of what they said", Read: register.Matching | register.CommandLine, Kept: twoYears,
	Rows: []register.Row{{Fields: "hour count entries parts prev head at", Class: register.Technical, For: "that what is taken out of the trail, changed or added later is found", Seen: register.Nobody}},
}

// PartRegister says what is stored of an hour that has many entries.
var PartRegister = register.Document{
	Holds: "more of an hour's sealed audit entries than one document takes", Read: register.Matching | register.CommandLine, Kept: twoYears,
	Rows: []register.Row{{Fields: "entries", Class: register.Technical, For: "that what is taken out of the trail, changed or added later is found", Seen: register.Nobody}},
}
