// Package purpose says what the links in emails are for.
package purpose

import "time"

// Purpose is the one thing that a link does. It is also the path under which its page
// stands.
type Purpose string

// The purposes.
const (
	Confirm       Purpose = "/enrol/confirm"
	PassedOn      Purpose = "/enrol/passed-on"
	Match         Purpose = "/match"
	Choose        Purpose = "/choose"
	Pairing       Purpose = "/pairing"
	Questionnaire Purpose = "/questionnaire"
	Emails        Purpose = "/emails"
	Address       Purpose = "/address"
	My            Purpose = "/my"
	Mine          Purpose = "/mine"
	Erase         Purpose = "/erase"
	Complaint     Purpose = "/complaint"
	Assistant     Purpose = "/assistant"
	SignIn        Purpose = "/desk/sign-in"
)

// purposes are all of them, each with the function whose page it is, and for how long a
// link opens.
var purposes = []struct {
	Purpose
	function string
	life     time.Duration
}{
	{Confirm, "enrolment", 30 * 24 * time.Hour},
	{PassedOn, "enrolment", 30 * 24 * time.Hour},
	{Choose, "participant", 60 * 24 * time.Hour},
	{Emails, "participant", 366 * 24 * time.Hour},
	{Address, "participant", 7 * 24 * time.Hour},
	{My, "participant", 366 * 24 * time.Hour},
	{Mine, "participant", 60 * 24 * time.Hour},
	{Erase, "participant", 9 * 24 * time.Hour},
	{Match, "participant", 60 * 24 * time.Hour},
	{Pairing, "participant", 366 * 24 * time.Hour},
	{Questionnaire, "questionnaires", 60 * 24 * time.Hour},
	{Complaint, "participant", 366 * 24 * time.Hour},
	{Assistant, "participant", 366 * 24 * time.Hour},
	{SignIn, "desk", 30 * time.Minute},
}

// All are all purposes.
func All() []Purpose {
	all := make([]Purpose, len(purposes))
	for i, p := range purposes {
		all[i] = p.Purpose
	}
	return all
}

// Life is how long a link of the purpose opens; nothing for one that there is not.
func (p Purpose) Life() time.Duration {
	for _, known := range purposes {
		if known.Purpose == p {
			return known.life
		}
	}
	return 0
}

// Function is the function whose page it is; "" for one that there is not.
func (p Purpose) Function() string {
	for _, known := range purposes {
		if known.Purpose == p {
			return known.function
		}
	}
	return ""
}
