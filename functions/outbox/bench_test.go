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
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// BenchmarkOutbox sends many messages by sweeps, to a sink that takes them at once,
// and beside it runs a bare loop that makes the same writes and the same calls with
// as many at once, without reading, judging, writing letters or recovering. "of bare"
// is how much of the loop's rate the outbox reaches; both are measured in turns.
// CASCADE_BENCH_MESSAGES sets how many, in place of 10,000.
func BenchmarkOutbox(b *testing.B) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	messages := 10_000
	if text := os.Getenv("CASCADE_BENCH_MESSAGES"); text != "" {
		messages, _ = strconv.Atoi(text)
	}
	bed := testbed.New(b)
	var taken atomic.Int64
	var body atomic.Value
	sink := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		body.Store(text)
		taken.Add(1)
		w.Header().Set("X-Message-Id", "x")
		w.WriteHeader(http.StatusAccepted)
	}))
	b.Cleanup(sink.Close)
	function, err := newSender(bed.Runtime, Config{Key: "key", Host: sink.URL, SenderName: "Cascade", SenderEmail: "sender@example.org"})
	if err != nil {
		b.Fatal(err)
	}
	// people are enrolled once; each round owes each of them one message.
	for first := 0; first < messages; first += 400 {
		c := bed.Store.Commit()
		for i := first; i < min(first+400, messages); i++ {
			c.CreateEnrolment("pilot", &enrolment.Enrolment{ID: fmt.Sprint("e", i), Role: programme.Client, State: enrolment.Confirmed,
				Person: enrolment.Person{Name: fmt.Sprint("Person ", i), Email: fmt.Sprintf("p%d@example.org", i)}})
		}
		bed.Commit(c)
	}
	owe := func(round int) (all []*outbox.Message) {
		for first := 0; first < messages; first += 400 {
			c := bed.Store.Commit()
			for i := first; i < min(first+400, messages); i++ {
				id := outbox.ID(outbox.EnrolmentConfirmed, fmt.Sprint("e", i), "", fmt.Sprint(round))
				m := &outbox.Message{ID: id, Kind: outbox.EnrolmentConfirmed, Programme: "pilot", To: fmt.Sprint("e", i), Role: programme.Client}
				all = append(all, m)
				c.Owe(b.Context(), *m, bed.Now())
			}
			bed.Commit(c)
			for _, m := range all[first:] {
				m.Version = c.At()
			}
		}
		return all
	}
	var ours, bare time.Duration
	var grown float64
	for round := range b.N {
		owe(2 * round)
		taken.Store(0)
		before := heap()
		began := time.Now()
		for taken.Load() < int64(messages) {
			if err := function.sweep(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
		ours += time.Since(began)
		grown = max(grown, (float64(heap())-float64(before))/(1<<20))

		all := owe(2*round + 1)
		began = time.Now()
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
		bare += time.Since(began)
	}
	each := float64(b.N * messages)
	b.ReportMetric(each/ours.Seconds(), "messages/s")
	b.ReportMetric(each/bare.Seconds(), "bare/s")
	b.ReportMetric(100*bare.Seconds()/ours.Seconds(), "%-of-bare")
	b.ReportMetric(grown, "MiB-grown")
	b.ReportMetric(0, "ns/op")
}

// bareSend makes the two writes and the call that sending one message takes.
func bareSend(ctx context.Context, db *store.Store, sink *httptest.Server, m *outbox.Message, body []byte) error {
	c := db.Commit()
	m.Claim(time.Now(), outbox.Usual)
	c.UpdateMessage(m)
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

// heap is how many bytes are in use, after a collection.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
