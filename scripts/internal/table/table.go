// Package table reads and writes the files of the command line: enrolments,
// eligible pairs, capacities and matches as CSV, and certificates as JSON.
//
// What comes from a spreadsheet is taken as it is where that does no harm: a byte
// order mark, CRLF, a missing end of the last line, empty lines, spaces around a
// cell or an item of a list, columns in any order. All else that is not as it
// should be is an error that names the file, the line and the column: nothing is
// left out in silence, and nothing is guessed.
//
// An id is 1 to 100 of the letters a to z and A to Z, digits and . _ : @ / + -, of
// which the first is a letter or a digit. So no id is a formula to a spreadsheet,
// none needs quotes, and none looks like another one. An id is not a name: these
// files need none, and are better kept without.
package table

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/cascading-leadership/cascade/shared/programme"
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
	// names are the file's columns by place, at the place of each of the form's, or -1.
	names     []string
	positions []int
	row       []string
	line      int
	unread    bool // the row has been read but not given
}

// read begins to read a table.
func (f form) read(file string, r io.Reader) (*rows, error) {
	t := &rows{form: f, file: file, csv: csv.NewReader(withoutByteOrderMark(r))}
	t.csv.FieldsPerRecord = -1
	t.csv.ReuseRecord = true
	switch ok, err := t.advance(); {
	case err != nil:
		return nil, err
	case !ok:
		return nil, &Error{File: file, Text: "the file is empty: its first line names the columns " + strings.Join(f.columns, ",")}
	}
	if f.headless != nil && f.headless(t.row) {
		t.unread = true
		t.names = f.columns[:min(len(f.columns), max(len(t.row), len(f.columns)-f.optional))]
	} else {
		t.names = slices.Clone(t.row)
		for i := range t.names {
			t.names[i] = strings.Clone(t.names[i])
		}
	}
	return t, t.head()
}

// withoutByteOrderMark is the text without a byte order mark.
func withoutByteOrderMark(r io.Reader) io.Reader {
	b := bufio.NewReaderSize(r, 1<<16)
	if start, err := b.Peek(3); err == nil && string(start) == "\ufeff" {
		_, _ = b.Discard(3)
	}
	return b
}

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
		switch k := slices.Index(t.columns, name); {
		case k < 0:
			note(i, fmt.Sprintf("unknown column %q", name))
		case t.positions[k] >= 0:
			note(i, fmt.Sprintf("the column %q is there twice", name))
		default:
			t.positions[k] = i
		}
	}
	for k, name := range t.columns[:len(t.columns)-t.optional] {
		if t.positions[k] < 0 {
			wrong = append(wrong, fmt.Sprintf("the column %q is missing", name))
		}
	}
	if wrong == nil {
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
	switch n := len(t.row); {
	case n < len(t.names):
		return false, t.errorAt(n, "the row has %d columns, not %d", n, len(t.names))
	case n > len(t.names):
		return false, t.errorAt(len(t.names), "the row has %d columns, not %d; a cell that holds a comma needs quotes around it", n, len(t.names))
	}
	return true, nil
}

// advance reads a row as it is, and sees that it is text.
func (t *rows) advance() (bool, error) {
	row, err := t.csv.Read()
	var broken *csv.ParseError
	switch {
	case errors.Is(err, io.EOF):
		return false, nil
	case errors.As(err, &broken):
		t.line = broken.StartLine
		return false, t.errorAt(len(row), "a quote that is never closed, or that stands inside a cell: put the cell in quotes, and write a quote in it twice")
	case err != nil:
		return false, err
	}
	t.row = row
	t.line, _ = t.csv.FieldPos(0)
	for i, cell := range row {
		if unprintable(cell) {
			if !utf8.ValidString(cell) {
				return false, t.errorAt(i, "this is not UTF-8: save the file as CSV in UTF-8")
			}
			if !programme.Plain(cell) {
				return false, t.errorAt(i, "%s holds a line break, or another character that nobody sees", quote(cell))
			}
		}
		row[i] = strings.Trim(cell, " ")
	}
	return true, nil
}

// unprintable reports whether a cell holds anything but printable ASCII.
func unprintable(cell string) bool {
	for i := range len(cell) {
		if cell[i] < ' ' || cell[i] > '~' {
			return true
		}
	}
	return false
}

// quote is a cell as an error shows it.
func quote(cell string) string {
	if n := 60; len(cell) > n {
		for !utf8.RuneStart(cell[n]) {
			n--
		}
		return strconv.Quote(cell[:n]) + "…"
	}
	return strconv.Quote(cell)
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
		return 0, t.errorIn(column, "%s is not a whole number from 0 to %d", quote(cell), most)
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
func notID(text string) string {
	what := quote(text) + " cannot be an id"
	if text == "" {
		what = "the id is missing"
	}
	return what + ": use 1 to 100 letters from a to z, digits and . _ : @ / + -, a letter or digit first"
}

func isID(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case i > 0 && strings.IndexByte("._:@/+-", c) >= 0:
		default:
			return false
		}
	}
	return len(s) > 0 && len(s) <= 100
}

// items are the items of a cell that holds a list.
func items(cell string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for cell != "" {
			var item string
			item, cell, _ = strings.Cut(cell, ";")
			if item = strings.Trim(item, " "); item != "" && !yield(item) {
				return
			}
		}
	}
}
