package access

import (
	"fmt"
	"slices"
	"strings"
)

// Role is what a member of staff is in a programme; one person can be several. What
// participants are to each other is a programme.Role, and gives no access: they come
// by a link.
type Role string

// The roles.
const (
	Coordinator Role = "coordinator"
	Evaluator   Role = "evaluator"
	Supervisor  Role = "supervisor"
	// Administrator reads who did and saw what. They need be none of the others.
	Administrator Role = "administrator"
)

// Roles are all roles of staff, in the order in which they are named.
var Roles = []Role{Coordinator, Evaluator, Supervisor, Administrator}

// ParseRole is the one of some roles that has a name.
func ParseRole(name string, of ...Role) (Role, error) {
	if r := Role(name); slices.Contains(of, r) {
		return r, nil
	}
	return "", fmt.Errorf("%q is no role: use %s", name, Either(of))
}

// Either offers roles in a sentence, such as "coordinator or evaluator".
func Either(roles []Role) string { return sentence(roles, " or ") }

// All names roles in a sentence, such as "coordinator and supervisor".
func All(roles []Role) string { return sentence(roles, " and ") }

func sentence(roles []Role, last string) string {
	var text strings.Builder
	for i, r := range roles {
		switch {
		case i > 0 && i == len(roles)-1:
			text.WriteString(last)
		case i > 0:
			text.WriteString(", ")
		}
		text.WriteString(string(r))
	}
	return text.String()
}

// ByProgramme are somebody's roles, by the programme's id.
type ByProgramme map[string][]Role

// Has reports whether somebody has a role in a programme.
func (all ByProgramme) Has(programme string, r Role) bool {
	return slices.Contains(all[programme], r)
}

// All are the roles that somebody has in any programme.
func (all ByProgramme) All() []Role {
	var found []Role
	for _, r := range Roles {
		for p := range all {
			if all.Has(p, r) {
				found = append(found, r)
				break
			}
		}
	}
	return found
}

// Grant adds a role in a programme, and reports whether it is new. The map must not be
// nil.
func (all ByProgramme) Grant(programme string, r Role) bool {
	if all.Has(programme, r) {
		return false
	}
	given := append(slices.Clone(all[programme]), r)
	slices.SortFunc(given, func(a, b Role) int { return slices.Index(Roles, a) - slices.Index(Roles, b) })
	all[programme] = given
	return true
}

// Revoke takes a role in a programme away, and reports whether it was there.
func (all ByProgramme) Revoke(programme string, r Role) bool {
	if !all.Has(programme, r) {
		return false
	}
	left := slices.DeleteFunc(slices.Clone(all[programme]), func(other Role) bool { return other == r })
	if all[programme] = left; len(left) == 0 {
		delete(all, programme)
	}
	return true
}
