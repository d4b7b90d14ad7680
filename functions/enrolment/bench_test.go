package enrolment

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
)

// BenchmarkEnrolment sends one leader's form as JSON over HTTP to the function as
// it is served, and in turn makes a bare commit of the two documents that it
// creates. The promise is the ratio of the medians: at most 1.5.
func BenchmarkEnrolment(b *testing.B) {
	bed := testbed.New(b)
	handler, err := New(b.Context(), bed.Runtime)
	if err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(serve.Wrap("enrolment", bed.Runtime, handler))
	b.Cleanup(server.Close)
	bare, err := firestore.NewClient(b.Context(), bed.Project)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { bare.Close() })

	n := 0
	f := form()
	enrol := func() {
		f.Email = fmt.Sprintf("leader%d@example.org", n)
		body, err := json.Marshal(f)
		if err != nil {
			b.Fatal(err)
		}
		response, err := http.Post(server.URL+"/enrol/pilot/seek", "application/json", strings.NewReader(string(body)))
		if err != nil {
			b.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusAccepted {
			b.Fatal(response.Status)
		}
	}
	enrol()
	all := bed.Claims()
	if len(all) != 1 {
		b.Fatal(len(all))
	}
	message := messages(b, bed)[0]
	commit := func() {
		//lint:ignore SA1019 what the store uses, and why, stands there
		batch := bare.Batch()
		batch.Create(bare.Doc(fmt.Sprintf("programmes/pilot/bare/%d", n)), all[0])
		batch.Create(bare.Doc(fmt.Sprintf("owed/%d", n)), message)
		if _, err := batch.Commit(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	commit()

	var enrolments, commits []time.Duration
	for b.Loop() {
		n++
		start := time.Now()
		enrol()
		middle := time.Now()
		commit()
		enrolments, commits = append(enrolments, middle.Sub(start)), append(commits, time.Since(middle))
	}
	median := func(all []time.Duration) float64 {
		slices.Sort(all)
		return float64(all[len(all)/2])
	}
	b.ReportMetric(median(enrolments)/1e6, "ms/enrolment")
	b.ReportMetric(median(commits)/1e6, "ms/commit")
	b.ReportMetric(median(enrolments)/median(commits), "ratio")
	b.ReportMetric(0, "ns/op")
}
