package relay

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/cascading-leadership/cascade/scripts/internal/emulator"
	"github.com/cascading-leadership/cascade/scripts/internal/wiring"
	"github.com/cascading-leadership/cascade/shared/platform/bearer"
	"github.com/cascading-leadership/cascade/shared/platform/cloudevent"
	"github.com/cascading-leadership/cascade/shared/platform/localissuer"
)

// arrived is one event as a function got it.
type arrived struct {
	header http.Header
	body   string
}

// function is a server that takes events and keeps what it got; answer says with
// which status it answers the n-th, and 0 breaks the connection.
type function struct {
	*httptest.Server
	mu  sync.Mutex
	got []arrived
}

func newFunction(t *testing.T, answer func(n int) int) *function {
	t.Helper()
	f := new(function)
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		f.mu.Lock()
		f.got = append(f.got, arrived{r.Header.Clone(), string(body)})
		n := len(f.got)
		f.mu.Unlock()
		status := answer(n)
		if status == 0 {
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(f.Close)
	return f
}

func (f *function) all() []arrived {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.got)
}

func always(status int) func(int) int { return func(int) int { return status } }

// post sends an event as the emulator does, and returns the relay's status.
func post(r *Relay, trigger, id, body string, header ...string) int {
	request := httptest.NewRequest(http.MethodPost, "/functions/projects/demo-x/triggers/"+trigger, strings.NewReader(body))
	for pair := range slices.Chunk(append(header,
		"Content-Type", "application/protobuf", "ce-specversion", "1.0", "ce-id", id, "ce-document", "outbox/"+id,
	), 2) {
		request.Header.Add(pair[0], pair[1])
	}
	w := httptest.NewRecorder()
	r.ServeHTTP(w, request)
	return w.Code
}

// until waits for a condition, and fails when it does not come about.
func until(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("did not come about: %s", what)
		}
	}
}

func delivered(t *testing.T, r *Relay) {
	t.Helper()
	until(t, "nothing is held", func() bool { return r.Held() == 0 })
}

// The event is one that the emulator sent, in its own order and spelling.
func TestEmulatorsQuirksAreRepaired(t *testing.T) {
	t.Parallel()
	const encoded = "Cl4KN3Byb2plY3RzL2RlbW8teC9kYXRhYmFzZXMvKGRlZmF1bHQpL2RvY3VtZW50cy9vdXRib3gvbTESCQoBYRIEigEBYhoLCPeLldgGEICE2VEiCwj3i5XYBhCAhNlRGgA="
	sent := http.Header{}
	for name, value := range map[string]string{
		"Accept-Encoding": "gzip", "User-Agent": "Google-HTTP-Java-Client/unknown-version (gzip)", "Accept": "text/html, image/gif, image/jpeg, */*; q=0.2",
		"Connection": "keep-alive", "Content-Length": "132", "Content-Type": "application/protobuf",
		"ce-specversion": "1.0", "ce-type": "google.cloud.firestore.document.v1.created", "ce-id": "be0732c9-edc8-4685-8c2c-d51135ecc2b3",
		"ce-source":  "//firestore.googleapis.com/projects/projects/demo-x/databases/(default)",
		"ce-subject": "documents/outbox/m1", "ce-time": "2026-11-24T08:08:23Z", "ce-datacontenttype": "application/protobuf",
		"ce-location": "us-central1", "ce-project": "demo-x", "ce-database": "(default)", "ce-namespace": "(default)", "ce-document": "outbox/m1",
		"Authorization": "Bearer owner", "Cookie": "a=b", "X-Forwarded-For": "192.0.2.1",
		"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "tracestate": "a=b",
	} {
		sent.Set(name, value)
	}
	before := maps.Clone(sent)
	header, body := Repair(sent, []byte(encoded))
	want := map[string]string{
		"Content-Type": "application/protobuf", "Ce-Specversion": "1.0", "Ce-Type": "google.cloud.firestore.document.v1.created",
		"Ce-Id": "be0732c9-edc8-4685-8c2c-d51135ecc2b3", "Ce-Source": "//firestore.googleapis.com/projects/demo-x/databases/(default)",
		"Ce-Subject": "documents/outbox/m1", "Ce-Time": "2026-11-24T08:08:23Z", "Ce-Location": "us-central1", "Ce-Project": "demo-x",
		"Ce-Database": "(default)", "Ce-Namespace": "(default)", "Ce-Document": "outbox/m1",
		"Traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "Tracestate": "a=b",
	}
	for name := range maps.Keys(header) {
		if header.Get(name) != want[name] {
			t.Errorf("%s is %q, want %q", name, header[name], want[name])
		}
	}
	if len(header) != len(want) {
		t.Errorf("headers %v", header)
	}
	if document := documentIn(t, body); document != "projects/demo-x/databases/(default)/documents/outbox/m1" {
		t.Errorf("the body is of %q", document)
	}
	if !maps.EqualFunc(sent, before, slices.Equal) {
		t.Error("the header that came was changed")
	}
}

