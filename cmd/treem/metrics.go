package main

import (
	"net/http"
	"time"

	"treem/bot/dialogue"
	"treem/channels"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics counts for Prometheus. Labels are names of ours, never anything of a person's.
type metrics struct {
	registry  *prometheus.Registry
	handled   *prometheus.HistogramVec
	delivered *prometheus.HistogramVec
}

// newMetrics also watches how many messages and replies wait, as waiting tells it.
func newMetrics(waiting func() float64) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		handled: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "treem_message_seconds",
			Help: "Time to work out and store the reply to one message.", Buckets: prometheus.ExponentialBuckets(.001, 2, 14)}, []string{"kind"}),
		delivered: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "treem_send_seconds",
			Help: "Time of one send and its record, by outcome.", Buckets: prometheus.ExponentialBuckets(.001, 2, 16)}, []string{"channel", "outcome"}),
	}
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "treem_waiting",
		Help: "Messages not yet handled and replies not yet sent; -1: the database does not answer."}, waiting))
	m.registry.MustRegister(m.handled, m.delivered, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Handled implements bot.Metrics.
func (m *metrics) Handled(kind dialogue.Kind, took time.Duration) {
	m.handled.WithLabelValues(string(kind)).Observe(took.Seconds())
}

// Delivered implements bot.Metrics.
func (m *metrics) Delivered(channel string, outcome channels.Delivery, took time.Duration) {
	m.delivered.WithLabelValues(channel, string(outcome)).Observe(took.Seconds())
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
