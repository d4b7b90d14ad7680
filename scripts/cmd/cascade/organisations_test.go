package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Each register's files take the place of what the list has of it, and leave the others be.
func TestRegistersAreImported(t *testing.T) {
	db := project(t)
	write := func(name, text string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	scotland := func(n int) string {
		text := "Charity Number,Charity Name,Known As,Charity Status,Postcode\n"
		for i := range n {
			text += fmt.Sprintf("SC%06d,Highland Example %d,,Active,IV1 1AA\n", i+1, i)
		}
		return write("CharityExport.csv", text+"SC099999,Gone,,Removed,\n")
	}
	northern := write("charitydetails.csv", "Reg charity number,Charity name,Status,Public address\n100002,Belfast Example,Registered,\"Belfast, BT1 1AA\"\n")
	numbers := func() (all []string) {
		p, err := db.PublishedOrganisations(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		l, err := db.Organisations(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		for o := range l.All() {
			all = append(all, string(o.Number))
		}
		return all
	}
	says := func(out string, wants ...string) {
		t.Helper()
		for _, want := range wants {
			if !strings.Contains(out, want) {
				t.Errorf("the output %q does not say %q", out, want)
			}
		}
	}

	says(ran(t, "", "organisations"), "No register was imported yet")
	says(ran(t, "", "organisations", "import", "--register", "scotland", "--dry-run", scotland(3)), "Read 4 rows: 3 organisations", "left out: 1 removed", "Nothing was published")
	says(ran(t, "", "organisations"), "No register was imported yet")

	says(ran(t, "", "organisations", "import", "--register", "scotland", scotland(3)), "Read 4 rows: 3 organisations", "Scotland")
	says(ran(t, "", "organisations", "import", "--register", "northern-ireland", northern), "Northern Ireland")
	want := []string{"GB-NIC-100002", "GB-SC-SC000001", "GB-SC-SC000002", "GB-SC-SC000003"}
	if got := numbers(); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	out := ran(t, "", "organisations")
	says(out, "Scotland                  3 organisations", "Northern Ireland          1 organisations")
	if strings.Index(out, "Scotland") > strings.Index(out, "Northern") {
		t.Errorf("the registers are in another order: %s", out)
	}

	_, err := run(t, "", "organisations", "import", "--register", "scotland", scotland(1))
	refuses(t, "half of a register", err, "3 organisations", "only 1", "--smaller")
	_, err = run(t, "", "organisations", "import", "--register", "scotland", northern)
	refuses(t, "another register's file", err, "charitydetails.csv", "missing")
	_, err = run(t, "", "organisations", "import", "--register", "wales", northern)
	refuses(t, "no register", err, "wales", "england-and-wales, scotland, northern-ireland")
	if got := numbers(); !slices.Equal(got, want) {
		t.Errorf("after what was refused %q, want %q", got, want)
	}
	ran(t, "", "organisations", "import", "--register", "scotland", "--smaller", scotland(1))
	if got := numbers(); !slices.Equal(got, want[:2]) {
		t.Errorf("%q, want %q", got, want[:2])
	}
}
