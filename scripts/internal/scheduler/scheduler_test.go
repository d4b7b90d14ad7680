package scheduler_test

import (
	"context"
	"fmt"
	"html"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/scripts/internal/scheduler"
	"github.com/cascading-leadership/cascade/scripts/internal/wiring"
	"github.com/cascading-leadership/cascade/shared/platform/bearer"
	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/cloudevent"
	"github.com/cascading-leadership/cascade/shared/platform/localissuer"
	"github.com/cascading-leadership/cascade/shared/schedule"
)

const day = 24 * time.Hour

// tick is one event as a function got it.
type tick struct {
	function, schedule string
	header             http.Header
	body               string
	// said is the event's own time, read the programme's as the function reads it.
	said, read time.Time
}

// local is a scheduler with the functions that it wakes.
type local struct {
	*scheduler.Scheduler
	t    *testing.T
	file string
	// servers are the functions by name.
	servers map[string]*httptest.Server

	mu    sync.Mutex
	ticks []tick
	// broken are the functions that answer with this status instead.
	broken map[string]int
}

// begin makes a scheduler in whose programme it is a certain time.
func begin(t *testing.T, schedules []wiring.Schedule, at time.Time) *local {
	t.Helper()
	l := &local{t: t, file: filepath.Join(t.TempDir(), "clock"), servers: map[string]*httptest.Server{}, broken: map[string]int{}}
	if err := os.WriteFile(l.file, []byte(time.Until(at).String()), 0o600); err != nil {
		t.Fatal(err)
	}
	issuer := localissuer.New()
	keys := httptest.NewServer(issuer)
	t.Cleanup(keys.Close)
	trusted, err := bearer.Parse(localissuer.Setting(keys.URL))
	if err != nil {
		t.Fatal(err)
	}
	deliverers, err := bearer.New(trusted, clock.Real)
	if err != nil {
		t.Fatal(err)
	}
	urls := map[string]string{}
	for _, s := range schedules {
		if urls[s.Function] == "" {
			l.servers[s.Function] = l.function(s.Function, schedules, deliverers)
			urls[s.Function] = l.servers[s.Function].URL + cloudevent.Path
		}
	}
	if l.Scheduler, err = scheduler.New(schedules, urls, issuer, l.file, "emulator"); err != nil {
		t.Fatal(err)
	}
	return l
}

// function is a server that takes events as every function does: of whom it trusts.
func (l *local) function(name string, schedules []wiring.Schedule, deliverers *bearer.Verifier) *httptest.Server {
	now, err := clock.New(l.file, "emulator")
	if err != nil {
		l.t.Fatal(err)
	}
	server := httptest.NewServer(deliverers.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		said, _ := time.Parse(time.RFC3339Nano, r.Header.Get("ce-time"))
		got := tick{function: name, header: r.Header.Clone(), body: string(body), said: said, read: now()}
		l.mu.Lock()
		status := l.broken[name]
		l.mu.Unlock()
		if status != 0 {
			w.WriteHeader(status)
			return
		}
		ticks := map[schedule.Name]func(context.Context) error{}
		for _, s := range schedules {
			ticks[schedule.Name(s.Name)] = func(context.Context) error {
				l.mu.Lock()
				defer l.mu.Unlock()
				got.schedule = s.Name
				l.ticks = append(l.ticks, got)
				return nil
			}
		}
		cloudevent.Handlers{Schedules: ticks}.Handler().ServeHTTP(w, r)
	})))
	l.t.Cleanup(server.Close)
	return server
}

// answer makes a function answer with a status; 0 makes it well again.
func (l *local) answer(function string, status int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.broken[function] = status
}

// heard are the events since the last call.
func (l *local) heard() []tick {
	l.mu.Lock()
	defer l.mu.Unlock()
	ticks := l.ticks
	l.ticks = nil
	return ticks
}

// names are how often each schedule fired since the last call.
func (l *local) names() map[string]int {
	names := map[string]int{}
	for _, t := range l.heard() {
		names[t.schedule]++
	}
	return names
}

func (l *local) forward(by time.Duration) {
	l.t.Helper()
	if err := l.Forward(l.t.Context(), by); err != nil {
		l.t.Fatal(err)
	}
}

