package text

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"
)

func utf16(t interface{ Fatal(...any) }, s string, order unicode.Endianness, mark unicode.BOMPolicy) string {
	encoded, err := unicode.UTF16(order, mark).NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

func TestFilesAreReadInTheirEncoding(t *testing.T) {
	t.Parallel()
	const want = "name: Siân’s café 👩\u200d🏫\n"
	for name, file := range map[string]string{
		"UTF-8": want, "UTF-8 with a mark": "\ufeff" + want,
		"UTF-16 with a mark": utf16(t, want, unicode.LittleEndian, unicode.UseBOM), "the same, big-endian": utf16(t, want, unicode.BigEndian, unicode.UseBOM),
		"UTF-16 without a mark": utf16(t, want, unicode.LittleEndian, unicode.IgnoreBOM), "the same without, big-endian": utf16(t, want, unicode.BigEndian, unicode.IgnoreBOM),
	} {
		if got, err := File(strings.NewReader(file)); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for _, short := range []string{"", "a", "\ufeff", "ab", "\x00"} {
		if got, err := File(strings.NewReader(short)); err != nil || string(got) != strings.TrimPrefix(short, "\ufeff") {
			t.Errorf("%q: %q, %v", short, got, err)
		}
	}
}

func TestWhatIsNoTextIsNamed(t *testing.T) {
	t.Parallel()
	for start, kind := range map[string]Foreign{
		"PK\x03\x04\x14": "an Excel workbook or another compressed folder", "\xd0\xcf\x11\xe0\xa1\xb1": "a workbook or document of an old Excel or Word",
		"%PDF-1.7": "a PDF", `{\rtf1\ansi`: "a document of rich text", "\x1f\x8b\x08": "a compressed file", "<!DOCTYPE html>": "a web page or XML", "<table>": "a web page or XML",
		"\xff\xfe\x00\x00a\x00\x00\x00": "UTF-32",
	} {
		var e Foreign
		if _, err := Reader(strings.NewReader(start)); !errors.As(err, &e) || e != kind {
			t.Errorf("%q: %v", start, err)
		}
	}
	_, err := File(strings.NewReader("one\ntwo: Fran\xe7ois\n"))
	if err == nil || err.Error() != `line 2: this is not UTF-8 (it would be "two: François" in Windows-1252): save the file in UTF-8` {
		t.Errorf("the error is %v", err)
	}
	if _, err := Reader(io.MultiReader(strings.NewReader("a"), broken{})); !errors.Is(err, errBroken) {
		t.Errorf("a broken disk: %v", err)
	}
}

var errBroken = errors.New("the disk is broken")

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errBroken }

// Whatever a text says, it is read as the same from each of the encodings with a mark.
func TestTextsAreReadAsTheyWereSaved(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.String().Filter(utf8.ValidString).Draw(t, "text")
		for _, file := range []string{"\ufeff" + want, utf16(t, want, unicode.LittleEndian, unicode.UseBOM), utf16(t, want, unicode.BigEndian, unicode.UseBOM)} {
			if strings.HasPrefix(file, "\xff\xfe\x00\x00") {
				continue // a first letter that is 0 looks like UTF-32
			}
			if got, err := File(strings.NewReader(file)); err != nil || string(got) != want {
				t.Fatalf("%q is read as %q, %v", file, got, err)
			}
		}
	})
}

func FuzzFile(f *testing.F) {
	for _, s := range []string{"", "a", "\ufeffa", "\xff\xfea\x00", "\xfe\xff\x00a", "\xff\xfe\x00\xd8", "PK\x03\x04", "\xe7"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		if got, err := File(bytes.NewReader(file)); err == nil && !utf8.Valid(got) {
			t.Fatalf("%q is read as %q", file, got)
		}
	})
}
