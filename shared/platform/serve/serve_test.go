package serve_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/platform/bearer"
	"github.com/cascading-leadership/cascade/shared/platform/cloudevent"
	"github.com/cascading-leadership/cascade/shared/platform/localissuer"
	"github.com/cascading-leadership/cascade/shared/platform/openid/openidtest"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/schedule"
)

// asFunction makes this test's program a function's process.
const asFunction = "CASCADE_TEST_SERVES"

// key is one that was made at random.
const key = "7f38205932975761ae4f34549890447f994cbd67ffa12cbe870e9ec7b7ac8a16"

// secret stands for what a panic's value may hold.
const secret = "alex@example.org"

func TestMain(m *testing.M) {
	if name := os.Getenv(asFunction); name != "" {
		serve.Register(name, sample)
		serve.Main()
	}
	os.Exit(m.Run())
}

// sample is a function whose answers a test can hold back.
func sample(_ context.Context, rt *serve.Runtime) (http.Handler, error) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /programme", func(w http.ResponseWriter, r *http.Request) {
		p, err := rt.Store.Programme(r.Context(), "pilot")
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprint(w, p.Name)
	})
	mux.HandleFunc("GET /panic", func(http.ResponseWriter, *http.Request) { panic(secret) })
	events := serve.NewRoutes(rt, nil)
	events.Machine("POST "+cloudevent.Path, access.Events, cloudevent.Handlers{Schedules: map[schedule.Name]func(context.Context) error{
		schedule.OutboxSweep: func(context.Context) error { return nil },
	}}.Handler())
	mux.Handle(cloudevent.Path, events)
	// Says that it is under way, and answers once the body has come to its end.
	mux.HandleFunc("POST /slow", func(w http.ResponseWriter, r *http.Request) {
		c := http.NewResponseController(w)
		_ = c.EnableFullDuplex()
		fmt.Fprintln(w, "under way")
		_ = c.Flush()
		n, err := io.Copy(io.Discard, r.Body)
		fmt.Fprintf(w, "all %d bytes, %v", n, err)
	})
	return mux, nil
}

// process is a running function.
type process struct {
	*exec.Cmd
	url   string
	log   *lines
	ended chan error
}

// lines is a process's log.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// start starts the function's process with an environment of the test's own.
func start(t *testing.T, environment ...string) *process {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	l.Close()
	p := &process{exec.Command(program), "http://" + address, new(lines), make(chan error, 1)}
	p.Env = append([]string{asFunction + "=sample", "HOST=127.0.0.1", "PORT=" + port,
		"FIRESTORE_EMULATOR_HOST=" + os.Getenv("FIRESTORE_EMULATOR_HOST"),
		"CASCADE_PUBLIC_URL=https://programme.example.org", "CASCADE_LINK_KEY=" + key,
		bearer.Setting + "=" + testbed.EventsFrom()}, environment...)
	p.Stderr = p.log
	p.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.ended <- p.Wait() }()
	t.Cleanup(func() {
		_ = p.Process.Kill() // it may have ended
	})
	return p
}

// end waits for the process's end, which is an error where it said so.
func (p *process) end(t *testing.T) error {
	t.Helper()
	select {
	case err := <-p.ended:
		return err
	case <-time.After(30 * time.Second):
		t.Fatalf("the process does not end:\n%s", p.log)
		return nil
	}
}

