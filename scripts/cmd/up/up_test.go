package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const root = "../../.."

// TestMain lets this test's program be the one that ./scripts/up starts.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "up" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// running is ./scripts/up as someone sees it who started it.
type running struct {
	*exec.Cmd
	t     *testing.T
	out   *output
	ended chan error
	url   string
}

type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// startUp starts it with a folder of its own and an environment beside PATH, HOME and
// where Go keeps things.
func startUp(t *testing.T, dir string, environment []string, flags ...string) *running {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r := &running{exec.Command(program, append([]string{"up", "--root", root, "--dir", dir}, flags...)...), t, new(output), make(chan error, 1), ""}
	r.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "FIRESTORE_EMULATOR_HOST=") || strings.HasPrefix(v, "JAVA_HOME=")
	}), environment...)
	r.Stdout, r.Stderr = r.out, r.out
	// A group of its own, as a shell gives it, so that what it starts can be told.
	r.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { r.ended <- r.Wait() }()
	t.Cleanup(func() {
		_ = r.Process.Signal(syscall.SIGTERM) // it may have ended
		if t.Failed() {
			text := r.out.String()
			t.Logf("up said:\n%s", text[max(0, len(text)-8000):])
		}
	})
	return r
}

// end waits for its end and returns the exit status.
func (r *running) end() int {
	r.t.Helper()
	select {
	case err := <-r.ended:
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			r.t.Fatal(err)
		}
		return r.ProcessState.ExitCode()
	case <-time.After(60 * time.Second):
		r.t.Fatal("up does not end")
		return -1
	}
}

// until waits for something to come about.
func (r *running) until(what string, done func() bool) {
	r.t.Helper()
	for deadline := time.Now().Add(4 * time.Minute); !done(); time.Sleep(50 * time.Millisecond) {
		select {
		case err := <-r.ended:
			r.ended <- err
			r.t.Fatalf("up ended before this came about: %s", what)
		default:
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("did not come about: %s", what)
		}
	}
}

var address = regexp.MustCompile(`Enrol +(http://127\.0\.0\.1:\d+)/`)

// ready waits until it says that everything runs.
func (r *running) ready() {
	r.t.Helper()
	r.until("everything is ready", func() bool {
		found := address.FindStringSubmatch(r.out.String())
		if found != nil {
			r.url = found[1]
		}
		return found != nil && strings.Contains(r.out.String(), "ready after")
	})
}

// children are the processes that it has started, by id.
func (r *running) children() []int {
	r.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", r.Process.Pid))
	all, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", r.Process.Pid))
	for _, file := range all {
		more, _ := os.ReadFile(file)
		text = append(append(text, ' '), more...)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	var ids []int
	for _, f := range strings.Fields(string(text)) {
		id, _ := strconv.Atoi(f)
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// ended reports whether a process is no more, or waits only to be counted by
// whoever took it over, which in some containers nobody does.
func ended(id int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", id))
	_, state, _ := strings.Cut(string(stat), ") ")
	return err != nil || strings.HasPrefix(state, "Z")
}

// gone waits until none of the processes is there.
func gone(t *testing.T, ids []int) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		left := slices.DeleteFunc(slices.Clone(ids), ended)
		if len(left) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("still there: %v", left)
		}
	}
}

func (r *running) do(method, path, contentType, body string, cookies ...*http.Cookie) (*http.Response, string) {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), method, r.url+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set("Content-Type", contentType)
	for _, c := range cookies {
		request.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	response, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return response, string(text)
}

// enrol enrols somebody and waits for the email that asks to confirm it.
func (r *running) enrol(email string) {
	r.t.Helper()
	form := `{"name":"Kim Example","email":"` + email + `","organisation":"Kept House","postcode":"LS6 2AB","categories":["AR"],
		"skills":{"coaching":2},"availability":["mon-am"],"meeting":["video"],"consent":"2026-11"}`
	if response, text := r.do("POST", "/enrol/pilot/seek", "application/json", form); response.StatusCode != http.StatusAccepted {
		r.t.Fatalf("enrol: %s %s", response.Status, text)
	}
}

