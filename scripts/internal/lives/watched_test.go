package lives

import (
	"bytes"
	"context"
	"fmt"
	"sync"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// watched is what an operator sees of all functions, in all tests at once: their log lines and
// their spans, with all that stands in these.
type watched struct {
	mu           sync.Mutex
	log, traces  bytes.Buffer
	lines, spans int
}

var operator = new(watched)

// Write takes log lines.
func (w *watched) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lines += bytes.Count(line, []byte("\n"))
	return w.log.Write(line)
}

// ExportSpans takes spans that have ended.
func (w *watched) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range spans {
		w.spans++
		fmt.Fprintln(&w.traces, s.Name(), s.Attributes(), s.Events(), s.Links(), s.Status(), s.Resource())
	}
	return nil
}

// Shutdown has nothing to do.
func (w *watched) Shutdown(context.Context) error { return nil }

// mark is how far it was seen.
type mark struct{ log, traces int }

func (w *watched) now() mark {
	w.mu.Lock()
	defer w.mu.Unlock()
	return mark{w.log.Len(), w.traces.Len()}
}

// since is what was seen from a mark on, with how many lines and spans there are in all.
func (w *watched) since(m mark) (seen map[string]string, lines, spans int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return map[string]string{"the log": string(w.log.Bytes()[m.log:]), "a trace": string(w.traces.Bytes()[m.traces:])}, w.lines, w.spans
}