// ready waits until the process answers.
func (p *process) ready(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; {
		response, err := http.Get(p.url + "/health/readiness")
		if err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("the process does not become ready:\n%s", p.log)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (p *process) get(t *testing.T, path string) (int, string, http.Header) {
	t.Helper()
	response, err := http.Get(p.url + path)
	if err != nil {
		t.Fatalf("%v\n%s", err, p.log)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body), response.Header
}

// The ways to serve: as the Functions Framework does where a target is named, and
// as a container does.
var ways = map[string][]string{"the Functions Framework": {"FUNCTION_TARGET=sample"}, "a container": nil}

// A function is the same function wherever it runs.
func TestBothWaysToServeKeepOneContract(t *testing.T) {
	t.Parallel()
	for way, environment := range ways {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			bed := testbed.New(t)
			p := start(t, append(environment, "GOOGLE_CLOUD_PROJECT="+bed.Project)...)
			p.ready(t)

			status, body, header := p.get(t, "/programme")
			if status != 200 || body != bed.Programme.Name || header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%d %q with %v", status, body, header)
			}
			if status, _, _ := p.get(t, "/health/liveness"); status != 200 {
				t.Errorf("liveness: %d", status)
			}
			if status, _, _ := p.get(t, "/nothing"); status != 404 {
				t.Errorf("an unknown path: %d", status)
			}
			status, body, _ = p.get(t, "/panic")
			if status != 500 || strings.Contains(body, secret) {
				t.Errorf("a panic: %d %q", status, body)
			}
			if status, _, _ := p.get(t, "/programme"); status != 200 {
				t.Errorf("after a panic: %d", status)
			}
			if log := p.log.String(); strings.Contains(log, secret) || !strings.Contains(log, `"msg":"panic"`) || !strings.Contains(log, "serve_test.go") {
				t.Errorf("the log has the panic's value, or not its place:\n%s", log)
			}
		})
	}
}

// event posts a schedule's tick, made somebody's by sign.
func (p *process) event(t *testing.T, name schedule.Name, sign func(*http.Request)) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+cloudevent.Path, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"ce-specversion": "1.0", "ce-id": "1", "ce-type": cloudevent.ScheduleType, "ce-source": "/" + string(name), "Content-Type": "application/json"} {
		r.Header.Set(name, value)
	}
	sign(r)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatalf("%v\n%s", err, p.log)
	}
	response.Body.Close()
	return response.StatusCode
}

// However a function is served, it takes events of the platform alone, and puts them off
// while it cannot be told who the platform is.
func TestEventsAreThePlatformsWhereverAFunctionRuns(t *testing.T) {
	t.Parallel()
	nobody := func(*http.Request) {}
	foreign := localissuer.New()
	claims := func(change map[string]any) map[string]any {
		now := time.Now()
		all := map[string]any{"iss": localissuer.Name, "sub": localissuer.Scheduler, "aud": localissuer.Audience, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()}
		maps.Copy(all, change)
		return all
	}
	carries := func(token string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
	}
	for way, environment := range ways {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			bed := testbed.New(t)
			own := localissuer.New()
			keys := httptest.NewServer(own)
			t.Cleanup(keys.Close)
			environment := append(environment, "GOOGLE_CLOUD_PROJECT="+bed.Project)
			p := start(t, append(environment, bearer.Setting+"="+localissuer.Setting(keys.URL))...)
			p.ready(t)
			for name, row := range map[string]struct {
				schedule schedule.Name
				sign     func(*http.Request)
				status   int
			}{
				"the platform's":          {schedule.OutboxSweep, carries(own.Signed(claims(nil))), 200},
				"of an unknown schedule":  {"outbox-sweeps", carries(own.Signed(claims(nil))), 400},
				"nobody's":                {schedule.OutboxSweep, nobody, 401},
				"signed by another":       {schedule.OutboxSweep, carries(foreign.Signed(claims(nil))), 401},
				"not signed":              {schedule.OutboxSweep, carries(openidtest.Unsigned(claims(nil))), 401},
				"for another function":    {schedule.OutboxSweep, carries(own.Signed(claims(map[string]any{"aud": "cascade/reminders"}))), 401},
				"of somebody else":        {schedule.OutboxSweep, carries(own.Signed(claims(map[string]any{"sub": "alex"}))), 401},
				"of another issuer":       {schedule.OutboxSweep, carries(own.Signed(claims(map[string]any{"iss": "https://other.example.org"}))), 401},
				"of yesterday":            {schedule.OutboxSweep, carries(own.Signed(claims(map[string]any{"iat": time.Now().Add(-24 * time.Hour).Unix(), "exp": time.Now().Add(-23 * time.Hour).Unix()}))), 401},
				"nobody's, of an unknown": {"outbox-sweeps", nobody, 401},
				"signed by another stack": {schedule.OutboxSweep, testbed.Sign, 401},
			} {
				// A key that is not known is looked for once in a while: until then nobody can tell.
				if got := p.event(t, row.schedule, row.sign); got != row.status && (row.status != 401 || got != 503) {
					t.Errorf("an event that is %s: status %d, want %d", name, got, row.status)
				}
			}
			if log := p.log.String(); !strings.Contains(log, `"msg":"event refused"`) || strings.Contains(log, "alex") {
				t.Errorf("the log does not tell of refusals, or of more:\n%s", log)
			}

			away := start(t, append(environment, bearer.Setting+"="+localissuer.Setting("http://127.0.0.1:1"))...)
			away.ready(t)
			if got := away.event(t, schedule.OutboxSweep, carries(own.Signed(claims(nil)))); got != 503 {
				t.Errorf("an event while the issuer is away: status %d, want 503", got)
			}
			if got := away.event(t, schedule.OutboxSweep, nobody); got != 401 {
				t.Errorf("nobody's event while the issuer is away: status %d, want 401", got)
			}
		})
	}
}

