package evaluation

import "github.com/cascading-leadership/cascade/shared/register"

// ReleaseRegister says what a Release stores.
var ReleaseRegister = register.Document{
	Holds: "figures about a programme's people as they were published once, each with at least ten people behind it",
	Read:  register.Questionnaires | register.Evaluation, Kept: register.WithTheProgramme,
	Rows: []register.Row{
		{Fields: "number moment on threshold", Class: register.Technical, For: "which release it is", Seen: register.Coordinators | register.Evaluators},
		{Fields: "steps.*.step steps.*.people steps.*.since", Class: register.Technical, For: "how many people came how far, rounded down", Seen: register.Coordinators | register.Evaluators},
		{Fields: "start.*.role start.*.people start.*.since start.*.blur start.*.averages.*.question start.*.averages.*.tenths " +
			"change.*.role change.*.people change.*.since change.*.blur change.*.averages.*.question change.*.averages.*.tenths",
			Class: register.Technical, For: "what people answered on average, and how much that changed", Seen: register.Coordinators | register.Evaluators},
		{Fields: "programme baseline terms.client.article terms.client.singular terms.client.plural terms.consultant.article terms.consultant.singular terms.consultant.plural",
			Class: register.Technical, For: "the words of its page, so that whoever shows it reads nothing else", Seen: register.Coordinators | register.Evaluators},
		{Fields: "look.colour look.buttons look.logo.alt look.logo.id look.logo.width look.logo.height", Class: register.Technical, For: "how its page looks", Seen: register.Coordinators | register.Evaluators},
	},
}

// BasisRegister says what a Basis stores.
var BasisRegister = register.Document{
	Holds: "who stands behind what a release made anew, as keyed hashes", Person: "members, by keyed hashes",
	Whose: []register.Whose{
		{By: "members", Is: register.Keyed, Then: register.Without, Part: register.Questionnaires, Unseen: "whose it is, only the function of the questionnaires can tell"},
	},
	Read: register.Questionnaires,
	Kept: register.Kept{Until: register.AYearAfterTheEnd.Until, By: "the questionnaires function's sweep, with what the reminders function deletes then", At: register.OnceOver},
	Rows: []register.Row{
		{Fields: "figures forgotten", Class: register.Technical, For: "of which figures it is, and how many of those behind them were forgotten since", Seen: register.Nobody},
		{Fields: "members", Class: register.Pseudonymous, For: "that the next release knows how many people joined or left, and tells nobody of one of them", Seen: register.Nobody},
	},
}
