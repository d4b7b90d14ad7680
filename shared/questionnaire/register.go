package questionnaire

import "github.com/cascading-leadership/cascade/shared/register"

// InvitationRegister says what an Invitation stores.
var InvitationRegister = register.Document{
	Holds: "that one person is asked to answer one questionnaire", Person: "enrolment",
	Whose: []register.Whose{
		{By: "enrolment", Is: register.Role, Then: register.Deleted},
	},
	Read: register.Questionnaires | register.Desk | register.Reminders | register.Outbox, Kept: register.AYearAfterTheEnd,
	Rows: []register.Row{
		{Fields: "enrolment pairing role moment questionnaire submitted", Class: register.Recorded, For: "who is asked what, and whether they answered", Seen: register.Themselves | register.Coordinators},
		{Fields: "response", Class: register.Recorded, For: "where their answers are kept, which joins the two", Seen: register.Nobody},
		{Fields: "dueAt", Class: register.Recorded, For: "when they are reminded next", Seen: register.Nobody},
	},
}

// ResponseRegister says what a Response stores.
var ResponseRegister = register.Document{
	Holds: "one person's answers to one questionnaire, without their name or a time", Person: "its id, by an invitation's response",
	Whose: []register.Whose{
		{Is: register.Keyed, Then: register.Deleted, Part: register.Questionnaires, Unseen: "whose it is, only the function of the questionnaires can tell, behind their own link"},
	},
	Read: register.Questionnaires | register.Evaluation, Kept: register.AYearAfterTheEnd,
	Rows: []register.Row{
		{Fields: "questionnaire moment role submitted", Class: register.Pseudonymous, For: "what was answered", Seen: register.Evaluators},
		{Fields: "respondent", Class: register.Pseudonymous, For: "to join the answers before and after", Seen: register.Nobody},
		{Fields: "writer", Class: register.Pseudonymous, For: "that the device on which they were first saved is not asked for a code: a keyed hash, another for each response", Seen: register.Nobody},
		{Fields: "answers", Class: register.Pseudonymous, For: "whether the programme helps; shown as totals that enough people stand behind", Seen: register.Themselves | register.Evaluators},
	},
}
