package testbed

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"cloud.google.com/go/firestore"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/cascading-leadership/cascade/shared/audit"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/telemetry"
)

// Seen is what an operator sees of a test: log lines, spans and figures.
type Seen struct {
	t     *testing.T
	spans *tracetest.InMemoryExporter
	mu    sync.Mutex
	log   bytes.Buffer
}

// meter reads what is measured. It is the process's, and the first one that is set
// gets the figures of all tests.
var (
	meter   = sdkmetric.NewManualReader()
	measure = sync.OnceFunc(func() { otel.SetMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(meter))) })
)

// Watch looks at the process's log, spans and figures from here on to the end of the
// test, which must not run in parallel with others. Functions that are served before
// have no spans for what they are asked.
func Watch(t *testing.T) *Seen {
	t.Helper()
	for _, name := range []string{"OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER"} {
		t.Setenv(name, "none") // which also fails in a test that runs in parallel
	}
	s := &Seen{t: t, spans: tracetest.NewInMemoryExporter()}
	logger, tracer, propagator := slog.Default(), otel.GetTracerProvider(), otel.GetTextMapPropagator()
	if _, err := telemetry.Start(t.Context(), "test", s); err != nil {
		t.Fatal(err)
	}
	otel.SetTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSyncer(s.spans)))
	measure()
	t.Cleanup(func() {
		slog.SetDefault(logger)
		otel.SetTracerProvider(tracer)
		otel.SetTextMapPropagator(propagator)
	})
	return s
}

func (s *Seen) Write(line []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.Write(line)
}

// Logs are the lines so far.
func (s *Seen) Logs() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

// Spans are the spans that have ended so far.
func (s *Seen) Spans() tracetest.SpanStubs { return s.spans.GetSpans() }

// Figures are this project's figures by name and attributes, as "name{a=b c=d}"; of a
// histogram, the sum.
func (s *Seen) Figures() map[string]float64 {
	s.t.Helper()
	var all metricdata.ResourceMetrics
	if err := meter.Collect(s.t.Context(), &all); err != nil {
		s.t.Fatal(err)
	}
	found := map[string]float64{}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			if !strings.HasPrefix(m.Name, "cascade.") {
				continue
			}
			switch data := m.Data.(type) {
			case metricdata.Sum[int64]:
				for _, p := range data.DataPoints {
					found[m.Name+labels(p.Attributes)] = float64(p.Value)
				}
			case metricdata.Gauge[float64]:
				for _, p := range data.DataPoints {
					found[m.Name+labels(p.Attributes)] = p.Value
				}
			case metricdata.Histogram[int64]:
				for _, p := range data.DataPoints {
					found[m.Name+labels(p.Attributes)] = float64(p.Sum)
				}
			default:
				s.t.Errorf("%s is a %T", m.Name, data)
			}
		}
	}
	return found
}

func labels(of attribute.Set) string {
	var all []string
	for _, a := range of.ToSlice() {
		all = append(all, string(a.Key)+"="+a.Value.String())
	}
	return "{" + strings.Join(all, " ") + "}"
}

// Silent fails where a log line, a span or a figure tells one of the canaries: texts
// that stood where people's own words, names and addresses stand, or the secrets of
// links and cookies.
func (s *Seen) Silent(canaries ...string) {
	s.t.Helper()
	var spans strings.Builder
	for _, span := range s.Spans() {
		fmt.Fprintln(&spans, span.Name, span.Attributes, span.Events, span.Status, span.Links)
	}
	if s.Logs() == "" || spans.Len() == 0 {
		s.t.Fatal("there is no log line or no span to look at")
	}
	figures, err := json.Marshal(s.Figures())
	if err != nil {
		s.t.Fatal(err)
	}
	for where, text := range map[string]string{"the log": s.Logs(), "a span": spans.String(), "a figure": string(figures)} {
		for _, canary := range canaries {
			if i := strings.Index(text, canary); i >= 0 {
				s.t.Errorf("%s tells %q: …%s…", where, canary, text[max(0, i-200):min(len(text), i+100)])
			}
		}
	}
}

// SilentOfNumbers is Silent for texts of digits, where they do not stand within a longer
// number, such as a time's.
func (s *Seen) SilentOfNumbers(canaries ...string) {
	s.t.Helper()
	text := s.Logs()
	for _, span := range s.Spans() {
		text += fmt.Sprintln(span.Name, span.Attributes, span.Events, span.Status)
	}
	for _, canary := range canaries {
		if at := regexp.MustCompile(`(^|[^0-9.])` + regexp.QuoteMeta(canary) + `([^0-9]|$)`).FindStringIndex(text); at != nil {
			s.t.Errorf("the log or a span tells %q: …%s…", canary, text[max(0, at[0]-200):min(len(text), at[1]+100)])
		}
	}
}

