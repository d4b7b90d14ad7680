package pairing

import "github.com/cascading-leadership/cascade/shared/register"

const both = register.Themselves | register.Matched

// DecisionRegister says what a Decision stores.
var DecisionRegister = register.Document{
	Holds: "what a coordinator decided about a pair, also once it was lifted", Called: "what a coordinator decided about two people", Person: "client, consultant",
	Whose: []register.Whose{
		{By: "client", Is: register.Role, Then: register.Deleted},
		{By: "consultant", Is: register.Role, Then: register.Deleted},
	},
	Read: register.Desk | register.Matching | register.Participant, Kept: register.AYearAfterTheEnd,
	Rows: []register.Row{
		{Fields: "kind client consultant", Class: register.Noted, For: "which pair is to be matched, or not to be", Seen: register.Coordinators},
		{Fields: "reason", Class: register.Noted, For: "that others understand it later", Seen: register.Coordinators},
		{Fields: "by at liftedBy liftedAt", Class: register.Recorded, For: "who decided and lifted it, and when", Seen: register.Coordinators},
		{Fields: "seen", Class: register.Technical, For: "that the cost which was shown is the one that was decided about", Seen: register.Nobody},
	},
}

// MatchRegister says what a Match stores.
var MatchRegister = register.Document{
	Holds: "a proposed pair with its reasons", Called: "a match that was proposed", Person: "client.enrolment, consultant.enrolment",
	Whose: []register.Whose{
		{By: "client.enrolment", Is: register.Role, Then: register.Without},
		{By: "consultant.enrolment", Is: register.Role, Then: register.Without},
	},
	Read: register.Desk | register.Matching | register.Participant | register.Outbox | register.Reminders | register.CommandLine, Kept: register.WithTheRun,
	Rows: []register.Row{
		{Fields: "client.enrolment consultant.enrolment programme", Class: register.Recorded, For: "whom it joins", Seen: both | register.Coordinators, Also: register.Questionnaires},
		{Fields: "reasons.region reasons.met.*.skill reasons.met.*.priority reasons.met.*.level reasons.unmet reasons.halfDays reasons.relaxed reasons.points.*.rule reasons.points.*.points",
			Class: register.Recorded, For: "why the two were matched, from what both gave", Seen: both | register.Coordinators},
		{Fields: "bound.id bound.root bound.people bound.at client.proof.path client.proof.prices.*.claim client.proof.prices.*.price consultant.proof.path consultant.proof.prices.*.claim consultant.proof.prices.*.price",
			Class: register.Recorded, For: "that each can check that the run used their answers", Seen: both},
		{Fields: "score", Class: register.Recorded, For: "how well they fit by the programme's rules", Seen: register.Coordinators},
		{Fields: "state releasedAt replyBy", Class: register.Recorded, For: "how far it has come, and until when it is to be answered", Seen: both | register.Coordinators},
		{Fields: "client.answer client.answeredAt client.expectations consultant.answer consultant.answeredAt consultant.expectations",
			Class: register.Given, For: "who said yes, and to which expectations", Seen: both | register.Coordinators},
		{Fields: "client.reason client.conflict consultant.reason consultant.conflict", Class: register.Given, For: "why somebody declined, for the coordinator alone", Seen: register.Coordinators},
		{Fields: "neutral client.clearAt consultant.clearAt", Class: register.Given, For: "that names are exchanged once each has seen no conflict", Seen: both | register.Coordinators},
		{Fields: "client.others.known client.others.possible client.others.fewer client.others.farther client.others.worst client.others.total consultant.others.known consultant.others.possible consultant.others.fewer consultant.others.farther consultant.others.worst consultant.others.total",
			Class: register.Recorded, For: "how many others were possible for each, and what these would have cost at the least", Seen: both},
		{Fields: "client.limits consultant.limits", Class: register.Others, For: "within what somebody accepted, for the other", Seen: both | register.Coordinators},
		{Fields: "questions.*.by questions.*.text questions.*.at questions.*.passedAt questions.*.reply questions.*.repliedAt questions.*.byOther extended",
			Class: register.Others, For: "what somebody asked about their match, and the answer", Seen: both | register.Coordinators},
		{Fields: "look.by look.at look.finding look.settledBy look.settledAt look.same releasedBy", Class: register.Noted, For: "who made it, and what somebody else found who looked at it again", Seen: both | register.Coordinators},
		{Fields: "continues goals", Class: register.Recorded, For: "after which pairing it goes on, since the organisation has another leader now, and whether goals pass on", Seen: register.Coordinators},
		{Fields: "dueAt overdue", Class: register.Recorded, For: "when they are reminded next, and whether the coordinator is asked to look", Seen: register.Coordinators},
	},
}

