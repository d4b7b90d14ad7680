package access

import "github.com/cascading-leadership/cascade/shared/register"

// SessionRegister says what is stored of being signed in.
var SessionRegister = register.Document{
	Holds: "that a member of staff is signed in, in one browser; its id is a keyed hash of the token in the browser's cookie", Person: "staff",
	Whose: []register.Whose{
		{By: "staff", Is: register.Staff, Then: register.OfStaff},
	},
	Read: register.Desk | register.CommandLine, Kept: register.Expiry,
	Rows: []register.Row{
		{Fields: "staff", Class: register.Recorded, For: "who is signed in", Seen: register.Themselves},
		{Fields: "browser way", Class: register.Recorded, For: "to tell one's own browsers apart, in words of ours, and how one signed in", Seen: register.Themselves},
		{Fields: "seenAt expireAt", Class: register.Recorded, For: "when it ends, and to tell a session that one does not know", Seen: register.Themselves},
	},
}
