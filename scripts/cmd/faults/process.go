package main

import (
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// process is a real process that is started, killed, stopped and continued by its id.
type process struct {
	name    string
	command func() (*exec.Cmd, error)
	log     string

	mu      sync.Mutex
	running *exec.Cmd
	ended   chan struct{}
}

func newProcess(name, log string, command func() (*exec.Cmd, error)) *process {
	return &process{name: name, log: log, command: command}
}

// start starts it, unless it runs.
func (p *process) start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running != nil {
		return nil
	}
	c, err := p.command()
	if err != nil {
		return err
	}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close() // the process has its own
	c.Stdout, c.Stderr = log, log
	// A group of its own, and never left behind.
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := c.Start(); err != nil {
		return fmt.Errorf("%s could not be started: %w", p.name, err)
	}
	ended := make(chan struct{})
	p.running, p.ended = c, ended
	go func() {
		_ = c.Wait() // how it ended is of no interest here
		p.mu.Lock()
		if p.running == c {
			p.running = nil
		}
		p.mu.Unlock()
		close(ended)
	}()
	return nil
}

// signal sends one to the process.
func (p *process) signal(s syscall.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running == nil {
		return errGone
	}
	return p.running.Process.Signal(s)
}

// wait waits for its end, and says whether it came.
func (p *process) wait(within time.Duration) bool {
	p.mu.Lock()
	running, ended := p.running, p.ended
	p.mu.Unlock()
	if running == nil {
		return true
	}
	select {
	case <-ended:
		return true
	case <-time.After(within):
		return false
	}
}

// kill ends it at once, as kill -9 does.
func (p *process) kill() {
	_ = p.signal(syscall.SIGKILL) // it may have ended
	p.wait(5 * time.Second)
}

// end asks it to end, and kills it where it does not.
func (p *process) end() {
	_ = p.signal(syscall.SIGCONT) // one that was stopped hears nothing
	_ = p.signal(syscall.SIGTERM)
	if !p.wait(5 * time.Second) {
		p.kill()
	}
}
