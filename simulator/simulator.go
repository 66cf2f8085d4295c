// Package simulator imitates Pictor's REST API for GPU Renting, with fake GPU
// machines, so that programs can be tried and tested offline and for nothing.
//
// This file assembles the rooms: engine (the world), market (what is on offer),
// store (sandboxes), fault (what goes wrong), journal (what was asked and
// answered), api (Pictor's API) and control (what only a simulator can do).
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
	"github.com/pulumi-pictor/pulumi-pictor/simulator/control"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// Config says what a simulator is like. The zero value is a usable one.
type Config struct {
	// APIKey is the secret of the first sandbox's API key; drawn at random when
	// empty.
	APIKey string
	// First are the settings of the first sandbox. A data file that has one
	// already keeps it as it is.
	First store.Settings
	// File is the data file; empty means that everything is kept in memory.
	File string
	// CheckAnswers validates every answer against the contract.
	CheckAnswers bool
	// Wall is the wall clock; nil means time.Now.
	Wall func() time.Time
	// Requests is how many requests the journal of a sandbox keeps; 0 means 1,000.
	Requests int
	// Log gets a line a request at debug level; nil means no log.
	Log *slog.Logger
}

// DefaultCredits is what an account begins with on a command line and in tests.
const DefaultCredits = 100 * engine.Credit

// Simulator is an assembled simulator. Make it with [New], let it answer with
// [Simulator.Serve] or as an http.Handler.
type Simulator struct {
	// APIKey is the secret of an API key of the first sandbox.
	APIKey string
	// Sandbox is the first sandbox, or the one that the supplied key belongs to.
	Sandbox *store.Sandbox
	// Store has all of them.
	Store *store.Store

	echo *echo.Echo
	log  *slog.Logger

	ending context.Context // ends when Serve does
	end    context.CancelFunc
}

// New assembles a simulator.
func New(cfg Config) (*Simulator, error) {
	cfg = cfg.withDefaults()
	sandboxes, err := store.Open(store.Config{File: cfg.File, Wall: cfg.Wall, Requests: cfg.Requests})
	if err != nil {
		return nil, err
	}
	s := &Simulator{Store: sandboxes, log: cfg.Log}
	s.ending, s.end = context.WithCancel(context.Background())
	if err := errors.Join(s.first(cfg), s.assemble(cfg)); err != nil {
		return nil, errors.Join(err, sandboxes.Close())
	}
	return s, nil
}

// first finds the first sandbox, or makes it.
func (s *Simulator) first(cfg Config) (err error) {
	if s.Sandbox = s.Store.First(); s.Sandbox == nil {
		s.Sandbox, s.APIKey, err = s.Store.Create(cfg.First, cfg.APIKey)
		return err
	}
	if owner, known := s.Store.ByKey(cfg.APIKey); known {
		s.Sandbox, s.APIKey = owner, cfg.APIKey
		return nil
	}
	// The file has only hashes of keys, so one that nobody supplies is made.
	_, s.APIKey, err = s.Sandbox.CreateKey("made at start", cfg.APIKey)
	return err
}

// assemble puts the rooms on one server.
func (s *Simulator) assemble(cfg Config) error {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = api.AnswerErrors(cfg.Log)
	e.Use(middleware.RequestID(), logRequests(cfg.Log), recoverPanics(cfg.Log))
	err := api.Register(e, api.Config{Store: s.Store, Wall: cfg.Wall, CheckAnswers: cfg.CheckAnswers})
	if err != nil {
		return err
	}
	control.Register(e, control.Config{Store: s.Store, Ending: s.ending.Done()})
	e.GET("/healthz", func(c echo.Context) error { return c.JSON(http.StatusOK, map[string]string{"status": "ok"}) })
	e.GET("/", frontPage)
	s.echo = e
	return nil
}

// Close ends live streams, writes what is on its way to the data file and closes
// it.
func (s *Simulator) Close() error {
	s.end()
	return s.Store.Close()
}

func (cfg Config) withDefaults() Config {
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
	s.end() // live streams, which would be under way for ever
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	if err := server.Shutdown(patience); err != nil && !errors.Is(err, context.DeadlineExceeded) {
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

API           /api          needs an API key on every request
control API   /_sim         sandboxes, keys, clock, requests, snapshot, ledger, credits, bill
health        /healthz

Set PICTOR_ENDPOINT to this address followed by /api, and PICTOR_API_KEY to the key that was printed at the start.
`)
}
