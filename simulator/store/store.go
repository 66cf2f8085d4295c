// Package store holds the sandboxes of a simulator and gives each its lock. The
// API key of a request selects the sandbox.
package store

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"sync"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
)

// Memory keeps sandboxes for as long as the process lives.
type Memory struct {
	wall func() time.Time

	mu    sync.RWMutex
	byKey map[[sha256.Size]byte]*Sandbox
}

// NewMemory makes an empty store that reads the wall clock by wall.
func NewMemory(wall func() time.Time) *Memory {
	return &Memory{wall: wall, byKey: map[[sha256.Size]byte]*Sandbox{}}
}

// Sandbox is one world with its lock and its faults.
type Sandbox struct {
	// Faults hit the requests of this sandbox only.
	Faults fault.Set

	store *Memory
	mu    sync.Mutex
	world *engine.World
}

// Add makes a sandbox. It cannot be reached before it has an API key.
func (m *Memory) Add(cfg engine.Config) *Sandbox {
	return &Sandbox{store: m, world: engine.New(cfg, m.wall())}
}

// ByKey finds the sandbox that a secret is a valid API key of.
func (m *Memory) ByKey(secret string) (*Sandbox, bool) {
	m.mu.RLock()
	s, ok := m.byKey[engine.HashSecret(secret)]
	m.mu.RUnlock()
	if !ok {
		return nil, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s, s.world.Authorized(secret)
}

// Update lets everything happen that is due and then carries a change out. An
// error leaves the change undone: commands of the engine refuse before they change.
func (s *Sandbox) Update(change func(w *engine.World) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world.Settle(s.store.wall())
	return change(s.world)
}

// View lets everything happen that is due and then reads.
func (s *Sandbox) View(read func(w *engine.World)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world.Settle(s.store.wall())
	read(s.world)
}

// Advance moves the sandbox's clock forward and returns when everything that
// became due has happened.
func (s *Sandbox) Advance(d time.Duration) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.world.Advance(d, s.store.wall())
}

// Observed notes that instances were read (see [engine.World.Observed]).
func (s *Sandbox) Observed(ids ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world.Observed(s.store.wall(), ids...)
}

// CreateKey makes an API key. An empty secret is drawn at random; it is returned
// here and cannot be had again.
func (s *Sandbox) CreateKey(name, secret string) (engine.APIKey, string, error) {
	if secret == "" {
		secret = "pictor_sim_" + rand.Text()
	}
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	hash := engine.HashSecret(secret)
	if _, taken := s.store.byKey[hash]; taken {
		return engine.APIKey{}, "", &engine.Error{Code: engine.CodeValidation, Fields: engine.Fields{"secret": {"is a key already"}}}
	}
	var key engine.APIKey
	err := s.Update(func(w *engine.World) (err error) {
		key, err = w.AddAPIKey(name, secret)
		return err
	})
	if err != nil {
		return engine.APIKey{}, "", fmt.Errorf("create API key %q: %w", name, err)
	}
	s.store.byKey[hash] = s
	return key, secret, nil
}
