package cloudevent_test

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/cascading-leadership/cascade/shared/platform/cloudevent"
	"github.com/cascading-leadership/cascade/shared/schedule"
)

// A heartbeat stands for work that was done. This test does not run in parallel, since
// the figures are the process's.
func TestOnlyWorkThatIsDoneLeavesAHeartbeat(t *testing.T) {
	meter := sdkmetric.NewManualReader()
	otel.SetMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(meter)))
	var beats []string
	work := error(nil)
	does := func(context.Context) error { return work }
	h := cloudevent.Handlers{
		Schedules: map[schedule.Name]func(context.Context) error{schedule.OutboxSweep: does, schedule.RemindersTick: does},
		Beat: func(_ context.Context, schedule string) error {
			beats = append(beats, schedule)
			return errors.New("not kept")
		},
	}.Handler()
	tick := func(schedule string) int {
		status, _ := answer(h, binary(cloudevent.ScheduleType, "/apis/v1/namespaces/cascade/pingsources/"+schedule, "", "{}"))
		return status
	}
	before := time.Now().Truncate(time.Second)
	if status := tick("outbox-sweep"); status != 200 { // the work is done, whatever becomes of its heartbeat
		t.Errorf("status %d", status)
	}
	tick("outbox-sweep")
	work = errors.New("the database is down")
	if status := tick("reminders-tick"); status != 503 {
		t.Errorf("status %d", status)
	}
	if status := tick("Alex Sample <alex@example.org>"); status != 400 {
		t.Errorf("status %d to an unknown schedule", status)
	}
	if len(beats) != 2 || beats[0] != "outbox-sweep" || beats[1] != "outbox-sweep" {
		t.Errorf("heartbeats of %q", beats)
	}

	var all metricdata.ResourceMetrics
	if err := meter.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	ticks, done := map[string]int64{}, map[string]float64{}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			switch data := m.Data.(type) {
			case metricdata.Sum[int64]:
				for _, p := range data.DataPoints {
					ticks[m.Name+" "+p.Attributes.Encoded(attribute.DefaultEncoder())] = p.Value
				}
			case metricdata.Gauge[float64]:
				for _, p := range data.DataPoints {
					done[m.Name+" "+p.Attributes.Encoded(attribute.DefaultEncoder())] = p.Value
				}
			}
		}
	}
	if want := map[string]int64{
		"cascade.schedule.ticks outcome=done,schedule=outbox-sweep": 2, "cascade.schedule.ticks outcome=failed,schedule=reminders-tick": 1,
		"cascade.schedule.ticks outcome=refused,schedule=unknown": 1,
	}; !maps.Equal(ticks, want) {
		t.Errorf("counted %v, want %v", ticks, want)
	}
	if at := done["cascade.schedule.done schedule=outbox-sweep"]; len(done) != 1 || at < float64(before.Unix()) || at > float64(time.Now().Unix()) {
		t.Errorf("done at %v", done)
	}
}
