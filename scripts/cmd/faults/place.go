package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/scripts/cmd/faults/sabotage"
	"github.com/cascading-leadership/cascade/scripts/internal/gateway"
	"github.com/cascading-leadership/cascade/scripts/internal/ports"
	"github.com/cascading-leadership/cascade/scripts/internal/relay"
	"github.com/cascading-leadership/cascade/scripts/internal/wiring"
	"github.com/cascading-leadership/cascade/shared/platform/bearer"
	"github.com/cascading-leadership/cascade/shared/platform/cloudevent"
	"github.com/cascading-leadership/cascade/shared/platform/localissuer"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// The terms that rows run under, so that minutes pass in seconds: each is in the
// environment of every function, beside the emulator alone.
const (
	lease       = 4 * time.Second
	grace       = 6 * time.Second
	sendTimeout = time.Second
)

// place is where one run of a row happens: a project, a provider, and processes.
type place struct {
	*counts
	ground   *ground
	id       string
	dir      string
	project  string
	off      []sabotage.Guard
	random   *dice
	db       *firestore.Client // to look at everything
	store    *store.Store
	answers  *store.Answers
	provider *provider
	relay    *relay.Relay
	door     *http.Server
	url      string // where a request finds any worker of a function
	key      string
	// environment is added to every worker's.
	environment []string
	through     string // the emulator's address for the workers
	programme   *programme.Programme
	closers     []func() // of what a row has put between

	mu      sync.Mutex
	workers map[string][]*worker
	clock   time.Duration
}

// dice are seeded and safe for several.
type dice struct {
	mu sync.Mutex
	r  *mathrand.Rand
}

func (d *dice) n(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.r.IntN(n)
}

// upTo is a random time from 0 to d.
func (d *dice) upTo(most time.Duration) time.Duration {
	if most <= 0 {
		return 0
	}
	return time.Duration(d.n(int(most)))
}

// of is a number from 0 to 1 that belongs to names alone, so that the same seed gives
// the same message the same fate, in whatever order things come.
func (at *place) of(names ...string) float64 {
	h := uint64(14695981039346656037) ^ at.ground.seed
	for _, name := range names {
		for _, b := range []byte(name) {
			h = (h ^ uint64(b)) * 1099511628211
		}
		h = (h ^ 0xff) * 1099511628211
	}
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	return float64(h>>11) / (1 << 53)
}

// worker is one process of a function.
type worker struct {
	*process
	function string
	host     string
	halted   atomic.Bool
}

// halt stops a worker, and resume has it go on.
func (w *worker) halt() error {
	err := w.signal(syscall.SIGSTOP)
	w.halted.Store(err == nil)
	return err
}

func (w *worker) resume() {
	_ = w.signal(syscall.SIGCONT) // it may have been killed meanwhile
	w.halted.Store(false)
}

