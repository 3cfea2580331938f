package main

import (
	"net/http"
	"strconv"
	"time"

	"treem/bot/dialogue"
	"treem/bot/triage"
	"treem/channels"
	"treem/channels/sms"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics counts for Prometheus. Labels are names of ours, never anything of a person's.
type metrics struct {
	registry  *prometheus.Registry
	received  *prometheus.CounterVec
	handled   *prometheus.HistogramVec
	delivered *prometheus.HistogramVec
	notified  *prometheus.HistogramVec
	opened    *prometheus.CounterVec
	escalated *prometheus.CounterVec
	segments  *prometheus.CounterVec
	smsCost   *prometheus.CounterVec
	smsPrice  float64 // đồng a segment, an estimate
}

// newMetrics counts what the bot tells it and reads how things stand (gauges.go). Every series whose name and labels are
// known beforehand is there from the start, at 0: an alert on a series that does not exist would never fire.
func newMetrics(a *App) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		handled: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "treem_message_seconds",
			Help: "Time to work out and store the reply to one message.", Buckets: prometheus.ExponentialBuckets(.001, 2, 14)}, []string{"kind"}),
		delivered: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "treem_send_seconds",
			Help: "Time of one send and its record, by outcome.", Buckets: prometheus.ExponentialBuckets(.001, 2, 16)}, []string{"channel", "outcome"}),
	}
	m.notified = prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "treem_notice_seconds",
		Help: "Time of one try to tell the people on duty and its record, by outcome.", Buckets: prometheus.ExponentialBuckets(.001, 2, 16)}, []string{"target", "outcome"})
	m.opened = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "treem_cases_total", Help: "Cases opened."}, []string{"level"})
	m.escalated = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "treem_escalations_total",
		Help: "Cases not taken in time; unheard: everybody had been told before."}, []string{"unheard"})
	m.received = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "treem_received_total",
		Help: "Messages the channels brought; stored=false: the provider or the person was asked to send it again."}, []string{"channel", "stored"})
	m.segments = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "treem_sms_segments_total",
		Help: "SMS segments the provider took."}, []string{"channel", "encoding"})
	m.smsCost = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "treem_sms_cost_dong_total",
		Help: "Estimated cost of SMS in đồng, by sms.price; of a month: increase(treem_sms_cost_dong_total[30d])."}, []string{"channel"})
	m.smsPrice = a.cfg.SMS.Price
	m.registry.MustRegister(newGauges(a), m.received, m.segments, m.smsCost, m.handled, m.delivered, m.notified, m.opened, m.escalated, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, c := range a.channels {
		for _, stored := range []string{"true", "false"} {
			m.received.WithLabelValues(c.Name(), stored)
		}
		for _, outcome := range []channels.Delivery{channels.DeliverySent, channels.DeliveryQueued, channels.DeliveryFailed} {
			m.delivered.WithLabelValues(c.Name(), string(outcome))
		}
	}
	for _, level := range []triage.Level{triage.Urgent, triage.Emergency} {
		m.opened.WithLabelValues(string(level))
	}
	for _, unheard := range []string{"true", "false"} {
		m.escalated.WithLabelValues(unheard)
	}
	return m
}

// Received implements bot.Metrics.
func (m *metrics) Received(channel string, stored bool) {
	m.received.WithLabelValues(channel, strconv.FormatBool(stored)).Inc()
}

// Handled implements bot.Metrics.
func (m *metrics) Handled(kind dialogue.Kind, took time.Duration) {
	m.handled.WithLabelValues(string(kind)).Observe(took.Seconds())
}

// Segments implements bot.Metrics.
func (m *metrics) Segments(channel string, encoding sms.Encoding, n int) {
	m.segments.WithLabelValues(channel, string(encoding)).Add(float64(n))
	m.smsCost.WithLabelValues(channel).Add(float64(n) * m.smsPrice)
}

// Delivered implements bot.Metrics.
func (m *metrics) Delivered(channel string, outcome channels.Delivery, took time.Duration) {
	m.delivered.WithLabelValues(channel, string(outcome)).Observe(took.Seconds())
}

// Notified implements bot.Metrics.
func (m *metrics) Notified(target string, outcome channels.Delivery, took time.Duration) {
	m.notified.WithLabelValues(target, string(outcome)).Observe(took.Seconds())
}

// Opened implements bot.Metrics.
func (m *metrics) Opened(level triage.Level) { m.opened.WithLabelValues(string(level)).Inc() }

// Escalated implements bot.Metrics.
func (m *metrics) Escalated(unheard bool) {
	m.escalated.WithLabelValues(strconv.FormatBool(unheard)).Inc()
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
