package outbox

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// BenchmarkOutbox sends many messages by sweeps, to a sink that takes them at once,
// and beside it runs a bare loop that makes the same writes and the same calls with
// as many at once, without reading, judging, writing letters or recovering. "of bare"
// is how much of the loop's rate the outbox reaches: the median of several rounds, in
// which one goes after the other, by turns first, so that what else the machine does
// hits both. A round that is not counted goes before them.
// CASCADE_BENCH_MESSAGES sets how many, in place of 10,000.
//
// The emulator keeps what was deleted: a heap that is large from the start keeps the
// growing of it, and Java's collector, out of the figures.
//
//	JDK_JAVA_OPTIONS="-Xms4g -Xmn1g" go run ./scripts/cmd/up emulator go test -run - -bench Outbox -benchtime 6x ./functions/outbox
func BenchmarkOutbox(b *testing.B) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	debug.SetGCPercent(400) // as infra/knative sets it
	messages := 10_000
	if text := os.Getenv("CASCADE_BENCH_MESSAGES"); text != "" {
		messages, _ = strconv.Atoi(text)
	}
	var body atomic.Value
	var taken atomic.Int64
	sink := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		body.Store(text)
		taken.Add(1)
		w.Header().Set("X-Message-Id", "x")
		w.WriteHeader(http.StatusAccepted)
	}))
	b.Cleanup(sink.Close)

	// Each side begins with a database of its own: the emulator goes through all
	// messages that there are, where Firestore has an index.
	sweeps := func() (seconds, grown float64) {
		bed, _ := multitude(b, messages)
		defer wipe(b, bed)
		function, err := newSender(bed.Runtime, Config{Key: "key", Host: sink.URL, SenderName: "Cascade", SenderEmail: "sender@example.org"})
		if err != nil {
			b.Fatal(err)
		}
		taken.Store(0)
		before, began := heap(), time.Now()
		for range 5 { // each takes 45 seconds at most
			if err := function.sweep(b.Context()); err != nil {
				b.Fatal(err)
			}
			if taken.Load() == int64(messages) {
				break
			}
		}
		if taken.Load() != int64(messages) {
			b.Fatalf("%d of %d messages were sent", taken.Load(), messages)
		}
		seconds = time.Since(began).Seconds()
		return seconds, (float64(heap()) - float64(before)) / (1 << 20)
	}
	loop := func() (seconds float64) {
		bed, all := multitude(b, messages)
		defer wipe(b, bed)
		began := time.Now()
		var wait sync.WaitGroup
		next := make(chan *outbox.Message)
		for range atOnce {
			wait.Go(func() {
				for m := range next {
					if err := bareSend(b.Context(), bed.Store, sink, m, body.Load().([]byte)); err != nil {
						b.Error(err)
					}
				}
			})
		}
		for _, m := range all {
			next <- m
		}
		close(next)
		wait.Wait()
		return time.Since(began).Seconds()
	}
	// The emulator becomes several times faster while it is new.
	sweeps()
	loop()
	var ours, bare, ratios []float64
	var grown float64
	for i := range b.N {
		var mine, grew, its float64
		if i%2 == 0 {
			mine, grew = sweeps()
			its = loop()
		} else {
			its = loop()
			mine, grew = sweeps()
		}
		grown = max(grown, grew)
		ours, bare, ratios = append(ours, float64(messages)/mine), append(bare, float64(messages)/its), append(ratios, 100*its/mine)
	}
	b.ReportMetric(median(ours), "messages/s")
	b.ReportMetric(median(bare), "bare/s")
	b.ReportMetric(median(ratios), "%-of-bare")
	b.ReportMetric(grown, "MiB-grown")
	b.ReportMetric(0, "ns/op")
}

// multitude is a programme with many people, to each of whom a message is owed.
func multitude(b *testing.B, n int) (*testbed.Bed, []*outbox.Message) {
	b.Helper()
	bed := testbed.New(b)
	var all []*outbox.Message
	for first := 0; first < n; first += 200 {
		c := bed.Store.Commit()
		for i := first; i < min(first+200, n); i++ {
			id := fmt.Sprint("e", i)
			claim := &enrolment.Claim{ID: id, Enrolment: id + "-seek", Role: programme.Client, CreatedAt: bed.Now(), ExpireAt: bed.Now().Add(enrolment.ClaimLife),
				Form: enrolment.Form{Name: fmt.Sprint("Person ", i), Email: fmt.Sprintf("p%d@example.org", i)}}
			c.CreateClaim("pilot", claim)
			m := message.ConfirmEnrolment(bed.Programme, claim)
			all = append(all, &m)
			c.Enqueue(b.Context(), m, bed.Now())
		}
		bed.Commit(c)
		for _, m := range all[first:] {
			m.Version = c.At()
		}
	}
	return bed, all
}

// bareSend makes the writes and the call that sending one message takes: its claim with
// a link, the email, and the outcome.
func bareSend(ctx context.Context, db *store.Store, sink *httptest.Server, m *outbox.Message, body []byte) error {
	c := db.Commit()
	m.Claim(time.Now(), outbox.Usual)
	c.UpdateMessage(m)
	c.CreateLink(&store.Link{ID: m.ID + m.ID, Purpose: string(purpose.Confirm), Programme: m.Programme, Person: m.To, Role: m.Role, CreatedAt: time.Now(), ExpireAt: time.Now()})
	if err := c.Do(ctx); err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, sink.URL+"/v3/mail/send", bytes.NewReader(body))
	if err != nil {
		return err
	}
	response, err := sink.Client().Do(request)
	if err != nil {
		return err
	}
	response.Body.Close()
	m.Version = c.At()
	m.Took("x", time.Now())
	c = db.Commit()
	c.UpdateMessage(m)
	return c.Do(ctx)
}

// wipe forgets what a programme left in the emulator, which holds all in memory.
func wipe(b *testing.B, bed *testbed.Bed) {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), http.MethodDelete,
		"http://"+os.Getenv("FIRESTORE_EMULATOR_HOST")+"/emulator/v1/projects/"+bed.Project+"/databases/(default)/documents", nil)
	if err != nil {
		b.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	response.Body.Close()
}

func median(of []float64) float64 {
	slices.Sort(of)
	return (of[len(of)/2] + of[(len(of)-1)/2]) / 2
}

// heap is how many bytes are in use, after a collection.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
