package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/scripts/internal/wiring"
	"github.com/cascading-leadership/cascade/shared/platform/bearer"
	"github.com/cascading-leadership/cascade/shared/platform/cloudevent"
	"github.com/cascading-leadership/cascade/shared/platform/localissuer"
	"github.com/cascading-leadership/cascade/shared/schedule"
)

const events = "../../events"

// ticks is a function that takes every schedule's.
func ticks(does func(schedule.Name) error) map[schedule.Name]func(context.Context) error {
	all := map[schedule.Name]func(context.Context) error{}
	for name := range schedule.Functions() {
		all[name] = func(context.Context) error { return does(name) }
	}
	return all
}

// There is a file for each schedule and each trigger, and each wakes what it names.
func TestEachScheduleAndTriggerCanBeInvoked(t *testing.T) {
	t.Parallel()
	schedules, err := wiring.Schedules("../../..")
	if err != nil {
		t.Fatal(err)
	}
	triggers, err := wiring.Triggers("../../..")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{} // by file, what the function is woken with
	for _, s := range schedules {
		want[s.Name+".json"] = "schedule " + s.Name
	}
	for _, x := range triggers {
		want[x.Name+".json"] = "document"
	}
	files, err := filepath.Glob(events + "/*.json")
	if err != nil || len(files) != len(want) {
		t.Errorf("%d files for %d schedules and triggers, %v", len(files), len(want), err)
	}
	for name, woken := range want {
		got := ""
		function := httptest.NewServer(cloudevent.Handlers{
			Document:  func(context.Context, []string) error { got = "document"; return nil },
			Schedules: ticks(func(name schedule.Name) error { got = "schedule " + string(name); return nil }),
		}.Handler())
		out, err := run(t, "", "invoke", function.URL, filepath.Join(events, name))
		function.Close()
		if err != nil || got != woken || out != "handled\n" {
			t.Errorf("%s: %q, woke %q, %v", name, out, got, err)
		}
	}
}

// An event that was saved with a byte order mark is delivered without.
func TestInvokeTakesAByteOrderMark(t *testing.T) {
	t.Parallel()
	function := httptest.NewServer(cloudevent.Handlers{Schedules: ticks(func(schedule.Name) error { return nil })}.Handler())
	defer function.Close()
	event, err := os.ReadFile(events + "/reminders-tick.json")
	if err != nil {
		t.Fatal(err)
	}
	if out, err := run(t, "\ufeff"+string(event), "invoke", function.URL+"\u00a0", "-"); err != nil || out != "handled\n" {
		t.Errorf("%q, %v", out, err)
	}
}

// Beside a local stack an event is signed by the key that this keeps; elsewhere by whom the
// operator has a token of; and by nobody, it is not taken.
func TestInvokeSigns(t *testing.T) {
	t.Parallel()
	key := filepath.Join(t.TempDir(), "issuer.key")
	issuer, err := localissuer.Open(key)
	if err != nil {
		t.Fatal(err)
	}
	keys := httptest.NewServer(issuer)
	defer keys.Close()
	trusted, err := bearer.Parse(localissuer.Setting(keys.URL))
	if err != nil {
		t.Fatal(err)
	}
	v, err := bearer.New(trusted, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	function := httptest.NewServer(v.Handler(cloudevent.Handlers{Schedules: ticks(func(schedule.Name) error { return nil })}.Handler()))
	defer function.Close()
	signed := http.Header{}
	issuer.Sign(signed, localissuer.ByHand)
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte(strings.TrimPrefix(signed.Get("Authorization"), "Bearer ")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const event = events + "/reminders-tick.json"
	for name, row := range map[string]struct {
		in     string
		flags  []string
		says   string
		status int
	}{
		"the stack's key":      {"", []string{"--key", key}, "", 0},
		"a token":              {"", []string{"--token", token}, "", 0},
		"a token that is told": {strings.TrimPrefix(signed.Get("Authorization"), "Bearer "), []string{"--token", "-"}, "", 0},
		"nothing":              {"", []string{"--key", "nowhere"}, "401", 1},
		"no such token":        {"", []string{"--token", token + "2"}, "token2", 2},
		"a token that is none": {"hello", []string{"--token", "-"}, "401", 1},
		"a key that is none":   {"", []string{"--key", event}, "holds no key", 2},
	} {
		_, err := run(t, row.in, append([]string{"invoke", function.URL, event}, row.flags...)...)
		if row.status == 0 && err != nil || row.status != 0 && (err == nil || !strings.Contains(err.Error(), row.says) || status(err) != row.status) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := run(t, "", "invoke", function.URL, "-", "--token", "-"); err == nil || !strings.Contains(err.Error(), "both") {
		t.Errorf("two things from standard input: %v", err)
	}
}

// What is no event, and what a function does not accept, is said and ends with another
// status.
func TestInvokeSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	broken := httptest.NewServer(cloudevent.Handlers{
		Schedules: ticks(func(schedule.Name) error { return errors.New("the database is away") }),
	}.Handler())
	defer broken.Close()
	file := func(text string) string {
		path := filepath.Join(t.TempDir(), "event.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, row := range map[string]struct {
		to, file, says string
		status         int
	}{
		"a function that fails": {broken.URL, events + "/reminders-tick.json", "answered 503", 1},
		"no function":           {"http://127.0.0.1:1", events + "/reminders-tick.json", "does not answer", 2},
		"no address":            {"127.0.0.1:8085", events + "/reminders-tick.json", "http://127.0.0.1:8085", 2},
		"no file":               {broken.URL, "nowhere.json", "nowhere.json", 2},
		"no JSON":               {broken.URL, file("tick"), "not a CloudEvent in JSON", 2},
		"no source":             {broken.URL, file(`{"specversion":"1.0","id":"1","type":"x"}`), "source", 2},
	} {
		if _, err := run(t, "", "invoke", row.to, row.file); err == nil || !strings.Contains(err.Error(), row.says) || status(err) != row.status {
			t.Errorf("%s: %v", name, err)
		}
	}
}