// documentIn is the name of the document that a DocumentEventData, which is
// protobuf, begins with: the first field of its first field.
func documentIn(t *testing.T, body []byte) string {
	t.Helper()
	for range 2 {
		number, kind, n := protowire.ConsumeTag(body)
		if n < 0 || kind != protowire.BytesType || number > 2 {
			t.Fatalf("%q is no DocumentEventData", body)
		}
		if body, n = protowire.ConsumeBytes(body[n:]); n < 0 {
			t.Fatalf("half a DocumentEventData: %v", protowire.ParseError(n))
		}
	}
	return string(body)
}

// What comes in the right form stays as it is.
func TestSoundEventsAreNotTouched(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, source, body string }{
		{"JSON", "//firestore.googleapis.com/projects/demo-x/databases/(default)", `{"a":1}`},
		{"protobuf", "//firestore.googleapis.com/projects/demo-x/databases/(default)", "\x0a\x02\x0a\x00"},
		{"nothing", "/apis/v1/namespaces/cascade/pingsources/tick", ""},
		{"a project of that name", "//firestore.googleapis.com/projects/projects-x/databases/(default)", "{}"},
	} {
		header, body := Repair(http.Header{"Ce-Source": {row.source}, "Content-Type": {"application/json"}}, []byte(row.body))
		if header.Get("ce-source") != row.source || string(body) != row.body || header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %v with %q", row.name, header, body)
		}
	}
	if header, _ := Repair(http.Header{}, nil); header.Get("ce-source") != "" {
		t.Errorf("a source was made up: %v", header)
	}
}

// A real emulator's events about the documents of infra/triggers.yaml arrive at
// functions: one for each time that a document was made, changed or deleted.
func TestEmulatorsEventsArriveAtFunctions(t *testing.T) {
	t.Parallel()
	triggers, err := wiring.Triggers("../../..")
	if err != nil {
		t.Fatal(err)
	}
	issuer := localissuer.New()
	keys := httptest.NewServer(issuer)
	t.Cleanup(keys.Close)
	trusted, err := bearer.Parse(localissuer.Setting(keys.URL))
	if err != nil {
		t.Fatal(err)
	}
	deliverers, err := bearer.New(trusted, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	heard := map[string]int{} // by trigger and document
	routes := map[string]string{}
	for _, trigger := range triggers {
		taken := cloudevent.Handlers{Document: func(_ context.Context, ids []string) error {
			mu.Lock()
			defer mu.Unlock()
			heard[trigger.Name+" "+strings.Join(ids, ",")]++
			return nil
		}}.Handler()
		server := httptest.NewServer(deliverers.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			if len(body) > 0 && !strings.HasSuffix(documentIn(t, body), "/documents/"+r.Header.Get("ce-document")) {
				t.Errorf("an event about %s with the body %q", r.Header.Get("ce-document"), body)
			}
			if r.Header.Get("ce-source") != "//firestore.googleapis.com/projects/demo-relay/databases/(default)" {
				t.Errorf("an event from %q", r.Header.Get("ce-source"))
			}
			r.Body = io.NopCloser(strings.NewReader(string(body)))
			taken.ServeHTTP(w, r)
		})))
		t.Cleanup(server.Close)
		routes[trigger.Name] = server.URL + cloudevent.Path
	}
	relay := httptest.NewServer(New(routes, Faults{}, 1, issuer))
	t.Cleanup(relay.Close)
	client := start(t, strings.TrimPrefix(relay.URL, "http://"))
	for _, trigger := range triggers {
		if err := client.Trigger(t.Context(), trigger.Name, trigger.Type, trigger.Document); err != nil {
			t.Fatal(err)
		}
	}

	write := func(method, path, body string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), method, "http://"+client.Host+"/v1/projects/"+client.Project+"/databases/(default)/documents/"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Authorization", "Bearer owner")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if text, _ := io.ReadAll(response.Body); response.StatusCode != http.StatusOK {
			t.Fatalf("%s %s: %s", method, path, text)
		}
	}
	write("POST", "programmes/p/pairings?documentId=x", `{"fields":{"state":{"stringValue":"active"}}}`)
	write("PATCH", "programmes/p/pairings/x", `{"fields":{"state":{"stringValue":"completed"}}}`)
	write("DELETE", "programmes/p/pairings/x", "")
	write("POST", "programmes/p/pairings/x/sessions?documentId=s1", `{"fields":{}}`) // nobody listens to these
	write("PATCH", "outbox/m1", `{"fields":{}}`)
	write("PATCH", "outbox/m1", `{"fields":{"state":{"stringValue":"sent"}}}`) // created once, and this is a change
	write("POST", "outbox?documentId=m2", `{"fields":{}}`)
	want := map[string]int{"pairing-written p,x": 3, "outbox-created m1": 1, "outbox-created m2": 1}
	until(t, "every event arrives", func() bool {
		mu.Lock()
		defer mu.Unlock()
		total := 0
		for _, n := range heard {
			total += n
		}
		return total >= 5
	})
	mu.Lock()
	defer mu.Unlock()
	if !maps.Equal(heard, want) {
		t.Errorf("heard %v, want %v", heard, want)
	}
}