// emails are how many emails came to an address, and the last one's text.
func (r *running) emails(to string) (int, string) {
	r.t.Helper()
	var all []struct{ Text string }
	_, text := r.do("GET", "/mailbox/messages.json?to="+url.QueryEscape(to), "", "")
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		r.t.Fatalf("%v in %s", err, text)
	}
	if len(all) == 0 {
		return 0, ""
	}
	return len(all), all[len(all)-1].Text
}

// answers are the names of what the sample's people have answered, as the emulator has them.
func (r *running) answers() string {
	r.t.Helper()
	host := regexp.MustCompile(`FIRESTORE_EMULATOR_HOST=(127\.0\.0\.1:\d+)`).FindStringSubmatch(r.out.String())
	if host == nil {
		r.t.Fatal("up does not say where the emulator is")
	}
	request, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, "http://"+host[1]+"/v1/projects/demo-cascade/databases/answers/documents/programmes/pilot/answers?pageSize=300", nil)
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer owner")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return strings.Join(regexp.MustCompile(`/pilot/answers/\w+`).FindAllString(string(text), -1), " ")
}

// people is the desk's page of everybody, as the coordinator sees it.
func (r *running) people() string {
	r.t.Helper()
	before, _ := r.emails("coordinator@example.org")
	r.do("POST", "/desk/sign-in", "application/x-www-form-urlencoded", "email=coordinator@example.org")
	link := ""
	r.until("the link to sign in", func() bool {
		n, text := r.emails("coordinator@example.org")
		link = regexp.MustCompile(`/desk/sign-in/[\w-]{43}`).FindString(text)
		return n > before
	})
	response, _ := r.do("POST", link, "application/x-www-form-urlencoded", "do=sign-in")
	if response.StatusCode != http.StatusSeeOther {
		r.t.Fatalf("sign in: %s", response.Status)
	}
	response, text := r.do("GET", "/desk/programmes/pilot/people", "", "", response.Cookies()...)
	if response.StatusCode != http.StatusOK {
		r.t.Fatalf("people: %s", response.Status)
	}
	return text
}

