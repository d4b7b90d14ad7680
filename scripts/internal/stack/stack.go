// Package stack runs the whole of Cascade on one machine: the Firestore emulator,
// the relay of its events, every function, the scheduler, the mailbox and the
// gateway, each as its own process.
package stack

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cascading-leadership/cascade/scripts/internal/emulator"
	"github.com/cascading-leadership/cascade/scripts/internal/gateway"
	"github.com/cascading-leadership/cascade/scripts/internal/mailbox"
	"github.com/cascading-leadership/cascade/scripts/internal/ports"
	"github.com/cascading-leadership/cascade/scripts/internal/wiring"
	"github.com/cascading-leadership/cascade/shared/platform/bearer"
	"github.com/cascading-leadership/cascade/shared/platform/cloudevent"
	"github.com/cascading-leadership/cascade/shared/platform/keys"
	"github.com/cascading-leadership/cascade/shared/platform/localissuer"
)

// Functions are all functions, by folder.
var Functions = []string{"enrolment", "participant", "questionnaires", "desk", "evaluation", "matching", "reminders", "outbox"}

// Project is the local Firestore project, and Answers the name of its database of answers.
const (
	Project = "demo-cascade"
	Answers = "answers"
)

// Options are how a stack is run.
type Options struct {
	// Root is the project's folder, Dir the folder for everything that is kept.
	Root, Dir string
	// Port is the gateway's; 0 takes a free one.
	Port int
	// Fresh forgets what was kept.
	Fresh bool
	// Emulator is the HOST:PORT of an emulator that runs already, or "".
	Emulator string
	// Environment is added to every function's, as NAME=VALUE.
	Environment []string
	// Relay and Mailbox are flags of those parts.
	Relay, Mailbox []string
	// Log gets the parts' log lines, Say the progress.
	Log io.Writer
	Say func(string)
}

// Stack is a running stack.
type Stack struct {
	// URL is the gateway's address, Emulator the emulator's HOST:PORT.
	URL, Emulator string
	// Kept reports whether data of an earlier run was found.
	Kept bool

	o     Options
	log   *log
	ports map[string]int
	parts []*process
	key   string
	// answerKey is the one of answers' ids, which the questionnaires function alone gets.
	answerKey string
	// webhookKey is the public key of the mailbox's events.
	webhookKey string
	server     emulator.Server
	release    func()
	saving     sync.Mutex
	ending     chan struct{}
	saved      chan struct{}
}

// minimum is the free space below which a start is refused: programs and data
// need about half of it.
const minimum = 400 << 20

// little is the free space below which data is not kept for want of space.
const little = 20 << 20

// room is the free space in bytes where a folder is, or plenty where it is not told.
func room(dir string) uint64 {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		return 1 << 62
	}
	return disk.Bavail * uint64(disk.Bsize)
}

// Start starts everything and returns when all of it answers. What was started
// is stopped again when a part fails.
func Start(ctx context.Context, o Options) (s *Stack, err error) {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, err
	}
	if room(o.Dir) < minimum {
		return nil, fmt.Errorf("the disk is almost full: %s needs %d MB free", o.Dir, minimum>>20)
	}
	release, err := lock(filepath.Join(o.Dir, "lock"))
	if errors.Is(err, errLocked) {
		return nil, errors.New("./scripts/up runs here already: stop it with Ctrl-C first")
	}
	if err != nil {
		return nil, err
	}
	s = &Stack{o: o, log: &log{out: o.Log}, release: release, ports: map[string]int{}}
	defer func() {
		if err != nil {
			s.Stop()
		}
	}()
	// What may be missing is found out before anything is forgotten or built.
	if err := s.choosePorts(); err != nil {
		return s, err
	}
	if err := s.findEmulator(ctx); err != nil {
		return s, err
	}
	if o.Fresh {
		for _, kept := range []string{"data", "mailbox.jsonl", "clock", "link.key", "answers.key", "webhook.key", "issuer.key"} {
			if err := os.RemoveAll(filepath.Join(o.Dir, kept)); err != nil {
				return s, err
			}
		}
	}
	if err := s.daytime(); err != nil {
		return s, err
	}
	if s.key, err = secretKey(filepath.Join(o.Dir, "link.key")); err != nil {
		return s, err
	}
	if s.answerKey, err = secretKey(filepath.Join(o.Dir, "answers.key")); err != nil {
		return s, err
	}
	if _, s.webhookKey, err = mailbox.Key(s.webhookKeyFile()); err != nil {
		return s, err
	}
	if err := s.build(ctx); err != nil {
		return s, err
	}
	if err := s.startEmulator(ctx); err != nil {
		return s, err
	}
	if err := s.startParts(ctx); err != nil {
		return s, err
	}
	return s, nil
}

