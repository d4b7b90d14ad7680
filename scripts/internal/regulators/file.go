package regulators

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/cascading-leadership/cascade/shared/text"
)

// mostBytes is how much is read of a file at most, many times what the registers have: a
// damaged archive may go on for ever.
const mostBytes = 8 << 30

// open has a file read, or the one file in a zip archive.
func open(path string, read func(name string, from io.Reader) error) error {
	file, err := os.Open(path)
	if err != nil {
		return errors.Unwrap(err) // the path is said already
	}
	defer file.Close()
	start := make([]byte, 4)
	n, err := io.ReadFull(file, start)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return err
	}
	if string(start[:n]) != "PK\x03\x04" {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return err
		}
		return read(path, bounded(file))
	}
	archive, err := zip.OpenReader(path)
	if err != nil {
		return err
	}
	defer archive.Close()
	held := slices.DeleteFunc(slices.Clone(archive.File), func(f *zip.File) bool { return f.FileInfo().IsDir() })
	if len(held) != 1 {
		return fmt.Errorf("the archive holds %d files, and one is expected", len(held))
	}
	inside, err := held[0].Open()
	if err != nil {
		return err
	}
	defer inside.Close()
	return read(held[0].Name, bounded(inside))
}

// bounded reads no more than mostBytes.
func bounded(from io.Reader) io.Reader { return &bound{from, mostBytes} }

type bound struct {
	io.Reader
	left int64
}

func (b *bound) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, errors.New("it is larger than any register")
	}
	return n, err
}

// row is one of a table, by the names of its columns.
type row map[string]string

// columns are a table's, by their names.
type columns []string

// need says which columns of some are missing.
func (all columns) need(table string, names ...string) error {
	var missing []string
	for _, name := range names {
		if !slices.Contains(all, name) {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("these are not the columns of %s: %s missing. It has %s. Nothing was read, since the regulator may have changed what it publishes",
		table, quoted(missing), quoted(all))
}

func quoted(names []string) string {
	some := make([]string, len(names))
	for i, name := range names {
		some[i] = text.Quote(name)
	}
	if most := 40; len(some) > most {
		some = append(some[:most], "…")
	}
	return strings.Join(some, ", ")
}

// delimited reads text with a tab or comma between columns and their names in the first line.
// Quotes mean something in CSV alone. A row that is shorter than the first is nil.
func delimited(from io.Reader, comma rune, head func(columns) error, each func(row)) error {
	rows := csvRows
	if comma == '\t' {
		rows = tabbedRows
	}
	next, err := rows(from)
	if err != nil {
		return err
	}
	cells, err := next()
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	names := make(columns, len(cells))
	for i, name := range cells {
		names[i] = strings.TrimSpace(name)
	}
	if err := head(names); err != nil {
		return err
	}
	r := make(row, len(names))
	for {
		cells, err := next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case len(cells) < len(names) && !(len(cells) == len(names)-1 && names[len(names)-1] == ""):
			each(nil)
			continue
		}
		for i, cell := range cells[:min(len(cells), len(names))] {
			if !utf8.ValidString(cell) {
				return errors.New(text.NotUTF8(cell))
			}
			r[names[i]] = strings.TrimSpace(cell)
		}
		each(r)
	}
}

func csvRows(from io.Reader) (next func() ([]string, error), err error) {
	c := csv.NewReader(from)
	c.FieldsPerRecord, c.ReuseRecord, c.LazyQuotes = -1, true, true
	return c.Read, nil
}

// tabbedRows are lines with tabs. A line that begins with a tab goes on with the one before,
// in which a line break stands where the text had one at its end.
func tabbedRows(from io.Reader) (next func() ([]string, error), err error) {
	r, err := text.Reader(from)
	if err != nil {
		return nil, err
	}
	unescape := strings.NewReplacer(`\\`, `\`, `\"`, `"`)
	ended := false
	line := func() (string, error) {
		l, err := r.ReadString('\n')
		if errors.Is(err, io.EOF) && l != "" {
			err = nil
		}
		return strings.TrimRight(l, "\r\n"), err
	}
	pending, err := line()
	if errors.Is(err, io.EOF) {
		ended, err = true, nil
	}
	if err != nil {
		return nil, err
	}
	return func() ([]string, error) {
		if ended {
			return nil, io.EOF
		}
		whole := pending
		for {
			l, err := line()
			if errors.Is(err, io.EOF) {
				ended = true
				break
			}
			if err != nil {
				return nil, err
			}
			if !strings.HasPrefix(l, "\t") {
				pending = l
				break
			}
			whole += l
		}
		cells := strings.Split(whole, "\t")
		for i, cell := range cells {
			if strings.Contains(cell, `\`) {
				cells[i] = unescape.Replace(cell)
			}
		}
		return cells, nil
	}, nil
}

// value is what a row of JSON has in a column, whether as text or as a number.
type value string

func (v *value) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("null")) {
		return nil
	}
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, (*string)(v))
	}
	*v = value(b)
	return nil
}

// fromJSON reads an array of objects; those after the first are read into a T.
func fromJSON[T any](from io.Reader, head func(columns) error, each func(*T)) error {
	d := json.NewDecoder(from)
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return fmt.Errorf("this is no JSON array of rows (%w)", err)
	}
	for first := true; d.More(); first = false {
		var whole json.RawMessage
		if err := d.Decode(&whole); err != nil {
			return err
		}
		if first {
			var names map[string]json.RawMessage
			if err := json.Unmarshal(whole, &names); err != nil {
				return err
			}
			var all columns
			for name := range names {
				all = append(all, name)
			}
			slices.Sort(all)
			if err := head(all); err != nil {
				return err
			}
		}
		var r T
		if err := json.Unmarshal(whole, &r); err != nil {
			return err
		}
		each(&r)
	}
	_, err := d.Token() // the end of the array: a file that is cut off has none
	return err
}

// isJSON reports whether what comes is JSON, without taking anything of it.
func isJSON(b *bufio.Reader) bool {
	start, _ := b.Peek(64)
	return bytes.HasPrefix(bytes.TrimSpace(start), []byte("["))
}
