package cost_test

import (
	"context"
	"net/http"
	"testing"

	"go.opentelemetry.io/otel/attribute"

	"github.com/cascading-leadership/cascade/shared/platform/cloudevent"
	"github.com/cascading-leadership/cascade/shared/platform/cost"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/schedule"
	"github.com/cascading-leadership/cascade/shared/supervision"
)

// What Firestore's client is asked for is counted: of a request to a route, of a
// schedule's tick and of an event, in figures and spans that hold patterns and no
// paths.
func TestRequestsSayWhatTheyCost(t *testing.T) {
	seen := testbed.Watch(t)
	b := testbed.New(t)
	c := b.Store.Commit()
	for _, id := range []string{"a", "b", "c"} {
		c.CreateSupervisor("pilot", &supervision.Supervisor{ID: id})
	}
	b.Commit(c)
	read := func(ctx context.Context) error {
		if _, err := b.Store.Supervisors(ctx, "pilot"); err != nil {
			return err
		}
		if _, err := b.Store.Supervisor(ctx, "pilot", "nobody"); err == nil {
			t.Error("nobody is there")
		}
		c := b.Store.Commit()
		c.CreateSupervisor("pilot", &supervision.Supervisor{ID: "of" + b.Now().Format("150405.000000")})
		return c.Do(ctx)
	}
	b.Serve("test", func(context.Context, *serve.Runtime) (http.Handler, error) {
		mux := http.NewServeMux()
		mux.HandleFunc("GET /supervisors/{of}", func(w http.ResponseWriter, r *http.Request) { _ = read(r.Context()) })
		mux.Handle("POST "+cloudevent.Path, cloudevent.Handlers{
			Document:  func(ctx context.Context, _ []string) error { return read(ctx) },
			Schedules: map[schedule.Name]func(context.Context) error{"sweep-test": read},
		}.Handler())
		return mux, nil
	})
	b.Get("/supervisors/canary")
	b.Event("", "sweep-test")
	b.Event("programmes/canary", "")

	figures := seen.Figures()
	for by, reads := range map[string]float64{
		"{job= route=GET /supervisors/{of}}":  3 + 1,
		"{job=sweep-test route=POST /events}": 4 + 1,
		"{job=document route=POST /events}":   5 + 1,
	} {
		for name, want := range map[string]float64{"reads": reads, "writes": 1, "trips": 3, "depth": 3} {
			if got := figures["cascade.firestore."+name+by]; got != want {
				t.Errorf("%s%s is %v, want %v", name, by, got, want)
			}
		}
	}
	for _, span := range seen.Spans() {
		if span.Name == "test GET /supervisors/{of}" {
			for _, a := range []attribute.KeyValue{
				attribute.String("cascade.route", "GET /supervisors/{of}"), attribute.Int("cascade.firestore.reads", 4), attribute.Int("cascade.firestore.writes", 1),
				attribute.Int("cascade.firestore.trips", 3), attribute.Int("cascade.firestore.depth", 3),
			} {
				found := false
				for _, has := range span.Attributes {
					found = found || has == a
				}
				if !found {
					t.Errorf("the span does not say %v: %v", a, span.Attributes)
				}
			}
			return
		}
	}
	t.Error("the request has no span")
}

func TestNothingIsCountedForNobody(t *testing.T) {
	t.Parallel()
	b := testbed.New(t)
	ctx, m := cost.Start(t.Context())
	if _, err := b.Store.Programme(t.Context(), "pilot"); err != nil {
		t.Fatal(err)
	}
	if m.Cost() != (cost.Cost{}) {
		t.Errorf("another's calls cost %+v", m.Cost())
	}
	if _, err := b.Store.Programme(ctx, "pilot"); err != nil {
		t.Fatal(err)
	}
	got := m.Cost()
	if got.Received < 500 {
		t.Errorf("a programme takes up %d bytes", got.Received)
	}
	if got.Received = 0; got != (cost.Cost{Reads: 1, Trips: 1, Depth: 1}) {
		t.Errorf("one document costs %+v", got)
	}
}
