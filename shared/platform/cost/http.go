package cost

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/cascading-leadership/cascade/shared/platform/telemetry"
)

// What an operator watches. Routes are patterns and jobs schedules' names: neither tells
// of a person.
var (
	reads  = telemetry.Histogram("cascade.firestore.reads", "Documents read for a request, by route and job", 0, 1, 2, 5, 10, 20, 40, 100, 1_000, 10_000, 100_000)
	writes = telemetry.Histogram("cascade.firestore.writes", "Documents written for a request, by route and job", 0, 1, 2, 5, 10, 20, 40, 100, 1_000, 10_000, 100_000)
	trips  = telemetry.Histogram("cascade.firestore.trips", "Round trips to Firestore for a request, by route and job", 0, 1, 2, 3, 4, 5, 6, 8, 10, 20, 100, 1_000)
	deep   = telemetry.Histogram("cascade.firestore.depth", "Round trips to Firestore that waited for one another in a request, by route and job", 0, 1, 2, 3, 4, 5, 6, 8, 10, 20, 100, 1_000)
)

// Handler counts what each request costs, and says so on its span and in the figures.
// It stands around a mux, which tells the request which route it took.
func Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, m := Start(r.Context())
		r = r.WithContext(ctx)
		defer func() { m.tell(ctx, r.Pattern) }()
		next.ServeHTTP(w, r)
	})
}

// Job names what a request does beyond its route: an event's function has one route for
// all that wakes it.
func Job(ctx context.Context, name string) {
	if m := of(ctx); m != nil {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.job = name
	}
}

// tell says what a request cost.
func (m *Meter) tell(ctx context.Context, route string) {
	m.mu.Lock()
	c, job := m.cost, m.job
	m.mu.Unlock()
	by := metric.WithAttributes(attribute.String("route", route), attribute.String("job", job))
	for figure, n := range map[metric.Int64Histogram]int{reads: c.Reads, writes: c.Writes, trips: c.Trips, deep: c.Depth} {
		figure.Record(ctx, int64(n), by)
	}
	trace.SpanFromContext(ctx).SetAttributes(
		attribute.String("cascade.route", route), attribute.Int("cascade.firestore.reads", c.Reads), attribute.Int("cascade.firestore.writes", c.Writes),
		attribute.Int("cascade.firestore.trips", c.Trips), attribute.Int("cascade.firestore.depth", c.Depth))
}
