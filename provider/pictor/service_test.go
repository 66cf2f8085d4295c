package pictor_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

const (
	key      = "pk-Secret/1234+abc"
	instance = `{"id":"ins_1","name":"trainer","status":"running","gpu_count":1,"price_per_hour":"0.42"}`
	sshKey   = `{"id":"key_1","name":"laptop","fingerprint":"SHA256:abc"}`
	busy     = `{"message":"Try again.","code":"unavailable"}`
)

// step is one exchange that a service expects, and what it does then.
type step struct {
	want   string // method, path and query; and after a blank, the body; empty: whatever comes
	status int    // 200 if 0
	header map[string]string
	body   string
	act    http.HandlerFunc // in place of an answer
}

// service expects exactly these exchanges, in this order, and fails the test
// for one too many or too few.
type service struct {
	*httptest.Server
	t     *testing.T
	mu    sync.Mutex
	steps []step
	got   []*http.Request
}

func serve(t *testing.T, steps ...step) *service {
	t.Helper()
	s := &service{t: t, steps: steps}
	s.Server = httptest.NewServer(s)
	t.Cleanup(func() {
		s.Close()
		if len(s.got) < len(steps) {
			t.Errorf("%d of %d exchanges were asked for; missing: %q", len(s.got), len(steps), steps[len(s.got)].want)
		}
	})
	return s
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	n := len(s.got)
	s.got = append(s.got, r)
	s.mu.Unlock()
	got := strings.TrimSpace(r.Method + " " + r.URL.RequestURI() + " " + string(body))
	if n >= len(s.steps) {
		s.t.Errorf("one exchange too many: %s", got)
		http.Error(w, "one too many", http.StatusTeapot)
		return
	}
	now := s.steps[n]
	if now.want != "" && now.want != got {
		s.t.Errorf("exchange %d:\n got %s\nwant %s", n+1, got, now.want)
	}
	if now.act != nil {
		now.act(w, r)
		return
	}
	for name, value := range now.header {
		w.Header().Set(name, value)
	}
	if now.status == 0 {
		now.status = http.StatusOK
	}
	w.WriteHeader(now.status)
	_, _ = io.WriteString(w, now.body)
}

// requests gives what has arrived so far.
func (s *service) requests() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*http.Request(nil), s.got...)
}

// client speaks to a URL, with a clock that does not wait.
func client(t *testing.T, url string, edits ...func(*pictor.Config)) *pictor.Client {
	t.Helper()
	config := pictor.Config{
		Endpoint: url + "/api", APIKey: key, Version: "1.2.3", Clock: newClock(),
		Rand:      func() float64 { return 0 },
		Transport: ownTransport(t),
	}
	for _, edit := range edits {
		edit(&config)
	}
	c, err := pictor.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// ownTransport keeps the connections of parallel tests apart.
func ownTransport(t *testing.T) *http.Transport {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}

// clock is a time that passes only while somebody sleeps.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
}

func newClock() *clock { return &clock{now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)} }

func with(c *clock) func(*pictor.Config) {
	return func(config *pictor.Config) { config.Clock = c }
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	c.now = c.now.Add(d)
	c.slept = append(c.slept, d)
	return nil
}

func (c *clock) total() (sum time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, d := range c.slept {
		sum += d
	}
	return sum
}

// hangUp closes the connection without an answer.
func hangUp(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}

// cutOff answers with a part of what it announces.
func cutOff(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, out, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		_, _ = fmt.Fprintf(out, "HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", status, len(body)+100, body)
		_ = out.Flush()
		_ = conn.Close()
	}
}

// hang gives no answer for as long as the client waits.
func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func spec() pictor.InstanceCreate {
	return pictor.InstanceCreate{Name: "trainer", OfferId: "off_1", Os: pictor.Linux, GpuCount: 1, StorageGb: 50, RentalHours: 24}
}

// failure gives the *Error that err must be.
func failure(t *testing.T, err error, code pictor.Code) *pictor.Error {
	t.Helper()
	if !pictor.IsCode(err, code) {
		t.Fatalf("got %v, want the code %s", err, code)
	}
	e, ok := err.(*pictor.Error)
	if !ok {
		t.Fatalf("got a %T, want a *pictor.Error", err)
	}
	return e
}
