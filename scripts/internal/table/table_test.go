package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/geography"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/matching/certificate"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/text"
)

var pilot = func() *programme.Programme {
	p, err := programme.Preset("pilot-2016")
	if err != nil {
		panic(err)
	}
	return p
}()

// header is of a file without the column that may be missing.
var header = strings.Join(EnrolmentColumns[:colName], ",") + "\n"

// three are a supervisor, a client and a consultant with something in every column.
const three = `s1,supervisor,,,,,,,4,,,,,,,
c1,client,GB-CHC-1000430,London,SW9,AR303;ED,fundraising:3;board,coaching:2,,,GB-SC-9;x,d1;d2,,,mon-am;tue-pm,80000
d1,consultant,org/2,North East,NE1,HE,,fundraising:2;coaching:3,2,s1,,,English;Urdu,video;phone,tue-pm,
`

func people(text string) (*Enrolments, error) {
	return ReadEnrolments("people.csv", strings.NewReader(text), pilot)
}

func read(t *testing.T, text string) *Enrolments {
	t.Helper()
	e, err := people(text)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestEnrolmentsAreReadAsTheyAreMeant(t *testing.T) {
	t.Parallel()
	want := &Enrolments{
		Supervisors: map[string]int{"s1": 4},
		Clients: []matching.Person{{
			ID: "c1", Organisation: enrolment.Organisation{Number: "GB-CHC-1000430", Region: "London", Postcode: "SW9", Categories: []string{"AR303", "ED"}, Income: 80000},
			Needs: map[string]int{"fundraising": 3, "board": 1}, Skills: map[string]int{"coaching": 2}, Availability: []string{"mon-am", "tue-pm"},
			Capacity: 1, Conflicts: []string{"GB-SC-9", "x"}, Preferences: []string{"d1", "d2"},
		}},
		Consultants: []matching.Person{{
			ID: "d1", Organisation: enrolment.Organisation{Number: "org/2", Region: "North East", Postcode: "NE1", Categories: []string{"HE"}},
			Skills: map[string]int{"fundraising": 2, "coaching": 3}, Availability: []string{"tue-pm"},
			Languages: []string{"English", "Urdu"}, Meeting: []string{"video", "phone"}, Capacity: 2, Supervisor: "s1",
		}},
	}
	if got := read(t, header+three); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	// A consultant has a capacity of 1 where nothing is said, and may have none.
	for cell, capacity := range map[string]int{"": 1, "0": 0, "1": 1, "1000000000": 1_000_000_000} {
		if e := read(t, header+"d1,consultant,,London,,,,,"+cell+",,,,,,,\n"); e.Consultants[0].Capacity != capacity {
			t.Errorf("%q is read as %d", cell, e.Consultants[0].Capacity)
		}
	}
}

// Where the region is left out, most of the district says it.
func TestRegionOfARowWithoutOne(t *testing.T) {
	t.Parallel()
	for cells, want := range map[string]string{",SY23": "Wales", ",td15": "North East", "Scotland,TD15": "Scotland", ",S99": "Yorkshire and the Humber", "Wales,": "Wales", "Wales,LS6": "Wales"} {
		if o := read(t, header+"c1,client,,"+cells+",,,,,,,,,,,\n").Clients[0].Organisation; o.Region != want {
			t.Errorf("%q is in %q, want %q", cells, o.Region, want)
		}
	}
	for _, cells := range []string{",", ",QQ1", "Mars,LS6"} {
		if _, err := people(header + "c1,client,," + cells + ",,,,,,,,,,,\n"); err == nil {
			t.Errorf("%q is accepted", cells)
		}
	}
}

func TestWhatDoesNoHarmIsAccepted(t *testing.T) {
	t.Parallel()
	want := read(t, header+three)
	for name, text := range map[string]string{
		"a byte order mark":        "\ufeff" + header + three,
		"CRLF":                     strings.ReplaceAll(header+three, "\n", "\r\n"),
		"no end of the last line":  strings.TrimSuffix(header+three, "\n"),
		"one half of it":           strings.TrimSuffix(header+three, "\n") + "\r",
		"empty lines":              "\n\n" + header + "\r\n" + strings.ReplaceAll(three, "\n", "\n\n"),
		"spaces":                   strings.NewReplacer(",", " , ", ";", " ; ", ":", " : ").Replace(header + three),
		"quotes":                   `"` + strings.NewReplacer(",", `","`, "\n", "\"\n\"").Replace(strings.TrimSuffix(header+three, "\n")) + `"`,
		"small letters":            strings.NewReplacer("SW9", "sw9", "English", "english").Replace(header + three),
		"an end of a list":         strings.NewReplacer("tue-pm", "tue-pm;", "AR303", ";AR303").Replace(header + three),
		"a supervisor at the end":  header + three[strings.Index(three, "\n")+1:] + three[:strings.Index(three, "\n")],
		"zeros before a number":    strings.Replace(header+three, "80000", "0080000", 1),
		"a level that goes unsaid": strings.Replace(header+three, "board", "board:1", 1),
	} {
		if got, err := people(text); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v: got %+v, want %+v", name, err, got, want)
		}
	}
	// Columns may come in any order.
	var turned strings.Builder
	for line := range strings.Lines(header + three) {
		cells := strings.Split(strings.TrimSuffix(line, "\n"), ",")
		slices.Reverse(cells)
		turned.WriteString(strings.Join(cells, ",") + "\n")
	}
	if got, err := people(turned.String()); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("turned round: %v: %+v", err, got)
	}
}

