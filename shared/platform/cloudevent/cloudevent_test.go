package cloudevent_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/cloudevent"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/schedule"
)

const written = "google.cloud.firestore.document.v1.written"

// heard is what a function's handlers were called with.
type heard struct {
	mu    sync.Mutex
	calls []string
	err   error
}

func (h *heard) hear(what string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls = append(h.calls, what)
	return h.err
}

func (h *heard) handlers() cloudevent.Handlers {
	return cloudevent.Handlers{
		Document:  func(_ context.Context, ids []string) error { return h.hear("document " + strings.Join(ids, ",")) },
		Schedules: map[schedule.Name]func(context.Context) error{schedule.OutboxSweep: func(context.Context) error { return h.hear("schedule outbox-sweep") }},
	}
}

// function is the handler as it stands in production.
func function(t *testing.T, h cloudevent.Handlers) http.Handler {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("POST "+cloudevent.Path, h.Handler())
	return serve.Wrap("test", &serve.Runtime{}, mux)
}

// binary is a CloudEvent in binary mode, as Eventarc and Knative send it.
func binary(kind, source, document, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, cloudevent.Path, strings.NewReader(body))
	for name, value := range map[string]string{
		"Content-Type": "application/json", "ce-specversion": "1.0", "ce-id": "1", "ce-type": kind, "ce-source": source, "ce-document": document,
	} {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	return r
}

func answer(h http.Handler, r *http.Request) (int, string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func with(r *http.Request, name, value string) *http.Request {
	r.Header.Set(name, value)
	return r
}

func without(r *http.Request, name string) *http.Request {
	r.Header.Del(name)
	return r
}

func TestEvents(t *testing.T) {
	t.Parallel()
	const firestore, knative = "//firestore.googleapis.com/projects/p/databases/(default)", "/apis/v1/namespaces/cascade/pingsources/"
	tick := func(body string) *http.Request {
		return binary(cloudevent.ScheduleType, knative+"outbox-sweep", "", body)
	}
	about := func(document string) *http.Request { return binary(written, firestore, document, "{}") }
	for _, row := range []struct {
		name    string
		request *http.Request
		status  int
		heard   string
	}{
		{"a schedule's tick", tick(`{"schedule":"outbox-sweep"}`), 200, "schedule outbox-sweep"},
		{"a tick without a body", tick(""), 200, "schedule outbox-sweep"},
		{"a document of the root", about("outbox/m1"), 200, "document m1"},
		{"a document below", about("programmes/p/pairings/x"), 200, "document p,x"},
		{"a document as protobuf in base64, as the emulator sends it", with(with(about("outbox/m1"), "Content-Type", "application/protobuf"), "ce-datacontenttype", "application/protobuf"), 200, "document m1"},
		{"an event in structured mode", func() *http.Request {
			r := httptest.NewRequest(http.MethodPost, cloudevent.Path, strings.NewReader(`{"specversion":"1.0","id":"1","type":"`+written+`","source":"`+firestore+`","document":"outbox/m1"}`))
			return with(r, "Content-Type", "application/cloudevents+json")
		}(), 200, "document m1"},
		{"a schedule's tick, of another name", binary(cloudevent.ScheduleType, knative+"outbox-sweeps", "", "{}"), 400, ""},
		{"another function's", binary(cloudevent.ScheduleType, knative+"reminders-tick", "", "{}"), 400, ""},
		{"a schedule without a name", binary(cloudevent.ScheduleType, knative, "", "{}"), 400, ""},
		{"an unknown type", binary("com.example.other", "/x", "outbox/m1", "{}"), 200, ""},
		{"a body of 64 KiB", tick(`"` + strings.Repeat("x", web.MaxBody-2) + `"`), 200, "schedule outbox-sweep"},

		{"a larger body", tick(`"` + strings.Repeat("x", web.MaxBody) + `"`), 413, ""},
		{"a GET", httptest.NewRequest(http.MethodGet, cloudevent.Path, nil), 405, ""},
		{"a PUT", httptest.NewRequest(http.MethodPut, cloudevent.Path, nil), 405, ""},
		{"no event at all", httptest.NewRequest(http.MethodPost, cloudevent.Path, strings.NewReader("hello")), 400, ""},
		{"no type", without(tick("{}"), "ce-type"), 400, ""},
		{"no id", without(tick("{}"), "ce-id"), 400, ""},
		{"no source", without(tick("{}"), "ce-source"), 400, ""},
		{"another version", with(tick("{}"), "ce-specversion", "9.9"), 400, ""},
		{"a time that is none", with(tick("{}"), "ce-time", "noon"), 400, ""},
		{"half a structured event", with(httptest.NewRequest(http.MethodPost, cloudevent.Path, strings.NewReader(`{"specversion":"1.0"`)), "Content-Type", "application/cloudevents+json"), 400, ""},
		{"a batch", with(httptest.NewRequest(http.MethodPost, cloudevent.Path, strings.NewReader(`[]`)), "Content-Type", "application/cloudevents-batch+json"), 400, ""},
		{"no document", about(""), 400, ""},
		{"a collection", about("outbox"), 400, ""},
		{"an empty segment", about("outbox//m1/x"), 400, ""},
	} {
		var h heard
		status, body := answer(function(t, h.handlers()), row.request)
		want := []string{row.heard}
		if row.heard == "" {
			want = nil
		}
		if status != row.status || !slices.Equal(h.calls, want) {
			t.Errorf("%s: status %d and %q, want %d and %q", row.name, status, h.calls, row.status, want)
		}
		if row.status == 400 && body != "" {
			t.Errorf("%s: the answer says %q", row.name, body)
		}
	}
}

func TestFailureOfAHandler(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		err    error
		status int
	}{
		{nil, 200},
		{fault.New(fault.NotFound, "It is gone."), 200},
		{fmt.Errorf("around: %w", fault.New(fault.NotFound, "It is gone.")), 200},
		{errors.New("alex@example.org"), 503},
		{fault.New(fault.Conflict, "It changed."), 503},
		{fault.New(fault.Unavailable, "Firestore is away."), 503},
		{context.Canceled, 503},
	} {
		h := heard{err: row.err}
		status, body := answer(function(t, h.handlers()), binary(written, "/s", "outbox/m1", "{}"))
		if status != row.status || body != "" {
			t.Errorf("%v: status %d, saying %q, want %d", row.err, status, body, row.status)
		}
	}
	panics := cloudevent.Handlers{Schedules: map[schedule.Name]func(context.Context) error{schedule.OutboxSweep: func(context.Context) error { panic("alex@example.org") }}}
	if status, body := answer(function(t, panics), binary(cloudevent.ScheduleType, "/s/outbox-sweep", "", "{}")); status != 500 || strings.Contains(body, "alex") {
		t.Errorf("a panic: status %d, saying %q", status, body)
	}
}