// is fails unless it is a certain time in the programme.
func (l *local) is(what string, want time.Time) {
	l.t.Helper()
	if late := l.Now().Sub(want); late.Abs() > 30*time.Second {
		l.t.Errorf("%s: it is %v, want %v", what, l.Now(), want)
	}
}

// committed are the project's schedules.
func committed(t *testing.T) []wiring.Schedule {
	t.Helper()
	all, err := wiring.Schedules("../../..")
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// schedules are read as the project's are, from lines of name, cron, zone and function.
func schedules(t *testing.T, lines ...string) []wiring.Schedule {
	t.Helper()
	text := "schedules:\n"
	for _, line := range lines {
		f := strings.Split(line, ", ")
		text += fmt.Sprintf("  - {name: %s, cron: %q, timezone: %s, function: %s, why: to see}\n", f[0], f[1], f[2], f[3])
	}
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "infra"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "infra", "schedules.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	all, err := wiring.Schedules(dir)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// monday is one at ten past twelve, four weeks before the clocks go forward on the
// last day but one: the date moves in steps of three hours from there.
var monday = time.Date(2026, 3, 2, 12, 10, 0, 0, time.UTC)

// What comes due more than once in a step fires once: each time all that waits is
// done. Everything else fires as often as its cron says.
func TestForwardFiresWhatComesDueOnTheWay(t *testing.T) {
	t.Parallel()
	all := append(committed(t), schedules(t,
		"weekly, 0 9 * * 1, Europe/London, weekly",
		"twice-a-day, 0 8-20/12 * * *, Europe/London, often",
		"in-new-york, 0 6 * * *, America/New_York, often",
		"monthly, 0 0 15 * *, UTC, weekly",
		"yearly, 0 0 1 1 *, UTC, weekly",
	)...)
	l := begin(t, all, monday)
	l.forward(28 * day)
	l.is("after four weeks", monday.Add(28*day))

	const steps = 28 * 8
	ticks := l.heard()
	got := map[string]int{}
	for _, tick := range ticks {
		got[tick.schedule]++
	}
	want := map[string]int{
		"outbox-sweep": steps, "reminders-tick": steps, "erasure-sweep": steps, "retention-sweep": steps, "audit-seal": steps, "questionnaires-sweep": steps,
		"matching-run": 20, "weekly": 4, "twice-a-day": 56, "in-new-york": 28, "monthly": 1,
	}
	if !maps.Equal(got, want) {
		t.Errorf("fired %v, want %v", got, want)
	}

	var moment time.Time
	sweeping := false
	for i, tick := range ticks {
		if tick.said.Before(moment) {
			t.Errorf("%s fires at %v, after what was at %v", tick.schedule, tick.said, moment)
		}
		if tick.said.Sub(moment) > time.Hour {
			if i > 0 && !sweeping {
				t.Errorf("nothing was sent at %v", moment)
			}
			moment, sweeping = tick.said, false
		}
		if sweeping {
			t.Errorf("%s fires at %v after the outbox was swept", tick.schedule, tick.said)
		}
		sweeping = tick.function == "outbox"
		// The functions live in the moment of which they are told.
		if tick.read.Sub(tick.said).Abs() > 30*time.Second {
			t.Errorf("%s is told of %v and reads %v", tick.schedule, tick.said, tick.read)
		}
		for _, s := range all {
			if s.Name != tick.schedule {
				continue
			}
			// It was due within the step that ends now, and no earlier one.
			if due := s.Next(tick.said.Add(-3*time.Hour - 30*time.Second)); due.After(tick.said) {
				t.Errorf("%s fires at %v, due at %v", tick.schedule, tick.said, due)
			}
		}
	}
}

// As Knative's PingSource sends it.
func TestTicksAreCloudEventsOfAPingSource(t *testing.T) {
	t.Parallel()
	l := begin(t, committed(t), monday)
	ids := map[string]bool{}
	for _, s := range l.Schedules() {
		for range 2 {
			if err := l.Fire(t.Context(), s.Name); err != nil {
				t.Fatal(err)
			}
		}
		got := l.heard()
		if len(got) != 2 {
			t.Fatalf("%s: %d events", s.Name, len(got))
		}
		for _, tick := range got {
			if tick.schedule != s.Name || tick.function != s.Function {
				t.Errorf("%s of %s came as %s to %s", s.Name, s.Function, tick.schedule, tick.function)
			}
			for name, want := range map[string]string{
				"Ce-Specversion": "1.0", "Ce-Type": "dev.knative.sources.ping", "Ce-Source": "/apis/v1/namespaces/cascade/pingsources/" + s.Name,
				"Content-Type": "application/json",
			} {
				if tick.header.Get(name) != want {
					t.Errorf("%s: %s is %q, want %q", s.Name, name, tick.header.Get(name), want)
				}
			}
			if id := tick.header.Get("Ce-Id"); id == "" || ids[id] {
				t.Errorf("%s: the id %q is none, or another's", s.Name, id)
			}
			ids[tick.header.Get("Ce-Id")] = true
			if tick.said.Sub(monday).Abs() > 30*time.Second || tick.body != `{"schedule":"`+s.Name+`"}` {
				t.Errorf("%s: at %v with %s", s.Name, tick.said, tick.body)
			}
		}
	}
	if err := l.Fire(t.Context(), "nonsense"); err == nil || !strings.Contains(err.Error(), `"nonsense"`) {
		t.Errorf("an unknown schedule: %v", err)
	}
}

func TestOutboxIsSweptAfterAllOthers(t *testing.T) {
	t.Parallel()
	l := begin(t, schedules(t, "z, * * * * *, UTC, z", "sweep, * * * * *, UTC, outbox", "b, * * * * *, UTC, b", "again, * * * * *, UTC, outbox", "a, * * * * *, UTC, a"), monday)
	var names []string
	for _, s := range l.Schedules() {
		names = append(names, s.Name)
	}
	if want := []string{"z", "b", "a", "sweep", "again"}; !slices.Equal(names, want) {
		t.Errorf("the order is %v, want %v", names, want)
	}
}

// The date stays where something was not taken; whatever else was due then fired,
// and what failed comes at its next turn.
func TestFailureOnTheWayIsNamed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{500, 503, 404} {
		l := begin(t, committed(t), monday)
		l.answer("reminders", status)
		err := l.Forward(t.Context(), 7*day)
		for _, want := range []string{"reminders-tick", "reminders answered", fmt.Sprint(status)} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("the error %v does not say %q", err, want)
			}
		}
		l.is("after a failure", monday.Add(3*time.Hour))
		if got, want := l.names(), map[string]int{"outbox-sweep": 1, "audit-seal": 1, "questionnaires-sweep": 1}; !maps.Equal(got, want) {
			t.Errorf("fired %v, want %v", got, want)
		}
		l.answer("reminders", 0)
		l.forward(3 * time.Hour)
		l.is("once it is well again", monday.Add(6*time.Hour))
		if got, want := l.names(), map[string]int{"reminders-tick": 1, "erasure-sweep": 1, "retention-sweep": 1, "outbox-sweep": 1, "audit-seal": 1, "questionnaires-sweep": 1}; !maps.Equal(got, want) {
			t.Errorf("then fired %v, want %v", got, want)
		}
	}

	l := begin(t, committed(t), monday)
	l.servers["questionnaires"].Close()
	l.answer("reminders", 500)
	err := l.Forward(t.Context(), day)
	for _, want := range []string{"questionnaires-sweep", "connection refused", "reminders-tick"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("two failures: the error %v does not say %q", err, want)
		}
	}
}