// What is under way when the platform takes an instance away is answered.
func TestStoppingFinishesWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	for way, environment := range ways {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			bed := testbed.New(t)
			p := start(t, append(environment, "GOOGLE_CLOUD_PROJECT="+bed.Project)...)
			p.ready(t)

			body, upload := io.Pipe()
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/slow", body)
			if err != nil {
				t.Fatal(err)
			}
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatalf("%v\n%s", err, p.log)
			}
			defer response.Body.Close()
			answer := bufio.NewReader(response.Body)
			if line, err := answer.ReadString('\n'); line != "under way\n" {
				t.Fatalf("%q, %v", line, err)
			}
			if err := p.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			for deadline := time.Now().Add(20 * time.Second); !strings.Contains(p.log.String(), `"msg":"stopping"`); time.Sleep(10 * time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatalf("the signal is not heard:\n%s", p.log)
				}
			}
			if _, err := io.WriteString(upload, "12345"); err != nil {
				t.Fatal(err)
			}
			upload.Close()
			rest, err := io.ReadAll(answer)
			if err != nil || string(rest) != "all 5 bytes, <nil>" {
				t.Errorf("the answer under way ends with %q, %v", rest, err)
			}
			if err := p.end(t); err != nil {
				t.Errorf("the process ends with %v:\n%s", err, p.log)
			}
		})
	}
}

// A container's server does not wait for those who never finish asking.
func TestHalfARequestIsLetGo(t *testing.T) {
	t.Parallel()
	bed := testbed.New(t)
	p := start(t, "GOOGLE_CLOUD_PROJECT="+bed.Project)
	p.ready(t)
	for range 50 {
		c, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprint(c, "GET /programme HTTP/1.1\r\nHost: x\r\nX-Half:")
		if err := c.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if _, err := io.ReadAll(c); err != nil {
				t.Errorf("held for 20 s: %v", err)
			}
		}()
	}
	if status, _, _ := p.get(t, "/programme"); status != 200 {
		t.Errorf("meanwhile others get %d", status)
	}
}

