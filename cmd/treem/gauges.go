package main

import (
	"context"
	"time"

	"treem/channels"

	"github.com/prometheus/client_golang/prometheus"
)

// gauges reads, whenever the metrics are asked for, how things stand: what waits, what alarms, which channels receive.
type gauges struct {
	app                                                            *App
	waiting, notices, alarms, channelUp, ready, certificate, build *prometheus.Desc
}

// gaugesLimit bounds the reading; a database that answers later counts as not answering.
const gaugesLimit = 2 * time.Second

func newGauges(a *App) *gauges {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	return &gauges{
		app:         a,
		waiting:     desc("treem_waiting", "Messages not yet handled and replies not yet sent; -1: the database does not answer."),
		notices:     desc("treem_notices_waiting", "Notices not yet sent; -1: the database does not answer."),
		alarms:      desc("treem_alarms", "Things somebody must look at now, as /healthz lists them; for unheard and overdue cases, for target notices.", "what"),
		channelUp:   desc("treem_channel_up", "1: the channel receives; 0: it is in trouble, as /healthz says.", "channel"),
		ready:       desc("treem_ready", "1: /readyz says ready."),
		certificate: desc("treem_certificate_expiry_timestamp_seconds", "When the TLS certificate in use ends; absent: another program does TLS."),
		build:       desc("treem_build_info", "Always 1; the label says what is running.", "version"),
	}
}

// Describe implements prometheus.Collector.
func (g *gauges) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{g.waiting, g.notices, g.alarms, g.channelUp, g.ready, g.certificate, g.build} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (g *gauges) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), gaugesLimit)
	defer cancel()
	set := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	set(g.waiting, g.count(ctx))
	set(g.notices, g.countNotices(ctx))
	n := map[string]int{}
	for _, one := range g.app.standing(ctx) {
		n[one.what] += one.n
	}
	for _, what := range alarmKinds {
		set(g.alarms, float64(n[what]), what)
	}
	for _, c := range g.app.channels {
		t, ok := c.(channels.Troubled)
		set(g.channelUp, bit(!ok || t.Trouble() == ""), c.Name())
	}
	set(g.ready, bit(g.app.notReady(ctx) == nil))
	if end := g.app.tls.ends(); !end.IsZero() {
		set(g.certificate, float64(end.Unix()))
	}
	set(g.build, 1, version())
}

func bit(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

func (g *gauges) count(ctx context.Context) float64 {
	n, err := g.app.store.Waiting(ctx)
	if err != nil {
		return -1
	}
	return float64(n)
}

func (g *gauges) countNotices(ctx context.Context) float64 {
	waiting, err := g.app.store.WaitingNotices(ctx)
	if err != nil {
		return -1
	}
	n := 0
	for _, one := range waiting {
		n += one
	}
	return float64(n)
}
