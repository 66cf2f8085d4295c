package simulator_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/pulumi-pictor/pulumi-pictor/simulator"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/market"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConfigurationsThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]simulator.Config{
		"a short key":      {APIKey: "short"},
		"a key of spaces":  {APIKey: strings.Repeat(" ", 20)},
		"a negative house": {First: store.Settings{Market: market.Shape{Hosts: -1}}},
		"a clock":          {First: store.Settings{Clock: "sundial"}},
	} {
		if _, err := simulator.New(cfg); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestClocks(t *testing.T) {
	t.Parallel()
	wall := time.Date(2030, time.May, 1, 0, 0, 0, 0, time.UTC)
	for clock, want := range map[string]time.Time{
		"": wall.Add(time.Minute), "real": wall.Add(time.Minute), "x60": wall.Add(time.Hour), "x1000000": wall.Add(time.Minute * 1_000_000),
		"frozen": engine.Epoch, "poll": engine.Epoch, "poll=5": engine.Epoch,
		"x0": {}, "x-1": {}, "x1000001": {}, "x": {}, "x1.5": {}, "poll=0": {}, "poll=": {}, "poll=99999999999999999999": {}, "poll=x": {}, "x60=1": {}, "Real": {}, "frozen=1": {},
	} {
		var passed atomic.Int64
		sim, err := simulator.New(simulator.Config{First: store.Settings{Clock: clock}, Wall: func() time.Time { return wall.Add(time.Duration(passed.Load())) }})
		if (err != nil) != want.IsZero() {
			t.Errorf("%q: %v", clock, err)
		}
		if err != nil {
			continue
		}
		passed.Store(int64(time.Minute))
		sim.Sandbox.View(func(w *engine.World) {
			if !w.Now().Equal(want) {
				t.Errorf("%q shows %s after a minute, want %s", clock, w.Now(), want)
			}
		})
	}
}

// serve lets a simulator answer on a free port; stop ends it and returns what
// Serve returned.
func serve(t *testing.T, cfg simulator.Config) (sim *simulator.Simulator, endpoint string, stop func() error) {
	t.Helper()
	cfg.CheckAnswers = true
	sim, err := simulator.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- sim.Serve(ctx, listener) }()
	return sim, simulator.Endpoint(listener), func() error { cancel(); return errors.Join(<-served, sim.Misfits()) }
}

func TestServeEndsInOrder(t *testing.T) {
	t.Parallel()
	_, endpoint, stop := serve(t, simulator.Config{})
	client := &http.Client{Transport: &http.Transport{}}
	resp, err := client.Get(strings.TrimSuffix(endpoint, "/api") + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if resp.StatusCode != 200 || !strings.Contains(string(body), "ok") {
		t.Errorf("the health is %d %s", resp.StatusCode, body)
	}
	// A connection that is kept alive must not hold it up.
	if err := stop(); err != nil {
		t.Errorf("stopped it returned %v", err)
	}
	if _, err := client.Get(endpoint); err == nil {
		t.Error("it still answers")
	}
	client.CloseIdleConnections()
}

// A live stream would be under way for ever: it ends in order, too.
func TestServeEndsLiveStreams(t *testing.T) {
	t.Parallel()
	_, endpoint, stop := serve(t, simulator.Config{})
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	resp, err := client.Get(strings.TrimSuffix(endpoint, "/api") + "/_sim/requests/stream")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := stop(); err != nil {
		t.Errorf("stopped it returned %v", err)
	}
	if _, err := io.ReadAll(resp.Body); err != nil {
		t.Errorf("the stream broke off: %v", err)
	}
}

// A request that is under way when the end comes is still answered.
func TestServeFinishesWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	sim, endpoint, stop := serve(t, simulator.Config{})
	arrived, goOn := make(chan struct{}), make(chan struct{})
	sim.Sandbox.Faults.Add(fault.Plan{Effect: paused{arrived, goOn}})
	answered := make(chan error, 1)
	go func() {
		req, _ := http.NewRequestWithContext(context.WithoutCancel(t.Context()), "GET", endpoint+"/account", nil)
		req.Header.Set("Authorization", "Bearer "+sim.APIKey)
		req.Close = true
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			err = resp.Body.Close()
		}
		answered <- err
	}()
	<-arrived
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	// Only once it takes no new connections is the first request let go on.
	for {
		conn, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(endpoint, "http://"), "/api"))
		if err != nil {
			break
		}
		conn.Close()
	}
	close(goOn)
	if err := <-answered; err != nil {
		t.Errorf("the request under way was not answered: %v", err)
	}
	if err := <-stopped; err != nil {
		t.Errorf("stopped it returned %v", err)
	}
}

// paused is a fault that says when it is there and waits.
type paused struct{ arrived, goOn chan struct{} }

