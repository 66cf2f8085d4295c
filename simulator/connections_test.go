package simulator_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
)

// Somebody who opens connections and leaves them alone takes nobody's place.
func TestIdleConnectionsGiveWay(t *testing.T) {
	t.Parallel()
	sim, endpoint, stop := serve(t, simulator.Config{MaxConnections: 3})
	address := strings.TrimSuffix(strings.TrimPrefix(endpoint, "http://"), "/api")
	var idle []net.Conn
	for range 10 {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		idle = append(idle, conn)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for range 5 {
		req, _ := http.NewRequestWithContext(t.Context(), "GET", endpoint+"/account", nil)
		req.Header.Set("Authorization", "Bearer "+sim.APIKey)
		resp, err := client.Do(req)
		if err != nil {
			t.Fatalf("behind ten idle connections: %v", err)
		}
		_ = resp.Body.Close()
	}
	if _, err := idle[0].Read(make([]byte, 1)); !errors.Is(err, io.EOF) && !isReset(err) {
		t.Errorf("the oldest idle connection is still open: %v", err)
	}
	for _, conn := range idle {
		conn.Close() // else the end waits for what they might still send
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// Nor does somebody whose requests never come to an end.
func TestSlowRequestsGiveWay(t *testing.T) {
	t.Parallel()
	sim, endpoint, stop := serve(t, simulator.Config{MaxConnections: 3})
	address := strings.TrimSuffix(strings.TrimPrefix(endpoint, "http://"), "/api")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	var slow []net.Conn
	for range 10 {
		slow = append(slow, slowRequest(t, address, sim.APIKey))
	}
	for range 5 {
		req, _ := http.NewRequestWithContext(t.Context(), "GET", endpoint+"/account", nil)
		req.Header.Set("Authorization", "Bearer "+sim.APIKey)
		resp, err := client.Do(req)
		if err != nil {
			t.Fatalf("behind ten slow requests: %v", err)
		}
		_ = resp.Body.Close()
	}
	for _, conn := range slow {
		conn.Close() // else the end waits for what they might still send
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// slowRequest begins a request whose body never comes, and returns its
// connection once the request is under way.
func slowRequest(t *testing.T, address, key string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	// That the rest may be sent shows that the request is under way.
	fmt.Fprintf(conn, "POST /api/ssh-keys HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n", key)
	if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, " 100 ") {
		t.Fatalf("a request that goes on later is answered %q: %v", line, err)
	}
	return conn
}

// Whose request has come in full keeps its place: slow requests of others give
// way, and where there are none, whoever comes last.
func TestRequestsBeingAnsweredKeepTheirPlace(t *testing.T) {
	t.Parallel()
	sim, endpoint, stop := serve(t, simulator.Config{MaxConnections: 2})
	address := strings.TrimSuffix(strings.TrimPrefix(endpoint, "http://"), "/api")
	answered := holdUp(t, sim, &http.Client{Transport: &http.Transport{}}, endpoint, delayed)
	for range 5 {
		defer slowRequest(t, address, sim.APIKey).Close()
	}
	events := stream(t, endpoint) // in the place of a slow request
	for range 5 {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, io.EOF) && !isReset(err) {
			t.Errorf("a connection for which there is no place is still open: %v", err)
		}
	}
	ask(t, sim, "/api/account", "Authorization", "Bearer "+sim.APIKey) // without a connection
	if err := nextEvent(events); err != nil {
		t.Errorf("the stream does not tell of a request: %v", err)
	}
	endAndAnswer(t, stop, answered)
}

// Whoever has many requests that last can take the places of their own only.
func TestWhoTakesMostGivesWay(t *testing.T) {
	t.Parallel()
	sim, endpoint, stop := serve(t, simulator.Config{MaxConnections: 4})
	answered := holdUp(t, sim, &http.Client{Transport: &http.Transport{}}, endpoint, delayed)
	var streams []*bufio.Reader
	for range 9 {
		streams = append(streams, stream(t, endpoint))
	}
	ask(t, sim, "/api/account", "Authorization", "Bearer "+sim.APIKey) // without a connection
	for i, events := range streams {
		if err := nextEvent(events); (err == nil) != (i >= 6) {
			t.Errorf("stream %d of 9, of which three have a place: %v", i, err)
		}
	}
	endAndAnswer(t, stop, answered)
}

// Whoever does not take an answer gives way to those who wait for theirs, whatever
// key they make up.
func TestUnreadAnswersGiveWay(t *testing.T) {
	t.Parallel()
	sim, listener, stop := serveByPipes(t, simulator.Config{MaxConnections: 2})
	client := listener.client()
	answered := holdUp(t, sim, client, "http://sim/api", delayed)
	unread := listener.connect(t)
	if _, err := io.WriteString(unread, "GET /fidelity HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer made-up\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := unread.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	resp, err := client.Get("http://sim/healthz")
	if err != nil {
		t.Fatalf("behind an answer that is not read: %v", err)
	}
	_ = resp.Body.Close()
	if answer, err := io.ReadAll(unread); err != nil || strings.Contains(string(answer), "</html>") {
		t.Errorf("an answer that was not read goes on to its end: %v", err)
	}
	endAndAnswer(t, stop, answered)
}

// Whoever has just come is heard before somebody with many requests has one more.
func TestNewcomersAreHeard(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // the request comes in at once, however busy the machine is
		sim, listener, stop := serveByPipes(t, simulator.Config{MaxConnections: 8})
		var heldUp []<-chan error
		for range 8 {
			heldUp = append(heldUp, holdUp(t, sim, listener.client(), "http://sim/api", delayed))
		}
		heard := listener.connect(t)
		for range 3 {
			heldUp = append(heldUp, holdUp(t, sim, listener.client(), "http://sim/api", delayed))
		}
		if _, err := io.WriteString(heard, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if answer, err := io.ReadAll(heard); err != nil || !strings.Contains(string(answer), "ok") {
			t.Errorf("among many requests that last one is answered %q: %v", answer, err)
		}
		for _, gaveWay := range heldUp[:4] {
			if err := <-gaveWay; err == nil {
				t.Error("beyond the limit a request that lasted longest has been answered")
			}
		}
		for _, kept := range heldUp[4:] {
			defer endAndAnswer(t, func() error { return nil }, kept)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

// delayed is longer than a test lasts.
var delayed = fault.Delay{By: fault.Duration(time.Minute)}

// holdUp sends a request that a fault holds up, and returns how it ends.
func holdUp(t *testing.T, sim *simulator.Simulator, client *http.Client, endpoint string, effect fault.Effect) <-chan error {
	t.Helper()
	held, err := sim.Sandbox.Faults.Add(fault.Plan{Operation: "createSshKey", Effect: effect})
	if err != nil {
		t.Fatal(err)
	}
	answered := make(chan error, 1)
	go func() {
		req, _ := http.NewRequestWithContext(context.WithoutCancel(t.Context()), "POST", endpoint+"/ssh-keys", strings.NewReader(
			`{"name":"laptop","public_key":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"}`))
		req.Header.Set("Authorization", "Bearer "+sim.APIKey)
		req.Header.Set("Content-Type", "application/json")
		resp, err := client.Do(req)
		if err == nil {
			err = resp.Body.Close()
		}
		answered <- err
	}()
	for held.Fired() == 0 {
		runtime.Gosched()
	}
	return answered
}

// endAndAnswer stops a simulator, which answers what was held up before.
func endAndAnswer(t *testing.T, stop func() error, heldUp <-chan error) {
	t.Helper()
	if err := stop(); err != nil {
		t.Error(err)
	}
	if err := <-heldUp; err != nil {
		t.Errorf("the request that was held up was not answered: %v", err)
	}
}

// stream follows the journal.
func stream(t *testing.T, endpoint string) *bufio.Reader {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(strings.TrimSuffix(endpoint, "/api") + "/_sim/requests/stream")
	if err != nil {
		t.Fatalf("a stream does not begin: %v", err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return bufio.NewReader(resp.Body)
}

// nextEvent waits until a stream tells of a request.
func nextEvent(events *bufio.Reader) error {
	for {
		if line, err := events.ReadString('\n'); err != nil || strings.HasPrefix(line, "id: ") {
			return err
		}
	}
}

// A connection that a fault breaks off is seen to be reset, and not to have ended.
func TestABrokenOffConnectionIsReset(t *testing.T) {
	t.Parallel()
	sim, endpoint, stop := serve(t, simulator.Config{})
	if _, err := sim.Sandbox.Faults.Add(fault.Plan{Operation: "getAccount", Effect: fault.Reset{}}); err != nil {
		t.Fatal(err)
	}
	req, _ := http.NewRequestWithContext(t.Context(), "GET", endpoint+"/account", nil)
	req.Header.Set("Authorization", "Bearer "+sim.APIKey)
	resp, err := (&http.Client{Transport: &http.Transport{}}).Do(req)
	if err == nil {
		_ = resp.Body.Close()
	}
	if !isReset(err) {
		t.Errorf("the request ended with %v", err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// pipes is a listener to connections within this process.
type pipes struct{ accepted chan net.Conn }

// serveByPipes is serve with connections that have no buffers for what nobody reads.
func serveByPipes(t *testing.T, cfg simulator.Config) (*simulator.Simulator, pipes, func() error) {
	t.Helper()
	sim, err := simulator.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	listener := pipes{make(chan net.Conn)}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- sim.Serve(ctx, listener) }()
	return sim, listener, func() error { cancel(); return <-served }
}

// connect makes a connection and returns once it is accepted.
func (p pipes) connect(t *testing.T) net.Conn {
	t.Helper()
	near, far := net.Pipe()
	p.accepted <- far
	t.Cleanup(func() { near.Close() })
	return near
}

// client makes a connection for each request.
func (p pipes) client() *http.Client {
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		near, far := net.Pipe()
		select {
		case p.accepted <- far:
			return near, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}}}
}

func (p pipes) Accept() (net.Conn, error) {
	if conn, open := <-p.accepted; open {
		return conn, nil
	}
	return nil, net.ErrClosed
}

func (p pipes) Close() error   { close(p.accepted); return nil }
func (p pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

func isReset(err error) bool {
	return err != nil && strings.Contains(err.Error(), "reset")
}
