package store

import (
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/register"
)

// formerly is why audit entries of a version before are on nobody's page.
const formerly = "it is moved to where it names nobody but by pseudonyms"

// What the types of this package store.
var (
	draftRegister = register.Document{
		Holds: "a form that somebody is filling in; its id is a hash of the token in their cookie", Called: "a form that you are filling in", Person: "person",
		Whose: []register.Whose{
			{By: "person", Is: register.Address, Then: register.Deleted},
		},
		Read: register.Enrolment | register.Reminders, Kept: register.ExpirySwept,
		Rows: []register.Row{
			{Fields: "role form.Name form.Email form.Phone form.Organisation form.Number form.Postcode form.Region form.Income form.Categories form.Skills form.Experience " +
				"form.Availability form.Meeting form.Languages form.Capacity form.Conflicts form.Strengths form.Situation form.Hopes form.Offering form.Introduction form.Heard form.Mention form.Bids form.Extra form.Fits form.Consent form.Agrees", Class: register.Given, For: "that nothing is lost between the form's pages, and the address can be corrected", Seen: register.Themselves},
			{Fields: "person", Class: register.Pseudonymous, For: "that it is found for whoever has the address: a hash of that and of the programme's salt", Seen: register.Nobody},
			{Fields: "nomination", Class: register.Recorded, For: "that they were asked to take the place of who led the organisation before", Seen: register.Nobody},
			{Fields: "sent claim", Class: register.Recorded, For: "that a form sent twice is one claim, and a corrected one another", Seen: register.Nobody},
			{Fields: "asked", Class: register.Recorded, For: "that the email is not sent too often", Seen: register.Themselves},
			{Fields: "expireAt", Class: register.Technical, For: "when it is deleted", Seen: register.Nobody},
		},
	}
	runRegister = register.Document{
		Holds: "a matching run, in numbers", Read: register.Desk | register.Matching | register.Participant | register.Reminders, Kept: register.AYearAfterTheEnd,
		Rows: []register.Row{
			{Fields: "state before input", Class: register.Technical, For: "how far it has come, and what it was made from", Seen: register.Nobody},
			{Fields: "commitment root", Class: register.Technical, For: "what it was bound to before it was solved", Seen: register.Coordinators},
			{Fields: "clients consultants matched score worst moves gain.matched gain.total gain.worst released withdrawn decided",
				Class: register.Technical, For: "how good it is, and what became of it", Seen: register.Coordinators},
		},
	}
	partRegister = register.Document{
		Holds: "a page of what a matching run found beside its matches: who has none and why, its certificate, and the hashes of its proof", Called: "what the matching found beside its matches", Person: "text, by enrolments' ids",
		Whose: []register.Whose{
			{By: "text", Is: register.Inside, Then: register.Without, Unseen: "it is of all who were in a matching run at once, by ids alone"},
		},
		Read: register.Desk | register.Participant | register.Reminders, Kept: register.WithTheRun,
		Rows: []register.Row{
			{Fields: "kind number", Class: register.Technical, For: "which page of what it is", Seen: register.Nobody},
			{Fields: "text", Class: register.Recorded, For: "to say why a run left somebody without a match, and to check it", Seen: register.Themselves | register.Coordinators},
		},
	}
	staffRegister = register.Document{
		Holds: "somebody who works for a programme's host", Person: "its id",
		Whose: []register.Whose{
			{Is: register.Staff, Then: register.OfStaff},
		},
		Read: register.Desk | register.Participant | register.Reminders | register.Outbox | register.CommandLine, Of: "rolesIn",
		Kept: register.Kept{Until: "a year after the end of the last programme that they work for", By: register.AYearAfterTheEnd.By, At: register.OnceOver, Shared: true},
		Rows: []register.Row{
			{Fields: "name email", Class: register.Noted, For: "to write to them, and to let them sign in", Seen: register.Themselves | register.Coordinators},
			{Fields: "account", Class: register.Recorded, For: "that an address which is given to somebody else lets nobody in", Seen: register.Nobody},
			{Fields: "rolesIn roles", Class: register.Noted, For: "what they may do in each programme, roles for the version before", Seen: register.Themselves},
		},
	}
	linkRegister = register.Document{
		Holds: "what one emailed link opens; its id is a keyed hash of its token", Called: "the links in our emails to you", Person: "person",
		Whose: []register.Whose{
			{By: "person", Is: register.Role, Then: register.Deleted},
			{By: "person", Is: register.Staff, Then: register.OfStaff},
		},
		Read: register.Enrolment | register.Participant | register.Questionnaires | register.Desk, Kept: register.ExpiryNameless, Of: "programme",
		Rows: []register.Row{
			{Fields: "purpose programme person role generation", Class: register.Recorded, For: "what may be done with it, and for whom", Seen: register.Nobody},
			outbox.IDsRow,
			{Fields: "topics", Class: register.Recorded, For: "what a mail program's button to unsubscribe declines", Seen: register.Nobody},
			{Fields: "hidden", Class: register.Recorded, For: "the address with which a form was sent, which nobody can read without the link from its email: that its page finds out at once whether its reader takes part", Seen: register.Nobody},
			{Fields: "expireAt revokedAt", Class: register.Technical, For: "from when on it opens nothing", Seen: register.Nobody},
		},
	}
	formerAuditRegister = register.Document{
		Holds: "an audit entry of a version before, with ids in it", Person: "by, to",
		Whose: []register.Whose{
			{By: "to", Is: register.Role, Then: register.Deleted, Unseen: formerly},
			{By: "to", Is: register.Person, Then: register.Deleted, Unseen: formerly},
			{By: "by", Is: register.Role, Then: register.Deleted, Unseen: formerly},
			{By: "by", Is: register.Person, Then: register.Deleted, Unseen: formerly},
		},
		Read: register.CommandLine, Kept: register.Kept{Until: "it is moved to auditEntries, where it names pseudonyms", By: "cascade migrate --apply"},
		Rows: []register.Row{{Fields: "programme by did to at", Class: register.Recorded, For: "that it can be found out who did something", Seen: register.Nobody}},
	}
	heartbeatRegister = register.Document{
		Holds: "when a schedule's work was last done", Read: register.CommandLine, Kept: register.ForGood,
		Rows: []register.Row{{Fields: "at moved", Class: register.Technical, For: "that a schedule's silence is noticed", Seen: register.Nobody}},
	}
	diaryDaysRegister = register.Document{
		Holds: "how far the diary was worked off", Read: register.Reminders, Kept: register.ForGood,
		Rows: []register.Row{{Fields: "from", Class: register.Technical, For: "that no day of the diary is passed over", Seen: register.Nobody}},
	}
	dueRegister = register.Document{
		Holds: "that reminders are to look at a document on a day", Called: "when we look whether to remind you", Person: "path, by its ids",
		Whose: []register.Whose{
			{By: "path", Is: register.Path, Then: register.Deleted, Unseen: "it repeats the dueAt of the document whose path it has"},
		},
		Read: register.Reminders | register.CommandLine, Kept: register.TheirDay,
		Rows: []register.Row{{Fields: "path dueAt tries", Class: register.Recorded, For: "that what is due is found without reading everything", Seen: register.Nobody}},
	}
)
