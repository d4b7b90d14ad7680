// Package table reads and writes the files of the command line: enrolments,
// eligible pairs, capacities and matches as CSV, and certificates as JSON.
//
// What comes from a spreadsheet is taken as it is where that does no harm: in the dialects
// that Dialects lists, with a missing end of the last line, columns in any order, and cells
// cleaned as every field is. All else that is not as it should be is an error that names the
// file, the line and the column: nothing is left out in silence, and nothing is guessed.
//
// An id is 1 to 100 of the letters a to z and A to Z, digits and . _ : @ / + -, of
// which the first is a letter or a digit. So no id is a formula to a spreadsheet,
// none needs quotes, and none looks like another one. An id is not a name: these
// files need none, and are better kept without.
package table

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/text"
)

// Error is what is wrong with a file, and where.
type Error struct {
	File string
	// Line and Column count from 1; 0 stands for none in particular. Name is the
	// column's.
	Line, Column int
	Name         string
	Text         string
}

func (e *Error) Error() string {
	where := e.File
	if e.Line > 0 {
		where += fmt.Sprintf(", line %d", e.Line)
	}
	if e.Column > 0 {
		where += fmt.Sprintf(", column %d", e.Column)
	}
	if e.Name != "" {
		where += " (" + e.Name + ")"
	}
	return where + ": " + e.Text
}

// form is what a table's columns are.
type form struct {
	columns []string
	// optional is how many columns, from the end, may be missing.
	optional int
	// headless says whether a first line is a row and not the columns' names; nil where
	// there are always names.
	headless func(row []string) bool
}

// rows reads a table row by row.
type rows struct {
	form
	file string
	csv  *csv.Reader
	// names are the file's columns by place, "" for one without a name; positions are the
	// places of the form's, or -1.
	names     []string
	positions []int
	row       []string
	width     int // of every row, as of the first: a longer one has a cell that was torn apart
	line      int
	before    int  // lines before those that csv counts
	unread    bool // the row has been read but not given
}

// read begins to read a table.
func (f form) read(file string, r io.Reader) (*rows, error) {
	c, before, err := open(file, r)
	if err != nil {
		return nil, err
	}
	t := &rows{form: f, file: file, csv: c, before: before}
	switch ok, err := t.advance(); {
	case err != nil:
		return nil, err
	case !ok:
		return nil, &Error{File: file, Line: 1, Column: 1, Text: "the file is empty: its first line names the columns " + strings.Join(f.columns, ",")}
	}
	t.width = len(t.row)
	if f.headless != nil && f.headless(t.row) {
		t.unread = true
		t.names = slices.Clone(f.columns[:min(len(f.columns), max(len(t.row), len(f.columns)-f.optional))])
	} else {
		for _, name := range t.row {
			t.names = append(t.names, strings.Clone(name))
		}
	}
	return t, t.head()
}

// key is a column's name, or one of the choices for a cell, in any of its spellings: in
// capitals, and with spaces, hyphens or underscores.
func key(s string) string { return strings.ToLower(parted.Replace(s)) }

var parted = strings.NewReplacer(" ", "_", "-", "_", "\n", "_")

// head finds the columns by their names.
func (t *rows) head() error {
	var wrong []string
	first := 0
	note := func(i int, text string) {
		if wrong = append(wrong, text); first == 0 {
			first = i + 1
		}
	}
	t.positions = make([]int, len(t.columns))
	for k := range t.positions {
		t.positions[k] = -1
	}
	for i, name := range t.names {
		if name == "" {
			continue
		}
		switch k := slices.IndexFunc(t.columns, func(c string) bool { return key(c) == key(name) }); {
		case k < 0:
			note(i, fmt.Sprintf("unknown column %s", text.Quote(name)))
		case t.positions[k] >= 0:
			note(i, fmt.Sprintf("the column %q is there twice", t.columns[k]))
		default:
			t.names[i], t.positions[k] = t.columns[k], i
		}
	}
	for k, name := range t.columns[:len(t.columns)-t.optional] {
		if t.positions[k] < 0 {
			wrong = append(wrong, fmt.Sprintf("the column %q is missing", name))
		}
	}
	if wrong == nil {
		t.names = t.names[:1+slices.Max(t.positions)]
		return nil
	}
	return &Error{File: t.file, Line: t.line, Column: first, Text: strings.Join(wrong, "; ") + "; the columns are " + strings.Join(t.columns, ",")}
}

// next reads a row; it is false where there is none any more.
func (t *rows) next() (bool, error) {
	if t.unread {
		t.unread = false
	} else if ok, err := t.advance(); !ok || err != nil {
		return false, err
	}
	switch n, between := len(t.row), delimiterNames[t.csv.Comma]; {
	case n < t.width:
		return false, t.errorAt(n, "the row has %d columns, not %d, with %s between them; where Excel left out empty cells at the end, move a column that is filled in to the end", n, t.width, between)
	case n > t.width:
		return false, t.errorAt(t.width, "the row has %d columns, not %d; a cell that holds %s needs quotes around it", n, t.width, between)
	}
	for i, cell := range t.row {
		if cell != "" && (i >= len(t.names) || t.names[i] == "") {
			return false, t.errorAt(i, "%s stands in a column without a name; the columns are %s", text.Quote(cell), strings.Join(t.columns, ","))
		}
	}
	return true, nil
}

