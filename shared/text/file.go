package text

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Foreign is the error of a file that is not read as text: it names what the file is, such as "a PDF".
type Foreign string

func (f Foreign) Error() string { return "this is " + string(f) + ", not text in UTF-8" }

// foreign are files that are taken for text, by how they begin.
var foreign = []struct {
	start string
	kind  Foreign
}{
	{"PK\x03\x04", "an Excel workbook or another compressed folder"},
	{"\xd0\xcf\x11\xe0", "a workbook or document of an old Excel or Word"},
	{"\x1f\x8b", "a compressed file"},
	{"%PDF-", "a PDF"},
	{`{\rtf`, "a document of rich text"},
	{"<", "a web page or XML"},
	{"\xff\xfe\x00\x00", "UTF-32"},
	{"\x00\x00\xfe\xff", "UTF-32"},
}

// The byte order marks.
const (
	markUTF8    = "\xef\xbb\xbf"
	markUTF16   = "\xff\xfe" // little-endian, as Windows writes it
	markSwapped = "\xfe\xff" // big-endian
)

// bufferSize is how far ahead a Reader can look.
const bufferSize = 1 << 16

// Reader reads a file in UTF-8, without its byte order mark, whether it was saved so or in
// UTF-16; a byte order mark tells, or that every second byte at the start is 0. The error of
// what is no text is Foreign. What is in another encoding comes as it is, see NotUTF8.
func Reader(from io.Reader) (*bufio.Reader, error) {
	b := bufio.NewReaderSize(from, bufferSize)
	start, err := b.Peek(8)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	for _, f := range foreign {
		if bytes.HasPrefix(start, []byte(f.start)) {
			return nil, f.kind
		}
	}
	mark := markOf(start)
	if bytes.HasPrefix(start, []byte(mark)) {
		_, _ = b.Discard(len(mark))
	}
	order := unicode.LittleEndian
	switch mark {
	case "", markUTF8:
		return b, nil
	case markSwapped:
		order = unicode.BigEndian
	}
	return bufio.NewReaderSize(transform.NewReader(b, unicode.UTF16(order, unicode.IgnoreBOM).NewDecoder()), bufferSize), nil
}

// markOf is the byte order mark that a file begins with, or would if it was complete, or "".
func markOf(start []byte) string {
	for _, mark := range []string{markUTF8, markUTF16, markSwapped} {
		if bytes.HasPrefix(start, []byte(mark)) {
			return mark
		}
	}
	if len(start) >= 4 && (start[0] == 0) != (start[1] == 0) && (start[0] == 0) == (start[2] == 0) && (start[1] == 0) == (start[3] == 0) {
		if start[0] == 0 {
			return markSwapped
		}
		return markUTF16
	}
	return ""
}

// File reads a whole file, see Reader. What is not UTF-8 after that is an error that names
// the line.
func File(from io.Reader) ([]byte, error) {
	r, err := Reader(from)
	if err != nil {
		return nil, err
	}
	all, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	line := 0
	for l := range bytes.Lines(all) {
		if line++; !utf8.Valid(l) {
			return nil, fmt.Errorf("line %d: %s", line, NotUTF8(strings.TrimSpace(string(l))))
		}
	}
	return all, nil
}

// NotUTF8 says of a text that is not UTF-8 what it would be in the encoding in which Windows
// saves where it is not told to save in UTF-8. It is not read so: the bytes of other
// encodings mean something in this one too, and a name that is read wrongly names nobody.
func NotUTF8(s string) string {
	read, _ := charmap.Windows1252.NewDecoder().String(s)
	return fmt.Sprintf("this is not UTF-8 (it would be %s in Windows-1252): save the file in UTF-8", Quote(read))
}

// Quote is a text as an error shows it, cut where it is long.
func Quote(s string) string {
	if n := 60; len(s) > n {
		for !utf8.RuneStart(s[n]) {
			n--
		}
		return strconv.Quote(s[:n]) + "…"
	}
	return strconv.Quote(s)
}
