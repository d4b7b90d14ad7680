package main

import (
	"encoding/csv"
	"os"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/programme"
)

// ireland is the preset with the geography that docs/programme.md shows.
func ireland(t *testing.T) string {
	t.Helper()
	docs, err := os.ReadFile("../../../docs/programme.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, found := strings.Cut(string(docs), "```yaml\ngeography:\n")
	example, _, ended := strings.Cut(example, "```")
	if !found || !ended {
		t.Fatal("docs/programme.md has no example of a geography")
	}
	text, err := programme.PresetText(usual)
	if err != nil {
		t.Fatal(err)
	}
	settings := string(text)
	for old, new := range map[string]string{
		"zone: Europe/London": "zone: Europe/Dublin", "place: {within: region}": "place: {within: distance, kilometres: 100}",
		"competition: {area: postcode area, level: 1}": "competition: {area: district, level: 1}", "relax: [neighbouring region, online]": "relax: [neighbouring region]",
	} {
		if !strings.Contains(settings, old) {
			t.Fatalf("the preset has no %q", old)
		}
		settings = strings.Replace(settings, old, new, 1)
	}
	return settings + "geography:\n" + example
}

// The documents' example of a programme elsewhere matches people by its own postcodes,
// regions and borders.
func TestMatchesElsewhere(t *testing.T) {
	t.Parallel()
	f := newFolder(t, map[string]string{"ireland.yaml": ireland(t), "people.csv": `id,role,organisation_id,region,postcode_district,categories,needs,skills,capacity,supervisor,conflicts,preferences,languages,meeting,availability,income_gbp
s,supervisor,,,,,,,9,,,,,,,
cork,client,,,T12 X70A,HE,fundraising:3,,,,,,,,mon-am,
galway,client,,,h91,HE,fundraising:3,,,,,,,,mon-am,
letterkenny,client,,Ulster,F92,HE,fundraising:3,,,,,,,,mon-am,
limerick,consultant,,,V94,HE,,fundraising:3,1,s,,,,,mon-am,
athlone,consultant,,,N37,HE,,fundraising:3,1,s,,,,,mon-am,
waterford,consultant,,Leinster,X91,HE,,fundraising:3,1,s,,,,,mon-am,
`})
	ran(t, "", f.args(toMatch+" --programme ireland.yaml --explain explain.json")...)
	rows, err := csv.NewReader(strings.NewReader(f.read(t, "matches.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, row := range rows[1:] {
		got[row[0]] = row[1]
	}
	// Cork and Limerick are 88 km apart, Galway and Athlone 76; Letterkenny is far from
	// all, and borders on the province of whoever says that Waterford is in Leinster.
	for client, want := range map[string]string{"cork": "limerick", "galway": "athlone", "letterkenny": "waterford"} {
		if got[client] != want {
			t.Errorf("%s is matched with %q, want %q: %v", client, got[client], want, rows)
		}
	}
	for cells, says := range map[string]string{",T12,": "", "Wales,T12,": `"Wales" is no region: use Leinster, Munster, Connacht, Ulster`, ",LS6,": `"LS6" begins as no postcode of the programme does`, ",,": `"" is no region`} {
		text := "id,role,organisation_id,region,postcode_district,categories,needs,skills,capacity,supervisor,conflicts,preferences,languages,meeting,availability,income_gbp\nc,client,," + cells + ",,,,,,,,,,\n"
		if err := os.WriteFile(f.path("people.csv"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := run(t, "", f.args(toMatch+" --programme ireland.yaml")...); says == "" && err != nil || says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("%s: %v, want %s", cells, err, says)
		}
	}
}
