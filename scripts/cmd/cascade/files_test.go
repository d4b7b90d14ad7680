package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

// writing writes a text, or fails.
func writing(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

func TestFilesAppearTogetherOrNotAtAll(t *testing.T) {
	t.Parallel()
	f := newFolder(t, map[string]string{"one": "old", "two": "old"})
	if err := os.Chmod(f.path("two"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("two", f.path("link")); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	files := func(last func(io.Writer) error) *outputs {
		t.Helper()
		o, err := prepare(nil, output{"a", f.path("one"), writing("new")}, output{"b", f.path("link"), writing("new")}, output{"c", f.path("three"), last}, output{"d", "", writing("nothing")})
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	unchanged := func(name string) {
		t.Helper()
		if f.read(t, "one") != "old" || f.read(t, "two") != "old" {
			t.Errorf("%s: a file has changed", name)
		}
	}

	err := files(func(io.Writer) error { return broken }).commit(t.Context())
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "--c ") {
		t.Errorf("one cannot be written: %v", err)
	}
	f.holds(t, "one cannot be written", "one", "two", "link")
	unchanged("one cannot be written")

	// A folder gets in the way of the last one, when the others are in place already.
	o := files(writing("new"))
	if err := os.MkdirAll(f.path("three/inside"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := o.commit(t.Context()); err == nil {
		t.Error("a file takes a folder's place")
	}
	f.holds(t, "one cannot be named", "one", "two", "link", "three")
	unchanged("one cannot be named")
	if err := os.RemoveAll(f.path("three")); err != nil {
		t.Fatal(err)
	}

	if err := files(writing("new")).commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.holds(t, "all is well", "one", "two", "three", "link")
	for name, mode := range map[string]os.FileMode{"one": 0o600, "two": 0o644, "three": 0o600} {
		if info, err := os.Lstat(f.path(name)); err != nil || info.Mode() != mode || f.read(t, name) != "new" {
			t.Errorf("%s holds %q, %v, %v", name, f.read(t, name), info.Mode(), err)
		}
	}
	if to, err := os.Readlink(f.path("link")); err != nil || to != "two" {
		t.Errorf("the link leads to %q, %v", to, err)
	}
	if got := files(nil).String(); got != f.path("one")+", "+f.path("link")+" and "+f.path("three") {
		t.Errorf("they are called %q", got)
	}
}

// What is no file, such as a pipe, is written to as it is.
func TestPipesAreWrittenTo(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	f := newFolder(t, nil)
	o, err := prepare(nil, output{"a", "/dev/fd/" + count(int(w.Fd())), writing("piped")}, output{"b", f.path("one"), writing("new")}, output{"c", os.DevNull, writing("lost")})
	if err != nil {
		t.Fatal(err)
	}
	if err := o.commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if got, err := io.ReadAll(r); err != nil || string(got) != "piped" {
		t.Errorf("the pipe holds %q, %v", got, err)
	}
	f.holds(t, "after it", "one")
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Errorf("%s is a file now", os.DevNull)
	}
}

func TestLongRunsSayHowFarTheyAre(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		terminal bool
		want     string
	}{
		{false, "7 s: reading x.csv, 50 %\n8 s: looking after the worst-off, 33 %\n9 s: writing\n"},
		{true, "\r7 s: reading x.csv, 50 %\x1b[K\r8 s: looking after the worst-off, 33 %\x1b[K\r9 s: writing\x1b[K\r\x1b[K"},
	} {
		var b bytes.Buffer
		p := follow(&b)
		p.terminal = row.terminal
		at := func(seconds int) time.Time { return p.began.Add(time.Duration(seconds) * time.Second) }
		p.show(at(1)) // nothing yet
		r := &reading{Reader: strings.NewReader("1234"), progress: p, step: "reading x.csv", of: 4}
		if _, err := r.Read(make([]byte, 2)); err != nil {
			t.Fatal(err)
		}
		p.show(at(7))
		p.solving("fair", 1, 3)
		p.show(at(8))
		p.at("writing", 0, 0)
		p.show(at(9))
		p.end()
		p.end()
		if got := b.String(); got != row.want {
			t.Errorf("on a terminal %v: %q, want %q", row.terminal, got, row.want)
		}
	}
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 36000: "36,000", 1048576: "1,048,576", -1: "-1", -123: "-123", -1234: "-1,234"} {
		if got := count(n); got != want {
			t.Errorf("%d is written %s", n, got)
		}
	}
}
