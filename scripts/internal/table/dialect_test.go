package table

import (
	"bytes"
	"encoding/csv"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"
)

// utf16 is a text in UTF-16 with a byte order mark.
func utf16(s string, order unicode.Endianness) string {
	encoded, err := unicode.UTF16(order, unicode.UseBOM).NewEncoder().String(s)
	if err != nil {
		panic(err)
	}
	return encoded
}

// saved is a table as one of the spreadsheets saves it.
func saved(t *rapid.T, cells [][]string) string {
	cells = slices.Clone(cells)
	for range rapid.IntRange(0, 3).Draw(t, "empty columns") {
		for i, row := range cells {
			cells[i] = append(slices.Clone(row), "")
		}
	}
	for range rapid.IntRange(0, 2).Draw(t, "empty rows") {
		cells = append(cells, make([]string, len(cells[0])))
	}
	comma := rapid.SampledFrom([]string{",", ";", "\t", "|"}).Draw(t, "delimiter")
	var b strings.Builder
	if rapid.Bool().Draw(t, "the delimiter is said") {
		b.WriteString(rapid.SampledFrom([]string{"sep=" + comma, "SEP=" + comma + comma, `"sep=` + comma + `"`}).Draw(t, "how") + "\n")
	}
	quoting := rapid.SampledFrom([]string{"where needed", "all"}).Draw(t, "quotes")
	for _, row := range cells {
		for i, cell := range row {
			if i > 0 {
				b.WriteString(comma)
			}
			if quoting == "all" || strings.ContainsAny(cell, comma+"\"\n") {
				cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
			}
			b.WriteString(cell)
		}
		b.WriteString("\n")
	}
	text := strings.ReplaceAll(b.String(), "\n", rapid.SampledFrom([]string{"\n", "\r\n", "\r", "\r\r\n"}).Draw(t, "line end"))
	if rapid.Bool().Draw(t, "no end of the last line") {
		text = strings.TrimRight(text, "\r\n")
	}
	switch rapid.SampledFrom([]string{"UTF-8", "UTF-8 with a mark", "UTF-16", "UTF-16, big-endian"}).Draw(t, "encoding") {
	case "UTF-8 with a mark":
		return "\ufeff" + text
	case "UTF-16":
		return utf16(text, unicode.LittleEndian)
	case "UTF-16, big-endian":
		return utf16(text, unicode.BigEndian)
	}
	return text
}

// rowsOf are the cells of a table as these programs write it.
func rowsOf(t *rapid.T, written []byte) [][]string {
	cells, err := csv.NewReader(bytes.NewReader(written)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return cells
}

// spelt is a line of columns' names in another spelling.
func spelt(t *rapid.T, names []string) []string {
	how := rapid.SampledFrom([]func(string) string{
		func(s string) string { return s }, strings.ToUpper, func(s string) string { return strings.ReplaceAll(s, "_", " ") },
		func(s string) string { return "\u00a0" + strings.ReplaceAll(s, "_", "\u202f") + "\u200b " }, func(s string) string { return strings.ReplaceAll(s, "_", "\n") },
	}).Draw(t, "names")
	var all []string
	for _, name := range names {
		all = append(all, how(name))
	}
	return all
}

// A table means the same in whatever dialect a spreadsheet saves it.
func TestTablesMeanTheSameInEveryDialect(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := anybody(t)
		var b bytes.Buffer
		if err := want.Write(&b, pilot); err != nil {
			t.Fatal(err)
		}
		cells := rowsOf(t, b.Bytes())
		cells[0] = spelt(t, cells[0])
		if got, err := people(saved(t, cells)); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%v: got %+v, want %+v", err, got, want)
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		cells := rowsOf(t, []byte(square))
		want, err := edges(square)
		if err != nil {
			t.Fatal(err)
		}
		if rapid.Bool().Draw(t, "no names") {
			cells = cells[1:]
		} else {
			cells[0] = spelt(t, cells[0])
		}
		if got, err := edges(saved(t, cells)); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%v: got %+v, want %+v", err, got, want)
		}
	})
}