// choosePorts finds a free port for each part; the gateway's is the one that was asked for.
func (s *Stack) choosePorts() error {
	for _, name := range append([]string{"gateway", "emulator", "issuer", "relay", "scheduler", "mailbox"}, Functions...) {
		s.ports[name] = ports.Free()
	}
	if want := s.o.Port; want != 0 {
		l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(want))
		if errors.Is(err, syscall.EADDRINUSE) {
			return fmt.Errorf("port %d is taken by another program: stop that, or choose another with --port", want)
		}
		if err != nil {
			return err
		}
		l.Close()
		s.ports["gateway"] = want
	}
	s.URL = "http://" + s.host("gateway")
	return nil
}

func (s *Stack) host(name string) string { return "127.0.0.1:" + strconv.Itoa(s.ports[name]) }

// AnswerKeys are those of answers' ids, as the questionnaires function is given them.
func (s *Stack) AnswerKeys() string { return "local:" + s.answerKey }

// secretKey is a key of the stack's own, made once.
func secretKey(file string) (string, error) {
	if kept, err := os.ReadFile(file); err == nil {
		return strings.TrimSpace(string(kept)), nil
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	text := hex.EncodeToString(key)
	return text, os.WriteFile(file, []byte(text+"\n"), 0o600)
}

// build compiles the functions and the program that the other parts are.
func (s *Stack) build(ctx context.Context) error {
	release, err := s.buildAlone(ctx)
	if err != nil {
		return err
	}
	defer release()
	s.o.Say("building the functions (a minute or two the first time)")
	packages := map[string]string{"local": "./scripts/cmd/up"}
	for _, name := range Functions {
		packages[name] = "./functions/" + name + "/cmd"
	}
	var mu sync.Mutex
	var building errgroup.Group
	building.SetLimit(2)
	var errs []error
	done := 0
	for name, folder := range packages {
		building.Go(func() error {
			c := exec.CommandContext(ctx, "go", "build", "-o", s.program(name), folder)
			c.Dir = s.o.Root
			out, err := c.CombinedOutput()
			mu.Lock()
			defer mu.Unlock()
			if err != nil && ctx.Err() == nil {
				errs = append(errs, fmt.Errorf("%s does not build:\n%s", name, out))
				return nil
			}
			done++
			s.o.Say(fmt.Sprintf("built %s (%d of %d)", name, done, len(packages)))
			return nil
		})
	}
	_ = building.Wait() // their errors are in errs
	return errors.Join(append(errs, ctx.Err())...)
}

// bin is where programs are built: one folder for all stacks of a project, since what
// is up to date there is not linked once more.
func (s *Stack) bin() string { return filepath.Join(s.o.Root, ".cascade", "bin") }

func (s *Stack) program(name string) string { return filepath.Join(s.bin(), name) }

// buildAlone waits until no other stack builds, so that none starts a program that is
// being written.
func (s *Stack) buildAlone(ctx context.Context) (release func(), err error) {
	if err := os.MkdirAll(s.bin(), 0o700); err != nil {
		return nil, err
	}
	for {
		switch release, err := lock(filepath.Join(s.bin(), "lock")); {
		case !errors.Is(err, errLocked):
			return release, err
		case ctx.Err() != nil:
			return nil, ctx.Err()
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// run starts one part and remembers it.
func (s *Stack) run(name string, command func() (*exec.Cmd, error)) error {
	p := &process{name: name, command: command, log: s.log}
	if err := p.start(); err != nil {
		return err
	}
	s.parts = append(s.parts, p)
	return nil
}

// findEmulator finds the emulator that runs already, or what starts one.
func (s *Stack) findEmulator(ctx context.Context) (err error) {
	if s.o.Emulator != "" {
		s.Emulator = s.o.Emulator
		if !s.Client().Ready(ctx) {
			return fmt.Errorf("FIRESTORE_EMULATOR_HOST is set to %s, and nothing answers there: start that emulator, or unset it", s.Emulator)
		}
		return nil
	}
	s.server, err = emulator.Find(ctx, s.o.Say)
	return err
}

// startEmulator starts the emulator with what was kept, unless one runs already.
func (s *Stack) startEmulator(ctx context.Context) error {
	if s.o.Emulator != "" {
		s.o.Say("using the emulator at " + s.Emulator + ": its data stays there, and its events come only if it was started with --functions_emulator; the schedules find what they would have told")
		return nil
	}
	s.Emulator = s.host("emulator")
	s.Kept = s.exported() != ""
	s.o.Say("starting the Firestore emulator")
	s.server.Dir, s.server.Port, s.server.Functions = s.o.Dir, s.ports["emulator"], s.host("relay")
	s.server.Rules = filepath.Join(s.o.Root, "infra", "firestore.rules")
	imported := make(chan error, 1)
	err := s.run("emulator", func() (*exec.Cmd, error) {
		s.server.Data = s.exported() // what was kept last, also when it starts again
		c, err := s.server.Command()
		go func() {
			select {
			case imported <- s.importAnswers(ctx):
			default: // it started again
			}
		}()
		return c, err
	})
	if err != nil {
		return err
	}
	if err := s.await(ctx, "emulator", func() bool { return s.Client().Ready(ctx) }); err != nil {
		return err
	}
	if err := <-imported; err != nil {
		return err
	}
	s.ending, s.saved = make(chan struct{}), make(chan struct{})
	go s.saveNowAndThen()
	return nil
}

// importAnswers gives the emulator, once it answers, what was kept of the database of
// answers: a start takes the data of one database alone.
func (s *Stack) importAnswers(ctx context.Context) error {
	file := s.exportedAnswers()
	if file == "" {
		return nil
	}
	if err := s.await(ctx, "emulator", func() bool { return s.Client().Ready(ctx) }); err != nil {
		return err
	}
	return s.answersClient().Import(ctx, file)
}

// Client talks to the emulator's own endpoints.
func (s *Stack) Client() emulator.Client {
	return emulator.Client{Host: s.Emulator, Project: Project}
}

// answersClient is Client for the database of answers.
func (s *Stack) answersClient() emulator.Client {
	c := s.Client()
	c.Database = Answers
	return c
}

func (s *Stack) startParts(ctx context.Context) error {
	schedules, err := wiring.Schedules(s.o.Root)
	if err != nil {
		return err
	}
	triggers, err := wiring.Triggers(s.o.Root)
	if err != nil {
		return err
	}
	for _, schedule := range schedules {
		if !slices.Contains(Functions, schedule.Function) {
			return fmt.Errorf("infra/schedules.yaml: %s names a function %q that is not there", schedule.Name, schedule.Function)
		}
	}
	for _, t := range triggers {
		if !slices.Contains(Functions, t.Function) {
			return fmt.Errorf("infra/triggers.yaml: %s names a function %q that is not there", t.Name, t.Function)
		}
	}
	s.o.Say("starting the functions")
	local := func(name string, args ...string) error {
		return s.run(name, func() (*exec.Cmd, error) {
			c := exec.Command(s.program("local"), append([]string{name, "--port", strconv.Itoa(s.ports[name])}, args...)...)
			c.Env = append(os.Environ(), "FIRESTORE_EMULATOR_HOST="+s.Emulator, "CASCADE_CLOCK_FILE="+s.clockFile())
			return c, nil
		})
	}
	at := func(name string) string { return name + "=http://" + s.host(name) }
	var routes, events, public []string
	for _, t := range triggers {
		routes = append(routes, "--route", t.Name+"=http://"+s.host(t.Function)+cloudevent.Path)
	}
	for _, name := range Functions {
		events = append(events, "--function", at(name))
	}
	for name := range gateway.Prefixes {
		public = append(public, "--part", at(name))
	}
	if err := local("mailbox", append([]string{"--file", filepath.Join(s.o.Dir, "mailbox.jsonl"), "--key", s.webhookKeyFile(),
		"--events", "http://" + s.host("outbox") + "/webhooks/sendgrid"}, s.o.Mailbox...)...); err != nil {
		return err
	}
	if err := local("issuer", "--key", s.issuerKeyFile()); err != nil {
		return err
	}
	if err := local("relay", append(append(routes, "--key", s.issuerKeyFile()), s.o.Relay...)...); err != nil {
		return err
	}
	for _, name := range Functions {
		if err := s.run(name, func() (*exec.Cmd, error) { return s.function(name), nil }); err != nil {
			return err
		}
	}
	if err := local("scheduler", append(events, "--root", s.o.Root, "--key", s.issuerKeyFile())...); err != nil {
		return err
	}
	if err := local("gateway", public...); err != nil {
		return err
	}
	for _, name := range Functions {
		if err := s.await(ctx, name, func() bool { return answers(ctx, "http://"+s.host(name)+"/health/readiness") }); err != nil {
			return err
		}
	}
	for _, name := range []string{"mailbox", "issuer", "relay", "scheduler", "gateway"} {
		if err := s.await(ctx, name, func() bool { return listens(s.host(name)) }); err != nil {
			return err
		}
	}
	for _, t := range triggers {
		if err := s.Client().Trigger(ctx, t.Name, t.Type, t.Document); err != nil {
			return err
		}
	}
	return nil
}

// AuditKeys are those by which the functions name people in the audit trail.
func (s *Stack) AuditKeys() (keys.Ring, error) { return keys.Audit("", s.key) }

func (s *Stack) webhookKeyFile() string { return filepath.Join(s.o.Dir, "webhook.key") }

func (s *Stack) issuerKeyFile() string { return IssuerKeyFile(s.o.Dir) }

// IssuerKeyFile is where the key stands by which events are signed, below the folder for
// everything that is kept.
func IssuerKeyFile(dir string) string { return filepath.Join(dir, "issuer.key") }

// EventsFrom is whom the functions trust to deliver events.
func (s *Stack) EventsFrom() string { return localissuer.Setting("http://" + s.host("issuer")) }

func (s *Stack) clockFile() string { return filepath.Join(s.o.Dir, "clock") }

// function is how one function is started, with the Functions Framework serving.
func (s *Stack) function(name string) *exec.Cmd {
	c := exec.Command(s.program(name))
	c.Env = append(os.Environ(),
		"FUNCTION_TARGET="+name, "HOST=127.0.0.1", "PORT="+strconv.Itoa(s.ports[name]),
		"GOOGLE_CLOUD_PROJECT="+Project, "FIRESTORE_ANSWERS_DATABASE="+Answers, "FIRESTORE_EMULATOR_HOST="+s.Emulator,
		"CASCADE_PUBLIC_URL="+s.URL, "CASCADE_LINK_KEY="+s.key, "CASCADE_SEAL_KEYS=local:"+s.key, "CASCADE_CLOCK_FILE="+s.clockFile(),
		bearer.Setting+"="+s.EventsFrom(),
		"SENDGRID_API_KEY=local", "SENDGRID_HOST=http://"+s.host("mailbox"), "SENDGRID_WEBHOOK_KEY="+s.webhookKey,
		"CASCADE_SENDER_NAME=Cascading Leadership", "CASCADE_SENDER_EMAIL=programme@example.org",
		// All samples are of one domain, and where the date is moved, days of emails are due in
		// a moment: what had to wait for the next window would miss its day.
		"CASCADE_MAILS_PER_MINUTE=0", "CASCADE_MAILS_PER_MINUTE_AND_DOMAIN=0",
		// All who come are of one machine.
		"CASCADE_FORMS_PER_HOUR_AND_NETWORK=0", "CASCADE_FORMS_PER_HOUR_AND_PROGRAMME=0")
	if name == "questionnaires" {
		c.Env = append(c.Env, "CASCADE_ANSWER_KEYS="+s.AnswerKeys())
	}
	c.Env = append(c.Env, s.o.Environment...)
	return c
}

// await waits until a part answers, and says which does not.
func (s *Stack) await(ctx context.Context, name string, ready func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for !ready() {
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer: see its log lines above", name)
		case <-time.After(50 * time.Millisecond):
		}
	}
	return nil
}

func answers(ctx context.Context, address string) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	response.Body.Close()
	return response.StatusCode == http.StatusOK
}

func listens(host string) bool {
	c, err := net.DialTimeout("tcp", host, time.Second)
	if err != nil {
		return false
	}
	c.Close()
	return true
}

// Environment is what programs need to work on the stack's data: `NAME=VALUE` each.
func (s *Stack) Environment() []string {
	return []string{"FIRESTORE_EMULATOR_HOST=" + s.Emulator, "GOOGLE_CLOUD_PROJECT=" + Project, "CASCADE_CLOCK_FILE=" + s.clockFile(),
		// With the key of the functions what is done in a terminal goes into the audit trail, too.
		"CASCADE_LINK_KEY=" + s.key}
}

// StopPart ends one part with a signal, and StartPart starts it again.
func (s *Stack) StopPart(name string, signal syscall.Signal) { s.part(name).stop(signal) }

// StartPart starts a part that was stopped, and returns when it answers.
func (s *Stack) StartPart(ctx context.Context, name string) error {
	if err := s.part(name).start(); err != nil {
		return err
	}
	return s.await(ctx, name, func() bool { return listens(s.host(name)) })
}

func (s *Stack) part(name string) *process {
	i := slices.IndexFunc(s.parts, func(p *process) bool { return p.name == name })
	return s.parts[i]
}

// Stop ends every part that was started, last first, and keeps the data before
// the emulator ends.
func (s *Stack) Stop() {
	if s.ending != nil {
		close(s.ending)
		<-s.saved
	}
	for _, p := range slices.Backward(s.parts) {
		if p.name == "emulator" {
			s.keep()
		}
		p.stop(syscall.SIGTERM)
	}
	s.release()
}

// saveNowAndThen keeps the data every minute, so that little is lost when the
// machine goes down.
func (s *Stack) saveNowAndThen() {
	defer close(s.saved)
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-s.ending:
			return
		case <-tick.C:
			s.keep()
		}
	}
}