// What is missing or malformed in the environment stops the start, by its name.
func TestTheEnvironmentIsCheckedAtTheStart(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		environment []string
		says        string
	}{
		"no project":                    {nil, "GOOGLE_CLOUD_PROJECT"},
		"no public URL":                 {[]string{"GOOGLE_CLOUD_PROJECT=demo-x", "CASCADE_PUBLIC_URL="}, "CASCADE_PUBLIC_URL"},
		"an address that is none":       {[]string{"GOOGLE_CLOUD_PROJECT=demo-x", "CASCADE_PUBLIC_URL=programme.example.org"}, "CASCADE_PUBLIC_URL"},
		"an address with a path":        {[]string{"GOOGLE_CLOUD_PROJECT=demo-x", "CASCADE_PUBLIC_URL=https://programme.example.org/"}, "CASCADE_PUBLIC_URL"},
		"an address in plain http":      {[]string{"GOOGLE_CLOUD_PROJECT=demo-x", "CASCADE_PUBLIC_URL=http://programme.example.org"}, "CASCADE_PUBLIC_URL"},
		"nobody who delivers events":    {[]string{asFunction + "=outbox", "GOOGLE_CLOUD_PROJECT=demo-x", "CASCADE_EVENTS_FROM="}, "CASCADE_EVENTS_FROM is missing"},
		"an empty list of them":         {[]string{asFunction + "=matching", "GOOGLE_CLOUD_PROJECT=demo-x", "CASCADE_EVENTS_FROM=[]"}, "CASCADE_EVENTS_FROM"},
		"a word in its place":           {[]string{asFunction + "=reminders", "GOOGLE_CLOUD_PROJECT=demo-x", "CASCADE_EVENTS_FROM=off"}, "CASCADE_EVENTS_FROM"},
		"everybody":                     {[]string{asFunction + "=matching", "GOOGLE_CLOUD_PROJECT=demo-x", `CASCADE_EVENTS_FROM=[{"issuer":"https://i.example.org","keys":"https://i.example.org/k","audience":"a"}]`}, "CASCADE_EVENTS_FROM: number 1: it trusts everybody"},
		"no key":                        {[]string{asFunction + "=enrolment", "GOOGLE_CLOUD_PROJECT=demo-x", "CASCADE_LINK_KEY="}, "CASCADE_ENROLMENT_LINK_KEYS"},
		"no key for answers":            {[]string{asFunction + "=questionnaires", "GOOGLE_CLOUD_PROJECT=demo-x"}, "CASCADE_ANSWER_KEYS is missing"},
		"one database for both":         {[]string{asFunction + "=questionnaires", "GOOGLE_CLOUD_PROJECT=demo-x", "CASCADE_ANSWER_KEYS=a:" + key, "FIRESTORE_ANSWERS_DATABASE=(default)"}, "FIRESTORE_ANSWERS_DATABASE"},
		"no key for emails":             {[]string{asFunction + "=outbox", "GOOGLE_CLOUD_PROJECT=demo-x", "CASCADE_LINK_KEY=", "CASCADE_ENROLMENT_LINK_KEYS=a:" + key}, "_LINK_KEYS"},
		"no key for the trail":          {[]string{asFunction + "=participant", "GOOGLE_CLOUD_PROJECT=demo-x", "CASCADE_LINK_KEY=", "CASCADE_PARTICIPANT_LINK_KEYS=a:" + key}, "CASCADE_AUDIT_KEYS"},
		"no key for seals":              {[]string{asFunction + "=matching", "GOOGLE_CLOUD_PROJECT=demo-x"}, "CASCADE_SEAL_KEYS"},
		"no key for readers":            {[]string{asFunction + "=evaluation", "GOOGLE_CLOUD_PROJECT=demo-x", "CASCADE_LINK_KEY="}, "CASCADE_REPORT_KEYS"},
		"no key for staff":              {[]string{asFunction + "=desk", "GOOGLE_CLOUD_PROJECT=demo-x", "CASCADE_LINK_KEY=", "CASCADE_DESK_LINK_KEYS=a:" + key}, "CASCADE_STAFF_KEYS"},
		"a key that is too short":       {[]string{asFunction + "=desk", "GOOGLE_CLOUD_PROJECT=demo-x", "CASCADE_LINK_KEY=abab"}, "CASCADE_LINK_KEY"},
		"a key that is not hexadecimal": {[]string{asFunction + "=desk", "GOOGLE_CLOUD_PROJECT=demo-x", "CASCADE_LINK_KEY=" + strings.Repeat("xy", 32)}, "CASCADE_LINK_KEY"},
		"a key of zeros":                {[]string{asFunction + "=desk", "GOOGLE_CLOUD_PROJECT=demo-x", "CASCADE_LINK_KEY=" + strings.Repeat("0", 64)}, "CASCADE_LINK_KEY"},
		"a second key of zeros":         {[]string{asFunction + "=desk", "GOOGLE_CLOUD_PROJECT=demo-x", "CASCADE_STAFF_KEYS=a:" + key + ",b:" + strings.Repeat("0", 64)}, "CASCADE_STAFF_KEYS: key 2"},
		"keys without ids":              {[]string{asFunction + "=desk", "GOOGLE_CLOUD_PROJECT=demo-x", "CASCADE_DESK_LINK_KEYS=" + key}, "CASCADE_DESK_LINK_KEYS: key 1"},
		"an idle limit that is short":   {[]string{"GOOGLE_CLOUD_PROJECT=demo-x", "CASCADE_STAFF_IDLE_LIMIT=1m"}, "CASCADE_STAFF_IDLE_LIMIT"},
		"an absolute limit of weeks":    {[]string{"GOOGLE_CLOUD_PROJECT=demo-x", "CASCADE_STAFF_ABSOLUTE_LIMIT=1000h"}, "CASCADE_STAFF_ABSOLUTE_LIMIT"},
		"a limit that is no time":       {[]string{"GOOGLE_CLOUD_PROJECT=demo-x", "CASCADE_STAFF_IDLE_LIMIT=long"}, "CASCADE_STAFF_IDLE_LIMIT"},
		"an exporter that is none":      {[]string{"GOOGLE_CLOUD_PROJECT=demo-x", "OTEL_TRACES_EXPORTER=paper"}, "OTEL_TRACES_EXPORTER"},
		"the date's switch without the emulator": {
			[]string{"GOOGLE_CLOUD_PROJECT=demo-x", "FIRESTORE_EMULATOR_HOST=", "CASCADE_CLOCK_FILE=/tmp/clock"}, "CASCADE_CLOCK_FILE"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, row.environment...)
			if err := p.end(t); err == nil {
				t.Error("it ended without an error")
			}
			if log := p.log.String(); !strings.Contains(log, row.says) || strings.Count(strings.TrimSpace(log), "\n") > 0 {
				t.Errorf("it says %q, want one line with %s", log, row.says)
			}
		})
	}
}

