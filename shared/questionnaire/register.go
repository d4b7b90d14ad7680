package questionnaire

import "github.com/cascading-leadership/cascade/shared/register"

// InvitationRegister says what an Invitation stores.
var InvitationRegister = register.Document{
	Holds: "that one person is asked to answer one questionnaire", Called: "a questionnaire you are asked to answer", Person: "enrolment",
	Whose: []register.Whose{
		{By: "enrolment", Is: register.Role, Then: register.Deleted},
	},
	Read: register.Participant | register.Questionnaires | register.Desk | register.Reminders | register.Outbox, Kept: register.AYearAfterTheEnd,
	Rows: []register.Row{
		{Fields: "enrolment pairing role moment questionnaire submitted", Class: register.Recorded, For: "who is asked what, and whether they had answered when that was last marked", Seen: register.Themselves | register.Coordinators},
		{Fields: "response", Class: register.Recorded, For: "where a version before kept their answers, until these are moved to the database of answers", Seen: register.Nobody},
		{Fields: "dueAt", Class: register.Recorded, For: "when they are reminded next", Seen: register.Nobody},
	},
}

// FormerRegister says what a Former stores.
var FormerRegister = register.Document{
	Holds: "one person's answers to one questionnaire as a version before kept them, until they are moved to the database of answers", Person: "its id, by an invitation's response",
	Whose: []register.Whose{
		{Is: register.Keyed, Then: register.Deleted, Part: register.Questionnaires, Unseen: "whose it is, only the function of the questionnaires can tell, behind their own link"},
	},
	Read: register.Questionnaires, Kept: register.Kept{Until: "they are moved", By: "the questionnaires function"},
	Rows: []register.Row{
		{Fields: "questionnaire moment role submitted respondent writer answers", Class: register.Pseudonymous, For: "to be moved", Seen: register.Themselves},
	},
}

// MarksRegister says what a Marks stores.
var MarksRegister = register.Document{
	Holds: "how far it was marked in a programme who has answered", Read: register.Questionnaires | register.Reminders | register.CommandLine, Kept: register.WithTheProgramme,
	Rows: []register.Row{
		{Fields: "day closed anonymous", Class: register.Technical, For: "that it is marked once a day for all, and nobody is reminded of what they have answered", Seen: register.Nobody},
	},
}

// ResponseRegister says what a Response stores.
var ResponseRegister = register.Document{
	Holds: "one person's answers to one questionnaire, which they have handed in; its id is a keyed hash of the person and the moment, and it has no time", Called: "your answers to a questionnaire, under an id that does not name you", Person: "its id, while the key is there",
	Whose: []register.Whose{
		{Is: register.Keyed, Then: register.Deleted, Part: register.Questionnaires, Unseen: "whose it is, only the function of the questionnaires can tell, behind their own link"},
	},
	Read: register.Questionnaires, Kept: register.WithTheProgramme,
	Rows: []register.Row{
		{Fields: "questionnaire moment role rewritten", Class: register.Pseudonymous, For: "what was answered", Seen: register.Evaluators},
		{Fields: "respondent", Class: register.Pseudonymous, For: "to join the answers before and after: a keyed hash of the person", Seen: register.Nobody},
		{Fields: "answers", Class: register.Pseudonymous, For: "whether the programme helps; shown as totals that enough people stand behind. What is in their own words is deleted when the key is destroyed", Seen: register.Evaluators},
	},
}

// SavedRegister says what a Saved stores.
var SavedRegister = register.Document{
	Holds: "what one person has answered so far and not handed in; its id is a keyed hash of the person and the moment", Called: "what you have answered and not handed in", Person: "its id, while the key is there",
	Whose: []register.Whose{
		{Is: register.Keyed, Then: register.Deleted, Part: register.Questionnaires, Unseen: "whose it is, only the function of the questionnaires can tell, behind their own link"},
	},
	Read: register.Questionnaires, Kept: register.Kept{Until: "they are handed in, or the moment closes", By: "the questionnaires function"},
	Rows: []register.Row{
		{Fields: "moment answers", Class: register.Pseudonymous, For: "that they can go on later", Seen: register.Themselves},
		{Fields: "writer", Class: register.Pseudonymous, For: "that the device on which they were first saved is not asked for a code: a keyed hash, another for each document", Seen: register.Nobody},
	},
}

// AgreedRegister says what an Agreed stores.
var AgreedRegister = register.Document{
	Holds: "that one person has agreed to a changed privacy notice before their questions, until it is written beside people; its id is a keyed hash of the person", Called: "that you have agreed to a changed privacy notice before your questions", Person: "its id, while the key is there",
	Whose: []register.Whose{
		{Is: register.Keyed, Then: register.Deleted, Part: register.Questionnaires, Unseen: "whose it is, only the function of the questionnaires can tell; the next day it stands with what they agreed to"},
	},
	Read: register.Questionnaires, Kept: register.Kept{Until: "the next day's marks", By: "the questionnaires function"},
	Rows: []register.Row{
		{Fields: "version facts day", Class: register.Pseudonymous, For: "that they are not asked for it again, and nothing tells when they answered", Seen: register.Nobody},
	},
}

// TombstoneRegister says what a Tombstone stores.
var TombstoneRegister = register.Document{
	Holds: "that the answers of somebody who was forgotten were taken away, as keyed hashes of their ids, with neither a person nor a time", Person: "gone, by the key",
	Whose: []register.Whose{{By: "gone", Is: register.Keyed, Then: register.Anonymous, Unseen: "it is there once nothing else is"}},
	Read:  register.Questionnaires, Kept: register.WithTheProgramme, Of: "programme",
	Rows: []register.Row{{Fields: "programme gone buried", Class: register.Pseudonymous, For: "that their answers are taken away again where a backup brings them back", Seen: register.Nobody}},
}

// SecretRegister says what a Secret stores.
var SecretRegister = register.Document{
	Holds: "a programme's part of the key by which the ids of answers are made", Read: register.Questionnaires,
	Kept: register.Kept{Until: "the day from which on answers are anonymous; then that it is destroyed stays with the programme", By: "the questionnaires function"},
	Rows: []register.Row{
		{Fields: "key value", Class: register.Technical, For: "that whoever answers once is known to have, and that nobody is once it is destroyed", Seen: register.Nobody},
		{Fields: "buried closed over look.tombstones look.kind look.after", Class: register.Technical, For: "that it is noticed where a backup of the answers was restored", Seen: register.Nobody},
	},
}
