package organisation

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNamesThatReadersTakeForOne(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{
		{"St John's Hospice Example", "St John’s Hospice Example", "ST JOHN`S HOSPICE EXAMPLE", "St. Johns Hospice Example", "Saint John’s Hospice  Example", "St John ‘s Hospice Example"[:0] + "St Johnʼs Hospice Example", "St\u00a0John's Hospice\u200b Example"},
		{"Black-Asian Alliance", "Black–Asian Alliance", "Black—Asian Alliance", "Black\u2011Asian Alliance", "Black Asian Alliance", "Black/Asian Alliance", "Black\u00ad-Asian Alliance"},
		{"Café Trust", "Cafe\u0301 Trust", "Cafe Trust", "CAFÉ TRUST", "Ｃａｆé Ｔｒｕｓｔ"},
		{"Mind & Body Example", "Mind and Body Example", "Mind + Body Example", "Mind&Body Example"},
		{"Example Trust", "The Example Trust", "Example Trust (The)", "Example Trust Ltd", "Example Trust Ltd.", "Example Trust Limited", "The Example Trust CIO", "Example Trust, Charitable Incorporated Organisation", "“Example Trust”", "The E.x.a.m.p.l.e Trust", "Example Trust UK", "\ufeffExample Trust"},
		{"Friends of the Example", "Friends of Example", "Friends for the Example"},
		{"Tŷ Hafan Example", "Ty Hafan Example"},
		{"Øresund Æsir Straße Example", "Oresund Aesir Strasse Example"},
		{"A.B.C. Example", "ABC Example"},
		{"Ａ１ Example", "A1 Example"},
		{"ﬁrst Example", "First Example"},
		{"संगठन", "संगठन "},
	} {
		for _, name := range same {
			if Fold(name) != Fold(same[0]) || Fold(name) == "" {
				t.Errorf("%q is read as %q, and %q as %q", name, Fold(name), same[0], Fold(same[0]))
			}
		}
	}
}

func TestNamesThatAreNot(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, name := range []string{
		"Example Trust", "Example Foundation", "Example Charity", "Example", "Example Trust North", "Examples Trust", "Trust Example", "The", "The The Example", "Limited Example",
		"UK Limited", "For Example", "संगठन", "संगठना", "Age Example", "A Example B",
	} {
		f := Fold(name)
		if f == "" || seen[f] != "" && !(name == "The The Example" || name == "For Example") {
			t.Errorf("%q is read as %q, as is %q", name, f, seen[f])
		}
		seen[f] = name
	}
	if Fold("") != "" || Fold("  ’ – .") != "" {
		t.Error("nothing is a name")
	}
}

func TestFoldingTwiceIsFoldingOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(rapid.String(), rapid.StringMatching(`(The |the )?(St|Saint|Example|of|and|&|Trust|Ltd|CIO|[a-zé’'. -]){0,6}`)).Draw(t, "name")
		once := Fold(name)
		if Fold(once) != once {
			t.Fatalf("%q, %q, %q", name, once, Fold(once))
		}
		if Fold("  "+strings.ToUpper(name)+"\u200b") != Fold(strings.ToUpper(name)) {
			t.Fatalf("%q", name)
		}
	})
}

func TestNumbersAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		given, postcode string
		want            Number
	}{
		{"1000430", "", "GB-CHC-1000430"}, {"1000430\u200b", "", "GB-CHC-1000430"}, {"1,000,430", "", "GB-CHC-1000430"}, {"1 000 430", "", "GB-CHC-1000430"},
		{"GB-CHC-1000430", "", "GB-CHC-1000430"}, {"gb-chc-1000430", "", "GB-CHC-1000430"}, {"Charity no 1000430", "", "GB-CHC-1000430"}, {"Registered charity number: 1000430", "", "GB-CHC-1000430"},
		{"Charity No. 1000430", "", "GB-CHC-1000430"}, {"Reg. charity no: 1000430", "", "GB-CHC-1000430"}, {"#1000430", "", "GB-CHC-1000430"}, {"(1000430)", "", "GB-CHC-1000430"}, {"1OOO43O", "", "GB-CHC-1000430"},
		{"１０００４３０", "", "GB-CHC-1000430"}, {"210183", "LS6 2AB", "GB-CHC-210183"}, {"1053467-2", "", "GB-CHC-1053467-2"}, {"1053467–02", "", "GB-CHC-1053467-2"}, {"1053467-0", "", "GB-CHC-1053467"},
		{"SC012345", "", "GB-SC-SC012345"}, {"sc 012345", "", "GB-SC-SC012345"}, {"SCO12345", "", "GB-SC-SC012345"}, {"SC12345", "", "GB-SC-SC012345"}, {"GB-SC-SC012345", "", "GB-SC-SC012345"}, {"Scottish charity SC012345", "", "GB-SC-SC012345"},
		{"NIC101234", "", "GB-NIC-101234"}, {"NIC 101234", "LS6 2AB", "GB-NIC-101234"}, {"GB-NIC-101234", "", "GB-NIC-101234"}, {"101234", "BT1 1AA", "GB-NIC-101234"}, {"101234", " bt1 1aa", "GB-NIC-101234"}, {"GB-CHC-101234", "BT1 1AA", "GB-NIC-101234"},
		{"09506232", "", "GB-COH-09506232"}, {"GB-COH-09506232", "", "GB-COH-09506232"}, {"Company number 09506232", "", "GB-COH-09506232"}, {"NI612345", "", "GB-COH-NI612345"}, {"OC301234", "", "GB-COH-OC301234"}, {"GB-COH-SC123456", "", "GB-COH-SC123456"},
		{"", "", ""}, {" \u200b", "", ""}, {"–", "", ""},
	} {
		got, err := ParseNumber(row.given, row.postcode)
		if err != nil || got != row.want {
			t.Errorf("%q at %q is read as %q, %v, want %q", row.given, row.postcode, got, err, row.want)
		}
		if again, err := ParseNumber(string(got), row.postcode); err != nil || again != got {
			t.Errorf("%q is read as %q, %v", got, again, err)
		}
	}
	for _, given := range []string{"x", "12345", "123456789", "SC1234567", "NIC12345", "NIC1234567", "GB-NIC-SC012345", "SC012345-2", "1000430 and 1000431", "none", "GB-XX-1000430", "1000430-1234"} {
		if got, err := ParseNumber(given, ""); !errors.Is(err, ErrNoNumber) {
			t.Errorf("%q is read as %q, %v", given, got, err)
		}
	}
	for _, postcode := range []string{"", "LS6 2AB"} {
		if got, err := ParseNumber("101234", postcode); !errors.Is(err, ErrNorthern) {
			t.Errorf("a bare number of Northern Ireland's range at %q is read as %q, %v", postcode, got, err)
		}
	}
	if Number("GB-CHC-1053467-2").Main() != "GB-CHC-1053467" || Number("GB-SC-SC012345").Main() != "GB-SC-SC012345" || Number("").Main() != "" {
		t.Error("the main charity's number")
	}
}