// In whatever dialect, what is wrong is at its line and column.
func TestErrorsAreAtTheirPlaceInEveryDialect(t *testing.T) {
	t.Parallel()
	const wrong = "client,consultant,score\na,x,5\na,y,?\n"
	in := func(comma, end string) string { return strings.NewReplacer(",", comma, "\n", end).Replace(wrong) }
	for name, row := range map[string]struct {
		text string
		line int
	}{
		"commas": {wrong, 3}, "semicolons": {in(";", "\r\n"), 3}, "tabs and CR": {in("\t", "\r"), 3}, "CR CR LF": {in(",", "\r\r\n"), 3}, "UTF-16": {utf16(in("\t", "\r\n"), unicode.LittleEndian), 3},
		"sep=": {"sep=;\r\n" + in(";", "\r\n"), 4}, "sep= and CR": {"sep=;\r" + in(";", "\r"), 4}, "empty lines before": {"\n\n" + wrong, 5}, "empty rows before": {",,\n,,,\n" + wrong, 5}, "spaces before": {"  \n" + wrong, 4},
		"empty lines before sep=": {"\r\n\r\nsep=|\r\n" + in("|", "\r\n"), 6},
	} {
		_, err := edges(row.text)
		fails(t, name, err, Error{Line: row.line, Column: 3, Name: "score"}, `"?" is not a whole number`)
	}
	for name, row := range map[string]struct {
		text string
		at   Error
		says string
	}{
		"a delimiter that is none": {"sep=x\na,b,1", Error{Line: 1, Column: 1}, "only commas, semicolons, tabs or bars"},
		"a page":                   {"<html><table>", Error{Line: 1, Column: 1}, "this is a web page or XML, not text in UTF-8: save the sheet as “CSV UTF-8”"},
		"a workbook":               {"PK\x03\x04\x14\x00", Error{Line: 1, Column: 1}, "an Excel workbook"},
		"an old one":               {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Error{Line: 1, Column: 1}, "an old Excel"},
		"a cell without a name":    {"client,consultant,,score\na,x,,1\nb,x,?,1\n", Error{Line: 3, Column: 3}, `"?" stands in a column without a name`},
		"another one":              {"client,consultant,score,\na,x,1,?\n", Error{Line: 2, Column: 4}, `"?" stands in a column without a name`},
		"a decimal comma":          {"client;consultant;score\na;x;1,5\n", Error{Line: 2, Column: 3, Name: "score"}, `"1,5" is not a whole number`},
		"the same without names":   {"a;x;1,5\n", Error{Line: 1, Column: 3, Name: "score"}, `"1,5" is not a whole number`},
		"Windows-1252 with CR":     {"a;x;1\rb;\xe9;1\r", Error{Line: 2, Column: 2, Name: "consultant"}, `it would be "é" in Windows-1252`},
		"a quote without an end":   {"client,consultant,score\na,\"x,1\n", Error{Line: 2, Column: 2, Name: "consultant"}, "a quote that is never closed"},
	} {
		_, err := edges(row.text)
		fails(t, name, err, row.at, row.says)
	}
}

// A cell that was torn apart is seen where its row ends in empty cells, too: what follows it
// is in the wrong columns, and a conflict would be a preference.
func TestCellsThatAreTornApart(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a comma":     header + "c1,client,,London,,,,,,,Oxfam,Shelter,,,,,\n",
		"a semicolon": strings.ReplaceAll(header+"c1,client,,London,,,,,,,Oxfam,Shelter,,,,,\n", ",", ";"),
	} {
		_, err := people(text)
		fails(t, name, err, Error{Line: 2, Column: 17}, "the row has 17 columns, not 16; a cell that holds "+name+" needs quotes")
	}
	_, err := people(strings.TrimSuffix(header, "\n") + ",,\nc1,client,,London,,,,,,,Oxfam,Shelter,,,,,\n")
	fails(t, "a column without a name", err, Error{Line: 2, Column: 18}, "the row has 17 columns, not 18")
}

// A list can be written in lines, as people do in a cell; so that nobody named in a second
// line is left out.
func TestListsInLines(t *testing.T) {
	t.Parallel()
	e := read(t, header+"c1,client,,London,,,\"board:2\n fundraising ;\r\ncoaching:3\",,,,\"Oxfam\nShelter; Crisis\n\",,,,,\n")
	c := e.Clients[0]
	if !reflect.DeepEqual(c.Needs, map[string]int{"board": 2, "fundraising": 1, "coaching": 3}) || !slices.Equal(c.Conflicts, []string{"Oxfam", "Shelter", "Crisis"}) {
		t.Errorf("it is read as %+v", c)
	}
}

// What is chosen from a list is known in capitals, and with spaces or hyphens.
func TestChoicesInOtherSpellings(t *testing.T) {
	t.Parallel()
	want := read(t, header+"d1,consultant,,North East,NE1,AR303,,business-planning:2,,,,,,in-person,tue-pm,80000\n")
	got := read(t, header+"d1,Consultant,,NORTH-EAST,ne1 4st,ar303,,Business planning : 2,,,,,,In person,Tue PM,\"£80,000\"\n")
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// No cell that is written is a formula to a spreadsheet, and each is read as it was.
func TestNoCellIsAFormula(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"=1+1", "+44 Trust", "-Trust", "@Home"} {
		e := read(t, strings.TrimSpace(header)+",organisation\nd1,consultant,,London,,,,board,,,"+name+",,,,,,"+name+"\n")
		var b bytes.Buffer
		if err := e.Write(&b, pilot); err != nil {
			t.Fatal(err)
		}
		if text := b.String(); strings.Count(text, ",'"+name) != 2 || strings.Contains(text, ","+name) {
			t.Errorf("%q is written as %q", name, text)
		}
		if again := read(t, b.String()); !reflect.DeepEqual(again, e) || again.Consultants[0].Organisation.Name != name {
			t.Errorf("%q is read as %+v", name, again)
		}
	}
}
