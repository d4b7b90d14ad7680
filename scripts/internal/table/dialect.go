package table

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"slices"

	"github.com/cascading-leadership/cascade/shared/text"
)

// Dialects says to whoever has a file which ones are read.
const Dialects = `CSV is read as spreadsheets save it: with commas, semicolons, tabs or bars between cells,
as the first line shows, or a line sep=; before it; with LF, CRLF or CR at the ends of lines;
in UTF-8 or UTF-16. Empty rows, and columns that are empty and have no name, are left out; so
are spaces of all kinds around a cell and characters that nobody sees. Columns may come in any
order, and their names, roles and other choices in capitals, and with spaces for _ and -.
Windows-1252 is refused, since it cannot be told from the encodings of a Mac or of DOS, in
which names would be read wrongly: save as CSV UTF-8. All that cannot be read is refused, with
its line and column. A cell that begins with = + - or @ is text, and is written with an
apostrophe before it, so that no spreadsheet takes it for a formula.`

// delimiters are what can stand between cells, the usual one first: spreadsheets write
// semicolons where the comma is the decimal point, and tabs where they save as text.
var delimiters = []byte(",;\t|")

// delimiterNames are theirs, as an error says them.
var delimiterNames = map[rune]string{',': "a comma", ';': "a semicolon", '\t': "a tab", '|': "a bar"}

// separator is a first line that says what stands between cells, as Excel writes and reads it.
var separator = regexp.MustCompile(`(?i)^"?sep=(.)"?[,;\t|]*$`)

// open begins to read a table in the dialect of whatever spreadsheet wrote it: its first line
// shows what stands between cells and how lines end, unless a line before it says so. Lines
// are how many it takes for that.
func open(file string, from io.Reader) (c *csv.Reader, lines int, err error) {
	b, err := text.Reader(from)
	if foreign := text.Foreign(""); errors.As(err, &foreign) {
		return nil, 0, &Error{File: file, Line: 1, Column: 1, Text: foreign.Error() + ": save the sheet as “CSV UTF-8”"}
	}
	if err != nil {
		return nil, 0, err
	}
	start, err := b.Peek(b.Size())
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, 0, err
	}
	at, to := firstLine(start)
	line, end := start[at:to], endOf(start[to:])
	comma := slices.MaxFunc(delimiters, func(x, y byte) int { return count(line, x) - count(line, y) })
	if says := separator.FindSubmatch(line); says != nil {
		lines = bytes.Count(start[:at], []byte(end)) + 1
		if comma = says[1][0]; !slices.Contains(delimiters, comma) {
			return nil, 0, &Error{File: file, Line: lines, Column: 1, Text: "the line " + text.Quote(string(line)) + " says what stands between cells: only commas, semicolons, tabs or bars can"}
		}
		_, _ = b.Discard(min(to+len(end), len(start)))
	}
	c = csv.NewReader(ended(b, end))
	c.Comma, c.FieldsPerRecord, c.ReuseRecord = rune(comma), -1, true
	return c, lines, nil
}

// firstLine is where the first line with something in it stands.
func firstLine(start []byte) (from, to int) {
	quoted := false
	for i, c := range start {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted || c != '\n' && c != '\r':
		case len(bytes.TrimSpace(start[from:i])) > 0:
			return from, i
		default:
			from = i + 1
		}
	}
	return from, len(start)
}

// count is how often a delimiter stands outside of quotes.
func count(line []byte, delimiter byte) (n int) {
	quoted := false
	for _, c := range line {
		switch {
		case c == '"':
			quoted = !quoted
		case c == delimiter && !quoted:
			n++
		}
	}
	return n
}

// The ways in which lines end. Old programs for the Mac write a CR alone; and where CR LF is
// written as if it was LF, it becomes CR CR LF.
const (
	endLF   = "\n"
	endCRLF = "\r\n"
	endCR   = "\r"
	endCRCR = "\r\r\n"
)

// endOf is the line end that a text begins with.
func endOf(rest []byte) string {
	for _, end := range []string{endCRLF, endCRCR, endCR} {
		if bytes.HasPrefix(rest, []byte(end)) {
			return end
		}
	}
	return endLF
}

// ended is a text whose lines end as package csv knows it.
func ended(b *bufio.Reader, end string) io.Reader {
	if end == endCR || end == endCRCR {
		return &endings{b, end == endCRCR}
	}
	return b
}

// endings makes a line end of each CR, or drops it where a line end follows.
type endings struct {
	io.Reader
	drop bool
}

func (e *endings) Read(b []byte) (int, error) {
	n, err := e.Reader.Read(b)
	kept := b[:0]
	for _, c := range b[:n] {
		if c == '\r' {
			if e.drop {
				continue
			}
			c = '\n'
		}
		kept = append(kept, c)
	}
	return len(kept), err
}
