package api_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/api"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

func TestRateLimit(t *testing.T) {
	t.Parallel()
	var passed atomic.Int64
	start := time.Date(2030, time.May, 1, 0, 0, 0, 0, time.UTC)
	c := newCaller(t, simtest.RateLimit(3, time.Minute), simtest.Configure(func(cfg *simulator.Config) {
		cfg.Wall = func() time.Time { return start.Add(time.Duration(passed.Load())) }
	}))
	for left := 2; left >= 0; left-- {
		a := c.call("GET", "/account", nil).is(200)
		if a.header.Get("X-RateLimit-Limit") != "3" || a.header.Get("X-RateLimit-Remaining") != strconv.Itoa(left) {
			t.Errorf("the headers are %v, want %d of 3 left", a.header, left)
		}
	}
	passed.Store(int64(30*time.Second + time.Millisecond))
	a := c.call("GET", "/nothing", nil)
	a.refused(429, "rate_limited")
	if got := a.header.Get("Retry-After"); got != "30" {
		t.Errorf("Retry-After is %s, want the 29.999 s that are left, rounded up", got)
	}
	date, err := http.ParseTime(a.header.Get("Date"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := a.header.Get("X-RateLimit-Reset"), strconv.FormatInt(date.Add(30*time.Second).Unix(), 10); got != want {
		t.Errorf("X-RateLimit-Reset is %s, want the end of the minute by the answer's own Date, %s", got, want)
	}
	if a.header.Get("X-RateLimit-Remaining") != "0" || a.header.Get("Date") == "" {
		t.Errorf("the headers are %v", a.header)
	}
	c.call("GET", "/account", nil, "Authorization", "Bearer wrong").refused(401, "unauthorized")

	// It counts in wall-clock time.
	c.Advance(24 * time.Hour)
	c.call("GET", "/account", nil).is(429)
	passed.Store(int64(time.Minute))
	c.call("GET", "/account", nil).is(200)
}

// A world that was reset or restored has had no request yet.
func TestTheRateLimitBeginsAnewWithTheWorld(t *testing.T) {
	t.Parallel()
	sim, err := simulator.New(simulator.Config{First: store.Settings{Limit: store.Limit{Requests: 1, Per: time.Hour}}, CheckAnswers: true})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	c := &caller{&simtest.Sim{Endpoint: server.URL + api.BasePath, APIKey: sim.APIKey}, t}
	for _, renew := range []func() error{
		sim.Sandbox.Reset,
		func() error { return sim.Sandbox.Restore(sim.Sandbox.Snapshot()) },
		func() error { return nil },
	} {
		c.call("GET", "/account", nil).is(200)
		c.call("GET", "/account", nil).refused(429, "rate_limited")
		if err := renew(); err != nil {
			t.Fatal(err)
		}
	}
	c.call("GET", "/account", nil).refused(429, "rate_limited")
}

func TestEachKeyHasALimitOfItsOwn(t *testing.T) {
	t.Parallel()
	sim, err := simulator.New(simulator.Config{First: store.Settings{Limit: store.Limit{Requests: 1, Per: time.Hour}}, CheckAnswers: true})
	if err != nil {
		t.Fatal(err)
	}
	_, other, err := sim.Sandbox.CreateKey("other", "")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	for _, key := range []string{sim.APIKey, other} {
		c := &caller{&simtest.Sim{Endpoint: server.URL + api.BasePath, APIKey: key}, t}
		c.call("GET", "/account", nil).is(200)
		c.call("GET", "/account", nil).refused(429, "rate_limited")
	}
}

func TestWithoutALimitNoHeaderSpeaksOfOne(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	if a := c.call("GET", "/account", nil).is(200); a.header.Get("X-RateLimit-Limit") != "" {
		t.Errorf("the headers are %v", a.header)
	}
}

// Every answer of the API shows the sandbox's time, not this machine's.
func TestDate(t *testing.T) {
	t.Parallel()
	c := newCaller(t, simtest.Clock("frozen"))
	c.Advance(36 * time.Hour)
	want := engine.Epoch.Add(36 * time.Hour).Format(http.TimeFormat)
	for _, a := range []*answer{
		c.call("GET", "/account", nil).is(200),
		c.call("GET", "/nothing", nil).is(404),
		c.call("DELETE", "/account", nil).is(405),
		c.call("GET", "/gpu-instances?page=0", nil).is(422),
		c.call("POST", "/gpu-instances", "junk").is(400),
		c.call("OPTIONS", "/account", nil).is(204),
	} {
		if got := a.header.Get("Date"); got != want {
			t.Errorf("%s is dated %s, want %s", a.what, got, want)
		}
	}
}

func TestALimitThatSaysLess(t *testing.T) {
	t.Parallel()
	for says, retryAfter := range map[store.LimitSays]string{store.LimitSaysRetry: "3600", store.LimitSaysNothing: ""} {
		c := newCaller(t, simtest.RateLimit(1, time.Hour), simtest.RateLimitSays(says), simtest.Dialect("text-errors"))
		passed := c.call("GET", "/account", nil).is(200)
		refused := c.call("GET", "/account", nil).is(429)
		for _, a := range []*answer{passed, refused} {
			if a.header.Get("X-RateLimit-Limit")+a.header.Get("X-RateLimit-Remaining")+a.header.Get("X-RateLimit-Reset") != "" {
				t.Errorf("%q: the headers are %v", says, a.header)
			}
		}
		if got := refused.header.Get("Retry-After"); got != retryAfter || !strings.HasPrefix(refused.header.Get("Content-Type"), "text/plain") {
			t.Errorf("%q: Retry-After is %q in %v", says, got, refused.header)
		}
	}
}
