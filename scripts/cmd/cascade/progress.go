package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"time"
)

// progress says on standard error how a long run goes: on a terminal in one line
// that is written again and again, elsewhere in a line now and then. A run of a
// moment says nothing.
type progress struct {
	to       io.Writer
	terminal bool
	began    time.Time

	lock     sync.Mutex
	step     string
	done, of int
	shown    bool

	stop    chan struct{}
	stopped sync.WaitGroup
	ended   sync.Once
}

// follow begins to show the progress of a run, until end.
func follow(to io.Writer) *progress {
	p := &progress{to: to, began: time.Now(), stop: make(chan struct{})}
	every := 10 * time.Second
	if f, ok := to.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			p.terminal, every = true, 200*time.Millisecond
		}
	}
	p.stopped.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case now := <-tick.C:
				p.show(now)
			case <-p.stop:
				return
			}
		}
	})
	return p
}

// at says what the run is about now: a step, and how much of it is done, of 0 where
// nobody knows how much there is.
func (p *progress) at(step string, done, of int) {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.step, p.done, p.of = step, done, of
}

// show shows what the run is about.
func (p *progress) show(now time.Time) {
	p.lock.Lock()
	defer p.lock.Unlock()
	if p.step == "" {
		return
	}
	text := fmt.Sprintf("%d s: %s", int(now.Sub(p.began).Seconds()), p.step)
	if p.of > 0 && p.done > 0 {
		text += fmt.Sprintf(", %d %%", 100*min(p.done, p.of)/p.of)
	}
	p.shown = true
	if p.terminal {
		fmt.Fprintf(p.to, "\r%.78s\x1b[K", text)
	} else {
		fmt.Fprintln(p.to, text)
	}
}

// end clears the line. It may be called again.
func (p *progress) end() {
	p.ended.Do(func() {
		close(p.stop)
		p.stopped.Wait()
		if p.terminal && p.shown {
			fmt.Fprint(p.to, "\r\x1b[K")
		}
	})
}

// solving is what the solver's steps are called.
func (p *progress) solving(step string, done, of int) {
	if name := map[string]string{"total": "looking for the best total", "fair": "looking after the worst-off"}[step]; name != "" {
		step = name
	}
	p.at(step, done, of)
}

// reading counts what is read of a file.
type reading struct {
	io.Reader
	progress *progress
	step     string
	done, of int
}

func (r *reading) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(b)
	r.done += n
	r.progress.at(r.step, r.done, r.of)
	return n, err
}

// read opens a file, "-" for standard input, and gives it to what reads it.
func (p *progress) read(path string, stdin io.Reader, how func(name string, from io.Reader) error) error {
	name, r := path, &reading{Reader: stdin, progress: p}
	if path == "-" {
		name = "standard input"
	} else {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			r.of = int(info.Size())
		}
		r.Reader = f
	}
	r.step = "reading " + name
	return how(name, r)
}

// count is a number as people read it, 36,000.
func count(n int) string {
	s := strconv.Itoa(n)
	for k := len(s) - 3; k > 0 && s[k-1] != '-'; k -= 3 {
		s = s[:k] + "," + s[k:]
	}
	return s
}
