package simulator

import (
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// metrics are what an operator watches, for Prometheus.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
	commits  prometheus.Histogram
	changes  prometheus.Counter

	mu     sync.RWMutex
	series map[answered]observed
}

// answered is what the requests of a series have in common.
type answered struct {
	method, route string
	status        int
}

// observed are a series' own counters, looked up once.
type observed struct {
	count prometheus.Counter
	took  prometheus.Observer
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "pictor_sim_requests_total", Help: "Requests by method, route and status; 0 is a connection that was broken off.",
		}, []string{"method", "route", "status"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "pictor_sim_request_duration_seconds", Help: "Wall-clock time from a request to its answer.",
			Buckets: prometheus.ExponentialBuckets(50e-6, 4, 10),
		}, []string{"method", "route"}),
		commits: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "pictor_sim_commit_duration_seconds", Help: "Time that a transaction took until it was on disk.",
			Buckets: prometheus.ExponentialBuckets(100e-6, 4, 9),
		}),
		changes: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "pictor_sim_committed_changes_total", Help: "Changes that are on disk, those of a sandbox that went together counted once.",
		}),
		series: map[answered]observed{},
	}
	m.registry.MustRegister(m.requests, m.took, m.commits, m.changes,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// watch lets the metrics look at a store whenever they are asked for.
func (m *metrics) watch(s *store.Store) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "pictor_sim_sandboxes", Help: "Sandboxes there are.",
	}, func() float64 { return float64(s.Len()) }))
}

// request counts one. A route that nobody has is "none" and a method that nobody
// knows is "other", so that clients cannot make series without end.
func (m *metrics) request(method, route string, status int, took time.Duration) {
	key := answered{method, route, status}
	m.mu.RLock()
	o, ok := m.series[key]
	m.mu.RUnlock()
	if !ok {
		o = m.newSeries(key)
	}
	o.count.Inc()
	o.took.Observe(took.Seconds())
}

// methods are those that make a series.
var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}

func (m *metrics) newSeries(key answered) observed {
	method, route := key.method, key.route
	known := route != "" && slices.Contains(methods, method)
	switch {
	case route == "":
		method, route = "any", "none"
	case !known:
		method = "other"
	}
	o := observed{
		count: m.requests.WithLabelValues(method, route, strconv.Itoa(key.status)),
		took:  m.took.WithLabelValues(method, route),
	}
	if known {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.series[key] = o
	}
	return o
}

func (m *metrics) committed(changes int, took time.Duration) {
	m.commits.Observe(took.Seconds())
	m.changes.Add(float64(changes))
}

func (m *metrics) page() echo.HandlerFunc {
	return echo.WrapHandler(promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
}