func TestDateIsMovedByUpToAYear(t *testing.T) {
	t.Parallel()
	l := begin(t, schedules(t, "minutely, * * * * *, UTC, a"), monday)
	for _, by := range []time.Duration{-1, -day, 366*day + 1, 10000 * day} {
		if err := l.Forward(t.Context(), by); err == nil || !strings.Contains(err.Error(), "up to a year") {
			t.Errorf("by %v: %v", by, err)
		}
	}
	l.forward(0)
	l.is("moved by nothing", monday)
	l.forward(90 * time.Minute) // less than a step
	l.is("moved by a step's part", monday.Add(90*time.Minute))
	// A year would take a while here: that it begins says that it is allowed.
	l.answer("a", 500)
	if err := l.Forward(t.Context(), 366*day); err == nil || !strings.Contains(err.Error(), "a answered 500") {
		t.Errorf("by a year: %v", err)
	}
}

// Functions read the file at any time: there is never half of it to read.
func TestClockIsWrittenWhole(t *testing.T) {
	t.Parallel()
	l := begin(t, schedules(t, "monthly, 0 0 15 * *, UTC, monthly"), monday)
	moved := make(chan struct{})
	go func() {
		defer close(moved)
		if err := l.Forward(t.Context(), 30*day); err != nil {
			t.Error(err)
		}
	}()
	var before time.Duration
	for reads, end := 0, false; !end; reads++ {
		select {
		case <-moved:
			end = true
		default:
		}
		text, err := os.ReadFile(l.file)
		if err != nil {
			t.Fatal(err)
		}
		offset, err := time.ParseDuration(strings.TrimSpace(string(text)))
		if err != nil || offset < before-time.Second && before != 0 {
			t.Fatalf("read %d: %q after %v: %v", reads, text, before, err)
		}
		before = offset
	}
	if files, err := os.ReadDir(filepath.Dir(l.file)); err != nil || len(files) != 1 {
		t.Errorf("files %v are left, %v", files, err)
	}
	if c, err := clock.New(l.file, "emulator"); err != nil || c().Sub(monday.Add(30*day)).Abs() > 30*time.Second {
		t.Errorf("a function reads %v, %v", c(), err)
	}

	if err := os.RemoveAll(filepath.Dir(l.file)); err != nil {
		t.Fatal(err)
	}
	if err := l.Forward(t.Context(), day); err == nil || !strings.Contains(err.Error(), "could not be kept") {
		t.Errorf("without a folder: %v", err)
	}
}