// fails checks that an error is at its place, and says what it should.
func fails(t *testing.T, name string, err error, want Error, says ...string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Errorf("%s: the error is %v", name, err)
		return
	}
	if e.Line != want.Line || e.Column != want.Column || e.Name != want.Name {
		t.Errorf("%s: the error %q is not at line %d, column %d (%s)", name, e, want.Line, want.Column, want.Name)
	}
	for _, text := range says {
		if !strings.Contains(e.Error(), text) {
			t.Errorf("%s: the error %q does not say %q", name, e, text)
		}
	}
}

func TestEnrolmentsThatAreRefused(t *testing.T) {
	t.Parallel()
	// Each row puts a text in place of another in the second and third lines, which
	// are a client's and a consultant's.
	at := func(line, column int) Error {
		return Error{Line: line, Column: column, Name: EnrolmentColumns[column-1]}
	}
	for _, row := range []struct {
		name, old, new string
		at             Error
		says           []string
	}{
		{"no id", "c1,", ",", at(3, 1), []string{"people.csv, line 3, column 1 (id)", "the id is missing"}},
		{"an id with a space", "c1,", "c 1,", at(3, 1), []string{`"c 1" cannot be an id`}},
		{"a formula for an id", "c1,", "=1+1,", at(3, 1), []string{`"=1+1"`}},
		{"a minus before an id", "c1,", "-1,", at(3, 1), []string{`"-1"`}},
		{"an id of another alphabet", "c1,", "с1,", at(3, 1), nil},
		{"a long id", "c1,", strings.Repeat("c", 101) + ",", at(3, 1), []string{"1 to 100"}},
		{"an id twice", "d1,consultant", "c1,consultant", at(4, 1), []string{`the id "c1" is on line 3 already`}},
		{"a supervisor's id twice", "d1,consultant", "s1,consultant", at(4, 1), []string{`the id "s1" is on line 2 already`}},
		{"no role", "client", "", at(3, 2), []string{"client, consultant or supervisor"}},
		{"an unknown role", "client", "mentor", at(3, 2), []string{`"mentor" is no role`}},
		{"a name for an organisation", "GB-CHC-1000430", "St Mary's", at(3, 3), []string{"cannot be an id"}},
		{"an unknown region", "London", "Londn", at(3, 4), []string{`"Londn" is no region`, "Yorkshire and the Humber"}},
		{"half of the second half", "SW9", "SW9 1", at(3, 5), []string{"postcode district", "LS6"}},
		{"a district that there is not", "SW9", "QQ1", at(3, 5), []string{"postcode district", "LS6"}},
		{"no district", "SW9", "9", at(3, 5), nil},
		{"a letter that only looks like one", "SW9", "ıS6", at(3, 5), nil},
		{"an unknown category", "AR303", "XX303", at(3, 6), []string{`"XX303" is no category`, "AN, AR"}},
		{"half a code", "AR303", "AR3033", at(3, 6), nil},
		{"a category twice", "AR303;ED", "ED;ED", at(3, 6), []string{`"ED" is given twice`}},
		{"an unknown need", "fundraising:3;board", "fishing:3", at(3, 7), []string{`"fishing" is no skill`, "coaching, facilitation"}},
		{"a need twice", "fundraising:3;board", "board:1;board", at(3, 7), []string{`"board" is given twice`}},
		{"a priority of 0", "fundraising:3;board", "board:0", at(3, 7), []string{`"board": the level is "0", not 1, 2 or 3`}},
		{"a priority of 4", "fundraising:3;board", "board:4", at(3, 7), nil},
		{"a priority below 0", "fundraising:3;board", "board:-1", at(3, 7), nil},
		{"an empty priority", "fundraising:3;board", "board:", at(3, 7), nil},
		{"a priority that is a word", "fundraising:3;board", "board:high", at(3, 7), nil},
		{"a priority of two", "fundraising:3;board", "board:1:2", at(3, 7), nil},
		{"an unknown skill of a client", "coaching:2", "x", at(3, 8), nil},
		{"a client's capacity", "coaching:2,,", "coaching:2,2,", at(3, 9), []string{"capacity is 1"}},
		{"a client's supervisor", "coaching:2,,", "coaching:2,,s1", at(3, 10), []string{"only a row of role consultant has a supervisor"}},
		{"a conflict too long", "GB-SC-9;x", "GB-SC-9;" + strings.Repeat("x", 201), at(3, 11), []string{"names no organisation", "200 characters"}},
		{"a preference in words", "d1;d2", "d1;=d2", at(3, 12), nil},
		{"a preference twice", "d1;d2", "d1;d1", at(3, 12), []string{`"d1" is given twice`}},
		{"an unknown half-day", "mon-am;", "mon;", at(3, 15), []string{`"mon" is no half-day`, "mon-am, mon-pm"}},
		{"income with a decimal comma", "80000", `"250,00"`, at(3, 16), []string{`"250,00" is not read`, "like 250000, 250,000, 250k"}},
		{"income with points", "80000", "25.000", at(3, 16), nil},
		{"income below 0", "80000", "-1", at(3, 16), []string{`"-1" is not read`}},
		{"income with a sign", "80000", "+1", at(3, 16), nil},
		{"income in another currency", "80000", "$80000", at(3, 16), nil},
		{"income that is no number", "80000", "NaN", at(3, 16), []string{`"NaN"`}},
		{"income beyond all numbers", "80000", "99999999999999999999", at(3, 16), nil},
		{"an id that was a number", "c1,", "1.23E+05,", at(3, 1), []string{"has lost its figures"}},
		{"an organisation that was a number", "GB-CHC-1000430", "1E+06", at(3, 3), []string{"has lost its figures"}},
		{"a conflict that was a number", "GB-SC-9;x", `"x;1,23E+05"`, at(3, 11), []string{"has lost its figures"}},
		{"needs of a consultant", "HE,,", "HE,board,", at(4, 7), []string{"skills and no needs"}},
		{"a skill with a level of 4", "fundraising:2", "fundraising:4", at(4, 8), nil},
		{"a capacity below 0", ",2,s1", ",-2,s1", at(4, 9), []string{`"-2" is not a whole number from 0 to 1000000000`}},
		{"a capacity beyond bounds", ",2,s1", ",1000000001,s1", at(4, 9), nil},
		{"a capacity that is no number", ",2,s1", ",NaN,s1", at(4, 9), nil},
		{"a capacity in hexadecimal", ",2,s1", ",0x2,s1", at(4, 9), nil},
		{"an unknown supervisor", ",2,s1", ",2,s2", at(4, 10), []string{`no row has the id "s2" and the role supervisor`}},
		{"a client for a supervisor", ",2,s1", ",2,c1", at(4, 10), nil},
		{"a language in a formula", "Urdu", "=Urdu", at(4, 13), []string{"no name of a language"}},
		{"a language twice", "Urdu", "english", at(4, 13), []string{`"english" is given twice`}},
		{"an unknown way of meeting", "video;", "fax;", at(4, 14), []string{`"fax" is no way of meeting`, "in-person, video, phone"}},
		{"a region of a supervisor", "supervisor,,", "supervisor,,London", at(2, 4), []string{"only an id and a capacity"}},
		{"a supervisor's capacity below 0", "supervisor,,,,,,,4", "supervisor,,,,,,,-4", at(2, 9), nil},
		{"a column too few", "mon-am;tue-pm,80000", "mon-am;tue-pm", at(3, 16), []string{"the row has 15 columns, not 16"}},
		{"a column too many", "80000", "80,000", Error{Line: 3, Column: 17}, []string{"17 columns, not 16", "a cell that holds a comma needs quotes"}},
		{"a quote inside a cell", "GB-CHC-1000430", `GB"CHC`, at(3, 3), []string{"quote"}},
		{"a quote that ends early", "GB-CHC-1000430", `"GB"CHC`, at(3, 3), []string{"quote"}},
		{"a quote that never ends", "GB-CHC-1000430", `"GB`, at(3, 3), []string{"quote"}},
		{"a line break in a cell", "GB-CHC-1000430", "\"GB\nCHC\"", at(3, 3), []string{`"GB\nCHC" cannot be an id`}},
		{"NUL", "GB-CHC-1000430", "GB\x00", at(3, 3), []string{"nobody sees"}},
		{"a tab", "GB-CHC-1000430", "GB\tCHC", at(3, 3), []string{`"GB CHC" cannot be an id`}},
		{"a lost character", "Urdu", "Fran\ufffdais", at(4, 13), []string{"a character that was lost"}},
		{"a carriage return", "GB-CHC-1000430", "GB\rCHC", at(3, 3), nil},
		{"a turned direction", "Urdu", "Ur\u202edu", at(4, 13), []string{"nobody sees"}},
		{"Latin-1", "Urdu", "Fran\xe7ais", at(4, 13), []string{`this is not UTF-8 (it would be "English;Français" in Windows-1252)`}},
	} {
		text := strings.Replace(header+three, row.old, row.new, 1)
		if text == header+three {
			t.Fatalf("%s: nothing is put in place", row.name)
		}
		e, err := people(text)
		if fails(t, row.name, err, row.at, row.says...); e != nil {
			t.Errorf("%s: it is read all the same", row.name)
		}
	}
	languages := make([]string, 65)
	for k := range languages {
		languages[k] = "Language" + strings.Repeat("x", k)
	}
	_, err := people(strings.Replace(header+three, "Urdu", strings.Join(languages, ";"), 1))
	fails(t, "too many languages", err, at(4, 13), "more language than 64")
}

func TestColumnsThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, old, new string
		at             Error
		says           []string
	}{
		{"unknown ones", "region", "county,favourite colour", Error{Line: 1, Column: 4}, []string{`unknown column "county"`, `unknown column "favourite colour"`, `the column "region" is missing`}},
		{"one twice", "region", "id", Error{Line: 1, Column: 4}, []string{`the column "id" is there twice`, `"region" is missing`}},
		{"missing ones", "conflicts,preferences,", "", Error{Line: 1}, []string{`"conflicts" is missing`, `"preferences" is missing`, "the columns are id,role"}},
		{"one in two spellings", "role", "ID", Error{Line: 1, Column: 2}, []string{`the column "id" is there twice`}},
		{"semicolons between them alone", header, strings.ReplaceAll(header, ",", ";"), Error{Line: 2, Column: 2, Name: "role"}, []string{"1 columns, not 16, with a semicolon between them"}},
		{"no names", header, "", Error{Line: 1, Column: 1}, []string{`unknown column "s1"`}},
	} {
		_, err := people(strings.Replace(header+three, row.old, row.new, 1))
		fails(t, row.name, err, row.at, row.says...)
	}
	for _, text := range []string{"", "\ufeff", "\n\n", "\r\n"} {
		_, err := people(text)
		fails(t, fmt.Sprintf("%q", text), err, Error{Line: 1, Column: 1}, "the file is empty", "id,role")
	}
	if _, err := ReadEnrolments("people.csv", io.MultiReader(strings.NewReader(header+three), broken{}), pilot); !errors.Is(err, errBroken) {
		t.Errorf("a broken disk: %v", err)
	}
}

