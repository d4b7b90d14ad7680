package programme

import "github.com/cascading-leadership/cascade/shared/register"

// Register says what a Programme stores. Its one person is the host's contact.
var Register = register.Document{
	Holds: "one run of a programme with its settings", Person: "host.email",
	Whose: []register.Whose{
		{By: "host.email", Is: register.Staff, Then: register.OfStaff},
		{By: "complaints.email", Is: register.Staff, Then: register.OfStaff},
	},
	Read: register.All &^ register.Evaluation, Kept: register.WithTheProgramme,
	Rows: []register.Row{
		{Fields: "host.contact host.email host.phone", Class: register.Noted, For: "whom people can ask", Seen: register.Anybody},
		{Fields: "complaints.name complaints.email complaints.phone complaints.is complaints.days", Class: register.Noted, For: "to whom people complain, and within how many working days they are answered", Seen: register.Anybody},
		{Fields: "requestsTo", Class: register.Noted, For: "who of the coordinators answers what people ask about their data", Seen: register.Nobody},
		{Fields: "name about host.name zone", Class: register.Technical, For: "to say which programme it is, and in which time zone", Seen: register.Anybody},
		{Fields: "look.colour look.buttons look.logo.alt look.logo.id look.logo.width look.logo.height home.gave home.time training cost", Class: register.Technical,
			For: "to look like its host, and to say what it gave others and what it takes", Seen: register.Anybody},
		{Fields: "origins", Class: register.Technical, For: "which websites may send what somebody enters to enrol", Seen: register.Nobody},
		{Fields: "dates.starts dates.ends", Class: register.Technical, For: "from when to when it runs, and how long what it stores is kept", Seen: register.Anybody},
		{Fields: "terms.client.article terms.client.singular terms.client.plural terms.consultant.article terms.consultant.singular terms.consultant.plural",
			Class: register.Technical, For: "what the programme calls its roles", Seen: register.Anybody},
		{Fields: "translations.*.language translations.*.of translations.*.name translations.*.about translations.*.home.gave translations.*.home.time translations.*.points " +
			"translations.*.terms.client.article translations.*.terms.client.singular translations.*.terms.client.plural translations.*.terms.consultant.article translations.*.terms.consultant.singular translations.*.terms.consultant.plural",
			Class: register.Technical, For: "what it says of itself in other languages", Seen: register.Anybody},
		{Fields: "translations.*.reviewer translations.*.reviewed", Class: register.Noted, For: "who has reviewed another language, and when", Seen: register.Nobody},
		{Fields: "skills.*.id skills.*.name skills.*.kind categories.*.code categories.*.name languages", Class: register.Technical, For: "what is asked when somebody enrols", Seen: register.Anybody},
		{Fields: "questions.*.id questions.*.label questions.*.hint questions.*.for questions.*.role questions.*.options questions.*.required questions.*.retired " +
			"eligibility.rules.*.id eligibility.rules.*.ask eligibility.rules.*.why eligibility.rules.*.role eligibility.rules.*.retired eligibility.elsewhere.*.text eligibility.elsewhere.*.link",
			Class: register.Technical, For: "what it asks beside, and for whom it is", Seen: register.Anybody},
		{Fields: "privacy.version privacy.points expectations.version expectations.points expectations.checks.*.ask expectations.checks.*.answers.*.say expectations.checks.*.answers.*.so questionnaires.baseline questionnaires.closing " +
			"questionnaires.closes.baseline questionnaires.closes.closing questionnaires.anonymous",
			Class: register.Technical, For: "what people agree to and are asked", Seen: register.Anybody},
		{Fields: "peers bank.*.title bank.*.questions", Class: register.Technical, For: "which questions are there to think with, and for whom", Seen: register.Anybody},
		{Fields: "mode conflictCheck geography.regions.*.name geography.regions.*.borders geography.regions.*.holidays geography.districts place.within place.kilometres relax competition.area competition.level objective " +
			"weights.fit weights.breadth weights.experience weights.size weights.difference weights.availability weights.preference",
			Class: register.Technical, For: "by which rules people are matched", Seen: register.Coordinators},
		{Fields: "sessions.minimum sessions.target sessions.maximum sessions.further sessions.minutes sessions.paused", Class: register.Technical, For: "how many meetings make a pairing", Seen: register.Anybody},
		{Fields: "cadence.opens cadence.closes cadence.mostAWeek cadence.mostAMonth cadence.mostAgain cadence.asks.confirmEnrolment cadence.asks.getReady cadence.asks.answerMatch " +
			"cadence.asks.bookSession cadence.asks.questionnaireWaits cadence.asks.logSession cadence.asks.followUp cadence.asks.replyBy cadence.asks.unanswered cadence.asks.unbooked cadence.asks.unready",
			Class: register.Technical, For: "how often people are written to", Seen: register.Nobody},
		{Fields: "retention.until retention.dueAt retention.announcedAt retention.counts.*.of retention.counts.*.n retention.begunAt retention.parts retention.doneAt",
			Class: register.Technical, For: "when what is kept until after its end is deleted, and how far that is", Seen: register.Coordinators},
		{Fields: "salt", Class: register.Technical, For: "that an id cannot be traced back to an address", Seen: register.Nobody},
		{Fields: "run", Class: register.Technical, For: "which matching run is the latest", Seen: register.Nobody},
	},
}

// PictureRegister says what a Picture stores.
var PictureRegister = register.Document{
	Holds: "the logo of a programme's host", Read: register.Enrolment, Kept: register.WithTheProgramme,
	Rows: []register.Row{{Fields: "type data", Class: register.Technical, For: "that pages and emails look like the host's own", Seen: register.Anybody}},
}