// Register says what a Pairing stores.
var Register = register.Document{
	Holds: "a match that both accepted", Called: "somebody you work or worked with", Person: "client, consultant",
	Whose: []register.Whose{
		{By: "client", Is: register.Role, Then: register.Without},
		{By: "consultant", Is: register.Role, Then: register.Without},
	},
	Read: register.Participant | register.Questionnaires | register.Desk | register.Reminders | register.Outbox | register.CommandLine, Kept: register.AYearAfterTheEnd,
	Rows: []register.Row{
		{Fields: "client consultant state held", Class: register.Recorded, For: "who works together, and how far they came", Seen: both | register.Coordinators, Also: register.Matching},
		{Fields: "continues before.*.startsAt before.*.minutes before.*.way", Class: register.Recorded, For: "which sessions the organisation had before it had another leader, since they count; not with whom", Seen: both | register.Coordinators},
		{Fields: "expectations.version expectations.points", Class: register.Recorded, For: "what both agreed to expect, as it was then", Seen: both},
		{Fields: "agreement.text agreement.by agreement.at", Class: register.Others, For: "what the two agreed on between them", Seen: both},
		{Fields: "limits", Class: register.Others, For: "within what somebody accepted, for the other", Seen: both},
		{Fields: "thanks.*.text thanks.*.at", Class: register.Others, For: "what one of them passed on to the other at the end", Seen: both},
		{Fields: "endReason", Class: register.Given, For: "why it was stopped, for the coordinator alone", Seen: register.Coordinators},
		{Fields: "endedBy next finishBy finishAt pausedBy pausedAt pausedUntil", Class: register.Given, For: "who wants to pause, to finish, to stop, and what they want next", Seen: both | register.Coordinators},
		{Fields: "disputed lent", Class: register.Recorded, For: "what the coordinator has to see to: sessions of which the two say different things, and places given to others during a pause", Seen: register.Coordinators},
		{Fields: "lengths changedOn changes", Class: register.Recorded, For: "that no two of their sessions are at one time, and that nobody is written to without end", Seen: register.Nobody},
		{Fields: "booked numbered calledOffAt startedAt endedAt", Class: register.Recorded, For: "how many sessions they have had, and from when to when", Seen: both},
		{Fields: "dates", Class: register.Recorded, For: "when their sessions are and were", Seen: both | register.Assistants},
		{Fields: "proposal.id proposal.by proposal.times proposal.minutes proposal.way proposal.byAssistant", Class: register.Given, For: "which times one of them proposes for a session, and how they would meet", Seen: both | register.Assistants},
		{Fields: "proposal.place", Class: register.Given, For: "where they would meet", Seen: both},
		{Fields: "further.state further.by further.askedAt further.agreedAt further.answerBy further.settledAt granted", Class: register.Recorded,
			For: "who asks for a session more than planned, and how that was answered", Seen: both | register.Coordinators},
		{Fields: "further.why", Class: register.Others, For: "what that session would be for", Seen: both | register.Coordinators},
		{Fields: "followedOn", Class: register.Recorded, For: "that nobody is reminded to be in contact who was", Seen: register.Nobody},
		{Fields: "milestone", Class: register.Recorded, For: "that both are invited to a questionnaire", Seen: register.Nobody},
		{Fields: "dueAt overdue", Class: register.Recorded, For: "when they are reminded next, and whether the coordinator is asked to look", Seen: register.Coordinators},
	},
}

// SessionRegister says what a Session stores.
var SessionRegister = register.Document{
	Holds: "a meeting of a pairing", Called: "a session", Person: "client, consultant",
	Whose: []register.Whose{{By: "pairing", Is: register.Pairing, Then: register.Without}},
	Read:  register.Participant | register.Desk | register.Reminders | register.Outbox | register.CommandLine, Kept: register.AYearAfterTheEnd,
	Rows: []register.Row{
		{Fields: "programme pairing client consultant number sequence", Class: register.Recorded, For: "whose it is, and which", Seen: both},
		{Fields: "startsAt minutes place way was.startsAt was.minutes was.place was.way", Class: register.Given, For: "when and where they meet, and met before it was moved", Seen: both},
		{Fields: "bookedBy byAssistant bookedAt state logged said", Class: register.Recorded, For: "who booked it, whether it was held, and who logged it", Seen: both},
		{Fields: "reason", Class: register.Others, For: "why one of them moved or cancelled it, for the other", Seen: both},
		{Fields: "dueAt", Class: register.Recorded, For: "when they are reminded next", Seen: register.Nobody},
	},
}