var errBroken = errors.New("the disk is broken")

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errBroken }

// person is anybody who can be enrolled.
func person(t *rapid.T, role programme.Role, id string) matching.Person {
	some := func(label string, all []string) []string {
		perm := rapid.Permutation(all).Draw(t, label)
		if n := rapid.IntRange(0, len(all)).Draw(t, label+" count"); n > 0 {
			return perm[:n]
		}
		return nil
	}
	names := func(label, form string) []string {
		return rapid.Custom(func(t *rapid.T) []string {
			all := rapid.SliceOfNDistinct(rapid.StringMatching(form).Filter(func(s string) bool { return !rounded.MatchString(s) }), 0, 4, rapid.ID[string]).Draw(t, label)
			if len(all) == 0 {
				return nil
			}
			return all
		}).Draw(t, label)
	}
	levels := func(label string) map[string]int {
		m := map[string]int{}
		for _, s := range some(label, ids(pilot.Skills, skill)) {
			m[s] = rapid.IntRange(1, 3).Draw(t, label+" level")
		}
		if len(m) == 0 {
			return nil
		}
		return m
	}
	x := matching.Person{
		ID: id, Skills: levels("skills"), Capacity: 1, Conflicts: names("conflicts", `[=+@A-Za-z0-9-][a-z,&]{0,4}`), Preferences: names("preferences", `[A-Za-z0-9][A-Za-z0-9._:@/+-]{0,8}`),
		Languages: some("languages", []string{"English", "Welsh", "British Sign Language", "isiXhosa"}),
		Meeting:   some("meeting", ids(enrolment.Meetings, meeting)), Availability: some("availability", ids(enrolment.HalfDays, halfDay)),
		Organisation: enrolment.Organisation{
			Name:   rapid.OneOf(rapid.Just(""), rapid.Map(rapid.StringMatching(`[=+@A-Zé-][a-zé"',’; ]{0,12}[a-z]`), text.Tidy)).Draw(t, "name"),
			Number: rapid.StringMatching(`([A-Z][A-Z0-9-]{0,12})?`).Draw(t, "organisation"), Region: rapid.SampledFrom(geography.UK().Regions()).Draw(t, "region"),
			Postcode:   geography.Postcode(rapid.SampledFrom(append(geography.UK().Districts(), "", "LS99")).Draw(t, "district")),
			Categories: some("categories", append(ids(pilot.Categories, code), "AR3", "AR303")),
			Income:     rapid.IntRange(0, enrolment.MaxIncome).Draw(t, "income"),
		},
	}
	if role == programme.Client {
		x.Needs = levels("needs")
	} else {
		x.Capacity = rapid.IntRange(0, 5).Draw(t, "capacity")
	}
	return x
}

