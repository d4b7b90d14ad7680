// Package cloudevent receives CloudEvents, from Firestore's document triggers and
// from schedules.
//
// An event is a hint and Firestore the truth: events arrive twice, late and out
// of order, so that a handler takes no more from one than a document's name or a
// schedule's, reads the document and does what its state asks for.
package cloudevent

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/cost"
	"github.com/cascading-leadership/cascade/shared/platform/telemetry"
	"github.com/cascading-leadership/cascade/shared/schedule"
)

// Path is where every event function receives its events.
const Path = "/events"

// ScheduleType is the type of a schedule's event, as a Knative PingSource sends it.
const ScheduleType = "dev.knative.sources.ping"

// documentTypes is what the types of Firestore's document events begin with.
const documentTypes = "google.cloud.firestore.document.v1."

// Handlers are what a function does when an event wakes it. Each does all that
// is waiting for it, so that one event may stand for many.
type Handlers struct {
	// Document is called with the ids in the document's path: for the document
	// programmes/p/pairings/x with ["p", "x"]. Nil: document events are ignored.
	Document func(ctx context.Context, ids []string) error
	// Schedules are called at each tick of their own. A tick of any other is refused.
	Schedules map[schedule.Name]func(ctx context.Context) error
	// Beat keeps that a schedule's work was done, so that its silence is noticed: see
	// cascade check. Nil keeps nothing.
	Beat func(ctx context.Context, schedule string) error
}

// What an operator watches.
var (
	ticks = telemetry.Counter("cascade.schedule.ticks", "Ticks of schedules, by schedule and by whether the work was done, failed or was refused")
	done  = telemetry.Gauge("cascade.schedule.done", "When a schedule's work was last done, as Unix time")
)

// errUnknown is that nobody here knows a schedule. What it is called may be anything, and
// is neither logged nor counted.
var errUnknown = errors.New("no schedule of this function")

// tick does a schedule's work, and leaves a heartbeat where it was done.
func (h Handlers) tick(ctx context.Context, name string) error {
	work := h.Schedules[schedule.Name(name)]
	if work == nil {
		ticks.Add(ctx, 1, metric.WithAttributes(attribute.String("schedule", "unknown"), attribute.String("outcome", "refused")))
		return errUnknown
	}
	cost.Job(ctx, name)
	of := attribute.String("schedule", name)
	err := work(ctx)
	if err != nil {
		ticks.Add(ctx, 1, metric.WithAttributes(of, attribute.String("outcome", "failed")))
		return err
	}
	ticks.Add(ctx, 1, metric.WithAttributes(of, attribute.String("outcome", "done")))
	done.Record(ctx, float64(time.Now().Unix()), metric.WithAttributes(of))
	if h.Beat != nil {
		if missed := h.Beat(ctx, name); missed != nil { // the work is done all the same
			slog.WarnContext(ctx, "heartbeat not kept", "schedule", name, "error", missed)
		}
	}
	return err
}

// Handler receives events for the handlers. An event of an unknown type is
// acknowledged, a malformed one and one of an unknown schedule refused with 400 and one
// that is too large with 413; an error of a handler answers 503, so that the event is delivered again.
//
// The SDK decodes the event but does not receive it: its receiver hands events
// from one request's goroutine to another's, so that an event is handled under
// the deadline of a stranger, and a sender that goes away too early leaves every
// later event one behind. Its answers also repeat a malformed event's content,
// which may be personal; these say nothing but the status.
func (h Handlers) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		// The SDK refuses this header, which the emulator and some senders set.
		r.Header.Del("ce-datacontenttype")
		e, err := cloudevents.NewEventFromHTTPRequest(r)
		var tooLarge *http.MaxBytesError
		switch {
		case errors.As(err, &tooLarge):
			w.WriteHeader(http.StatusRequestEntityTooLarge)
		case err != nil || e.Validate() != nil:
			w.WriteHeader(http.StatusBadRequest)
		default:
			w.WriteHeader(h.receive(r.Context(), *e))
		}
	})
}

// receive calls the handler of an event and says with which status to answer.
func (h Handlers) receive(ctx context.Context, e cloudevents.Event) int {
	var err error
	switch {
	case e.Type() == ScheduleType:
		source := e.Source()
		err = h.tick(ctx, source[strings.LastIndexByte(source, '/')+1:])
	case strings.HasPrefix(e.Type(), documentTypes) && h.Document != nil:
		name, _ := e.Extensions()["document"].(string)
		ids, ok := idsIn(name)
		if !ok {
			return http.StatusBadRequest
		}
		cost.Job(ctx, "document")
		err = h.Document(ctx, ids)
	default:
		slog.InfoContext(ctx, "event ignored", "type", e.Type())
	}
	switch {
	case err == nil:
		return http.StatusOK
	case errors.Is(err, errUnknown):
		slog.WarnContext(ctx, "tick of an unknown schedule refused")
		return http.StatusBadRequest
	case fault.Is(err, fault.NotFound):
		// The document is gone: there is nothing left to do, now or later.
		slog.InfoContext(ctx, "event for a document that is gone", "type", e.Type())
		return http.StatusOK
	case errors.Is(err, context.Canceled):
		return http.StatusServiceUnavailable
	}
	slog.ErrorContext(ctx, "event not handled", "type", e.Type(), "error", err)
	return http.StatusServiceUnavailable
}

// idsIn are the ids in a document's path, every second segment.
func idsIn(document string) (ids []string, ok bool) {
	segments := strings.Split(document, "/")
	if len(segments)%2 != 0 {
		return nil, false
	}
	for i, s := range segments {
		if s == "" {
			return nil, false
		}
		if i%2 == 1 {
			ids = append(ids, s)
		}
	}
	return ids, true
}