// advance reads the next row that holds anything as it is, and sees that it is text.
func (t *rows) advance() (bool, error) {
	for {
		row, err := t.csv.Read()
		var broken *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return false, nil
		case errors.As(err, &broken):
			t.line = t.before + broken.StartLine
			return false, t.errorAt(len(row), "a quote that is never closed, or that stands inside a cell: put the cell in quotes, and write a quote in it twice")
		case err != nil:
			return false, err
		}
		t.line, _ = t.csv.FieldPos(0)
		t.line += t.before
		t.row = row
		blank := true
		for i, cell := range row {
			if !clean(cell) {
				if row[i], err = t.cleaned(i, cell); err != nil {
					return false, err
				}
			}
			blank = blank && row[i] == ""
		}
		if !blank {
			return true, nil
		}
	}
}

// clean reports whether a cell is in printable ASCII without spaces that mean nothing, and
// begins with no apostrophe: most are, and need no look at each character.
func clean(cell string) bool {
	space := true
	for i := range len(cell) {
		c := cell[i]
		if c < ' ' || c > '~' || c == ' ' && space || c == '\'' && i == 0 {
			return false
		}
		space = c == ' '
	}
	return !space || cell == ""
}

// cleaned is a cell as its reader sees it. Its lines stay apart, since people write lists
// in lines; an apostrophe that keeps it from being a formula is not part of it.
func (t *rows) cleaned(place int, cell string) (string, error) {
	if !utf8.ValidString(cell) {
		return "", t.errorAt(place, "%s", text.NotUTF8(cell))
	}
	var lines []string
	for line := range strings.FieldsFuncSeq(cell, func(r rune) bool { return r == '\n' || r == '\r' }) {
		switch line = text.Tidy(line); {
		case strings.ContainsRune(line, utf8.RuneError):
			return "", t.errorAt(place, "%s holds the sign of a character that was lost when the file was saved", text.Quote(cell))
		case !programme.Plain(line):
			return "", t.errorAt(place, "%s holds a character that nobody sees", text.Quote(cell))
		case line != "":
			lines = append(lines, line)
		}
	}
	return unprotected(strings.Join(lines, "\n")), nil
}

// errorAt is an error at a place of the present row.
func (t *rows) errorAt(place int, format string, args ...any) error {
	e := &Error{File: t.file, Line: t.line, Column: place + 1, Text: fmt.Sprintf(format, args...)}
	if place < len(t.names) {
		e.Name = t.names[place]
	}
	return e
}

// errorIn is an error in one of the form's columns.
func (t *rows) errorIn(column int, format string, args ...any) error {
	return t.errorAt(t.positions[column], format, args...)
}

// cell is the text in one of the form's columns, "" where the file has none. It
// shares memory with its whole row.
func (t *rows) cell(column int) string {
	if i := t.positions[column]; i >= 0 {
		return t.row[i]
	}
	return ""
}

// wholeNumber reads a whole number.
func (t *rows) wholeNumber(column, most int) (int, error) {
	cell := t.cell(column)
	n, err := strconv.Atoi(cell)
	if err != nil || n < 0 || n > most || cell[0] == '+' || cell[0] == '-' {
		if cell == "" {
			return 0, t.errorIn(column, "the cell is empty; it needs a whole number from 0 to %d", most)
		}
		return 0, t.errorIn(column, "%s is not a whole number from 0 to %d", text.Quote(cell), most)
	}
	return n, nil
}

// id reads an id.
func (t *rows) id(column int) (string, error) {
	cell := t.cell(column)
	if !isID(cell) {
		return "", t.errorIn(column, "%s", notID(cell))
	}
	return cell, nil
}

// notID says what an id is.
func notID(cell string) string {
	switch {
	case cell == "":
		cell = "the id is missing"
	case rounded.MatchString(cell):
		return text.Quote(cell) + " is a long number as a spreadsheet shows it, which has lost its figures: format the column as text, and enter the id again"
	default:
		cell = text.Quote(cell) + " cannot be an id"
	}
	return cell + ": use 1 to 100 letters from a to z, digits and . _ : @ / + -, a letter or digit first"
}

// rounded is a number as a spreadsheet shows one that is long.
var rounded = regexp.MustCompile(`^[0-9](?:[.,][0-9]+)?E[+-][0-9]+$`)

func isID(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case i > 0 && strings.IndexByte("._:@/+-", c) >= 0:
		default:
			return false
		}
	}
	return len(s) > 0 && len(s) <= 100 && (s[0] > '9' || !rounded.MatchString(s))
}

// items are the items of a cell that holds a list.
func items(cell string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for cell != "" {
			item := cell
			if end := strings.IndexAny(cell, ";\n"); end >= 0 {
				item, cell = cell[:end], cell[end+1:]
			} else {
				cell = ""
			}
			if item = strings.Trim(item, " "); item != "" && !yield(item) {
				return
			}
		}
	}
}

// formulas are what a spreadsheet takes a cell that begins with it for a formula by.
const formulas = "=+-@"

// protected is a cell that no spreadsheet takes for a formula: one that would be has an
// apostrophe before it, which is taken off again where these files are read.
func protected(cell string) string {
	if cell != "" && strings.IndexByte(formulas, cell[0]) >= 0 {
		return "'" + cell
	}
	return cell
}

func unprotected(cell string) string {
	if len(cell) > 1 && cell[0] == '\'' && strings.IndexByte(formulas, cell[1]) >= 0 {
		return cell[1:]
	}
	return cell
}

// writer writes a table as spreadsheets and these programs read it: with commas, in UTF-8.
type writer struct{ csv *csv.Writer }

func newWriter(to io.Writer) writer { return writer{csv.NewWriter(to)} }

// write writes a row, in which no cell is a formula.
func (w writer) write(row ...string) error {
	for i, cell := range row {
		row[i] = protected(cell)
	}
	return w.csv.Write(row)
}

// end writes what is left.
func (w writer) end() error {
	w.csv.Flush()
	return w.csv.Error()
}