// start starts an emulator of the test's own, which the one that all tests share
// cannot stand in for: it tells nobody of its documents.
func start(t *testing.T, functions string) emulator.Client {
	t.Helper()
	server, err := emulator.Find(t.Context(), func(text string) { t.Log(text) })
	if err != nil {
		t.Fatal(err)
	}
	server.Dir, server.Functions = t.TempDir(), functions
	client, stop, err := server.Start(t.Context(), "demo-relay")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return client
}

func TestEventsAreDeliveredUntilAccepted(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name     string
		answers  []int // the last one is repeated
		attempts int
	}{
		{"accepted", []int{200}, 1},
		{"accepted with nothing to say", []int{204}, 1},
		{"accepted for later", []int{202}, 1},
		{"an error", []int{500, 200}, 2},
		{"two errors", []int{503, 502, 200}, 3},
		{"too busy", []int{429, 200}, 2},
		{"too slow", []int{408, 200}, 2},
		{"a broken connection", []int{0, 200}, 2},
		{"an error, then refused", []int{500, 400}, 2},
		{"malformed", []int{400}, 1},
		{"an unknown place", []int{404}, 1},
		{"too large", []int{413}, 1},
		{"not taken", []int{405}, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFunction(t, func(n int) int { return row.answers[min(n, len(row.answers))-1] })
			r := New(map[string]string{"outbox-created": f.URL}, Faults{}, 1, localissuer.New())
			if status := post(r, "outbox-created", "m1", "{}"); status != http.StatusOK {
				t.Errorf("the emulator was answered %d", status)
			}
			delivered(t, r)
			got := f.all()
			if len(got) != row.attempts {
				t.Errorf("%d attempts, want %d", len(got), row.attempts)
			}
			for _, a := range got {
				if a.header.Get("ce-id") != "m1" || a.body != "{}" {
					t.Errorf("an attempt with %v and %q", a.header, a.body)
				}
			}
		})
	}
}

// A function that is being started again takes what came in the meantime.
func TestEventsWaitForAFunctionThatIsDown(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	r := New(map[string]string{"outbox-created": "http://" + address}, Faults{}, 1, localissuer.New())
	refused := make(chan struct{}, attempts)
	r.client.Transport = &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, address)
		if err != nil {
			refused <- struct{}{}
		}
		return c, err
	}}
	post(r, "outbox-created", "m1", "{}")
	<-refused
	if r.Held() != 1 {
		t.Errorf("%d events are held", r.Held())
	}
	if l, err = net.Listen("tcp", address); err != nil {
		t.Fatal(err)
	}
	taken := make(chan string, attempts)
	server := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { taken <- r.Header.Get("ce-id") })}
	go func() { _ = server.Serve(l) }() // until it is closed
	t.Cleanup(func() { server.Close() })
	if id := <-taken; id != "m1" {
		t.Errorf("taken: %q", id)
	}
	delivered(t, r)
}

// transport answers requests in a bubble of made-up time, where there is no network.
type transport func(*http.Request) (status int)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) {
	status := f(r)
	return &http.Response{StatusCode: status, Status: fmt.Sprint(status), Body: http.NoBody, Request: r}, nil
}

func TestEventIsGivenUpAfterAboutAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := New(map[string]string{"outbox-created": "http://function"}, Faults{}, 1, localissuer.New())
		began, tries := time.Now(), 0
		r.client.Transport = transport(func(*http.Request) int { tries++; return 500 })
		post(r, "outbox-created", "m1", "{}")
		for r.Held() > 0 {
			time.Sleep(time.Second)
		}
		if took := time.Since(began); tries != attempts || took < 45*time.Second || took > 90*time.Second {
			t.Errorf("%d attempts in %v", tries, took)
		}
	})
}

func TestEventsAreDelayedAndShuffled(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		faults Faults
		copies int
	}{
		{Faults{}, 1},
		{Faults{Delay: 5 * time.Second}, 1},
		{Faults{Shuffle: 2 * time.Second}, 1},
		{Faults{Delay: 5 * time.Second, Shuffle: 2 * time.Second, Double: 1}, 2},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := New(map[string]string{"outbox-created": "http://function"}, row.faults, 1, localissuer.New())
			began := time.Now()
			var mu sync.Mutex
			var order []string
			r.client.Transport = transport(func(request *http.Request) int {
				mu.Lock()
				defer mu.Unlock()
				order = append(order, request.Header.Get("ce-id"))
				if took := time.Since(began); took < row.faults.Delay || took > row.faults.Delay+row.faults.Shuffle {
					t.Errorf("%+v: an event arrived after %v", row.faults, took)
				}
				return 200
			})
			const n = 100
			for i := range n {
				post(r, "outbox-created", fmt.Sprintf("%03d", i), "{}")
			}
			time.Sleep(time.Minute)
			if r.Held() != 0 || len(order) != n*row.copies {
				t.Errorf("%+v: %d arrived and %d are held", row.faults, len(order), r.Held())
			}
			if row.faults.Shuffle > 0 && slices.IsSorted(order) {
				t.Errorf("%+v: none overtook another", row.faults)
			}
		})
	}
}

// fates posts 300 events and says how often each was delivered.
func fates(t *testing.T, faults Faults, seed uint64) []int {
	t.Helper()
	f := newFunction(t, always(200))
	r := New(map[string]string{"outbox-created": f.URL}, faults, seed, localissuer.New())
	copies := make([]int, 300)
	for i := range copies {
		if status := post(r, "outbox-created", fmt.Sprint(i), "{}"); status != http.StatusOK {
			t.Fatalf("status %d", status)
		}
	}
	delivered(t, r)
	for _, a := range f.all() {
		var i int
		_, _ = fmt.Sscan(a.header.Get("ce-id"), &i)
		copies[i]++
	}
	return copies
}

func TestEventsAreDroppedAndDoubled(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name            string
		faults          Faults
		none, one, both [2]int // from and to, of 300
	}{
		{"no faults", Faults{}, [2]int{0, 0}, [2]int{300, 300}, [2]int{0, 0}},
		{"every one dropped", Faults{Drop: 1}, [2]int{300, 300}, [2]int{0, 0}, [2]int{0, 0}},
		{"every one doubled", Faults{Double: 1}, [2]int{0, 0}, [2]int{0, 0}, [2]int{300, 300}},
		{"dropped where both are asked for", Faults{Drop: 1, Double: 1}, [2]int{300, 300}, [2]int{0, 0}, [2]int{0, 0}},
		{"some of each", Faults{Drop: 0.25, Double: 0.5}, [2]int{45, 105}, [2]int{75, 150}, [2]int{75, 150}},
	} {
		var counts [3]int
		for _, n := range fates(t, row.faults, 7) {
			counts[n]++
		}
		for n, want := range [][2]int{row.none, row.one, row.both} {
			if counts[n] < want[0] || counts[n] > want[1] {
				t.Errorf("%s: %d of 300 were delivered %d times, want %d to %d", row.name, counts[n], n, want[0], want[1])
			}
		}
	}
}

func TestSameSeedMakesTheSameFate(t *testing.T) {
	t.Parallel()
	faults := Faults{Drop: 0.3, Double: 0.3}
	first := fates(t, faults, 1)
	if again := fates(t, faults, 1); !slices.Equal(first, again) {
		t.Errorf("with the same seed %v and then %v", first, again)
	}
	if other := fates(t, faults, 2); slices.Equal(first, other) {
		t.Error("another seed makes the same fate")
	}
}

