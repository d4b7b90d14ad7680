package site

import "github.com/cascading-leadership/cascade/shared/contact"

// Stopped says, in words that stand as a sentence, why nothing is sent to somebody
// any more.
var Stopped = map[contact.Stop]string{
	contact.Bounced:    "Nothing is sent: their address did not take our emails. Call them and ask why.",
	contact.SpamReport: "Nothing is sent: they marked one of our emails as unwanted. Call them and ask what suits them.",
}
