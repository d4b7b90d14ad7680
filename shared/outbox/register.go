package outbox

import "github.com/cascading-leadership/cascade/shared/register"

// Register says what a Message stores. It holds ids, and a code where it tells one;
// addresses and words are read when it is sent.
var Register = register.Document{
	Holds: "an email that is owed to one person", Called: "our emails to you", Person: "to",
	Whose: []register.Whose{
		{By: "to", Is: register.Role, Then: register.Deleted},
		{By: "caller", Is: register.Role, Then: register.Deleted, Unseen: "it is whom they asked to ring them, which stands in no list"},
		{By: "to", Is: register.Staff, Then: register.OfStaff},
	},
	Read: register.Outbox | register.Desk | register.Reminders, Kept: register.AYearAfterTheEnd, Of: "programme",
	Rows: []register.Row{
		{Fields: "kind step after since until sequence role", Class: register.Recorded, For: "which email it is, and whether it is still wanted", Seen: register.Coordinators},
		{Fields: "programme", Class: register.Recorded, For: "of which programme it tells", Seen: register.Nobody},
		IDsRow,
		{Fields: "lane", Class: register.Technical, For: "that who is known does not wait behind strangers", Seen: register.Nobody},
		{Fields: "to person", Class: register.Recorded, For: "to whom it goes", Seen: register.Coordinators},
		{Fields: "state dueAt attempts doubts retried returned triedAt bundle with", Class: register.Recorded, For: "that it is sent, and once", Seen: register.Coordinators},
		{Fields: "failure fault outcome outcomeAt sentAt provider", Class: register.Recorded, For: "what became of it, by the provider's word", Seen: register.Coordinators},
		{Fields: "code", Class: register.Recorded, For: "to be told in the email; it is taken out once that was sent, or is not to be", Seen: register.Themselves},
		{Fields: "trace", Class: register.Technical, For: "to follow it from its cause through the logs", Seen: register.Nobody},
	},
}

// QuotaRegister says what a Quota stores.
var QuotaRegister = register.Document{
	Holds: "how many emails a programme, or all to one mail domain, had in this window", Read: register.Outbox, Kept: register.ForGood,
	Rows: []register.Row{{Fields: "window used strangers", Class: register.Technical, For: "that a provider is not sent more than it takes", Seen: register.Nobody}},
}
