package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// output is a file that a command writes, by the flag that names it.
type output struct {
	flag, path string
	write      func(io.Writer) error
}

// outputs are the files of one run. They come into being together, when all has
// been written, or not at all: a run that fails leaves what was there before. They
// are for the user who runs it alone, unless a file that they replace was not.
type outputs struct {
	files []output
	// targets are the files themselves, where a path leads through links; "" for what
	// is no file, such as a pipe, which is written to as it is.
	targets []string
}

// prepare finds what would keep the files from being written, before a long run and
// not after it. Inputs must not be written over.
func prepare(inputs []string, files ...output) (*outputs, error) {
	o := &outputs{}
	taken := map[string]string{}
	for _, in := range inputs {
		if at, err := filepath.EvalSymlinks(in); err == nil {
			taken[absolute(at)] = "it is what is read"
		}
	}
	for _, f := range files {
		if f.path == "" {
			continue
		}
		target, err := aim(f.path)
		if err != nil {
			return nil, fmt.Errorf("--%s: %w", f.flag, err)
		}
		if target != "" {
			if why := taken[target]; why != "" {
				return nil, fmt.Errorf("--%s %s: %s already", f.flag, f.path, why)
			}
			taken[target] = "--" + f.flag + " writes it"
			probe, err := os.CreateTemp(filepath.Dir(target), ".cascade-*")
			if err != nil {
				return nil, fmt.Errorf("--%s: %w", f.flag, err)
			}
			if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
				return nil, err
			}
		}
		o.files, o.targets = append(o.files, f), append(o.targets, target)
	}
	return o, nil
}

func absolute(path string) string {
	if a, err := filepath.Abs(path); err == nil {
		return a
	}
	return path
}

// aim is the file that a path leads to, or "" for what is no file.
func aim(path string) (string, error) {
	if path == "-" {
		return "", errors.New("name a file")
	}
	switch info, err := os.Stat(path); {
	case errors.Is(err, os.ErrNotExist):
		dir, err := filepath.EvalSymlinks(filepath.Dir(path))
		if err != nil {
			return "", err
		}
		return filepath.Join(absolute(dir), filepath.Base(path)), nil
	case err != nil:
		return "", err
	case info.IsDir():
		return "", fmt.Errorf("%s is a folder: name a file", path)
	case !info.Mode().IsRegular():
		return "", nil
	}
	at, err := filepath.EvalSymlinks(path)
	return absolute(at), err
}

// commit writes all files.
func (o *outputs) commit(ctx context.Context) (err error) {
	drafts := make([]string, len(o.files)) // what was written, beside its target
	before := make([]string, len(o.files)) // what a target held
	moved := 0
	defer func() {
		failed := err != nil
		for k := range drafts {
			switch {
			case failed && before[k] != "":
				err = errors.Join(err, os.Rename(before[k], o.targets[k]))
				_ = os.Remove(before[k]) // renaming one name of a file to another leaves both
			case failed && k < moved && o.targets[k] != "":
				err = errors.Join(err, os.Remove(o.targets[k]))
			case before[k] != "":
				err = errors.Join(err, os.Remove(before[k]))
			}
			if drafts[k] != "" && k >= moved {
				_ = os.Remove(drafts[k])
			}
		}
	}()
	// What is no file cannot be taken back, and so comes after all that can.
	for _, files := range []bool{true, false} {
		for k, f := range o.files {
			if (o.targets[k] != "") != files {
				continue
			}
			if drafts[k], err = draft(ctx, f, o.targets[k]); err != nil {
				return fmt.Errorf("--%s %s: %w", f.flag, f.path, err)
			}
		}
	}
	for k, target := range o.targets {
		if target != "" {
			if before[k], err = keep(target, drafts[k]); err != nil {
				return err
			}
			if err = os.Rename(drafts[k], target); err != nil {
				return err
			}
		}
		moved++
	}
	return nil
}

// draft writes a file beside its target, or to what is no file, and names it.
func draft(ctx context.Context, f output, target string) (name string, err error) {
	var to *os.File
	if target == "" {
		to, err = os.OpenFile(f.path, os.O_WRONLY, 0)
	} else if to, err = os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+".*"); err == nil {
		name = to.Name()
		if info, gone := os.Stat(target); gone == nil {
			err = to.Chmod(info.Mode().Perm())
		}
	}
	if err != nil {
		return name, err
	}
	w := bufio.NewWriterSize(&until{ctx, to}, 1<<16)
	if err = f.write(w); err == nil {
		err = w.Flush()
	}
	return name, errors.Join(err, to.Close())
}

// keep gives what a target holds a second name, "" where there is no such file.
func keep(target, draft string) (string, error) {
	switch info, err := os.Lstat(target); {
	case errors.Is(err, os.ErrNotExist):
		return "", nil
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%s is no file any more", target)
	}
	second := draft + ".before"
	if os.Link(target, second) == nil {
		return second, nil
	}
	return second, os.Rename(target, second) // a file system without links
}

// until writes as long as nobody interrupts.
type until struct {
	context.Context
	io.Writer
}

func (u *until) Write(b []byte) (int, error) {
	if err := u.Err(); err != nil {
		return 0, errInterrupted
	}
	return u.Writer.Write(b)
}

var errInterrupted = errors.New("interrupted, nothing was written")

// background does what takes long in such a way that an interruption ends it.
func background[T any](ctx context.Context, do func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		v, err := do()
		done <- result{v, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, errInterrupted
	}
}
