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
	handled   *prometheus.HistogramVec
	delivered *prometheus.HistogramVec
	notified  *prometheus.HistogramVec
	opened    *prometheus.CounterVec
	escalated *prometheus.CounterVec
	segments  *prometheus.CounterVec
	smsCost   *prometheus.CounterVec
	smsPrice  float64 // đồng a segment, an estimate
}

// newMetrics also watches how much waits and whether there is a standing alarm.
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
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "treem_waiting",
		Help: "Messages not yet handled and replies not yet sent; -1: the database does not answer."}, a.waiting))
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "treem_notices_waiting",
		Help: "Notices not yet sent; -1: the database does not answer."}, a.waitingNotices))
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "treem_alarms",
		Help: "Things somebody must look at now, as /healthz lists them."}, a.alarms))
	m.segments = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "treem_sms_segments_total",
		Help: "SMS segments the provider took."}, []string{"channel", "encoding"})
	m.smsCost = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "treem_sms_cost_dong_total",
		Help: "Estimated cost of SMS in đồng, by sms.price; of a month: increase(treem_sms_cost_dong_total[30d])."}, []string{"channel"})
	m.smsPrice = a.cfg.SMS.Price
	m.registry.MustRegister(m.segments, m.smsCost, m.handled, m.delivered, m.notified, m.opened, m.escalated, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
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