// A double click moves the date twice, one moment after the other.
func TestMovesAtOnceFollowEachOther(t *testing.T) {
	t.Parallel()
	l := begin(t, committed(t), monday)
	var movers sync.WaitGroup
	for range 4 {
		movers.Go(func() {
			if err := l.Forward(t.Context(), day); err != nil {
				t.Error(err)
			}
		})
		movers.Go(func() {
			if err := l.Fire(t.Context(), "matching-run"); err != nil {
				t.Error(err)
			}
		})
	}
	movers.Wait()
	l.is("moved four times", monday.Add(4*day))
	if got := l.names(); got["outbox-sweep"] != 32 || got["matching-run"] != 4+4 {
		t.Errorf("fired %v", got)
	}
}

// Beside all moving, schedules fire as real time goes by.
func TestSchedulesFireAsTimePasses(t *testing.T) {
	t.Parallel()
	all := schedules(t, "minutely, * * * * *, UTC, a", "yearly, 0 0 1 1 *, UTC, b")
	l := begin(t, all, time.Date(2026, 3, 2, 12, 0, 59, 500e6, time.UTC))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); l.Run(ctx) }()
	var got []tick
	for end := time.Now().Add(20 * time.Second); len(got) == 0 && time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		got = l.heard()
	}
	stop()
	<-ended
	if got = append(got, l.heard()...); len(got) != 1 || got[0].schedule != "minutely" || got[0].said.Minute() != 1 {
		t.Errorf("fired %+v", got)
	}
}

func TestDateIsMovedOnlyBesideTheEmulator(t *testing.T) {
	t.Parallel()
	if _, err := scheduler.New(nil, nil, localissuer.New(), filepath.Join(t.TempDir(), "clock"), ""); err == nil || !strings.Contains(err.Error(), "FIRESTORE_EMULATOR_HOST") {
		t.Errorf("without the emulator: %v", err)
	}
}

