package proposal

import "github.com/cascading-leadership/cascade/shared/register"

// CommitmentRegister says what a Commitment stores.
var CommitmentRegister = register.Document{
	Holds: "what a matching run was bound to before it was solved", Read: register.Participant, Kept: register.AYearAfterTheEnd,
	Rows: []register.Row{{Fields: "root people", Class: register.Technical, For: "that nobody can change an answer after the matching without its being seen", Seen: register.Anybody}},
}
