package outbox

import "github.com/cascading-leadership/cascade/shared/register"

// IDs name what a message is about, as far as its kind needs it, and what the link in it
// opens, which keeps a copy of them. Package message reads what they name.
type IDs struct {
	Run        string `firestore:"run,omitempty"`
	Match      string `firestore:"match,omitempty"`
	Pairing    string `firestore:"pairing,omitempty"`
	Session    string `firestore:"session,omitempty"`
	Invitation string `firestore:"invitation,omitempty"`
	ClaimID    string `firestore:"claim,omitempty"`
	Complaint  string `firestore:"complaint,omitempty"`
	Nomination string `firestore:"nomination,omitempty"`
	// Caller is who asks somebody to ring them.
	Caller string `firestore:"caller,omitempty"`
}

// IDsRow says what IDs store, for the register of each document that embeds them.
var IDsRow = register.Row{
	Fields: "run match pairing session invitation claim complaint nomination caller", Class: register.Recorded, For: "what the email is about, and what its link opens", Seen: register.Nobody,
}
