package regulators

import (
	"archive/zip"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/lookup"
)

// Rows as the regulators publish them, of made-up charities.
const (
	charities = "date_of_extract\torganisation_number\tregistered_charity_number\tlinked_charity_number\tcharity_name\tcharity_type\tcharity_registration_status\tcharity_contact_postcode\tcharity_activities\r\n" +
		"2026-11-28 00:00:00.0000000\t1\t1000430\t0\tTHE GESHER EXAMPLE TRUST \tCIO\tRegistered\tLS6 2AB\tOne\r\n" +
		"2026-11-28 00:00:00.0000000\t2\t1000430\t1\tA LINKED FUND\t\tRegistered\tLS6 2AB\tTwo\r\n" +
		"2026-11-28 00:00:00.0000000\t3\t201935\t0\tTŶ \"\\\"ENGHRAIFFT\\\"\" & CO\tTrust\tRegistered\t\tA text with\r\n\ta break before its tab\tno\r\n" +
		"2026-11-28 00:00:00.0000000\t4\t1000431\t0\tGONE\tTrust\tRemoved\tLS6 2AB\tThree\r\n" +
		"2026-11-28 00:00:00.0000000\t5\t1000432\t0\tODD\tTrust\tPaused\tLS6 2AB\tThree\r\n" +
		"2026-11-28 00:00:00.0000000\t6\t1000430\t0\tTWICE\tTrust\tRegistered\tLS6 2AB\tThree\r\n" +
		"2026-11-28 00:00:00.0000000\t7\t1000433\t0\t \tTrust\tRegistered\tLS6 2AB\tThree\r\n" +
		"2026-11-28 00:00:00.0000000\t8\t12\t0\tSHORT NUMBER\tTrust\tRegistered\tLS6 2AB\tThree\r\n" +
		"2026-11-28 00:00:00.0000000\t9\t1000434\r\n"
	otherNames = "date_of_extract\torganisation_number\tregistered_charity_number\tlinked_charity_number\tcharity_name_id\tcharity_name_type\tcharity_name\r\n" +
		"2026-11-28 00:00:00.0000000\t1\t1000430\t0\t1\tWorking name\tGesher\r\n" +
		"2026-11-28 00:00:00.0000000\t1\t1000430\t0\t2\tPrevious name\tGesher as it was\r\n" +
		"2026-11-28 00:00:00.0000000\t1\t1000430\t0\t3\tWorking name\tThe Gesher example trust\r\n" +
		"2026-11-28 00:00:00.0000000\t2\t1000430\t1\t4\tWorking name\tA linked name\r\n" +
		"2026-11-28 00:00:00.0000000\t4\t1000431\t0\t5\tWorking name\tOf what is gone\r\n"
	charitiesJSON = "\xef\xbb\xbf" + `[{"date_of_extract":"2026-11-28T00:00:00","organisation_number":1,"registered_charity_number":1000430,"linked_charity_number":0,"charity_name":"THE GESHER EXAMPLE TRUST","charity_type":"CIO","charity_registration_status":"Registered","date_of_removal":null,"charity_contact_postcode":"LS6 2AB"},
{"date_of_extract":"2026-11-28T00:00:00","organisation_number":4,"registered_charity_number":1000431,"linked_charity_number":0,"charity_name":"GONE","charity_registration_status":"Removed","charity_contact_postcode":null}]`
	otherNamesJSON = "\xef\xbb\xbf" + `[{"organisation_number":1,"registered_charity_number":1000430,"linked_charity_number":0,"charity_name_id":1,"charity_name_type":"Working name","charity_name":"Gesher"}]`
	scottish       = "\xef\xbb\xbf" + `Charity Number, Charity Name ,Registered Date,Known As,Charity Status,Notes,Postcode,Purposes
SC012345,"Highland Example, The",01/01/1970,Hills,Active,,IV1 1AA,"'one','two'"
SC012346,Lowland Example,02/03/2004,-,Active,,,
SC012347,Old Example,02/03/2004,,Removed,,,
1000430,No number of Scotland's,02/03/2004,,Active,,,
`
	former = "Charity Number,Charity Name,Registered Date,Known As,Charity Status,Notes,Postcode,Ceased Date\nSC012348,Former Example,02/03/2004,,Active,,,03/04/2020\n"
	// In Windows-1252, with a curly apostrophe, and with an empty column at the end.
	northern = "Reg charity number,Charity name,Date registered,Status,Total income,Public address,Company number,Other name,\r\n" +
		"100002,St Example\x92s,01/02/2015,Received: on time,12,\"1 Example Road, Belfast, BT1 1AA\",0,Example`s Friends,\r\n" +
		"100003,Example Two,01/02/2015,Overdue: 64 days,12,Somewhere,0,,\r\n" +
		"100004,Example Three,01/02/2015,Removed,12,,0,,\r\n"
)

