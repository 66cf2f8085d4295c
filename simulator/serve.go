package simulator

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/api"
)

// ServeHTTP answers one request.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.echo.ServeHTTP(w, r) }

// ControlHandler has the control API when it is apart, else it is nil.
func (s *Simulator) ControlHandler() http.Handler {
	if s.control == nil {
		return nil
	}
	return s.control
}

// Endpoint is the address of the API on a listener, for PICTOR_ENDPOINT: where
// it listens to every address of this machine, the one to reach it from here.
func Endpoint(l net.Listener) string { return Address(l) + api.BasePath }

// Address is where a listener is reached from this machine.
func Address(l net.Listener) string {
	host := l.Addr().String()
	if a, ok := l.Addr().(*net.TCPAddr); ok && a.IP.IsUnspecified() {
		host = net.JoinHostPort("127.0.0.1", strconv.Itoa(a.Port))
	}
	return "http://" + host
}

// How long a client may take, and how much it may send, before it is cut off. A
// fault may hold an answer back for a minute.
const (
	headerTime = 10 * time.Second
	readTime   = 30 * time.Second
	writeTime  = 2 * time.Minute
	idleTime   = 2 * time.Minute
	maxHeader  = 64 << 10
	// shutdownTime is how long requests that are under way may take to end.
	shutdownTime = 5 * time.Second
)

// Serve answers on a listener until the context ends, then lets the requests
// under way finish.
func (s *Simulator) Serve(ctx context.Context, l net.Listener) error { return s.serve(ctx, l, s.echo) }

// ServeControl is Serve for a control API that is apart.
func (s *Simulator) ServeControl(ctx context.Context, l net.Listener) error {
	return s.serve(ctx, l, s.control)
}

func (s *Simulator) serve(ctx context.Context, l net.Listener, handler http.Handler) error {
	connections := &connections{limit: s.maxConnections, open: list.New()}
	// Streams end when the context does; other requests do not notice it.
	streams, endStreams := context.WithCancel(context.WithoutCancel(ctx))
	defer endStreams()
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       readTime,
		WriteTimeout:      writeTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeader,
		ConnContext:       connections.introduce,
		ConnState:         connections.changed,
		BaseContext:       func(net.Listener) context.Context { return streams },
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(watchedListener{l, connections}) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve on %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	s.end()
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	if err := server.Shutdown(end); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("shut down: %w", err)
	}
	s.finishLate() // some have no connection that Shutdown could wait for
	return server.Close()
}