// What does not matter to a function does not keep it from starting: neither a key that it
// has no need for, nor plain http on this machine.
func TestWhatDoesNotStopTheStart(t *testing.T) {
	t.Parallel()
	b := testbed.New(t)
	for name, environment := range map[string][]string{
		"a function of one key":         {asFunction + "=matching", "CASCADE_LINK_KEY=", "CASCADE_SEAL_KEYS=a:" + key},
		"keys of one's own":             {asFunction + "=participant", "CASCADE_LINK_KEY=", "CASCADE_AUDIT_KEYS=a:" + key, "CASCADE_PARTICIPANT_LINK_KEYS=a:" + key},
		"keys of readers":               {asFunction + "=evaluation", "CASCADE_LINK_KEY=", "CASCADE_REPORT_KEYS=a:" + key},
		"the key of a version before":   {asFunction + "=outbox"},
		"http on this machine":          {"CASCADE_PUBLIC_URL=http://127.0.0.1:8080"},
		"http on this machine, by name": {"CASCADE_PUBLIC_URL=http://localhost:8080"},
		"http on this machine, IPv6":    {"CASCADE_PUBLIC_URL=http://[::1]:8080"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start(t, append([]string{"GOOGLE_CLOUD_PROJECT=" + b.Project}, environment...)...).ready(t)
		})
	}
}
