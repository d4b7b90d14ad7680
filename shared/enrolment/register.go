package enrolment

import "github.com/cascading-leadership/cascade/shared/register"

const (
	staff  = register.Coordinators
	chosen = register.Themselves | register.Choosing | staff
)

// Register says what an Enrolment stores.
var Register = register.Document{
	Holds: "a leader and their organisation in one programme in one role", Called: "your place in the programme", Person: "its id",
	Whose: []register.Whose{
		{Is: register.Role, Then: register.Deleted},
		{By: "preferences", Is: register.SeveralOf, Then: register.Without, Unseen: "it is whom somebody else would like to work with, which nobody learns"},
	},
	Read: register.Enrolment | register.Participant | register.Questionnaires | register.Desk | register.Reminders | register.Outbox | register.CommandLine, Kept: register.AYearAfterTheEnd,
	Rows: []register.Row{
		{Fields: "person.name", Class: register.Given, For: "to address them, and to introduce them to their match", Seen: register.Themselves | register.Matched | register.Assistants | staff},
		{Fields: "person.email", Class: register.Given, For: "to write to them, and for their match to write to them", Seen: register.Themselves | register.Matched | staff},
		{Fields: "person.phone", Class: register.Given, For: "for the coordinator to reach them where email does not", Seen: staff},
		{Fields: "newEmail", Class: register.Given, For: "another address that they asked for, until it is confirmed", Seen: register.Themselves | staff},
		{Fields: "newEmailAt newEmails formerEmail", Class: register.Recorded, For: "when that was, and how often, and the address that they had before, which hears of it", Seen: register.Nobody},
		{Fields: "generation", Class: register.Recorded, For: "that links which were sent before a change open nothing any more", Seen: register.Nobody},
		{Fields: "role", Class: register.Given, For: "on which side they take part", Seen: register.Themselves | register.Matched | register.Choosing | staff, Also: register.Matching},
		{Fields: "organisation.name", Class: register.Given, For: "to introduce it, and to keep competitors and conflicts apart", Seen: chosen | register.Matched, Also: register.Matching},
		{Fields: "organisation.region organisation.categories", Class: register.Given, For: "who is near enough, and no competitor", Seen: chosen | register.Matched, Also: register.Matching},
		{Fields: "organisation.number organisation.postcode organisation.income", Class: register.Given, For: "the same, and how the sizes compare", Seen: staff, Also: register.Matching},
		{Fields: "skills experience", Class: register.Given, For: "what they need or offer, by which they are matched", Seen: chosen | register.Matched, Also: register.Matching},
		{Fields: "strengths", Class: register.Given, For: "what they could offer others one day", Seen: register.Themselves | staff},
		{Fields: "situation hopes offering", Class: register.Given, For: "that those who make matches know them better, and their match, too", Seen: register.Themselves | register.Matched | staff},
		{Fields: "introduction", Class: register.Given, For: "that those who can choose them from a list know a little more of them", Seen: chosen | register.Matched},
		{Fields: "extra", Class: register.Given, For: "what the programme asks beside, and uses as it says beside each question", Seen: register.Themselves | staff},
		{Fields: "fits", Class: register.Given, For: "that they are those for whom the programme is", Seen: register.Themselves | staff},
		{Fields: "heard", Class: register.Given, For: "how people find the programme", Seen: register.Themselves | staff},
		{Fields: "mention bids", Class: register.Given, For: "for conflicts of interest alone; nobody else learns of it", Seen: staff, Also: register.Matching},
		{Fields: "availability", Class: register.Given, For: "half-days that two people share", Seen: chosen | register.Matched | register.Assistants, Also: register.Matching},
		{Fields: "meeting languages", Class: register.Given, For: "how two people can meet, and in which language", Seen: staff, Also: register.Matching},
		{Fields: "capacity", Class: register.Given, For: "how many pairings at once", Seen: chosen, Also: register.Matching},
		{Fields: "conflicts", Class: register.Given, For: "organisations not to be matched with; nobody else learns of it", Seen: staff, Also: register.Matching},
		{Fields: "settled.*.entry settled.*.means settled.*.meant settled.*.others settled.*.by settled.*.at", Class: register.Noted, For: "which organisations those are, where that was not clear", Seen: staff, Also: register.Matching},
		{Fields: "organisation.joined", Class: register.Noted, For: "which other names and numbers the organisation has", Seen: staff, Also: register.Matching},
		{Fields: "preferences", Class: register.Given, For: "whom they would like to work with; nobody else learns of it", Seen: register.Themselves | staff, Also: register.Matching},
		{Fields: "consent.version consent.facts consent.at", Class: register.Given, For: "which privacy notice they agreed to, and when", Seen: register.Themselves},
		{Fields: "agreements.*.purpose agreements.*.version agreements.*.given agreements.*.withdrawn", Class: register.Given, For: "what else they agreed to by itself, by which notice, and when they took it back", Seen: register.Themselves | register.Coordinators},
		{Fields: "confirmedAt", Class: register.Recorded, For: "when they confirmed their address, and that they lead the organisation now", Seen: staff},
		{Fields: "withdrawnFrom", Class: register.Recorded, For: "how far they had come when they left", Seen: register.Nobody},
		{Fields: "state", Class: register.Recorded, For: "how far they have come", Seen: staff, Also: register.Matching},
		{Fields: "cascade.from cascade.generation", Class: register.Recorded, For: "how what was learnt is passed on, generation by generation", Seen: staff},
		{Fields: "handover.nomination handover.askedAt handover.byStaff handover.takenAt", Class: register.Recorded, For: "that somebody else was asked to take their place, since when, and whether they do; not who", Seen: register.Themselves | staff},
		{Fields: "handover.goals", Class: register.Given, For: "whether their goals and actions go on to whoever leads the organisation now", Seen: register.Themselves},
		{Fields: "succeeds takesOver", Class: register.Recorded, For: "that they took the place of who led the organisation before; not who that was", Seen: register.Themselves | staff},
		{Fields: "readiness.workshop readiness.trained trainedAt", Class: register.Noted, For: "what was seen done before they are matched", Seen: staff},
		{Fields: "supervisor", Class: register.Noted, For: "who supervises them", Seen: staff, Also: register.Matching},
		{Fields: "places", Class: register.Recorded, For: "which matches and pairings take up places of theirs", Seen: register.Nobody, Also: register.Matching},
		{Fields: "notNow", Class: register.Recorded, For: "whether they want no other match for now", Seen: register.Themselves | staff, Also: register.Matching},
		{Fields: "invite", Class: register.Recorded, For: "to which questionnaire they are still to be invited", Seen: register.Nobody},
		{Fields: "assistant.email", Class: register.Given, For: "that somebody whom they named can pick times for them; it goes once that ends", Seen: register.Themselves},
		{Fields: "assistant.since assistant.agreedAt assistant.refused", Class: register.Recorded, For: "when that person was asked, and what they said", Seen: register.Themselves},
		{Fields: "assistant.generation assistant.asked", Class: register.Recorded, For: "that links which were sent before open nothing any more, and that nobody is asked without end", Seen: register.Nobody},
		{Fields: "digest", Class: register.Recorded, For: "a hash that tells the same form sent twice from another", Seen: register.Nobody},
		{Fields: "dueAt overdue", Class: register.Recorded, For: "when they are reminded next, and whether the coordinator is asked to look", Seen: staff},
	},
}

