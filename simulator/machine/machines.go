package machine

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// Sandbox is what the machines see of a sandbox.
type Sandbox interface {
	// View reads the world as it is now.
	View(read func(w *engine.World))
	// Knocked notes a login to a machine that runs and is not reachable yet: a
	// clock that moves when it is looked at moves on.
	Knocked(instanceID string) error
	// Lifetime ends when the world is no more.
	Lifetime() context.Context
}

// Config is what the machines need. The zero value is a usable one.
type Config struct {
	Limits Limits
	// Log gets a line a login at debug level; nil means no log.
	Log *slog.Logger
}

// Machines are the machines of one simulator that can be logged in to.
type Machines struct {
	limits      Limits
	log         *slog.Logger
	connections chan struct{} // has an element for each that is open
	programs    chan struct{} // has an element for each that runs
	known       atomic.Int64  // machines

	ctx context.Context
	end context.CancelFunc

	mu    sync.Mutex
	ended bool
	sites map[context.Context]*site // by the lifetime of their world
	work  sync.WaitGroup            // is added to with mu held, or by what it counts already
}

// New prepares machines. Nothing listens before [Machines.Login] is asked.
func New(cfg Config) *Machines {
	m := &Machines{limits: cfg.Limits.withDefaults(), log: cfg.Log, sites: map[context.Context]*site{}}
	if m.log == nil {
		m.log = slog.New(slog.DiscardHandler)
	}
	m.connections = make(chan struct{}, m.limits.Connections)
	m.programs = make(chan struct{}, m.limits.Programs)
	m.ctx, m.end = context.WithCancel(context.Background())
	return m
}

// Login says on which port of 127.0.0.1 an instance can be logged in to now, and
// which address the world has for it. It is false for one that does not run, runs
// Windows, or is one too many. It must not be called from within a View.
func (m *Machines) Login(sandbox Sandbox, instanceID string) (port int, address string, ok bool) {
	if m.known.Load() >= int64(m.limits.Machines) {
		m.sweep()
	}
	s := m.site(sandbox)
	if s == nil {
		return 0, "", false
	}
	return s.login(instanceID)
}

// site is where a sandbox's machines stand, nil when it is too late.
func (m *Machines) site(sandbox Sandbox) *site {
	lifetime := sandbox.Lifetime()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ended || lifetime.Err() != nil {
		return nil
	}
	if s := m.sites[lifetime]; s != nil {
		return s
	}
	s := &site{machines: m, sandbox: sandbox, rented: map[string]*rented{}}
	m.sites[lifetime] = s
	s.forget = context.AfterFunc(lifetime, func() {
		m.mu.Lock()
		delete(m.sites, lifetime)
		m.mu.Unlock()
		s.close()
	})
	return s
}

// sweep forgets the machines that are no more.
func (m *Machines) sweep() {
	m.mu.Lock()
	sites := make([]*site, 0, len(m.sites))
	for _, s := range m.sites {
		sites = append(sites, s)
	}
	m.mu.Unlock()
	for _, s := range sites {
		s.sweep()
	}
}

// start lets something run that [Machines.Close] waits for; false when it is too
// late.
func (m *Machines) start(do func()) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.ended {
		m.work.Go(do)
	}
	return !m.ended
}

// Close ends every connection and listens no more.
func (m *Machines) Close() {
	m.mu.Lock()
	m.ended = true
	sites := m.sites
	m.sites = nil
	m.mu.Unlock()
	m.end()
	for _, s := range sites {
		s.forget()
		s.close()
	}
	m.work.Wait()
}

// How long a client may take until it is logged in, and one that was cut off to
// go, in real time.
const (
	handshakeTime = 10 * time.Second
	partingTime   = time.Second
)