// LogRegister says what a Log stores.
var LogRegister = register.Document{
	Holds: "what one side wrote of a session, for themselves", Called: "what you wrote after a session", Person: "session and role, by the session's client and consultant",
	Whose: []register.Whose{
		{By: "role", Is: register.Side, Then: register.Deleted},
		{By: "session", Is: register.Pairing, Then: register.Stays, Unseen: "the other side wrote it for themselves, also about the person: who asks for it is answered by hand"},
	},
	Read: register.Participant | register.Reminders, Kept: register.AYearAfterTheEnd,
	Rows: []register.Row{
		{Fields: "session role held", Class: register.Given, For: "which session it is of, and whether it was held", Seen: register.Themselves},
		{Fields: "surfaced topic next balance thinking learnt helps change", Class: register.Others, For: "their own reflection, also on the other person; nobody else reads it here", Seen: register.Themselves},
		{Fields: "fit", Class: register.Others, For: "whether the two fit, as they think after the first session, so that another match is offered to them where they do not", Seen: register.Themselves},
		{Fields: "note", Class: register.Others, For: "what they want to remember before a session; nobody else reads it", Seen: register.Themselves},
		{Fields: "shares", Class: register.Given, For: "which of it they share with the other", Seen: register.Themselves},
		{Fields: "writer", Class: register.Recorded, For: "that the device on which it was written is not asked for a code: a keyed hash", Seen: register.Nobody},
	},
}

// SharedRegister says what a Shared stores.
var SharedRegister = register.Document{
	Holds: "what one side shares of a session with the other, a copy of what they wrote", Called: "what you share of a session with the other", Person: "session and role, by the session's client and consultant",
	Whose: []register.Whose{
		{By: "role", Is: register.Side, Then: register.Deleted},
		{By: "session", Is: register.Pairing, Then: register.Stays, Unseen: "the other side wrote it, and it stands on the page of the sessions for as long as they share it"},
	},
	Read: register.Participant | register.Reminders, Kept: register.AYearAfterTheEnd,
	Rows: []register.Row{
		{Fields: "session role", Class: register.Recorded, For: "which session it is of, and whose it is", Seen: both},
		{Fields: "note surfaced topic next balance thinking learnt helps change", Class: register.Others, For: "what they chose to share with the other", Seen: both},
	},
}

// EndingRegister says what an Ending stores.
var EndingRegister = register.Document{
	Holds: "what one side writes as a pairing ends, for themselves", Called: "what you wrote at the end of your sessions", Person: "role, by the pairing's client and consultant",
	Whose: []register.Whose{
		{By: "role", Is: register.Side, Then: register.Deleted},
	},
	Read: register.Participant | register.Reminders, Kept: register.AYearAfterTheEnd,
	Rows: []register.Row{
		{Fields: "role", Class: register.Recorded, For: "whose it is", Seen: register.Themselves},
		{Fields: "takes got thanks", Class: register.Given, For: "what they take along and got; nobody else reads it here", Seen: register.Themselves},
		{Fields: "writer", Class: register.Recorded, For: "that the device on which it was written is not asked for a code: a keyed hash", Seen: register.Nobody},
	},
}

// NotebookRegister says what a Notebook stores.
var NotebookRegister = register.Document{
	Holds: "what the two of a pairing keep together: goals, actions, follow-ups", Called: "what you and the other keep together", Person: "client, consultant",
	Whose: []register.Whose{
		{By: "pairing", Is: register.Pairing, Then: register.Without},
		{By: "from", Is: register.Role, Then: register.Without, Unseen: "it is that of who leads the organisation now, to whom they passed goals and actions on"},
	},
	Read: register.Participant | register.Reminders, Kept: register.AYearAfterTheEnd,
	Rows: []register.Row{
		{Fields: "from", Class: register.Others, For: "that what who led the organisation before passed on goes once they are forgotten", Seen: register.Nobody},
		{Fields: "programme", Class: register.Technical, For: "the same", Seen: register.Nobody},
		{Fields: "pairing client consultant", Class: register.Recorded, For: "whose it is", Seen: both},
		{Fields: "goals.*.id goals.*.text goals.*.at goals.*.before", Class: register.Given, For: "what they would like to come to, for the two alone", Seen: both},
		{Fields: "actions.*.id actions.*.text actions.*.owner actions.*.state actions.*.at actions.*.before", Class: register.Given, For: "who is going to do what, for the two alone", Seen: both},
		{Fields: "followUps.*.id followUps.*.by followUps.*.on followUps.*.how followUps.*.line", Class: register.Given, For: "when they were in contact between sessions, for the two alone", Seen: both},
		{Fields: "rings", Class: register.Given, For: "whether they share their phone number with the other", Seen: both},
	},
}

// GrantsRegister says what Grants stores.
var GrantsRegister = register.Document{
	Holds: "how many further sessions a programme has given", Read: register.Participant | register.Desk, Kept: register.WithTheProgramme,
	Rows: []register.Row{{Fields: "given", Class: register.Technical, For: "that no more are given than it can give", Seen: register.Anybody}},
}