// The whole life of a local programme: started, stopped, found again, killed,
// found again, and begun anew.
func TestUpFindsItsDataAgainAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	other := exec.Command("sleep", "600") // somebody else's
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Process.Kill(); _ = other.Wait() })

	first := startUp(t, dir, nil, "--port", "0")
	first.ready()
	for _, says := range []string{"built", "of 9", "loaded 14 of 14 pairs", "/mailbox/", "/desk/", "/report/pilot", "/local/", "FIRESTORE_EMULATOR_HOST=127.0.0.1:", "GOOGLE_CLOUD_PROJECT=demo-cascade", "CASCADE_EVENTS_FROM='[{", "Ctrl-C", "outbox         | "} {
		if !strings.Contains(first.out.String(), says) {
			t.Errorf("up does not say %q", says)
		}
	}
	first.enrol("kim@example.org")
	first.until("the email", func() bool { n, _ := first.emails("kim@example.org"); return n == 1 })
	answers := first.answers()
	if n := strings.Count(answers, "/pilot/"); n != 48 {
		t.Errorf("the sample has %d answers", n)
	}

	again := startUp(t, dir, nil, "--port", "0")
	if status := again.end(); status != 1 || again.out.String() != "up: ./scripts/up runs here already: stop it with Ctrl-C first\n" {
		t.Errorf("a second one beside it ends with %d and says %q", status, again.out.String())
	}

	children := first.children()
	if len(children) < 14 { // the emulator, eight functions, issuer, relay, scheduler, mailbox and gateway
		t.Errorf("%d processes", len(children))
	}
	if err := first.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if status := first.end(); status != 0 {
		t.Errorf("Ctrl-C ends it with %d", status)
	}
	gone(t, children)
	if err := other.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("somebody else's process is gone: %v", err)
	}

	second := startUp(t, dir, nil, "--port", "0")
	second.ready()
	if strings.Contains(second.out.String(), "loading the sample") {
		t.Error("the sample is loaded over what was kept")
	}
	if got := second.answers(); got != answers {
		t.Errorf("the answers are %q, and were %q", got, answers)
	}
	second.enrol("kim@example.org") // the same again is no second enrolment
	n, email := second.emails("kim@example.org")
	if n != 1 {
		t.Errorf("the mailbox has %d emails to who had enrolled, want the one from before", n)
	}
	confirm := regexp.MustCompile(`/enrol/confirm/[\w-]{43}`).FindString(email)
	_, page := second.do("GET", confirm, "", "")
	form := url.Values{"do": {"confirm"}}
	for _, hidden := range regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`).FindAllStringSubmatch(page, -1) {
		form.Set(hidden[1], hidden[2])
	}
	if response, text := second.do("POST", confirm, "application/x-www-form-urlencoded", form.Encode()); response.StatusCode != http.StatusSeeOther {
		t.Errorf("the form that waited is not found again: %s %s", response.Status, text)
	}
	if people := second.people(); !strings.Contains(people, "Kept House") || strings.Count(people, "Kim Example") != 1 {
		t.Error("who had enrolled is not found again")
	}
	children = second.children()
	if err := second.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	second.end()
	gone(t, children)

	third := startUp(t, dir, nil, "--port", "0", "--fresh")
	third.ready()
	if n, _ := third.emails("kim@example.org"); n != 0 || strings.Contains(third.people(), "Kept House") {
		t.Error("--fresh keeps who had enrolled")
	}
	if err := third.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	third.end()
	t.Run("beside an emulator that is named", func(t *testing.T) { besideAnEmulator(t, dir) })
}

// besideAnEmulator checks that nothing is started in the place of an emulator that runs
// already, and that the schedules find what its events do not tell. The folder has the
// functions built.
func besideAnEmulator(t *testing.T, dir string) {
	host := os.Getenv("FIRESTORE_EMULATOR_HOST")
	if host == "" {
		t.Fatal("this test needs the Firestore emulator: run ./scripts/test, or start one and set FIRESTORE_EMULATOR_HOST")
	}
	r := startUp(t, dir, []string{"FIRESTORE_EMULATOR_HOST=" + host}, "--port", "0")
	r.ready()
	if strings.Contains(r.out.String(), "emulator       |") || !strings.Contains(r.out.String(), "using the emulator at "+host) {
		t.Error("another emulator was started, or it does not say which one is used")
	}
	r.enrol("lee@example.org")
	if response, _ := r.do("POST", "/local/run", "application/x-www-form-urlencoded", "schedule=outbox-sweep"); response.StatusCode != http.StatusSeeOther {
		t.Errorf("run: %s", response.Status)
	}
	r.until("the email", func() bool { n, _ := r.emails("lee@example.org"); return n == 1 })
	if err := r.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	r.end()
}

// What is missing is said in one line, before anything is built or forgotten.
func TestUpSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { taken.Close() })
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	empty := t.TempDir()
	file := filepath.Join(empty, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		dir         string
		environment []string
		flags       []string
		says        []string
	}{
		"a port that is taken":         {"", nil, []string{"--port", port, "--fresh"}, []string{"port " + port + " is taken", "--port"}},
		"no Java":                      {"", []string{"PATH=" + empty}, nil, []string{"java 17 or newer is missing", "openjdk-17-jre-headless"}},
		"a jar that is not there":      {"", []string{"FIRESTORE_EMULATOR_JAR=/nowhere/emulator.jar"}, nil, []string{"FIRESTORE_EMULATOR_JAR", "/nowhere/emulator.jar"}},
		"an emulator that is not":      {"", []string{"FIRESTORE_EMULATOR_HOST=127.0.0.1:1"}, nil, []string{"FIRESTORE_EMULATOR_HOST", "127.0.0.1:1", "nothing answers"}},
		"a folder that cannot be made": {file, nil, nil, []string{file}},
		"a flag that is none":          {"", nil, []string{"--prot", "9000"}, []string{"--prot"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := row.dir
			if dir == "" {
				dir = t.TempDir()
				if err := os.WriteFile(filepath.Join(dir, "mailbox.jsonl"), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			r := startUp(t, dir, row.environment, append([]string{"--port", "0"}, row.flags...)...)
			status := r.end()
			text := r.out.String()
			if status != 1 || strings.Count(text, "\n") != 1 {
				t.Errorf("it ends with %d and says %q, want one line", status, text)
			}
			for _, says := range row.says {
				if !strings.Contains(text, says) {
					t.Errorf("it says %q, and not %s", text, says)
				}
			}
			if _, err := os.Stat(filepath.Join(dir, "mailbox.jsonl")); row.dir == "" && err != nil {
				t.Errorf("what was kept is gone: %v", err)
			}
		})
	}
}
