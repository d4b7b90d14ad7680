// Package event receives CloudEvents, from Firestore's document triggers and
// from schedules.
//
// An event is a hint and Firestore the truth: events arrive twice, late and out
// of order, so that a handler takes no more from one than a document's name or a
// schedule's, reads the document and does what its state asks for.
package event

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	cloudevents "github.com/cloudevents/sdk-go/v2"

	"github.com/cascading-leadership/cascade/shared/fault"
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
	// Schedule is called at each tick with the schedule's name.
	Schedule func(ctx context.Context, name string) error
}

// Handler receives events for the handlers. An event of an unknown type is
// acknowledged, a malformed one refused with 400; an error of a handler answers
// 503, so that the event is delivered again.
func (h Handlers) Handler() (http.Handler, error) {
	p, err := cloudevents.NewHTTP()
	if err != nil {
		return nil, err
	}
	receive, err := cloudevents.NewHTTPReceiveHandler(context.Background(), p, h.receive)
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The SDK refuses this header, which the emulator and some senders set.
		r.Header.Del("ce-datacontenttype")
		// The SDK answers a malformed event with its content, which may be personal.
		receive.ServeHTTP(quiet{w}, r)
	}), nil
}

func (h Handlers) receive(ctx context.Context, e cloudevents.Event) cloudevents.Result {
	var err error
	switch {
	case e.Type() == ScheduleType && h.Schedule != nil:
		source := e.Source()
		err = h.Schedule(ctx, source[strings.LastIndexByte(source, '/')+1:])
	case strings.HasPrefix(e.Type(), documentTypes) && h.Document != nil:
		name, _ := e.Extensions()["document"].(string)
		ids, ok := idsIn(name)
		if !ok {
			return cloudevents.NewHTTPResult(http.StatusBadRequest, "the document attribute is missing or malformed")
		}
		err = h.Document(ctx, ids)
	default:
		slog.InfoContext(ctx, "event ignored", "type", e.Type())
	}
	switch {
	case err == nil:
		return nil
	case fault.Is(err, fault.NotFound):
		// The document is gone: there is nothing left to do, now or later.
		slog.InfoContext(ctx, "event for a document that is gone", "type", e.Type())
		return nil
	case errors.Is(err, context.Canceled):
		return cloudevents.NewHTTPResult(http.StatusServiceUnavailable, "stopping")
	}
	slog.ErrorContext(ctx, "event not handled", "type", e.Type(), "error", err)
	return cloudevents.NewHTTPResult(http.StatusServiceUnavailable, "try again")
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

// quiet drops the body of an answer that is an error.
type quiet struct{ http.ResponseWriter }

func (q quiet) Write(b []byte) (int, error) { return len(b), nil }