// A function that has no handler for documents acknowledges their events, since they would
// be delivered for ever.
func TestMissingHandlersAcknowledge(t *testing.T) {
	t.Parallel()
	if status, _ := answer(function(t, cloudevent.Handlers{}), binary(written, "/s", "outbox/m1", "{}")); status != 200 {
		t.Errorf("status %d", status)
	}
}

type key struct{}

// Each event is handled in its own request: with that request's values and
// deadline, and whatever became of the requests before.
func TestEventsAreNotMixedUp(t *testing.T) {
	t.Parallel()
	var h http.Handler = cloudevent.Handlers{Document: func(ctx context.Context, ids []string) error {
		if ctx.Value(key{}) != ids[0] || ctx.Err() != nil && ids[0] != "gone" {
			return fmt.Errorf("the event %s is handled in the request %v: %v", ids[0], ctx.Value(key{}), ctx.Err())
		}
		return nil
	}}.Handler()
	request := func(id string) *http.Request {
		r := binary(written, "/s", "outbox/"+id, "{}")
		return r.WithContext(context.WithValue(t.Context(), key{}, id))
	}
	// Senders that went away before they were heard.
	for range 50 {
		r := request("gone")
		ctx, cancel := context.WithCancel(r.Context())
		cancel()
		answer(h, r.WithContext(ctx))
	}
	var senders sync.WaitGroup
	for i := range 50 {
		senders.Go(func() {
			r := request(fmt.Sprint(i))
			r.Body = io.NopCloser(strings.NewReader("{}"))
			if status, _ := answer(h, r); status != 200 {
				t.Errorf("event %d: status %d", i, status)
			}
		})
	}
	senders.Wait()
}

// Whatever is sent, the answer is one of the promised, and nothing of it is said back.
func FuzzEvent(f *testing.F) {
	f.Add("1.0", written, "//firestore", "outbox/m1", "application/json", "{}")
	f.Add("1.0", cloudevent.ScheduleType, "/a/b/tick", "", "", "")
	f.Add("", "", "", "", "application/cloudevents+json", `{"specversion":"1.0","id":"1","type":"`+written+`","source":"/","document":"a/b"}`)
	f.Add("0.3", written, "/", "a", "application/cloudevents-batch+json", "[]")
	f.Add("1.0", written, "\x00", "a/\xff", ";;", "\x00")
	h := cloudevent.Handlers{
		Document: func(_ context.Context, ids []string) error {
			if len(ids) == 0 || slices.Contains(ids, "") {
				return errors.New("no id")
			}
			return nil
		},
		Schedules: map[schedule.Name]func(context.Context) error{schedule.OutboxSweep: func(context.Context) error { return nil }},
	}.Handler()
	f.Fuzz(func(t *testing.T, version, kind, source, document, contentType, body string) {
		r := httptest.NewRequest(http.MethodPost, cloudevent.Path, strings.NewReader(body))
		for name, value := range map[string]string{"ce-specversion": version, "ce-type": kind, "ce-source": source, "ce-document": document, "ce-id": "1", "Content-Type": contentType} {
			r.Header[http.CanonicalHeaderKey(name)] = []string{value}
		}
		if status, said := answer(h, r); status != 200 && status != 400 || said != "" {
			t.Fatalf("status %d, saying %q", status, said)
		}
	})
}
