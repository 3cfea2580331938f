package main

import (
	"context"
	"fmt"
	"net/http"

	"treem/bot"
	"treem/channels"
	"treem/config"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// tracing tells a collector what the program did and how long it took: kinds of request, numbers of conversations, names
// of channels and codes of errors. Never an address, a path, the text of an error or anything people wrote, and nothing
// that callers send (traceparent, baggage) is taken over.
type tracing struct{ tracer trace.Tracer }

// openTracing begins to send spans to tracing.url; empty: none are made.
func (a *App) openTracing(ctx context.Context, cfg config.Config) error {
	if cfg.Tracing.URL == "" {
		a.tracing = tracing{noop.NewTracerProvider().Tracer("treem")}
		return nil
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(cfg.Tracing.URL))
	if err != nil {
		return fmt.Errorf("tracing.url: %w", err)
	}
	p := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter),
		sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", "treem"), attribute.String("service.version", version()))))
	a.tracing = tracing{p.Tracer("treem")}
	a.onClose("tracing", func(ctx context.Context) error {
		if err := p.Shutdown(ctx); err != nil {
			a.log.Warn("the last traces were not sent", "error", err)
		}
		return nil
	})
	return nil
}

// span runs f within a span.
func (t tracing) span(ctx context.Context, name string, f func(context.Context) error, about ...attribute.KeyValue) error {
	ctx, span := t.tracer.Start(ctx, name, trace.WithAttributes(about...))
	defer span.End()
	err := f(ctx)
	if err != nil {
		span.SetStatus(codes.Error, string(bot.ErrorCode(err)))
	}
	return err
}

// conversation wraps a job that works on a conversation.
func (t tracing) conversation(name string, f func(context.Context, int64) error) func(context.Context, int64) error {
	return func(ctx context.Context, id int64) error {
		return t.span(ctx, name, func(ctx context.Context) error { return f(ctx, id) }, attribute.Int64("conversation", id))
	}
}

// named wraps a job that works on a thing with a name of ours.
func (t tracing) named(name, key string, f func(context.Context, string) error) func(context.Context, string) error {
	return func(ctx context.Context, value string) error {
		return t.span(ctx, name, func(ctx context.Context) error { return f(ctx, value) }, attribute.String(key, value))
	}
}

// http wraps a listener's handler. Requests are named by the route that answered them, for paths may tell what people read.
func (t tracing) http(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, span := t.tracer.Start(r.Context(), "HTTP", trace.WithSpanKind(trace.SpanKindServer))
		defer span.End()
		if !span.IsRecording() {
			h.ServeHTTP(w, r)
			return
		}
		r = r.WithContext(ctx)
		h.ServeHTTP(w, r)
		if r.Pattern != "" {
			span.SetName(r.Pattern)
		}
	})
}

// tracedSink is what channels hand their messages to.
type tracedSink struct {
	channels.Sink
	tracing tracing
}

// Accept implements channels.Sink.
func (s tracedSink) Accept(ctx context.Context, in channels.Inbound) error {
	return s.tracing.span(ctx, "accept", func(ctx context.Context) error { return s.Sink.Accept(ctx, in) }, attribute.String("channel", in.From.Channel))
}