// Documents are all documents of all collections of the database of people by their paths,
// read past the store.
func (b *Bed) Documents() map[string]*firestore.DocumentSnapshot {
	b.t.Helper()
	all := map[string]*firestore.DocumentSnapshot{}
	var walk func(*firestore.CollectionIterator)
	walk = func(collections *firestore.CollectionIterator) {
		found, err := collections.GetAll()
		if err != nil {
			b.t.Fatal(err)
		}
		for _, collection := range found {
			docs, err := collection.Documents(b.t.Context()).GetAll()
			if err != nil {
				b.t.Fatal(err)
			}
			for _, d := range docs {
				_, path, _ := strings.Cut(d.Ref.Path, "/documents/")
				all[path] = d
				if holdsOthers(collection.ID) {
					walk(d.Ref.Collections(b.t.Context()))
				}
			}
		}
	}
	walk(b.database().Collections(b.t.Context()))
	return all
}

// AnswerDocuments are those of the database of answers, where there is no document above them.
func (b *Bed) AnswerDocuments() map[string]*firestore.DocumentSnapshot {
	b.t.Helper()
	all := map[string]*firestore.DocumentSnapshot{}
	for _, d := range store.AnswerDocuments {
		docs, err := b.answers().CollectionGroup(d.Collection()).Documents(b.t.Context()).GetAll()
		if err != nil {
			b.t.Fatal(err)
		}
		for _, d := range docs {
			_, path, _ := strings.Cut(d.Ref.Path, "/documents/")
			all[path] = d
		}
	}
	return all
}

// holdsOthers reports whether there is a type of document below those of a collection: the
// store writes no other.
func holdsOthers(collection string) bool {
	return slices.ContainsFunc(store.Documents, func(d store.Document) bool { return strings.Contains(d.Path, collection+"/*/") })
}

// kinds are what log lines call the documents of a collection that have states.
var kinds = map[string]string{
	"enrolments": "enrolment", "contacts": "contact", "runs": "run", "matches": "match", "pairings": "pairing", "sessions": "session", "invitations": "invitation", "outbox": "message", "requests": "request",
}

// state is that of a document in one word, "" for one that is not there. A response has
// none: nothing is to tell when it was given.
func state(d *firestore.DocumentSnapshot, kind string) string {
	data := map[string]any{}
	if d != nil {
		data = d.Data()
	}
	switch kind {
	case "contact": // there is none of somebody who was never written to
		if stopped, _ := data["stopped"].(string); stopped != "" {
			return stopped
		}
		return "written to"
	case "invitation":
		if d == nil {
			return ""
		}
		return map[any]string{false: "invited", true: "submitted"}[data["submitted"]]
	}
	state, _ := data["state"].(string)
	return state
}

// Tells does something, and fails unless the log then has one line for each document
// whose state that changed, with its id and the state, and one for each change in the
// audit trail; and no other lines of states. It returns how many documents changed theirs.
func (s *Seen) Tells(b *Bed, what string, do func()) (changes int) {
	s.t.Helper()
	before, from := b.Documents(), len(s.Logs())
	do()
	after := b.Documents()
	lines, done := map[string][]string{}, 0 // the states by the document's kind and id
	for d := json.NewDecoder(strings.NewReader(s.Logs()[from:])); d.More(); {
		var line struct{ Msg, ID, State string }
		if err := d.Decode(&line); err != nil {
			s.t.Fatal(err)
		}
		switch {
		case line.State != "":
			lines[line.Msg+" "+line.ID] = append(lines[line.Msg+" "+line.ID], line.State)
		case line.Msg == "done":
			done++
		}
	}
	for path, d := range after {
		old := before[path]
		if old != nil && old.UpdateTime.Equal(d.UpdateTime) {
			continue
		}
		kind := kinds[d.Ref.Parent.ID]
		if kept, _ := d.Data()["kind"].(string); d.Ref.Parent.ID == "auditEntries" && kept == string(audit.Change) {
			done--
		}
		is, was := state(d, kind), state(old, kind)
		told := lines[kind+" "+d.Ref.ID]
		delete(lines, kind+" "+d.Ref.ID)
		// That a session was moved is said too, though it is booked as before.
		moved := kind == "session" && old != nil && old.Data()["sequence"] != d.Data()["sequence"]
		switch {
		case kind == "" || is == was && len(told) == 0:
			continue
		case kind == "message" && d.Data()["to"] == "nobody": // it only stands in the place of one
			continue
		case is != was:
			changes++
		case moved:
			is = "moved"
		}
		// A message is leased and sent in one go, which are two changes.
		if len(told) == 0 || told[len(told)-1] != is || len(slices.Compact(slices.Clone(told))) != len(told) || len(told) > 1 && kind != "message" {
			s.t.Errorf("%s: %s is %q now, and was %q: the log says %q", what, path, is, was, told)
		}
	}
	for path, old := range before {
		kind := kinds[old.Ref.Parent.ID]
		if after[path] != nil || kind == "" {
			continue
		}
		changes++
		if told := lines[kind+" "+old.Ref.ID]; !slices.Equal(told, []string{"gone"}) {
			s.t.Errorf("%s: %s was taken away: the log says %q", what, path, told)
		}
		delete(lines, kind+" "+old.Ref.ID)
	}
	for of, told := range lines {
		s.t.Errorf("%s: the log says %q of %s, which was not written", what, told, of)
	}
	if done != 0 {
		s.t.Errorf("%s: the log has %+d lines of what was done beside the audit trail", what, done)
	}
	return changes
}