// page asks for a page of the scheduler, with a header's names and values in turn.
func (l *local) page(method, path string, form url.Values, header ...string) *httptest.ResponseRecorder {
	l.t.Helper()
	h, err := l.Handler()
	if err != nil {
		l.t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(l.t.Context(), method, "http://127.0.0.1:8080"+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for pair := range slices.Chunk(header, 2) {
		r.Header.Set(pair[0], pair[1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestPageMovesTheDateAndRunsSchedules(t *testing.T) {
	t.Parallel()
	l := begin(t, committed(t), time.Now())
	shows := func(want ...string) {
		t.Helper()
		w := l.page("GET", "/local/", nil)
		for _, text := range want {
			if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), text) {
				t.Errorf("status %d, and the page lacks %q", w.Code, text)
			}
		}
		if strings.Contains(w.Body.String(), "ahead") != strings.Contains(strings.Join(want, ""), "ahead") {
			t.Error("the page is wrong about whether the date was moved")
		}
	}
	var rows []string
	for _, s := range committed(t) {
		rows = append(rows, html.EscapeString(s.Why), html.EscapeString(s.Cron+" "+s.Timezone), `name="schedule" value="`+s.Name+`"`)
	}
	shows(append(rows, l.Now().Format("Monday 2 January 2006"), `name="days" value="7"`)...)

	began := l.Now()
	for _, row := range []struct{ days, ahead string }{{"1", ", 1 day ahead"}, {"6", ", 7 days ahead"}} {
		w := l.page("POST", "/local/forward", url.Values{"days": {row.days}}, "Sec-Fetch-Site", "same-origin")
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/local/" {
			t.Errorf("%s days: status %d to %q: %s", row.days, w.Code, w.Header().Get("Location"), w.Body)
		}
		shows(row.ahead, l.Now().Format("Monday 2 January 2006"))
	}
	l.is("moved on the page", began.Add(7*day))
	l.heard()

	if w := l.page("POST", "/local/run", url.Values{"schedule": {"matching-run"}}); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/local/" {
		t.Errorf("run: status %d: %s", w.Code, w.Body)
	}
	if got := l.names(); got["matching-run"] != 1 || len(got) != 1 {
		t.Errorf("ran %v", got)
	}
}

func TestPageSaysWhatItRefuses(t *testing.T) {
	t.Parallel()
	l := begin(t, committed(t), monday)
	l.answer("matching", 500)
	days := func(n string) url.Values { return url.Values{"days": {n}} }
	run := func(name string) url.Values { return url.Values{"schedule": {name}} }
	const bounds = "Move the date by 1 to 366 days."
	for _, row := range []struct {
		name, method, path string
		form               url.Values
		header             []string
		status             int
		says               string
	}{
		{"no days", "POST", "/local/forward", days("0"), nil, 409, bounds},
		{"backwards", "POST", "/local/forward", days("-1"), nil, 409, bounds},
		{"more than a year", "POST", "/local/forward", days("367"), nil, 409, bounds},
		{"more than a number holds", "POST", "/local/forward", days("99999999999999999999"), nil, 409, bounds},
		{"days enough to begin anew", "POST", "/local/forward", days("213504"), nil, 409, bounds},
		{"a word", "POST", "/local/forward", days("x"), nil, 409, bounds},
		{"half a day", "POST", "/local/forward", days("0.5"), nil, 409, bounds},
		{"nothing", "POST", "/local/forward", nil, nil, 409, bounds},
		{"days in the address", "POST", "/local/forward?days=1", nil, nil, 409, bounds},
		{"an unknown schedule", "POST", "/local/run", run("<script>"), nil, 409, "there is no schedule &#34;&lt;script&gt;&#34;"},
		{"no schedule", "POST", "/local/run", nil, nil, 409, "there is no schedule"},
		{"a function that fails", "POST", "/local/run", run("matching-run"), nil, 409, "matching-run: matching answered 500"},

		{"another site's move", "POST", "/local/forward", days("1"), []string{"Sec-Fetch-Site", "cross-site"}, 403, ""},
		{"another site's run", "POST", "/local/run", run("outbox-sweep"), []string{"Sec-Fetch-Site", "cross-site"}, 403, ""},
		{"another program's page on this machine", "POST", "/local/forward", days("1"), []string{"Sec-Fetch-Site", "same-site"}, 403, ""},
		{"an old browser on another site", "POST", "/local/run", run("outbox-sweep"), []string{"Origin", "https://elsewhere.example.org"}, 403, ""},
		{"a link", "GET", "/local/forward?days=1", nil, nil, 405, "does not take"},
		{"JSON", "POST", "/local/forward", days("1"), []string{"Content-Type", "application/json"}, 415, ""},
		{"an unknown page", "GET", "/local/nowhere", nil, nil, 404, "Page not found"},
	} {
		w := l.page(row.method, row.path, row.form, row.header...)
		if w.Code != row.status || !strings.Contains(w.Body.String(), row.says) {
			t.Errorf("%s: status %d, want %d saying %q", row.name, w.Code, row.status, row.says)
		}
	}
	l.is("refused", monday)
	if got := l.names(); len(got) > 0 {
		t.Errorf("fired %v", got)
	}

	l.answer("reminders", 500)
	if w := l.page("POST", "/local/forward", days("7")); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "reminders-tick: reminders answered 500") || !strings.Contains(w.Body.String(), "next turn") {
		t.Errorf("a failure on the way: status %d: %s", w.Code, w.Body)
	}
}
