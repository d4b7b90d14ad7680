// Package telemetry sets up OpenTelemetry and structured logs, once a process.
//
// Both go to a collector by OTLP over HTTP where OTEL_TRACES_EXPORTER and
// OTEL_METRICS_EXPORTER say "otlp", and nowhere where they say "none" or nothing;
// the other standard OTEL_* variables tell where the collector is and how to talk
// to it. The library that knows every exporter was tried: it made the start of a
// process half as long again.
// Neither spans nor log lines carry personal data: they have a request's route in place of
// its path, in which a link's token may stand (platform/serve), and events carry ids alone.
package telemetry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Start sets up traces, metrics and logs for the named service. The returned
// function sends what is still held and is called last before the process ends.
func Start(ctx context.Context, service string, logs io.Writer) (flush func(context.Context) error, err error) {
	slog.SetDefault(slog.New(withTrace{slog.NewJSONHandler(logs, nil)}).With("service", service))
	otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}))

	res, err := resource.New(ctx,
		resource.WithAttributes(attribute.String("service.name", service)),
		resource.WithTelemetrySDK(), resource.WithFromEnv())
	if err != nil {
		return nil, err
	}
	var stops []func(context.Context) error
	if on, err := exported("OTEL_TRACES_EXPORTER"); err != nil {
		return nil, err
	} else if on {
		spans, err := otlptracehttp.New(ctx)
		if err != nil {
			return nil, err
		}
		p := sdktrace.NewTracerProvider(sdktrace.WithBatcher(spans), sdktrace.WithResource(res))
		otel.SetTracerProvider(p)
		stops = append(stops, p.Shutdown)
	}
	if on, err := exported("OTEL_METRICS_EXPORTER"); err != nil {
		return nil, err
	} else if on {
		metrics, err := otlpmetrichttp.New(ctx)
		if err != nil {
			return nil, err
		}
		p := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewPeriodicReader(metrics)), sdkmetric.WithResource(res))
		otel.SetMeterProvider(p)
		stops = append(stops, p.Shutdown)
	}
	return func(ctx context.Context) error {
		var errs []error
		for _, stop := range stops {
			errs = append(errs, stop(ctx))
		}
		return errors.Join(errs...)
	}, nil
}

// exported reads one of the variables that choose an exporter.
func exported(variable string) (bool, error) {
	switch value := os.Getenv(variable); value {
	case "otlp":
		return true, nil
	case "", "none":
		return false, nil
	default:
		return false, fmt.Errorf("%s is %q: it can be otlp or none", variable, value)
	}
}

// scope names this project as the source of spans and metrics.
const scope = "github.com/cascading-leadership/cascade"

// Span starts a span of this project's own.
func Span(ctx context.Context, name string, attrs ...attribute.KeyValue) (context.Context, trace.Span) {
	return otel.Tracer(scope).Start(ctx, name, trace.WithAttributes(attrs...))
}

// Counter is a count of this project's own. It may be made before Start.
func Counter(name, description string) metric.Int64Counter {
	c, err := otel.Meter(scope).Int64Counter(name, metric.WithDescription(description))
	if err != nil {
		panic(err) // a malformed name
	}
	return c
}

// Gauge is a figure of this project's own, in seconds.
func Gauge(name, description string) metric.Float64Gauge {
	g, err := otel.Meter(scope).Float64Gauge(name, metric.WithDescription(description), metric.WithUnit("s"))
	if err != nil {
		panic(err) // a malformed name
	}
	return g
}

// Histogram is how often a figure of this project's own was how large, counted between
// the given bounds.
func Histogram(name, description string, bounds ...float64) metric.Int64Histogram {
	h, err := otel.Meter(scope).Int64Histogram(name, metric.WithDescription(description), metric.WithExplicitBucketBoundaries(bounds...))
	if err != nil {
		panic(err) // a malformed name
	}
	return h
}

// Parent is the W3C traceparent of the span in ctx, to be kept with a document
// whose later handling belongs to the same trace; "" where there is no trace.
func Parent(ctx context.Context) string {
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	return carrier["traceparent"]
}

// Continue is ctx with the span of a kept traceparent as its parent.
func Continue(ctx context.Context, traceparent string) context.Context {
	return propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": traceparent})
}

// withTrace adds the ids of the current span to each log line.
type withTrace struct{ slog.Handler }

func (h withTrace) Handle(ctx context.Context, r slog.Record) error {
	if s := trace.SpanContextFromContext(ctx); s.IsValid() {
		r.AddAttrs(slog.String("trace_id", s.TraceID().String()), slog.String("span_id", s.SpanID().String()))
	}
	return h.Handler.Handle(ctx, r)
}

func (h withTrace) WithAttrs(a []slog.Attr) slog.Handler { return withTrace{h.Handler.WithAttrs(a)} }
func (h withTrace) WithGroup(n string) slog.Handler      { return withTrace{h.Handler.WithGroup(n)} }
