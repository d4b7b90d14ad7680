// Package purpose says what the links in emails are for.
package purpose

import "time"

// Purpose is the one thing that a link does. It is also the path under which its page
// stands.
type Purpose string

// The purposes.
const (
	Confirm       Purpose = "/enrol/confirm"
	Match         Purpose = "/match"
	Choose        Purpose = "/choose"
	Pairing       Purpose = "/pairing"
	Questionnaire Purpose = "/questionnaire"
	Emails        Purpose = "/emails"
	SignIn        Purpose = "/desk/sign-in"
)

// Purposes are all of them.
var Purposes = []Purpose{Confirm, Match, Choose, Pairing, Questionnaire, Emails, SignIn}

// life is how long a link of each purpose opens.
var life = map[Purpose]time.Duration{
	Confirm:       30 * 24 * time.Hour,
	Match:         60 * 24 * time.Hour,
	Choose:        60 * 24 * time.Hour,
	Pairing:       366 * 24 * time.Hour,
	Questionnaire: 60 * 24 * time.Hour,
	Emails:        366 * 24 * time.Hour,
	SignIn:        30 * time.Minute,
}

// Life is how long a link of the purpose opens; nothing for one that there is not.
func (p Purpose) Life() time.Duration { return life[p] }
