package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/cascading-leadership/cascade/shared/platform/telemetry"
)

const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

// collector takes what is exported by OTLP over HTTP.
type collector struct {
	mu   sync.Mutex
	sent map[string]string // by path
	*httptest.Server
}

func collect(t *testing.T) *collector {
	c := &collector{sent: map[string]string{}}
	c.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.sent[r.URL.Path] += string(body)
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *collector) got(path string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sent[path]
}

// start sets telemetry up for one test. It is the process's, so that these tests
// do not run in parallel.
func start(t *testing.T) (logs *bytes.Buffer, flush func(context.Context) error) {
	t.Helper()
	logger, spans, metrics := slog.Default(), otel.GetTracerProvider(), otel.GetMeterProvider()
	t.Cleanup(func() {
		slog.SetDefault(logger)
		otel.SetTracerProvider(spans)
		otel.SetMeterProvider(metrics)
	})
	otel.SetTracerProvider(noop.NewTracerProvider())
	logs = new(bytes.Buffer)
	flush, err := telemetry.Start(t.Context(), "outbox", logs)
	if err != nil {
		t.Fatal(err)
	}
	return logs, flush
}

// clear takes out what the machine says about exporters.
func clear(t *testing.T) {
	for _, name := range []string{"OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL"} {
		t.Setenv(name, "")
	}
}

func TestNothingIsExportedUnlessAskedFor(t *testing.T) {
	clear(t)
	_, flush := start(t)
	_, span := telemetry.Span(t.Context(), "send message")
	span.End()
	if span.IsRecording() || span.SpanContext().IsValid() {
		t.Error("a span is recorded that nobody gets")
	}
	if err := flush(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestFlushSendsWhatIsHeld(t *testing.T) {
	clear(t)
	c := collect(t)
	t.Setenv("OTEL_TRACES_EXPORTER", "otlp")
	t.Setenv("OTEL_METRICS_EXPORTER", "otlp")
	t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", c.URL)
	_, flush := start(t)
	_, span := telemetry.Span(t.Context(), "send message", attribute.String("cascade.message", "m1"))
	span.End()
	counter, err := otel.Meter("test").Int64Counter("cascade.messages")
	if err != nil {
		t.Fatal(err)
	}
	counter.Add(t.Context(), 1)
	if sent := c.got("/v1/traces"); sent != "" {
		t.Skip("the batch went by itself before it was flushed")
	}
	if err := flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	for path, wants := range map[string][]string{"/v1/traces": {"outbox", "send message", "cascade.message", "m1"}, "/v1/metrics": {"outbox", "cascade.messages"}} {
		for _, want := range wants {
			if !strings.Contains(c.got(path), want) {
				t.Errorf("%s got nothing of %q", path, want)
			}
		}
	}
}

func TestUnknownExporterStopsTheStart(t *testing.T) {
	for _, name := range []string{"OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER"} {
		t.Run(name, func(t *testing.T) {
			clear(t)
			t.Setenv(name, "carrier-pigeon")
			logger := slog.Default()
			defer slog.SetDefault(logger)
			if _, err := telemetry.Start(t.Context(), "outbox", io.Discard); err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "carrier-pigeon") {
				t.Errorf("the error is %v, which does not name %s", err, name)
			}
		})
	}
}

// Each line is JSON with the service, and with the ids of its trace where there
// is one, however the logger was made.
func TestLogLinesCarryTheirTrace(t *testing.T) {
	clear(t)
	logs, _ := start(t)
	within := telemetry.Continue(t.Context(), traceparent)
	slog.InfoContext(within, "in a trace", "id", "m1")
	slog.With("kind", "match-released").InfoContext(within, "with more")
	slog.InfoContext(t.Context(), "in none")
	slog.Info("without a context")
	var lines []map[string]any
	for d := json.NewDecoder(logs); d.More(); {
		var line map[string]any
		if err := d.Decode(&line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if len(lines) != 4 {
		t.Fatalf("%d lines", len(lines))
	}
	for i, line := range lines {
		if line["service"] != "outbox" || line["level"] != "INFO" {
			t.Errorf("the line is %v", line)
		}
		if traced := line["trace_id"] == "0af7651916cd43dd8448eb211c80319c" && line["span_id"] == "b7ad6b7169203331"; traced != (i < 2) {
			t.Errorf("the line is %v", line)
		}
	}
	if lines[0]["id"] != "m1" || lines[1]["kind"] != "match-released" {
		t.Errorf("the lines are %v", lines)
	}
}

// A message keeps the trace of what caused it, across the outbox.
func TestTraceGoesOn(t *testing.T) {
	t.Parallel()
	for kept, want := range map[string]string{
		traceparent: traceparent, "": "", "nonsense": "",
		"00-00000000000000000000000000000000-b7ad6b7169203331-01": "",
	} {
		ctx := telemetry.Continue(t.Context(), kept)
		if got := telemetry.Parent(ctx); got != want {
			t.Errorf("%q goes on as %q, want %q", kept, got, want)
		}
		if remote := trace.SpanContextFromContext(ctx).IsRemote(); remote != (want != "") {
			t.Errorf("%q: remote is %v", kept, remote)
		}
	}
}
