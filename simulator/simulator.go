// Package simulator imitates Pictor's REST API for GPU Renting, with fake GPU
// machines, so that programs can be tried and tested offline and for nothing.
//
// This file assembles the rooms: engine (the world), market (what is on offer),
// store (sandboxes), fault (what goes wrong), api (Pictor's API), reference (its
// documentation), contract (what is imitated) and control (what only a simulator
// can do).
package simulator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/api"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/contract"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/control"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/market"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/reference"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// Config says what a simulator is like. The zero value is a usable one.
type Config struct {
	// APIKey is the secret of the first API key; drawn at random when empty.
	APIKey string
	// Seed decides the market and every identifier; 0 means 1.
	Seed uint64
	// Hosts is the size of the market; 0 means [market.DefaultHosts].
	Hosts int
	// Credits is the opening balance; 0 means [DefaultCredits], below 0 none.
	Credits engine.Credits
	Clock   Clock
	// Timings is how long transitions take; the zero value means [DefaultTimings].
	Timings engine.Timings
	Policy  engine.Policy
	// Limit is the rate limit of the API; the zero value is none.
	Limit api.Limit
	// CheckAnswers validates every answer against the contract.
	CheckAnswers bool
	// Wall is the wall clock; nil means time.Now.
	Wall func() time.Time
	// Log gets a line a request at debug level; nil means no log.
	Log *slog.Logger
}

// DefaultCredits is what an account begins with.
const DefaultCredits = 100 * engine.Credit

// DefaultTimings are short enough to watch.
var DefaultTimings = engine.Timings{
	Pending:      500 * time.Millisecond,
	Provisioning: 3 * time.Second,
	Stopping:     time.Second,
	Starting:     2 * time.Second,
	Deleting:     time.Second,
}

// Simulator is an assembled simulator. Make it with [New], let it answer with
// [Simulator.Serve] or as an http.Handler.
type Simulator struct {
	// APIKey is the secret of the first API key.
	APIKey string
	// Sandbox is the world that it belongs to.
	Sandbox *store.Sandbox

	echo *echo.Echo
	log  *slog.Logger
}

// New assembles a simulator.
func New(cfg Config) (*Simulator, error) {
	cfg = cfg.withDefaults()
	if cfg.Hosts < 0 {
		return nil, fmt.Errorf("a market of %d hosts cannot be made", cfg.Hosts)
	}
	clock, err := cfg.Clock.engine(cfg.Wall())
	if err != nil {
		return nil, err
	}
	sandboxes := store.NewMemory(cfg.Wall)
	sandbox := sandboxes.Add(engine.Config{
		Seed:    cfg.Seed,
		Account: market.Owner(cfg.Seed),
		Offers:  market.New(cfg.Seed, cfg.Hosts),
		Credits: max(cfg.Credits, 0),
		Timings: cfg.Timings,
		Policy:  cfg.Policy,
		Clock:   clock,
	})
	_, secret, err := sandbox.CreateKey("default", cfg.APIKey)
	if err != nil {
		return nil, err
	}

	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = api.AnswerErrors(cfg.Log)
	e.Use(middleware.RequestID(), logRequests(cfg.Log), recoverPanics(cfg.Log))
	err = api.Register(e, api.Config{Store: sandboxes, Wall: cfg.Wall, Limit: cfg.Limit, CheckAnswers: cfg.CheckAnswers})
	if err != nil {
		return nil, err
	}
	control.Register(e, sandbox)
	reference.Register(e)
	contract.Register(e)
	e.GET("/healthz", func(c echo.Context) error { return c.JSON(http.StatusOK, map[string]string{"status": "ok"}) })
	e.GET("/", frontPage)
	return &Simulator{APIKey: secret, Sandbox: sandbox, echo: e, log: cfg.Log}, nil
}

func (cfg Config) withDefaults() Config {
	if cfg.Seed == 0 {
		cfg.Seed = 1
	}
	if cfg.Hosts == 0 {
		cfg.Hosts = market.DefaultHosts
	}
	if cfg.Credits == 0 {
		cfg.Credits = DefaultCredits
	}
	if cfg.Timings == (engine.Timings{}) {
		cfg.Timings = DefaultTimings
	}
	if cfg.Wall == nil {
		cfg.Wall = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return cfg
}

// ServeHTTP answers one request.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.echo.ServeHTTP(w, r) }

// Endpoint is the address of the API on a listener, for PICTOR_ENDPOINT: where
// it listens to every address of this machine, the one to reach it from here.
func Endpoint(l net.Listener) string {
	host := l.Addr().String()
	if a, ok := l.Addr().(*net.TCPAddr); ok && a.IP.IsUnspecified() {
		host = net.JoinHostPort("127.0.0.1", strconv.Itoa(a.Port))
	}
	return "http://" + host + api.BasePath
}

// shutdownTime is how long requests that are under way may take to end.
const shutdownTime = 5 * time.Second

// Serve answers on a listener until the context ends, then lets the requests
// under way finish.
func (s *Simulator) Serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve on %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	if err := server.Shutdown(end); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("shut down: %w", err)
	}
	return server.Close()
}

// logRequests logs a line a request; never a header or a body, where secrets are.
func logRequests(log *slog.Logger) echo.MiddlewareFunc {
	return middleware.RequestLoggerWithConfig(middleware.RequestLoggerConfig{
		LogMethod: true, LogURIPath: true, LogStatus: true, LogLatency: true, LogRequestID: true, HandleError: true,
		LogValuesFunc: func(c echo.Context, v middleware.RequestLoggerValues) error {
			log.DebugContext(c.Request().Context(), "request",
				"method", v.Method, "path", v.URIPath, "status", v.Status, "took", v.Latency, "id", v.RequestID)
			return nil
		},
	})
}

// recoverPanics turns a panic into a 500 and logs where it came from.
func recoverPanics(log *slog.Logger) echo.MiddlewareFunc {
	return middleware.RecoverWithConfig(middleware.RecoverConfig{
		DisableStackAll: true,
		LogErrorFunc: func(c echo.Context, err error, stack []byte) error {
			log.ErrorContext(c.Request().Context(), "panic", "error", err, "stack", string(stack))
			return err
		},
	})
}

func frontPage(c echo.Context) error {
	return c.String(http.StatusOK, `pictor-sim: a simulator of Pictor's REST API for GPU Renting

API             /api                              needs an API key on every request
API reference   /api/documentation/gpu-instances  to read and to try out
fidelity        /fidelity                         what is imitated, and how deeply
control API     /_sim                             keys
health          /healthz

Set PICTOR_ENDPOINT to this address followed by /api, and PICTOR_API_KEY to the key that was printed at the start.
`)
}