func TestWhatCannotBeDeliveredIsRefused(t *testing.T) {
	t.Parallel()
	f := newFunction(t, always(200))
	r := New(map[string]string{"outbox-created": f.URL}, Faults{}, 1, localissuer.New())
	const most = 4 << 20
	for _, row := range []struct {
		name, trigger, body string
		status              int
	}{
		{"an unknown trigger", "nowhere", "{}", 404},
		{"no trigger", "", "{}", 404},
		{"too large a body", "outbox-created", strings.Repeat("-", most+1), 413},
	} {
		if status := post(r, row.trigger, "m1", row.body); status != row.status {
			t.Errorf("%s: status %d, want %d", row.name, status, row.status)
		}
	}
	delivered(t, r)
	if got := f.all(); len(got) > 0 {
		t.Errorf("%d were delivered all the same", len(got))
	}
	if status := post(r, "outbox-created", "m1", strings.Repeat("-", most)); status != 200 {
		t.Errorf("the largest: status %d", status)
	}
	delivered(t, r)
	if got := f.all(); len(got) != 1 || len(got[0].body) != most {
		t.Errorf("the largest was delivered %d times", len(got))
	}
}

// A function's own machine adds headers of its own; of those that came to the
// relay, the event's and the trace's go on and no others. Who delivers it is the relay.
func TestOnlyTheEventsHeadersGoOn(t *testing.T) {
	t.Parallel()
	f := newFunction(t, always(200))
	issuer, signed := localissuer.New(), http.Header{}
	issuer.Sign(signed, localissuer.Relay)
	r := New(map[string]string{"outbox-created": f.URL}, Faults{}, 1, issuer)
	const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	post(r, "outbox-created", "m1", "e30=", "Authorization", "Bearer owner", "Cookie", "a=b", "X-Other", "x", "ce-datacontenttype", "application/protobuf",
		"traceparent", trace, "tracestate", "a=b", "ce-source", "//firestore.googleapis.com/projects/projects/demo-x/databases/(default)")
	delivered(t, r)
	got := f.all()
	if len(got) != 1 || got[0].body != "{}" {
		t.Fatalf("arrived: %+v", got)
	}
	h := got[0].header
	for _, own := range []string{"User-Agent", "Accept-Encoding", "Content-Length"} {
		h.Del(own)
	}
	want := map[string]string{
		"Content-Type": "application/protobuf", "Ce-Specversion": "1.0", "Ce-Id": "m1", "Ce-Document": "outbox/m1", "Traceparent": trace, "Tracestate": "a=b",
		"Authorization": signed.Get("Authorization"), "Ce-Source": "//firestore.googleapis.com/projects/demo-x/databases/(default)",
	}
	for name, value := range want {
		if h.Get(name) != value {
			t.Errorf("%s is %q, want %q", name, h.Get(name), value)
		}
	}
	if len(h) != len(want) {
		t.Errorf("headers %v", h)
	}
}

// A burst does not open more connections than a function can take, and those
// that wait are delivered after it.
func TestSixteenAtOnce(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	now, most := 0, 0
	open := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		mu.Lock()
		now++
		most = max(most, now)
		mu.Unlock()
		<-open
		mu.Lock()
		now--
		mu.Unlock()
	}))
	t.Cleanup(server.Close)
	r := New(map[string]string{"outbox-created": server.URL}, Faults{}, 1, localissuer.New())
	for i := range 4 * atOnce {
		post(r, "outbox-created", fmt.Sprint(i), "{}")
	}
	until(t, "as many as may are under way", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return now == atOnce
	})
	if r.Held() != 4*atOnce {
		t.Errorf("%d are held", r.Held())
	}
	close(open)
	delivered(t, r)
	if most != atOnce {
		t.Errorf("%d at once", most)
	}
}

// The emulator is answered though no more can wait: it would not send again, and
// the schedules find the document.
func TestNoMoreWaitThanMayBeHeld(t *testing.T) {
	t.Parallel()
	f := newFunction(t, always(200))
	r := New(map[string]string{"outbox-created": f.URL}, Faults{Double: 1}, 1, localissuer.New())
	r.hold(waiting - 1)
	if status := post(r, "outbox-created", "two more than one place", "{}"); status != http.StatusOK || r.Held() != waiting-1 {
		t.Errorf("status %d and %d are held", status, r.Held())
	}
	r.hold(-(waiting - 1))
	post(r, "outbox-created", "m1", "{}")
	delivered(t, r)
	if got := f.all(); len(got) != 2 || got[0].header.Get("ce-id") != "m1" {
		t.Errorf("%d were delivered", len(got))
	}
}