func (p paused) Answer(w http.ResponseWriter, _ fault.Answer) error {
	close(p.arrived)
	<-p.goOn
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// What a fault holds up goes on when the end comes, and what is late is still
// carried out: the file has it.
func TestTheEndEndsWhatFaultsHoldUp(t *testing.T) {
	t.Parallel()
	for name, effect := range map[string]fault.Effect{
		"delay": delayed, "late": fault.Late{By: fault.Duration(time.Minute)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "sim.db")
			sim, endpoint, stop := serve(t, simulator.Config{File: file, First: store.Settings{Clock: "frozen"}})
			answered := holdUp(t, sim, &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}, endpoint, effect)
			began := time.Now()
			if err := errors.Join(stop(), sim.Close()); err != nil || time.Since(began) > 4*time.Second {
				t.Errorf("stopped after %s it returned %v", time.Since(began), err)
			}
			if err := <-answered; (err == nil) != (name == "delay") {
				t.Errorf("the client sees %v", err)
			}
			again, err := store.Open(store.Config{File: file})
			if err != nil {
				t.Fatal(err)
			}
			again.First().View(func(w *engine.World) {
				if n := len(w.SSHKeys()); n != 1 {
					t.Errorf("the file has %d keys", n)
				}
			})
			if err := again.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestServeSaysWhenItCannot(t *testing.T) {
	t.Parallel()
	sim, err := simulator.New(simulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	if err := sim.Serve(t.Context(), listener); !errors.Is(err, net.ErrClosed) {
		t.Errorf("it returned %v", err)
	}
}

func TestEndpoint(t *testing.T) {
	t.Parallel()
	for listen, want := range map[string]string{"127.0.0.1:0": "http://127.0.0.1:", "0.0.0.0:0": "http://127.0.0.1:", ":0": "http://127.0.0.1:"} {
		l, err := net.Listen("tcp", listen)
		if err != nil {
			t.Fatal(err)
		}
		if got := simulator.Endpoint(l); !strings.HasPrefix(got, want) || !strings.HasSuffix(got, "/api") {
			t.Errorf("listening to %s the endpoint is %s", listen, got)
		}
		l.Close()
	}
}

// A panic is answered as JSON and logged, wherever it happens: also while an
// answer is recorded to be checked or spoilt.
func TestAPanicIsAnsweredAndLogged(t *testing.T) {
	t.Parallel()
	for name, plan := range map[string]*fault.Plan{
		"plain": nil, "recorded": {Phase: fault.After, Effect: fault.Status{Code: 503}},
	} {
		for _, checked := range []bool{false, true} {
			var log bytes.Buffer
			var readings atomic.Int64 // of the wall clock, until it breaks
			readings.Store(1 << 40)
			sim, err := simulator.New(simulator.Config{
				CheckAnswers: checked, Log: slog.New(slog.NewTextHandler(&log, nil)),
				Wall: func() time.Time {
					if readings.Add(-1) < 0 {
						panic("the wall clock fell down")
					}
					return engine.Epoch
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			if plan != nil {
				sim.Sandbox.Faults.Add(*plan)
			}
			req := httptest.NewRequestWithContext(t.Context(), "GET", "/api/account", nil)
			req.Header.Set("Authorization", "Bearer "+sim.APIKey)
			answer := httptest.NewRecorder()
			readings.Store(1) // the Date header's; the next one is the handler's
			sim.ServeHTTP(answer, req)
			if answer.Code != 500 || !strings.Contains(answer.Body.String(), `"code":"unavailable"`) || strings.Contains(answer.Body.String(), "wall clock") {
				t.Errorf("%s, checked %v: answered %d %s", name, checked, answer.Code, answer.Body)
			}
			if !strings.Contains(log.String(), "the wall clock fell down") || !strings.Contains(log.String(), "simulator_test.go") {
				t.Errorf("%s, checked %v: the log does not say what and where: %s", name, checked, log.String())
			}
		}
	}
}

func TestRequestsAreLoggedWithoutSecrets(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	sim, err := simulator.New(simulator.Config{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	req := httptest.NewRequestWithContext(t.Context(), "GET", "/api/nothing/"+sim.APIKey+"?key=query-secret", nil)
	req.Header.Set("Authorization", "Bearer "+sim.APIKey)
	req.Header.Set("X-Request-ID", sim.APIKey)
	sim.ServeHTTP(httptest.NewRecorder(), req)
	odd := httptest.NewRequestWithContext(t.Context(), sim.APIKey, "/_sim/control-secret", nil)
	odd.Header.Set("Authorization", "Bearer "+sim.APIKey)
	odd.Header.Set("X-Sim-Key", "control-secret")
	sim.ServeHTTP(httptest.NewRecorder(), odd)
	for _, want := range []string{"method=GET", "path=/api/nothing", "status=404"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not have %s: %s", want, log.String())
		}
	}
	if strings.Contains(log.String(), sim.APIKey) || strings.Contains(log.String(), "query-secret") || strings.Contains(log.String(), "control-secret") {
		t.Errorf("the log has a secret: %s", log.String())
	}
}