// place makes one, with a programme in it.
func (g *ground) place(ctx context.Context, id string, c *counts, off []sabotage.Guard) (at *place, err error) {
	at = &place{counts: c, ground: g, id: id, project: "demo-" + strings.ToLower(rand.Text())[:12], off: off,
		workers: map[string][]*worker{}, through: g.host,
		random: &dice{r: mathrand.New(mathrand.NewPCG(g.seed, uint64(len(off))))}}
	name := id
	for _, guard := range off {
		name += "-" + string(guard)
	}
	at.dir = filepath.Join(g.dir, name)
	if err := os.MkdirAll(at.dir, 0o700); err != nil {
		return nil, err
	}
	if at.store, err = store.Open(ctx, at.project, "(default)"); err != nil {
		return nil, err
	}
	if at.answers, err = store.OpenAnswers(ctx, at.project, "answers"); err != nil {
		return nil, err
	}
	if at.db, err = firestore.NewClient(ctx, at.project); err != nil {
		return nil, err
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	at.key = hex.EncodeToString(key)
	at.store.SetAuditKeys(mustRing(at.key).For("audit"))

	p, err := programme.Preset("pilot-2016")
	if err != nil {
		return nil, err
	}
	p.ID, p.Salt = "pilot", at.key
	commit := at.store.Commit()
	commit.CreateProgramme(p)
	if err := commit.Do(ctx); err != nil {
		return nil, err
	}
	at.programme = p

	if at.provider, err = newProvider(at); err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	at.url = "http://" + l.Addr().String()
	at.door = &http.Server{Handler: http.HandlerFunc(at.open), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = at.door.Serve(l) }() // until it is closed
	g.mu.Lock()
	g.places[at.project] = at
	g.mu.Unlock()
	return at, nil
}

// leave ends all that was started, and forgets the data.
func (at *place) leave() {
	at.provider.stop()
	var ending sync.WaitGroup
	for _, w := range at.all("") {
		ending.Go(w.kill)
	}
	ending.Wait()
	for _, end := range at.closers {
		end()
	}
	at.door.Close()
	at.ground.mu.Lock()
	delete(at.ground.places, at.project)
	at.ground.mu.Unlock()
	at.db.Close()
	at.store.Close()
	at.answers.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for _, database := range []string{"(default)", "answers"} {
		r, _ := http.NewRequestWithContext(ctx, http.MethodDelete, "http://"+at.ground.host+"/emulator/v1/projects/"+at.project+"/databases/"+database+"/documents", nil)
		if response, err := http.DefaultClient.Do(r); err == nil { // the emulator keeps all in memory; one that is full fails a later row
			response.Body.Close()
		}
	}
}

// all are the workers of a function, or of all.
func (at *place) all(function string) []*worker {
	at.mu.Lock()
	defer at.mu.Unlock()
	var found []*worker
	for name, workers := range at.workers {
		if function == "" || name == function {
			found = append(found, workers...)
		}
	}
	return found
}

// run starts n more workers of a function, with an environment added to each.
func (at *place) run(ctx context.Context, function string, n int, environment ...[]string) error {
	program, err := at.ground.program(function)
	if err != nil {
		return err
	}
	var started []*worker
	for i := range n {
		port := ports.Free()
		w := &worker{function: function, host: "127.0.0.1:" + strconv.Itoa(port)}
		more := at.environment
		if i < len(environment) {
			more = append(more[:len(more):len(more)], environment[i]...)
		}
		w.process = newProcess(function, filepath.Join(at.dir, fmt.Sprintf("%s-%d.log", function, len(at.all(function))+1)), func() (*exec.Cmd, error) {
			c := exec.Command(program)
			c.Env = append(os.Environ(), at.settings(port)...)
			c.Env = append(c.Env, more...)
			return c, nil
		})
		if err := w.start(); err != nil {
			return err
		}
		at.mu.Lock()
		at.workers[function] = append(at.workers[function], w)
		at.mu.Unlock()
		started = append(started, w)
	}
	for _, w := range started {
		if err := w.ready(ctx); err != nil {
			return err
		}
	}
	return nil
}

// settings are the environment of a worker.
func (at *place) settings(port int) []string {
	var off []string
	for _, guard := range at.off {
		if slices.Contains(sabotage.Guards, guard) { // the others are the rows' own
			off = append(off, string(guard))
		}
	}
	return []string{
		"HOST=127.0.0.1", "PORT=" + strconv.Itoa(port), "GOOGLE_CLOUD_PROJECT=" + at.project, "FIRESTORE_EMULATOR_HOST=" + at.through,
		"CASCADE_PUBLIC_URL=" + at.url, "CASCADE_LINK_KEY=" + at.key, "CASCADE_SEAL_KEYS=local:" + at.key, "CASCADE_ANSWER_KEYS=faults:" + at.key, "CASCADE_CLOCK_FILE=" + at.clockFile(),
		bearer.Setting + "=" + localissuer.Setting(at.ground.keys),
		"SENDGRID_API_KEY=local", "SENDGRID_HOST=" + at.provider.url, "SENDGRID_WEBHOOK_KEY=" + at.provider.public(),
		"CASCADE_SENDER_NAME=Cascade", "CASCADE_SENDER_EMAIL=programme@example.org",
		sabotage.Lease + "=" + lease.String(), sabotage.DoubtGrace + "=" + grace.String(), sabotage.SendTimeout + "=" + sendTimeout.String(),
		// Rows about pacing set these to something.
		"CASCADE_MAILS_PER_MINUTE=0", "CASCADE_MAILS_PER_MINUTE_AND_DOMAIN=0",
		"CASCADE_FORMS_PER_HOUR_AND_NETWORK=0", "CASCADE_FORMS_PER_HOUR_AND_PROGRAMME=0",
		sabotage.Variable + "=" + strings.Join(off, ","),
		"GOMAXPROCS=2", "OTEL_SDK_DISABLED=true",
	}
}

func (at *place) clockFile() string { return filepath.Join(at.dir, "clock") }

// pass moves the programme's date forward.
func (at *place) pass(d time.Duration) error {
	at.mu.Lock()
	defer at.mu.Unlock()
	at.clock += d
	part := at.clockFile() + ".part"
	if err := os.WriteFile(part, []byte(at.clock.String()), 0o600); err != nil {
		return err
	}
	return os.Rename(part, at.clockFile())
}

// now is the programme's time.
func (at *place) now() time.Time {
	at.mu.Lock()
	defer at.mu.Unlock()
	return time.Now().UTC().Truncate(time.Microsecond).Add(at.clock)
}

// atTen sets the programme's date to ten in the morning of a working day, some days
// ahead, where everything may be sent.
func (at *place) atTen() error {
	zone := at.programme.Location()
	day := at.now().In(zone).AddDate(0, 0, 1)
	for day.Weekday() != time.Tuesday {
		day = day.AddDate(0, 0, 1)
	}
	ten := time.Date(day.Year(), day.Month(), day.Day(), 10, 0, 0, 0, zone)
	return at.pass(ten.Sub(at.now()))
}

// listen has the document events of infra/triggers.yaml delivered, as the faults say.
func (at *place) listen(ctx context.Context, faults relay.Faults, functions ...string) error {
	triggers, err := wiring.Triggers(at.ground.root)
	if err != nil {
		return err
	}
	routes := map[string]string{}
	for _, t := range triggers {
		for _, name := range functions {
			if t.Function == name {
				routes[t.Name] = at.inside(t.Function) + cloudevent.Path
			}
		}
	}
	at.relay = relay.New(routes, faults, at.ground.seed, at.ground.issuer)
	for _, t := range triggers {
		if routes[t.Name] == "" {
			continue
		}
		if err := at.ground.client(at.project).Trigger(ctx, t.Name, t.Type, t.Document); err != nil {
			return err
		}
	}
	return nil
}

var within = &http.Client{Timeout: 70 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: 5 * time.Second},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// inside is the address of a function for what is not public, such as events.
func (at *place) inside(function string) string { return at.url + "/-/" + function }

// function finds out for which function a request is, and under which path, as the
// ingress does.
func function(path string) (name, rest string) {
	if inner, ok := strings.CutPrefix(path, "/-/"); ok {
		name, rest, _ := strings.Cut(inner, "/")
		return name, "/" + rest
	}
	for name, prefixes := range gateway.Prefixes {
		for _, prefix := range prefixes {
			if strings.HasPrefix(path, prefix) {
				return name, path
			}
		}
	}
	return "enrolment", path
}

// open hands a request to any worker of its function, as the platform would: what
// finds nobody is answered with 503.
func (at *place) open(w http.ResponseWriter, r *http.Request) {
	name, rest := function(r.URL.Path)
	workers := at.all(name)
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 8<<20))
	if err != nil || len(workers) == 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	// One that stands still would not pass the platform's probe.
	if awake := slices.DeleteFunc(slices.Clone(workers), func(w *worker) bool { return w.halted.Load() }); len(awake) > 0 {
		workers = awake
	}
	to := workers[at.random.n(len(workers))]
	request, err := http.NewRequestWithContext(r.Context(), r.Method, "http://"+to.host+rest, bytes.NewReader(body))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	request.URL.RawQuery = r.URL.RawQuery
	request.Header = r.Header.Clone()
	response, err := within.Do(request)
	if err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	defer response.Body.Close()
	for name, values := range response.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(response.StatusCode)
	_, _ = io.Copy(w, response.Body) // whoever asked went away
}

