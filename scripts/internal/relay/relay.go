// Package relay stands between the Firestore emulator and the functions that
// listen to documents. In production a broker delivers events at least once and
// in any order; the emulator delivers each once, in order, and in a form of its
// own. The relay repairs the form, retries what is not accepted, and on request
// delays, doubles, shuffles and drops, so that functions meet locally what they
// will meet there.
package relay

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/cascading-leadership/cascade/shared/platform/localissuer"
)

// Faults are what the relay does to events beside delivering them.
type Faults struct {
	// Delay is how long each event waits.
	Delay time.Duration
	// Shuffle is the most that each event waits beyond Delay, at random, so that
	// events overtake each other.
	Shuffle time.Duration
	// Double and Drop are the shares of events, 0 to 1, that are delivered twice
	// and not at all.
	Double, Drop float64
}

// The bounds of the relay's work: events under way at once, events waiting, and
// attempts at one event, which with the waits between them take about a minute.
const (
	atOnce   = 16
	waiting  = 20_000
	attempts = 12
)

// Relay delivers events. It is an http.Handler for the emulator's posts.
type Relay struct {
	routes map[string]string
	faults Faults
	issuer *localissuer.Issuer
	client *http.Client
	slots  *semaphore.Weighted

	mu     sync.Mutex
	random *rand.Rand
	held   int
}

// New returns a relay. routes are the functions' addresses by trigger name; the
// same seed makes the same choices. issuer signs for it, as functions ask of whoever
// delivers events.
func New(routes map[string]string, faults Faults, seed uint64, issuer *localissuer.Issuer) *Relay {
	return &Relay{
		routes: routes, faults: faults, issuer: issuer,
		client: &http.Client{Timeout: time.Minute},
		slots:  semaphore.NewWeighted(atOnce),
		random: rand.New(rand.NewPCG(seed, seed)),
	}
}

// ServeHTTP takes one event, answers at once, and delivers it.
func (r *Relay) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	trigger := req.URL.Path[strings.LastIndexByte(req.URL.Path, '/')+1:]
	to, ok := r.routes[trigger]
	if !ok {
		http.Error(w, "no such trigger", http.StatusNotFound)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, 4<<20))
	if err != nil {
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		return
	}
	header, body := Repair(req.Header, body)

	copies, waits := r.fate()
	if !r.hold(copies) {
		slog.Warn("too many events wait: one was lost, and its schedule will find the document", "trigger", trigger)
		copies = 0
	}
	for i := range copies {
		go func() {
			defer r.hold(-1)
			time.Sleep(waits[i])
			_ = r.slots.Acquire(context.Background(), 1) // nothing ends it
			defer r.slots.Release(1)
			if err := r.deliver(to, header, body); err != nil {
				slog.Error("event given up: its schedule will find the document", "trigger", trigger, "document", header.Get("ce-document"), "error", err)
			}
		}()
	}
	w.WriteHeader(http.StatusOK)
}

// hold counts events under way, and refuses more than may wait.
func (r *Relay) hold(n int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n > 0 && r.held+n > waiting {
		return false
	}
	r.held += n
	return true
}

// Held is how many events are waiting or under way.
func (r *Relay) Held() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.held
}

// fate is how often an event is delivered, and how long each copy waits.
func (r *Relay) fate() (copies int, waits [2]time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	copies = 1
	if r.random.Float64() < r.faults.Drop {
		copies = 0
	} else if r.random.Float64() < r.faults.Double {
		copies = 2
	}
	for i := range waits {
		waits[i] = r.faults.Delay
		if r.faults.Shuffle > 0 {
			waits[i] += time.Duration(r.random.Int64N(int64(r.faults.Shuffle)))
		}
	}
	return copies, waits
}

// deliver posts an event until it is accepted.
func (r *Relay) deliver(to string, header http.Header, body []byte) error {
	var last error
	for attempt := range attempts {
		if attempt > 0 {
			time.Sleep(min(100*time.Millisecond<<attempt, 10*time.Second))
		}
		request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, to, bytes.NewReader(body))
		if err != nil {
			return err
		}
		request.Header = header.Clone()
		r.issuer.Sign(request.Header, localissuer.Relay)
		response, err := r.client.Do(request)
		if err != nil {
			last = err
			continue
		}
		response.Body.Close()
		switch {
		case response.StatusCode < 300:
			return nil
		case response.StatusCode < 500 && response.StatusCode != http.StatusTooManyRequests && response.StatusCode != http.StatusRequestTimeout:
			return fmt.Errorf("refused with %s", response.Status) // it would be again
		}
		last = fmt.Errorf("answered %s", response.Status)
	}
	return last
}

// Repair undoes the emulator's three departures from the CloudEvents and Eventarc
// forms: the protobuf body comes as base64 text, with a ce-datacontenttype header
// that the binary mode does not have, and the source doubles "projects/".
func Repair(header http.Header, body []byte) (http.Header, []byte) {
	repaired := http.Header{"Content-Type": header["Content-Type"]}
	for name, values := range header {
		if strings.HasPrefix(name, "Ce-") || name == "Traceparent" || name == "Tracestate" {
			repaired[name] = values
		}
	}
	repaired.Del("ce-datacontenttype")
	if source := repaired.Get("ce-source"); source != "" {
		repaired.Set("ce-source", strings.Replace(source, "projects/projects/", "projects/", 1))
	}
	if decoded, err := base64.StdEncoding.DecodeString(string(body)); err == nil {
		body = decoded
	}
	return repaired, body
}
