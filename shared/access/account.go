package access

import (
	"strings"

	"github.com/cascading-leadership/cascade/shared/fault"
)

// Account is somebody's account at the service at which they sign in: its issuer and
// subject, with a space between. Unlike an address, it never becomes somebody else's.
type Account string

// NewAccount is the account of a subject at an issuer.
func NewAccount(issuer, subject string) Account { return Account(issuer + " " + subject) }

func (a Account) issuer() string {
	issuer, _, _ := strings.Cut(string(a), " ")
	return issuer
}

// Belongs reports whether a member of staff whose address an account has is the one whose
// account it is, and whether that is new: kept is the account by which they are known, ""
// where they never signed in by one. Addresses are given to others after somebody has left,
// so that the first account with an address keeps it, and another one is Forbidden. Where
// the host has changed to another issuer, the first account there counts.
func (a Account) Belongs(kept Account) (new bool, err error) {
	switch {
	case kept == a:
		return false, nil
	case kept == "" || kept.issuer() != a.issuer():
		return true, nil
	}
	return false, fault.New(fault.Forbidden, "Your address belongs to somebody here who has signed in by another account. "+
		"Ask whoever looks after the programme's members of staff: if you are the same person, they can let you in by the new account.")
}

// Way is how somebody has signed in.
type Way string

// The ways.
const (
	ByLink    Way = "link"    // by a link to their address
	ByAccount Way = "account" // by an account at another service
)