func ids[T any](all []T, name func(T) string) []string {
	return strings.Split(enumerate(all, name), ", ")
}

// anybody is whoever can be enrolled together.
func anybody(t *rapid.T) *Enrolments {
	e := &Enrolments{Supervisors: map[string]int{}}
	for k := range rapid.IntRange(0, 2).Draw(t, "supervisors") {
		e.Supervisors[fmt.Sprint("s", k)] = rapid.IntRange(0, 9).Draw(t, "capacity")
	}
	for k := range rapid.IntRange(1, 3).Draw(t, "clients") {
		e.Clients = append(e.Clients, person(t, programme.Client, fmt.Sprint("c", k)))
	}
	for k := range rapid.IntRange(0, 3).Draw(t, "consultants") {
		x := person(t, programme.Consultant, fmt.Sprint("d", k))
		if s := slices.Sorted(maps.Keys(e.Supervisors)); len(s) > 0 {
			x.Supervisor = rapid.SampledFrom(append(s, "")).Draw(t, "supervisor")
		}
		e.Consultants = append(e.Consultants, x)
	}
	return e
}

func TestEnrolmentsReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := anybody(t)
		var b bytes.Buffer
		if err := want.Write(&b, pilot); err != nil {
			t.Fatal(err)
		}
		got, err := people(b.String())
		if err != nil {
			t.Fatalf("%v in\n%s", err, b.String())
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got  %+v\nwant %+v", got, want)
		}
	})
}

func TestWritingFailsAsItsWriterDoes(t *testing.T) {
	t.Parallel()
	e := read(t, header+three)
	p := &certificate.Problem{Clients: []string{"a"}, Consultants: []certificate.Consultant{{ID: "x", Capacity: 1, Supervisor: -1}}, Edges: func(_ int, yield func(int, int)) {
		for k := range 1000 {
			yield(0, k)
		}
	}}
	many := make([]certificate.Match, 1000)
	for name, err := range map[string]error{
		"enrolments": e.Write(full{}, pilot), "edges": WriteEdges(full{}, p), "capacities": WriteCapacities(full{}, p),
		"matches": WriteMatches(full{}, many), "a certificate": WriteCertificate(full{}, &certificate.Certificate{}),
	} {
		if !errors.Is(err, errBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errBroken }

// Whatever arrives, it is refused or read, and what was read is written and read
// again as the same.
func FuzzEnrolments(f *testing.F) {
	for _, text := range []string{
		header, header + three, "\ufeff" + strings.ReplaceAll(header+three, "\n", "\r\n"), header + "c1,client,,London,,,,,,,,,,,,\n",
		header + "d1,consultant,,Wales,,,,;board:2;,,,,,welsh;WELSH,,,\n", header + "s,supervisor,,,,,,,,,,,,,,", header + "\"c\n1\"", "id", "", "\"",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := people(text)
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := e.Write(&b, pilot); err != nil {
			t.Fatal(err)
		}
		if again, err := people(b.String()); err != nil || !reflect.DeepEqual(again, e) {
			t.Fatalf("%q is read as %+v, and what is written of it, %q, as %+v, %v", text, e, b.String(), again, err)
		}
	})
}