// keep saves the data, and says so when it could not.
func (s *Stack) keep() {
	err := s.save()
	switch {
	case err == nil:
	case room(s.o.Dir) < little:
		s.o.Say(fmt.Sprintf("the disk is full, so that what was done since the last minute is not kept: free some space at %s", s.o.Dir))
	default:
		s.o.Say(fmt.Sprintf("the data could not be kept: %v", err))
	}
}

// save exports the emulator's data, and only when that is whole makes it the
// data that the next start finds.
func (s *Stack) save() error {
	s.saving.Lock()
	defer s.saving.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	dir := filepath.Join(s.o.Dir, "data", strconv.FormatInt(time.Now().UnixNano(), 36))
	file, err := s.Client().Export(ctx, dir)
	if err == nil {
		_, err = s.answersClient().Export(ctx, filepath.Join(dir, Answers))
	}
	if err != nil {
		os.RemoveAll(dir)
		return err
	}
	current := filepath.Join(s.o.Dir, "data", "current")
	before, _ := os.Readlink(current)
	relative, err := filepath.Rel(filepath.Dir(current), file)
	if err != nil {
		return err
	}
	next := current + ".next"
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Symlink(relative, next); err != nil {
		return err
	}
	if err := os.Rename(next, current); err != nil {
		return err
	}
	if folder, _, ok := strings.Cut(before, string(filepath.Separator)); ok {
		return os.RemoveAll(filepath.Join(s.o.Dir, "data", folder))
	}
	return nil
}

// exported is the file to import, or "".
func (s *Stack) exported() string {
	file, err := filepath.EvalSymlinks(filepath.Join(s.o.Dir, "data", "current"))
	if err != nil {
		return ""
	}
	return file
}

// exportedAnswers is the file to import into the database of answers, or "".
func (s *Stack) exportedAnswers() string {
	// …/data/STAMP/data/data.overall_export_metadata, and beside it …/data/STAMP/answers/data/…
	found, _ := filepath.Glob(filepath.Join(filepath.Dir(filepath.Dir(s.exported())), Answers, "data", "*.overall_export_metadata"))
	if s.exported() == "" || len(found) == 0 {
		return ""
	}
	return found[0]
}