// ClaimRegister says what a Claim stores.
var ClaimRegister = register.Document{
	Holds: "what a form says of whoever reads an address, until they have confirmed or discarded it", Called: "a form with your address that is not confirmed", Person: "enrolment, which need not be there",
	Whose: []register.Whose{
		{By: "enrolment", Is: register.Role, Then: register.Deleted},
	},
	Read: register.Enrolment | register.Participant | register.CommandLine | register.Questionnaires | register.Desk | register.Reminders | register.Outbox, Kept: register.ExpirySwept,
	Rows: []register.Row{
		{Fields: "enrolment", Class: register.Recorded, For: "which enrolment it becomes, and which others were sent with the same address", Seen: register.Nobody},
		{Fields: "role form.Name form.Email form.Phone form.Organisation form.Number form.Postcode form.Region form.Income form.Categories form.Skills form.Experience " +
			"form.Availability form.Meeting form.Languages form.Capacity form.Conflicts form.Strengths form.Situation form.Hopes form.Offering form.Introduction form.Heard form.Mention form.Bids form.Extra form.Fits form.Consent form.Agrees", Class: register.Given, For: "to be confirmed or discarded by whoever reads the address; it is nobody's word before", Seen: register.Themselves},
		{Fields: "nomination", Class: register.Recorded, For: "that they were asked to take the place of who led the organisation before", Seen: register.Nobody},
		{Fields: "language", Class: register.Recorded, For: "in which language they are asked to confirm", Seen: register.Nobody},
		{Fields: "dueAt", Class: register.Recorded, For: "when they are reminded next", Seen: register.Nobody},
		{Fields: "expireAt", Class: register.Technical, For: "when it is deleted", Seen: register.Nobody},
	},
}

// UnclearRegister says what an Unclear stores.
var UnclearRegister = register.Document{
	Holds: "the organisations that somebody named, of which it is not clear whom they mean", Called: "organisations you named that we have to ask about", Person: "its id",
	Whose: []register.Whose{
		{Is: register.Role, Then: register.Deleted},
		{By: "entries.*.candidates.*.name", Is: register.Organisation, Then: register.Without, Unseen: "it is whom somebody else does not want to work with, which nobody learns"},
	},
	Read: register.Matching | register.Desk | register.Reminders | register.Outbox, Kept: register.AYearAfterTheEnd,
	Rows: []register.Row{
		{Fields: "entries.*.text", Class: register.Given, For: "organisations not to be matched with; nobody else learns of it", Seen: staff},
		{Fields: "entries.*.candidates.*.key entries.*.candidates.*.name entries.*.candidates.*.number entries.*.more resembles", Class: register.Recorded, For: "those who take part whom they may mean", Seen: staff},
	},
}
