package simtest

import (
	"cmp"
	"errors"
	"net/http/httptest"
	"os"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/pulumi-pictor/pulumi-pictor/simulator"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/api"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/machine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// Sim is a simulator that lives as long as its test: one world at an address of
// its own. It is safe for concurrent use.
type Sim struct {
	// URL is the address of the simulator, without a path, for PICTOR_SIM: the
	// API is below /api, the control API below /_sim.
	URL string
	// Endpoint is the address of the API, for PICTOR_ENDPOINT.
	Endpoint string
	// APIKey is a valid key, for PICTOR_API_KEY.
	APIKey string

	t       testing.TB
	sandbox *store.Sandbox
	options []Option
	expects expectations
	close   func() error

	mu      sync.Mutex
	planned []*fault.Planned
}

// DialectVariable names the dialect of every simulator that does not choose one
// itself, so that a whole suite can be run in another dialect as it is.
const DialectVariable = "PICTOR_SIM_DIALECT"

// New starts a simulator for a test, and ends it with the test. Unless options say
// otherwise its account has 100 credits, and its clock stands still but for
// machines in transition, which move on whenever they are read.
func New(t testing.TB, options ...Option) *Sim {
	t.Helper()
	set := settings{
		Config:  simulator.Config{CheckAnswers: true, First: store.Settings{Clock: "poll=1", Credits: simulator.DefaultCredits}},
		expects: expectations{budget: noBudget},
	}
	if name := os.Getenv(DialectVariable); name != "" {
		Dialect(name)(&set)
	}
	for _, o := range options {
		o(&set)
	}
	sim, err := simulator.New(set.Config)
	if err == nil && set.from != nil {
		err = sim.Sandbox.Restore(*set.from)
	}
	if err != nil {
		t.Fatalf("simulator: %v", err)
	}
	server := httptest.NewServer(sim)
	s := &Sim{
		URL: server.URL, Endpoint: server.URL + api.BasePath, APIKey: sim.APIKey,
		t: t, sandbox: sim.Sandbox, options: options, expects: set.expects,
		close: sync.OnceValue(func() error {
			err := sim.Close() // first, as it ends what faults hold up
			server.Close()
			return errors.Join(err, sim.Misfits())
		}),
	}
	s.expects.begin(sim.Sandbox)
	t.Cleanup(s.checkFaults)
	t.Cleanup(s.checkExpectations)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("simulator: %v", err)
		}
	})
	return s
}

// Close ends the simulator before its test does, such as to start another one
// with the same [Data].
func (s *Sim) Close() error { return s.close() }

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
		if r := p.Past(); !r.Hit && !r.Optional {
			s.t.Errorf("fault %s (%s, %T) never hit: it matched %d requests and was to hit from the %d. on; set Optional if that may be",
				r.ID, cmp.Or(r.Operation, "any operation"), r.Effect, r.Seen, r.From)
		}
	}
}

// HostKey is the key by which an instance's SSH server is known (see [Machines]).
func (s *Sim) HostKey(instanceID string) ssh.PublicKey {
	var seed uint64
	s.sandbox.View(func(w *engine.World) { seed = w.Seed() })
	return machine.HostKey(seed, instanceID)
}

// ClearFaults takes every fault away; one that has not hit by then still fails
// the test.
func (s *Sim) ClearFaults() { s.sandbox.Faults.Clear() }
