package access

import (
	"os"
	"slices"
	"testing"

	"github.com/cascading-leadership/cascade/shared/audit"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// What the table allows is written down once more where people read it.
func TestDocumentIsUpToDate(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/access.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != Document() {
		t.Error("docs/access.md is not what the table says: run ./scripts/cascade access > docs/access.md")
	}
}

func TestEachRowIsThereOnce(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, row := range Table() {
		key := string(row.Action) + " " + string(row.Kind)
		if seen[key] {
			t.Errorf("two rows say who may %s", key)
		}
		seen[key] = true
		if found, err := Find(row.Action, row.Kind); err != nil || found.Kind != row.Kind || found.way != row.way {
			t.Errorf("%s: %+v, %v", key, found, err)
		}
	}
	if row, err := Find("erase", People); err == nil {
		t.Errorf("there is a row %+v for what has none", row)
	}
	if May("erase", People, Roles) {
		t.Error("somebody may do what has no row")
	}
	if (Row{}).Allows(Visitor{SignedIn: true, Roles: Roles, Link: purpose.Match}) {
		t.Error("what is no row lets somebody in")
	}
}

// For each role it is said here whether there are pages for it: a new one has no access
// by accident, and no row too few.
func TestEachRoleHasItsRows(t *testing.T) {
	t.Parallel()
	want := map[Role][]Kind{
		Coordinator:   {Overview, People, Person, PersonsData, FailedEmails, Supervisors, OneSupervisor, Matches, Match, Pair, Further, Decisions, Proof, Report},
		Evaluator:     {Report},
		Supervisor:    nil, // whose pages are not made yet
		Administrator: {Audit},
	}
	for _, r := range Roles {
		var got []Kind
		for _, row := range Table() {
			if row.InProgramme() && row.Allows(Visitor{SignedIn: true, Roles: []Role{r}}) && !slices.Contains(got, row.Kind) {
				got = append(got, row.Kind)
			}
		}
		kinds, ok := want[r]
		if !ok || !slices.Equal(got, kinds) {
			t.Errorf("%s: the table has rows for %q, and this test for %q, %v", r, got, kinds, ok)
		}
	}
	for r := range want {
		if !slices.Contains(Roles, r) {
			t.Errorf("%s is no role", r)
		}
	}
}

// What is kept of somebody's visits is what staff see, of people or to take along: nothing
// that anybody or a link opens, nor what somebody changes, which has an entry of its own.
func TestVisitsOfStaffAloneAreKept(t *testing.T) {
	t.Parallel()
	kept := map[audit.Kind]int{}
	for _, row := range Table() {
		if kept[row.Keeps()]++; row.Keeps() != "" && (!row.InProgramme() || row.Action != See) {
			t.Errorf("visits are kept of who may %s", row)
		}
	}
	if kept[audit.View] == 0 || kept[audit.Export] == 0 || len(kept) != 3 {
		t.Errorf("kept are %v", kept)
	}
}

// A link opens what it is for, and being a member of staff opens no link; nor does a link
// open the desk.
func TestLinksAndStaffDoNotStandInForOneAnother(t *testing.T) {
	t.Parallel()
	opened := map[purpose.Purpose]int{}
	for _, row := range Table() {
		for _, p := range purpose.All() {
			if row.Allows(Visitor{Link: p}) && !row.Allows(Visitor{}) {
				opened[p]++
				if row.purpose != p || row.Staff() {
					t.Errorf("a link for %s may %s %s", p, row.Action, row.Kind)
				}
			}
		}
		if row.purpose != "" && row.Allows(Visitor{SignedIn: true, Roles: Roles}) {
			t.Errorf("staff may %s %s without a link", row.Action, row.Kind)
		}
		if row.Staff() && (row.Allows(Visitor{Roles: Roles}) || row.Allows(Visitor{Link: purpose.SignIn, Roles: Roles})) {
			t.Errorf("who is not signed in may %s %s", row.Action, row.Kind)
		}
		if row.Machine() && row.Allows(Visitor{SignedIn: true, Roles: Roles}) {
			t.Errorf("a person may %s %s", row.Action, row.Kind)
		}
	}
	for _, p := range purpose.All() {
		if opened[p] == 0 {
			t.Errorf("nothing is opened by a link for %s", p)
		}
	}
}
