package devicecode

import "github.com/cascading-leadership/cascade/shared/register"

// Register says what Codes store.
var Register = register.Document{
	Holds: "which codes a person was sent in the last hour, for a device that was not seen before, and how often they were tried; never a code", Called: "the codes we sent you for a new browser", Person: "its id",
	Whose: []register.Whose{
		{Is: register.Person, Then: register.Deleted},
	},
	Read: register.Participant | register.Questionnaires, Kept: register.Expiry,
	Rows: []register.Row{
		{Fields: "sent.*.nonce sent.*.at sent.*.tries sent.*.used triedAt", Class: register.Recorded, For: "that nobody can guess a code, or fill the person's mailbox", Seen: register.Nobody},
		{Fields: "expireAt", Class: register.Technical, For: "when it is deleted", Seen: register.Nobody},
	},
}
