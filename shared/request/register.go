package request

import "github.com/cascading-leadership/cascade/shared/register"

// Register says what a Request stores.
var Register = register.Document{
	Holds: "what somebody asked staff about their own data", Called: "what you asked about your data", Person: "enrolment",
	Whose: []register.Whose{{By: "enrolment", Is: register.Role, Then: register.Deleted}},
	Read:  register.Participant | register.Desk | register.Reminders | register.Outbox, Kept: register.AYearAfterTheEnd,
	Rows: []register.Row{
		{Fields: "kind group note form.Name form.Email form.Phone form.Organisation form.Number form.Postcode form.Region form.Income form.Categories form.Skills form.Experience " +
			"form.Availability form.Meeting form.Languages form.Capacity form.Conflicts form.Strengths form.Situation form.Hopes form.Offering form.Introduction form.Heard form.Mention form.Bids form.Extra form.Fits form.Consent form.Agrees", Class: register.Given, For: "what they asked for", Seen: register.Themselves | register.Coordinators},
		{Fields: "enrolment for state dueAt doneBy doneAt", Class: register.Recorded, For: "who sees to it, by when, and whether it is done", Seen: register.Themselves | register.Coordinators},
	},
}