// What one person types to keep away from an organisation means it, however it is spelt.
func TestEntriesMeanWhomTheyName(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/conflicts.tsv")
	if err != nil {
		t.Fatal(err)
	}
	type row struct{ entry, name, number string }
	var rows []row
	for line := range strings.Lines(string(text)) {
		if columns := strings.Split(strings.TrimSuffix(line, "\n"), "\t"); !strings.HasPrefix(line, "#") {
			rows = append(rows, row{columns[0], columns[1], columns[2]})
		}
	}
	for _, row := range append(rows,
		row{"registered charity number: 1,000,430", "X Trust", "GB-CHC-1000430"}, row{"X Trust (1000430)", "Other", "1000430"}, row{"Example Trust (charity 1000430)", "X", "1000430"},
		row{"1053467", "X", "1053467-2"}, row{"1053467-2", "X", "1053467"}, row{"SCO12345", "X", "SC012345"}, row{"Shelter Example; Crisis Example", "Shelter Example", ""},
		row{"Shelter Example\nCrisis Example", "Crisis Example", ""}, row{"Lucy, the Example Charity", "Lucy - The Example Charity", ""}, row{"host-7", "X", "HOST-7"},
		row{"09506232", "X", "GB-COH-09506232"}, row{"1000430 1000431", "X", "1000431"},
	) {
		if !share(Meant(row.entry), Keys(row.name, row.number, "BT1 1AA")) {
			t.Errorf("%q does not mean %q, %q: %q beside %q", row.entry, row.name, row.number, Meant(row.entry), Keys(row.name, row.number, "BT1 1AA"))
		}
	}
	for _, row := range []row{
		{"Example", "Example Trust", ""}, {"1000430", "1000430 Club", ""}, {"430", "X", "1000430"}, {"", "", ""}, {" ", "’", ""}, {"-", "–", "-"}, {"GB", "X", "GB-CHC-1000430"},
		{"Branch 1", "Branch 10", ""}, {"2026", "X", "20262026"}, {"100043", "X", "1000430"},
	} {
		if share(Meant(row.entry), Keys(row.name, row.number, "")) {
			t.Errorf("%q means %q, %q", row.entry, row.name, row.number)
		}
	}
}

func share(a, b []Key) bool {
	return slices.ContainsFunc(a, func(k Key) bool { return slices.Contains(b, k) })
}

// An entry may mean those whose names are near, too.
func TestEntriesThatNameSomebodyNearly(t *testing.T) {
	t.Parallel()
	names := []string{"Shelter Example Yorkshire", "Example Hospice", "Saint Gemma's Hospice Example", "FareShare Example", "Branch 1", "Branch 10", "Oxfam", "Leeds Mind Trust", "The Trust", "Crisis"}
	x := NewIndex(len(names))
	for _, name := range names {
		x.Add(name, "", "")
	}
	for entry, want := range map[string]struct{ exactly, near []string }{
		"Oxfam":                         {exactly: []string{"Oxfam"}},
		"oxfam UK":                      {exactly: []string{"Oxfam"}},
		"Oxfarm":                        {near: []string{"Oxfam"}},
		"Oxafm":                         {near: []string{"Oxfam"}},
		"Oxfm":                          {near: []string{"Oxfam"}},
		"Oxfam Leeds":                   {near: []string{"Oxfam"}},
		"Shelter Example":               {near: []string{"Shelter Example Yorkshire"}},
		"Sheltr Exampel Yorkshire":      {near: []string{"Shelter Example Yorkshire"}},
		"Yorkshire Shelter Example":     {near: []string{"Shelter Example Yorkshire"}},
		"St Gemmas":                     {near: []string{"Saint Gemma's Hospice Example"}},
		"Fare Share Example":            {near: []string{"FareShare Example"}},
		"Mind, Leeds":                   {near: []string{"Leeds Mind Trust"}},
		"Branch 1":                      {exactly: []string{"Branch 1"}},
		"Branch 100":                    {},
		"Trust":                         {exactly: []string{"The Trust"}},
		"Crisis, Oxfam":                 {exactly: []string{"Oxfam", "Crisis"}},
		"Nobody at all":                 {},
		"":                              {},
		"1000430":                       {},
		"the hospice of Exemple":        {near: []string{"Example Hospice", "Saint Gemma's Hospice Example"}},
		"Example":                       {near: []string{"Shelter Example Yorkshire", "Example Hospice", "Saint Gemma's Hospice Example", "FareShare Example"}},
		"Example Hospice":               {exactly: []string{"Example Hospice"}, near: []string{"Saint Gemma's Hospice Example"}},
		"Leeds Mind Trust (Registered)": {near: []string{"Leeds Mind Trust"}},
	} {
		named := func(them []int32) (all []string) {
			for _, i := range them {
				all = append(all, names[i])
			}
			return all
		}
		exactly, near := x.Named(entry)
		if !slices.Equal(named(exactly), want.exactly) || !slices.Equal(named(near), want.near) {
			t.Errorf("%q means %q, and may mean %q; want %q and %q", entry, named(exactly), named(near), want.exactly, want.near)
		}
	}
}

