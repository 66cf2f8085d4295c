package simulator_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/simulator"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/control"
)

// ask sends one request to a server as it stands and returns status and body.
func ask(t *testing.T, handler http.Handler, path string, headers ...string) (int, string) {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), "GET", "http://127.0.0.1:8420"+path, nil)
	req.RemoteAddr = "127.0.0.1:50000"
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "from" {
			req.RemoteAddr = headers[i+1]
		}
		req.Header.Set(headers[i], headers[i+1])
	}
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, req)
	return answer.Code, answer.Body.String()
}

func assemble(t *testing.T, cfg simulator.Config) *simulator.Simulator {
	t.Helper()
	cfg.CheckAnswers = true
	sim, err := simulator.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(sim.Close(), sim.Misfits()); err != nil {
			t.Error(err)
		}
	})
	return sim
}

func TestMetricsCountWhatHappens(t *testing.T) {
	t.Parallel()
	sim := assemble(t, simulator.Config{File: filepath.Join(t.TempDir(), "data")})
	for range 3 {
		ask(t, sim, "/api/account", "Authorization", "Bearer "+sim.APIKey)
	}
	ask(t, sim, "/api/account")
	for i := range 5 { // paths that nobody has make no series of their own
		ask(t, sim, fmt.Sprintf("/nothing/%d", i))
	}
	for i := range 5 { // nor do methods
		req := httptest.NewRequestWithContext(t.Context(), fmt.Sprintf("FIND%d", i), "/api/account", nil)
		req.Header.Set("Authorization", "Bearer "+sim.APIKey)
		sim.ServeHTTP(httptest.NewRecorder(), req)
	}
	if _, _, err := sim.Sandbox.CreateKey("another", ""); err != nil {
		t.Fatal(err)
	}
	_, page := ask(t, sim, "/metrics")
	for _, want := range []string{
		`pictor_sim_requests_total{method="GET",route="/api/account",status="200"} 3`,
		`pictor_sim_requests_total{method="GET",route="/api/account",status="401"} 1`,
		`pictor_sim_requests_total{method="any",route="none",status="404"} 5`,
		`pictor_sim_requests_total{method="other",route="/api/account",status="405"} 5`,
		`pictor_sim_request_duration_seconds_count{method="GET",route="/api/account"} 4`,
		`pictor_sim_sandboxes 1`,
		`pictor_sim_commit_duration_seconds_count 2`,
		`go_goroutines`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the metrics lack %s:\n%s", want, page)
		}
	}
	if strings.Contains(page, sim.APIKey) {
		t.Error("the metrics show a key")
	}
}

// Alive it is as long as it answers; ready only while it takes changes.
func TestReadiness(t *testing.T) {
	t.Parallel()
	sim, err := simulator.New(simulator.Config{File: filepath.Join(t.TempDir(), "data")})
	if err != nil {
		t.Fatal(err)
	}
	if status, body := ask(t, sim, "/readyz"); status != 200 {
		t.Errorf("it is not ready: %d %s", status, body)
	}
	if err := sim.Close(); err != nil {
		t.Fatal(err)
	}
	if status, body := ask(t, sim, "/readyz"); status != 503 || !strings.Contains(body, "shutting down") {
		t.Errorf("closed it answers %d %s, want 503 and why", status, body)
	}
	if status, _ := ask(t, sim, "/healthz"); status != 200 {
		t.Errorf("its health is %d", status)
	}
}

func TestRequestIDs(t *testing.T) {
	t.Parallel()
	sim := assemble(t, simulator.Config{})
	for sent, taken := range map[string]bool{"": false, "abc-1": true, strings.Repeat("x", 129): false, "two words": false, "a\tb": false} {
		req := httptest.NewRequestWithContext(t.Context(), "GET", "/healthz", nil)
		req.Header.Set("X-Request-Id", sent)
		answer := httptest.NewRecorder()
		sim.ServeHTTP(answer, req)
		if got := answer.Header().Get("X-Request-Id"); got == "" || (got == sent) != taken {
			t.Errorf("sent %q, the id is %q", sent, got)
		}
	}
}

func TestTheControlAPICanBeClosed(t *testing.T) {
	t.Parallel()
	off := assemble(t, simulator.Config{Control: simulator.Control{Off: true}})
	if status, _ := ask(t, off, "/_sim/keys"); status != 404 {
		t.Errorf("switched off it answers %d", status)
	}

	const key = "a-key-of-its-own-1234"
	keyed := assemble(t, simulator.Config{Control: simulator.Control{Key: key}})
	for want, headers := range map[int][]string{
		401: {"from", "127.0.0.1:1"},
		200: {"from", "192.0.2.7:1", control.KeyHeader, key},
	} {
		if status, body := ask(t, keyed, "/_sim/keys", headers...); status != want {
			t.Errorf("with %v it answers %d %s, want %d", headers, status, body, want)
		}
	}
	if status, _ := ask(t, keyed, "/_sim/keys", control.KeyHeader, "wrong"); status != 401 {
		t.Errorf("a wrong key is answered %d", status)
	}

	apart := assemble(t, simulator.Config{Control: simulator.Control{Apart: true}})
	if status, _ := ask(t, apart, "/_sim/keys"); status != 404 {
		t.Errorf("the API's address answers %d", status)
	}
	if status, body := ask(t, apart.ControlHandler(), "/_sim/keys"); status != 200 {
		t.Errorf("its own address answers %d %s", status, body)
	}
	if status, _ := ask(t, apart.ControlHandler(), "/api/account", "Authorization", "Bearer "+apart.APIKey); status != 404 {
		t.Errorf("the control API's address has the API: %d", status)
	}
	if off.ControlHandler() != nil {
		t.Error("there is a control API where it is off")
	}
}

// What is too large is refused before it is read.
func TestTooMuchIsRefused(t *testing.T) {
	t.Parallel()
	sim, endpoint, stop := serve(t, simulator.Config{})
	defer func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	}()
	address := strings.TrimSuffix(strings.TrimPrefix(endpoint, "http://"), "/api")
	send := func(request string) string {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_, _ = io.Copy(conn, strings.NewReader(request)) // it may be cut off
		line, _ := bufio.NewReader(conn).ReadString('\n')
		return line
	}
	if line := send("GET /api/account HTTP/1.1\r\nHost: x\r\nX-Long: " + strings.Repeat("x", 100<<10) + "\r\n\r\n"); !strings.Contains(line, " 431 ") {
		t.Errorf("a header of 100 KiB is answered %q", line)
	}
	// What does not come is the client's fault, wherever it is missed.
	for _, path := range []string{"/api/ssh-keys", "/api/gpu-instances/quote", "/_sim/keys", "/_sim/faults"} {
		line := send("POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + sim.APIKey +
			"\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nno length\r\n")
		if !strings.Contains(line, " 400 ") {
			t.Errorf("a body that breaks off is answered by %s with %q", path, line)
		}
	}
	// Without a connection, which the server would break off in the middle.
	req := httptest.NewRequestWithContext(t.Context(), "POST", "/api/ssh-keys", bytes.NewReader(make([]byte, 2<<20)))
	req.Header.Set("Authorization", "Bearer "+sim.APIKey)
	req.Header.Set("Content-Type", "application/json")
	answer := httptest.NewRecorder()
	if sim.ServeHTTP(answer, req); answer.Code != 413 {
		t.Errorf("a body of 2 MiB is answered %d", answer.Code)
	}
}