// ready waits until a worker answers: that a connection is made is not enough, since one
// to a port where nobody listens yet can meet itself.
func (w *worker) ready(ctx context.Context) error {
	client := http.Client{Timeout: time.Second}
	return until(ctx, 20*time.Second, w.function+" answers (see "+w.log+")", func() bool {
		response, err := client.Get("http://" + w.host + "/health/liveness")
		if err != nil {
			return false
		}
		response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
}

// tick fires a schedule at any worker of its function.
func (at *place) tick(ctx context.Context, function, schedule string) error {
	return at.tickAt(ctx, at.inside(function)+cloudevent.Path, schedule)
}

func (at *place) tickAt(ctx context.Context, address, schedule string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(`{"schedule":"`+schedule+`"}`))
	if err != nil {
		return err
	}
	h := request.Header
	h.Set("ce-specversion", "1.0")
	h.Set("ce-id", rand.Text())
	h.Set("ce-type", cloudevent.ScheduleType)
	h.Set("ce-source", "/apis/v1/namespaces/cascade/pingsources/"+schedule)
	h.Set("Content-Type", "application/json")
	at.ground.issuer.Sign(h, localissuer.Scheduler)
	response, err := within.Do(request)
	if err != nil {
		return err
	}
	response.Body.Close()
	if response.StatusCode >= 300 {
		return fmt.Errorf("%s: %s", schedule, response.Status)
	}
	return nil
}

// sweeping fires a schedule again and again, each tick at another worker and without
// waiting for the one before, until the context ends.
func (at *place) sweeping(ctx context.Context, function, schedule string, every time.Duration, atOnce int) *sync.WaitGroup {
	var all sync.WaitGroup
	for range atOnce {
		all.Go(func() {
			for pause(ctx, every) {
				_ = at.tick(ctx, function, schedule) // a worker that died; the next tick finds what it left
			}
		})
	}
	return &all
}

// snapshot reads collections at one moment: a checker with several moments reports
// what never was.
func (at *place) snapshot(ctx context.Context, collections ...string) (map[string][]*firestore.DocumentSnapshot, time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	all := map[string][]*firestore.DocumentSnapshot{}
	var read time.Time
	err := at.db.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		for _, name := range collections {
			found, err := tx.Documents(at.db.CollectionGroup(name)).GetAll()
			if err != nil {
				return err
			}
			all[name] = found
			for _, d := range found {
				read = d.ReadTime
			}
		}
		return nil
	}, firestore.ReadOnly)
	return all, read, err
}

// settled waits until no message moves on by itself.
func (at *place) settled(ctx context.Context, most time.Duration, owed int) error {
	if len(at.off) > 0 {
		most = min(most, 25*time.Second) // a twin may leave some for ever
	}
	left := math.MaxInt
	err := until(ctx, most, "every message is at its end", func() bool {
		if !pause(ctx, 200*time.Millisecond) {
			return false
		}
		found, err := at.db.Collection("outbox").Select("state").Documents(ctx).GetAll()
		if err != nil {
			return false
		}
		left = max(0, owed-len(found))
		for _, d := range found {
			if s, _ := d.DataAt("state"); !final(fmt.Sprint(s)) {
				left++
			}
		}
		return left == 0
	})
	if err != nil && ctx.Err() == nil && left < math.MaxInt {
		// That is for the check to say, with what became of each.
		at.count("not at their end", left)
		return nil
	}
	return err
}

func final(state string) bool { return state == "sent" || state == "unwanted" || state == "set aside" }
