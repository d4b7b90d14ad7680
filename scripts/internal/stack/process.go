package stack

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is one part of the stack, which is started again when it ends by
// itself, as the platform would.
type process struct {
	name string
	// command makes it anew for each start.
	command func() (*exec.Cmd, error)
	log     *log

	mu      sync.Mutex
	running *exec.Cmd
	ended   chan struct{} // closed when running has ended
	wanted  bool
}

// start starts the process.
func (p *process) start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wanted = true
	return p.launch()
}

func (p *process) launch() error {
	c, err := p.command()
	if err != nil {
		return fmt.Errorf("%s could not be started: %w", p.name, err)
	}
	out := p.log.of(p.name)
	c.Stdout, c.Stderr = out, out
	// In a group of its own, so that Ctrl-C reaches only the one that started it
	// and everything ends in order; and never left behind when that one is killed.
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if err := c.Start(); err != nil {
		return fmt.Errorf("%s could not be started: %w", p.name, err)
	}
	ended := make(chan struct{})
	p.running, p.ended = c, ended
	go func() {
		err := c.Wait()
		out.flush()
		close(ended)
		p.mu.Lock()
		defer p.mu.Unlock()
		if !p.wanted {
			return
		}
		p.log.say(p.name, "ended by itself (%v) and is started again", err)
		time.AfterFunc(time.Second, func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			if p.wanted {
				if err := p.launch(); err != nil {
					p.log.say(p.name, "%v", err)
				}
			}
		})
	}()
	return nil
}

// stop ends the process with a signal and waits; one that does not end within a
// while is killed.
func (p *process) stop(signal syscall.Signal) {
	p.mu.Lock()
	p.wanted = false
	running, ended := p.running, p.ended
	p.mu.Unlock()
	if running == nil {
		return
	}
	_ = running.Process.Signal(signal) // it may have ended already
	select {
	case <-ended:
	case <-time.After(25 * time.Second):
		_ = running.Process.Kill()
		<-ended
	}
}

// log writes the lines of all parts, each behind its name.
type log struct {
	mu  sync.Mutex
	out io.Writer
}

func (l *log) say(name, format string, args ...any) { l.line(name, fmt.Sprintf(format, args...)) }

func (l *log) line(name, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(l.out, "%-14s | %s\n", name, text)
}

// of is a writer for one part's output.
func (l *log) of(name string) *lines {
	r, w := io.Pipe()
	out := &lines{w: w, done: make(chan struct{})}
	go func() {
		defer close(out.done)
		scan := bufio.NewScanner(r)
		scan.Buffer(nil, 1<<20)
		for scan.Scan() {
			l.line(name, readable(scan.Text()))
		}
		_, _ = io.Copy(io.Discard, r) // a line beyond the buffer: never block the part
	}()
	return out
}

type lines struct {
	w    *io.PipeWriter
	done chan struct{}
}

func (l *lines) Write(b []byte) (int, error) { return l.w.Write(b) }
func (l *lines) flush()                      { l.w.Close(); <-l.done }

// readable makes of a structured log line one that is read at a glance; any
// other line stays as it is.
func readable(line string) string {
	var fields map[string]any
	if json.Unmarshal([]byte(line), &fields) != nil || fields["msg"] == nil {
		return line
	}
	b := new(strings.Builder)
	if level := fields["level"]; level != "INFO" {
		fmt.Fprintf(b, "%v ", level)
	}
	fmt.Fprint(b, fields["msg"])
	for _, k := range slices.Sorted(maps.Keys(fields)) {
		switch k {
		case "time", "level", "msg", "service", "span_id":
		default:
			fmt.Fprintf(b, " %s=%v", k, fields[k])
		}
	}
	return b.String()
}

// errLocked is that another stack holds a lock.
var errLocked = errors.New("another holds the lock")

// lock holds a file's lock, which one stack at a time can.
func lock(file string) (release func(), err error) {
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errLocked
		}
		return nil, err
	}
	return func() { f.Close() }, nil
}
