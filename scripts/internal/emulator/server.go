package emulator

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/cascading-leadership/cascade/scripts/internal/ports"
)

// Server is an emulator to start.
type Server struct {
	// Java and Jar are what runs, see Find.
	Java, Jar string
	// Dir is a folder for its settings.
	Dir string
	// Port is the one of 127.0.0.1 on which it listens.
	Port int
	// Functions is the HOST:PORT that gets document events, Data an export to begin
	// with, and Rules a file of security rules. Each can be "".
	Functions, Data, Rules string
}

// Find finds what an emulator is started with, and installs what is missing where
// it can. say gets a line about what takes long.
func Find(ctx context.Context, say func(string)) (s Server, err error) {
	if s.Java, err = findJava(ctx, say); err != nil {
		return s, err
	}
	s.Jar, err = findJar(ctx, cache(), say)
	return s, err
}

// settings are the logging settings: each connection is logged otherwise, and with a
// page of Java's each write whose guard failed, which whoever made it is told.
const settings = "handlers=java.util.logging.ConsoleHandler\n.level=WARNING\n" +
	"com.google.cloud.datastore.emulator.impl.util.WrappedStreamObserver.level=SEVERE\n"

// Command is how to start it.
func (s Server) Command() (*exec.Cmd, error) {
	logging := filepath.Join(s.Dir, "emulator-logging.properties")
	if err := os.WriteFile(logging, []byte(settings), 0o600); err != nil {
		return nil, err
	}
	// It lives for minutes: the compiler for what runs for hours, and a collector with
	// threads of its own, would take the processors from those that ask it.
	args := []string{"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Duser.language=en", "-Djava.util.logging.config.file=" + logging, "-cp", s.Jar, mainClass, "start",
		"--host=127.0.0.1", "--port=" + strconv.Itoa(s.Port)}
	for flag, value := range map[string]string{"functions_emulator": s.Functions, "import-data": s.Data, "rules": s.Rules} {
		if value != "" {
			args = append(args, "--"+flag+"="+value)
		}
	}
	return exec.Command(s.Java, args...), nil
}

// starts is how often a start is tried: another program can take the port first.
const starts = 3

// Start starts it on a free port, in a process group of its own, and returns when
// it answers. stop ends it.
func (s Server) Start(ctx context.Context, project string) (c Client, stop func(), err error) {
	for range starts {
		if c, stop, err = s.start(ctx, project); err == nil || ctx.Err() != nil {
			break
		}
	}
	return c, stop, err
}

func (s Server) start(ctx context.Context, project string) (c Client, stop func(), err error) {
	s.Port = ports.Free()
	c = Client{Host: "127.0.0.1:" + strconv.Itoa(s.Port), Project: project}
	command, err := s.Command()
	if err != nil {
		return c, nil, err
	}
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if err := command.Start(); err != nil {
		return c, nil, err
	}
	ended := make(chan struct{})
	go func() {
		_ = command.Wait()
		close(ended)
	}()
	stop = func() {
		_ = command.Process.Signal(syscall.SIGTERM) // it may have ended
		<-ended
	}
	for deadline := time.Now().Add(time.Minute); !c.Ready(ctx); {
		select {
		case <-ended:
			return c, nil, errors.New("the Firestore emulator ended at its start")
		case <-time.After(50 * time.Millisecond):
		}
		if ctx.Err() != nil || time.Now().After(deadline) {
			stop()
			return c, nil, errors.New("the Firestore emulator does not answer")
		}
	}
	return c, stop, nil
}