// Whom an entry means does not depend on who else is known: what was possible between two
// when a run looked at everybody is possible when they are looked at alone.
func TestMeaningIsBetweenTwo(t *testing.T) {
	t.Parallel()
	word := rapid.SampledFrom([]string{"Example", "Exampel", "Trust", "The", "Hospice", "Hospices", "St", "John's", "Mind", "Leeds", "1", "10", "and", "Oxfam", "Ltd", ","})
	text := rapid.Custom(func(t *rapid.T) string { return strings.Join(rapid.SliceOfN(word, 1, 4).Draw(t, "words"), " ") })
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfN(text, 1, 6).Draw(t, "names")
		entry := text.Draw(t, "entry")
		together := NewIndex(len(names))
		for _, name := range names {
			together.Add(name, "", "")
		}
		exactly, near := together.Named(entry)
		for i, name := range names {
			alone := NewIndex(1)
			alone.Add(name, "", "")
			one, other := alone.Named(entry)
			if slices.Contains(exactly, int32(i)) != (len(one) > 0) || slices.Contains(near, int32(i)) != (len(other) > 0) {
				t.Fatalf("%q beside %q: exactly %v, near %v; alone %v, %v", entry, names, exactly, near, one, other)
			}
		}
	})
}

// Records of one number are one organisation whatever their names, and so are those that
// were joined, from whichever of them one comes.
func TestRecordsOfOneOrganisation(t *testing.T) {
	t.Parallel()
	x := NewIndex(6)
	x.Add("Harbour Example", "1000430", "")
	x.Add("Quayside Example", "1000430", "")
	x.Add("Lantern Example", "", "", "Quayside Example")
	x.Add("Lantern Example", "1000431", "")
	x.Add("Meadow Example", "", "", "1000432")
	x.Add("Orchard Example", "1000432", "")
	harbour, lanterns, meadow := []int32{0, 1, 2}, []int32{0, 1, 2, 3}, []int32{4, 5}
	for entry, want := range map[string][]int32{
		"Harbour Example": harbour, "1000430": harbour, "Quayside Example": harbour, "Lantern Example": lanterns, "1000431": {3}, // of two with one name, the number says which
		"Meadow Example": meadow, "Orchard Example": meadow, "1000432": meadow,
	} {
		if got, _ := x.Named(entry); !slices.Equal(got, want) {
			t.Errorf("%q names %v, want %v", entry, got, want)
		}
	}
	if got := x.Same(0); !slices.Equal(got, harbour) {
		t.Errorf("the same as the first are %v", got)
	}
	if _, near := x.Named("Harbour"); !slices.Equal(near, harbour) {
		t.Errorf("near are %v", near)
	}
}

// A number is written as people write it, and read back as what it is.
func TestWrittenNumbersAreReadBack(t *testing.T) {
	t.Parallel()
	for n, want := range map[Number]string{
		"GB-CHC-1000430": "1000430", "GB-CHC-201935": "201935", "GB-CHC-1053467-2": "1053467-2", "GB-SC-SC012345": "SC012345", "GB-NIC-101234": "NIC101234", "GB-COH-09506232": "09506232",
		"GB-CHC-101234":   "GB-CHC-101234",   // which would be Northern Ireland's
		"GB-COH-SC123456": "GB-COH-SC123456", // or Scotland's
		"OWN-1":           "OWN-1",
	} {
		if got := n.Written(); got != want {
			t.Errorf("%s is written %q, want %q", n, got, want)
		}
		if strings.HasPrefix(string(n), "GB-") && n != "GB-CHC-101234" {
			if back, err := ParseNumber(n.Written(), ""); err != nil || back != n {
				t.Errorf("%s is written %q, which is read as %s, %v", n, n.Written(), back, err)
			}
		}
	}
}
