// Package simtest gives a Go test a simulator of its own in one line:
//
//	sim := simtest.New(t)
//	client, err := pictor.New(pictor.Config{Endpoint: sim.Endpoint, APIKey: sim.APIKey})
//
// Every answer is held against the contract, and the clock needs no patience:
// an instance in transition moves on whenever it is read.
package simtest

import (
	"cmp"
	"context"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/pulumi-pictor/pulumi-pictor/simulator"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/api"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/dialect"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/machine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// Sim is a simulator that lives as long as its test.
type Sim struct {
	// Endpoint is the address of the API, for PICTOR_ENDPOINT.
	Endpoint string
	// APIKey is a valid key, for PICTOR_API_KEY.
	APIKey string

	t       testing.TB
	sandbox *store.Sandbox

	mu      sync.Mutex
	planned []*fault.Planned
}

// DialectVariable names the dialect of every simulator that does not choose one
// itself, so that a whole suite can be run in another dialect as it is.
const DialectVariable = "PICTOR_SIM_DIALECT"

// New starts a simulator for a test.
func New(t testing.TB, options ...Option) *Sim {
	t.Helper()
	cfg := simulator.Config{CheckAnswers: true, First: store.Settings{Clock: "poll=1", Credits: simulator.DefaultCredits}}
	if name := os.Getenv(DialectVariable); name != "" {
		Dialect(name)(&cfg)
	}
	for _, o := range options {
		o(&cfg)
	}
	sim, err := simulator.New(cfg)
	if err != nil {
		t.Fatalf("simulator: %v", err)
	}
	server := httptest.NewServer(sim)
	s := &Sim{Endpoint: server.URL + api.BasePath, APIKey: sim.APIKey, t: t, sandbox: sim.Sandbox}
	t.Cleanup(s.checkFaults)
	t.Cleanup(func() {
		if err := sim.Close(); err != nil { // first, as it ends what faults hold up
			t.Errorf("simulator: %v", err)
		}
		server.Close()
	})
	return s
}

// Option changes what the simulator is like.
type Option func(*simulator.Config)

// Seed chooses the market and the identifiers.
func Seed(n uint64) Option { return func(c *simulator.Config) { c.First.Seed = n } }

// Credits sets the opening balance, in whole credits; 0 is an empty account.
func Credits(n int) Option {
	return func(c *simulator.Config) { c.First.Credits = engine.Credits(n) * engine.Credit }
}

// Clock sets the mode of the clock: "real", "x60", "frozen", "poll" or "poll=N".
func Clock(mode string) Option { return func(c *simulator.Config) { c.First.Clock = mode } }

// Hosts sets the size of the market.
func Hosts(n int) Option { return func(c *simulator.Config) { c.First.Market.Hosts = n } }

// RateLimit bounds the requests in a time.
func RateLimit(requests int, per time.Duration) Option {
	return func(c *simulator.Config) { c.First.Limit = store.Limit{Requests: requests, Per: per} }
}

// Machines lets one log in to the rented Linux machines by SSH.
func Machines() Option { return func(c *simulator.Config) { c.Machines = true } }

// Dialect sets how the API speaks where Pictor documents nothing, by a preset's
// name or several joined by "+" (see package dialect).
func Dialect(name string) Option {
	return func(c *simulator.Config) {
		d, err := dialect.Parse(name)
		if err != nil {
			panic(err) // a test that names no dialect is wrong itself
		}
		c.First.Dialect = d
	}
}

// Policy chooses how the service behaves where Pictor documents nothing.
func Policy(p engine.Policy) Option { return func(c *simulator.Config) { c.First.Policy = p } }

// Advance moves the clock forward; what becomes due has happened when it returns.
func (s *Sim) Advance(d time.Duration) {
	_ = s.sandbox.Advance(context.Background(), d) // in memory and never given up, it cannot fail
}

// Fault lets requests go wrong. One that never hits fails the test, unless it is
// optional.
func (s *Sim) Fault(p fault.Plan) *fault.Planned {
	s.t.Helper()
	var planned *fault.Planned
	err := s.sandbox.UpdateFaults(func(f *fault.Set) (err error) {
		planned, err = f.Add(p)
		return err
	})
	if err != nil {
		panic(err) // a test that plans what cannot be is wrong itself
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.planned = append(s.planned, planned)
	return planned
}

// checkFaults fails the test for every fault that never hit.
func (s *Sim) checkFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.planned {
		if r := p.Report(); r.Fired == 0 && !r.Optional {
			s.t.Errorf("fault %s (%s, %T) never hit: it matched %d requests and was to hit from the %d. on; set Optional if that may be",
				r.ID, cmp.Or(r.Operation, "any operation"), r.Effect, r.Seen, r.From)
		}
	}
}

// Instances are the machines that have not been completely deleted.
func (s *Sim) Instances() (list []engine.Instance) {
	s.sandbox.View(func(w *engine.World) { list = w.Instances(func(*engine.Instance) bool { return true }) })
	return list
}

// HostKey is the key by which an instance's SSH server is known (see [Machines]).
func (s *Sim) HostKey(instanceID string) ssh.PublicKey {
	var seed uint64
	s.sandbox.View(func(w *engine.World) { seed = w.Seed() })
	return machine.HostKey(seed, instanceID)
}

// Ledger is every change of the balance, oldest first.
func (s *Sim) Ledger() (entries []engine.Entry) {
	s.sandbox.View(func(w *engine.World) { entries = append(entries, w.Ledger()...) })
	return entries
}

// Do changes the world by the engine's own commands, as somebody else with the
// same account would.
func (s *Sim) Do(t testing.TB, change func(w *engine.World) error) {
	t.Helper()
	if err := s.sandbox.Update(change); err != nil {
		t.Fatalf("change of the sandbox: %v", err)
	}
}

// ClearFaults takes every fault away; one that has not hit by then still fails
// the test.
func (s *Sim) ClearFaults() { s.sandbox.Faults.Clear() }
