// Package simulator imitates Pictor's REST API for GPU Renting, with fake GPU
// machines, so that programs can be tried and tested offline and for nothing.
//
// This file assembles the rooms: engine (the world), market (what is on offer),
// store (sandboxes), fault (what goes wrong), journal (what was asked and
// answered), api (Pictor's API), reference (its documentation), contract (what is
// imitated), machine (what one can log in to) and control (what only a simulator
// can do).
package simulator

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/api"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/contract"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/control"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/machine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/reference"
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
	// Control says who may use the control API.
	Control Control
	// MaxConnections is how many connections are kept open at once; 0 means
	// [DefaultMaxConnections].
	MaxConnections int
	// CheckAnswers validates every answer against the contract: one that does not
	// fit becomes a 500, and [Simulator.Misfits] has it.
	CheckAnswers bool
	// Ended, if any, is told of every world that ends because its sandbox is deleted,
	// reset or restored ("deleted", "reset", "restored"). The sandbox waits meanwhile.
	Ended func(id string, l store.Life, how string)
	// Wall is the wall clock; nil means time.Now.
	Wall func() time.Time
	// Requests is how many requests the journal of a sandbox keeps; 0 means 1,000.
	Requests int
	// Machines lets one log in to the rented Linux machines by SSH, each on a port
	// of its own of 127.0.0.1 (see package machine).
	Machines bool
	// Log gets a line a request at debug level; nil means no log.
	Log *slog.Logger
}

// Control says where the control API (/_sim) is and who may use it. The zero
// value lets programs on this machine use it, at the API's own address.
type Control struct {
	// Off leaves it out.
	Off bool
	// Key, if any, must come along with every request, in the header
	// [control.KeyHeader]; with it, other machines may use the control API, too.
	Key string
	// Apart takes it away from the API's address; [Simulator.ControlHandler] has
	// it then.
	Apart bool
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

	echo     *echo.Echo
	control  *echo.Echo        // nil unless it is apart
	machines *machine.Machines // nil unless they are wanted
	metrics  *metrics
	log      *slog.Logger
	end      func()       // ends live streams and what faults hold up
	late     sync.RWMutex // read-locked by what faults carry out late
	misfits  misfits
	// maxConnections is of each server.
	maxConnections int
}

// New assembles a simulator.
func New(cfg Config) (*Simulator, error) {
	cfg = cfg.withDefaults()
	s := &Simulator{log: cfg.Log, metrics: newMetrics(), maxConnections: cfg.MaxConnections}
	sandboxes, err := store.Open(store.Config{
		File: cfg.File, Wall: cfg.Wall, Committed: s.metrics.committed, Ended: cfg.Ended, Requests: cfg.Requests,
	})
	if err != nil {
		return nil, err
	}
	s.Store = sandboxes
	s.metrics.watch(s.Store)
	if cfg.Machines {
		s.machines = machine.New(machine.Config{Log: cfg.Log})
	}
	err = s.first(cfg)
	if err == nil {
		err = s.assemble(cfg)
	}
	if err != nil {
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
	s.echo = s.newServer(cfg)
	ending, end := context.WithCancel(context.Background())
	s.end = end
	answers := api.Config{Store: s.Store, Wall: cfg.Wall, Ending: ending, Late: &s.late, Machines: s.machines, Admitted: admitted, Around: s.around(cfg)}
	if cfg.CheckAnswers {
		answers.CheckAnswers = s.misfits.note
	}
	if err := api.Register(s.echo, answers); err != nil {
		return err
	}
	reference.Register(s.echo)
	contract.Register(s.echo)
	s.echo.GET("/", frontPage)
	switch {
	case cfg.Control.Off:
		noControl(s.echo, "The control API is switched off here: start the simulator without --control=false to have it.")
	case cfg.Control.Apart:
		noControl(s.echo, "The control API has an address of its own, and this is not it: see --control-addr.")
		s.control = s.newServer(cfg)
		api.Use(s.control, s.around(cfg)...)
	}
	if !cfg.Control.Off {
		control.Register(cmp.Or(s.control, s.echo), control.Config{Store: s.Store, Key: cfg.Control.Key, Ending: ending.Done(), Admitted: func(r *http.Request) { admitted(r, "control") }})
	}
	return nil
}

// noControl says where the control API would be why it is not.
func noControl(e *echo.Echo, why string) {
	e.Any(control.BasePath+"/*", func(echo.Context) error { return echo.NewHTTPError(http.StatusNotFound, why) })
}

// newServer is a server with what operators look at.
func (s *Simulator) newServer(cfg Config) *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = api.AnswerErrors(cfg.Log)
	e.GET("/metrics", s.metrics.page())
	e.GET("/healthz", s.alive)
	e.GET("/readyz", s.ready)
	return e
}

// around is what every request goes through.
func (s *Simulator) around(cfg Config) []echo.MiddlewareFunc {
	return []echo.MiddlewareFunc{requestIDs(), observe(cfg.Log, s.metrics), recoverPanics(cfg.Log)}
}

// Close carries out what faults have held up, ends the logins to machines, writes
// what is on its way to the data file and closes it.
func (s *Simulator) Close() error {
	s.finishLate()
	if s.machines != nil {
		s.machines.Close()
	}
	return s.Store.Close()
}

// finishLate ends what faults hold up and waits until it has been carried out.
func (s *Simulator) finishLate() {
	s.end()
	s.late.Lock()
	defer s.late.Unlock()
}

func (cfg Config) withDefaults() Config {
	if cfg.MaxConnections <= 0 {
		cfg.MaxConnections = DefaultMaxConnections
	}
	if cfg.Wall == nil {
		cfg.Wall = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return cfg
}