// file writes a file, in an archive where its name says so.
func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if !strings.HasSuffix(name, ".zip") {
		if _, err = f.WriteString(text); err != nil {
			t.Fatal(err)
		}
		return path
	}
	z := zip.NewWriter(f)
	for part := range strings.SplitSeq(text, "\f") {
		w, err := z.Create(strings.TrimSuffix(name, ".zip"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err = w.Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRegistersAreRead(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name     string
		register lookup.Register
		files    []string
		want     []lookup.Organisation
		rows     int
		out      map[string]int
	}{
		{"tabs", lookup.EnglandAndWales, []string{file(t, "publicextract.charity_other_names.zip", otherNames), file(t, "publicextract.charity.zip", charities)},
			[]lookup.Organisation{{Number: "GB-CHC-1000430", Name: "THE GESHER EXAMPLE TRUST", District: "LS6", Others: []string{"Gesher"}}, {Number: "GB-CHC-201935", Name: `TŶ ""ENGHRAIFFT"" & CO`}},
			14, map[string]int{Linked: 2, Removed: 1, `with the status "Paused"`: 1, Twice: 1, Unnamed: 1, Unknown: 1, Broken: 1, Previous: 1, NotListed: 1}},
		{"JSON", lookup.EnglandAndWales, []string{file(t, "publicextract.charity.json", charitiesJSON), file(t, "publicextract.charity_other_names.json", otherNamesJSON)},
			[]lookup.Organisation{{Number: "GB-CHC-1000430", Name: "THE GESHER EXAMPLE TRUST", District: "LS6", Others: []string{"Gesher"}}},
			3, map[string]int{Removed: 1}},
		{"Scotland", lookup.Scotland, []string{file(t, "CharityExport.zip", scottish), file(t, "former.csv", former)},
			[]lookup.Organisation{{Number: "GB-SC-SC012345", Name: "Highland Example, The", District: "IV1", Others: []string{"Hills"}}, {Number: "GB-SC-SC012346", Name: "Lowland Example"}},
			5, map[string]int{Removed: 2, Unknown: 1}},
		{"Northern Ireland", lookup.NorthernIreland, []string{file(t, "charitydetails.csv", northern)},
			[]lookup.Organisation{{Number: "GB-NIC-100002", Name: "St Example’s", District: "BT1", Others: []string{"Example's Friends"}}, {Number: "GB-NIC-100003", Name: "Example Two"}},
			3, map[string]int{Removed: 1}},
	} {
		got, err := Read(row.register, row.files...)
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		if fmt.Sprintf("%q", got.Organisations) != fmt.Sprintf("%q", row.want) {
			t.Errorf("%s: %q, want %q", row.name, got.Organisations, row.want)
		}
		if got.Rows != row.rows || !maps.Equal(got.Out, row.out) {
			t.Errorf("%s: %d rows, and out %v; want %d, %v", row.name, got.Rows, got.Out, row.rows, row.out)
		}
		if _, err := lookup.New(got.Organisations); err != nil {
			t.Errorf("%s: %v", row.name, err)
		}
	}
}

// What is no register, or another one, or has other columns, is refused, with what is wrong.
func TestWhatIsNoRegisterIsRefused(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name     string
		register lookup.Register
		file     string
		says     string
	}{
		{"another register", lookup.Scotland, file(t, "a.csv", northern), `these are not the columns of Scotland's register: "Charity Number", "Charity Name", "Known As", "Charity Status", "Postcode" missing`},
		{"a column less", lookup.EnglandAndWales, file(t, "a.txt", strings.Replace(charities, "charity_registration_status", "charity_status", 1)), `"charity_registration_status" missing. It has "date_of_extract"`},
		{"a column less in JSON", lookup.EnglandAndWales, file(t, "a.json", strings.ReplaceAll(charitiesJSON, "charity_contact_postcode", "postcode")), `"charity_contact_postcode" missing`},
		{"people", lookup.EnglandAndWales, file(t, "a.txt", "registered_charity_number\tlinked_charity_number\ttrustee_name\n"), `"charity_name", "charity_registration_status", "charity_contact_postcode" missing`},
		{"other names alone", lookup.EnglandAndWales, file(t, "a.txt", otherNames), "the table charity is missing"},
		{"no other", "wales", file(t, "a.csv", scottish), `there is no register "wales"`},
		{"nobody", lookup.NorthernIreland, file(t, "a.csv", strings.SplitAfter(northern, "\n")[0]), "no charity was found"},
		{"nothing", lookup.Scotland, file(t, "a.csv", ""), "missing"},
		{"half a file", lookup.EnglandAndWales, file(t, "a.json", strings.TrimSuffix(charitiesJSON, "]")), "EOF"},
		{"two in one", lookup.Scotland, file(t, "a.csv.zip", scottish+"\f"+former), "holds 2 files"},
		{"half an archive", lookup.Scotland, file(t, "a.csv", "PK\x03\x04 and no more"), "zip"},
		{"a web page", lookup.Scotland, file(t, "a.csv", "<!DOCTYPE html>"), "a web page"},
		{"no UTF-8", lookup.Scotland, file(t, "a.csv", strings.Replace(scottish, "Hills", "H\xeflls", 1)), "not UTF-8"},
		{"no file", lookup.Scotland, filepath.Join(t.TempDir(), "none.csv"), "no such file"},
	} {
		if got, err := Read(row.register, row.file); err == nil || !strings.Contains(err.Error(), row.says) {
			t.Errorf("%s: %v, which does not say %q (%d were read)", row.name, err, row.says, len(got.Organisations))
		}
	}
}

// Whatever is in a file, it is read or refused, and what is read can be listed.
func FuzzRead(f *testing.F) {
	for _, text := range []string{charities, otherNames, charitiesJSON, scottish, former, northern} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, r := range lookup.Registers {
			found, err := Read(r, file(t, "fuzz.txt", text))
			if err != nil {
				continue
			}
			if _, err := lookup.New(found.Organisations); err != nil {
				t.Errorf("%s: %v", r, err)
			}
		}
	})
}
