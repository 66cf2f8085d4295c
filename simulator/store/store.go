// Package store holds the sandboxes of a simulator and gives each its lock. The
// API key of a request selects the sandbox.
//
// Without a file a sandbox lives as long as the process. With one, a change is
// answered only when it is on disk, and readers see nothing that is not (see
// sandbox.go); one committer writes what has come together, in order (see
// committer.go).
package store

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/journal"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/market"
)

// Config is what a store needs. The zero value keeps everything in memory.
type Config struct {
	// File is the data file; empty means none.
	File string
	// Wall is the wall clock; nil means time.Now.
	Wall func() time.Time
	// Committed, if any, is told of every transaction that is on disk, before those
	// who wait for it are: how many changes it had and how long it took.
	Committed func(changes int, took time.Duration)
	// Ended, if any, is told of every world that ends because its sandbox is deleted,
	// reset or restored ("deleted", "reset", "restored"). The sandbox waits meanwhile.
	Ended func(id string, l Life, how string)
	// Requests is how many requests the journal of a sandbox keeps; 0 means
	// [journal.DefaultCapacity].
	Requests int
}

// Store is the sandboxes of one simulator.
type Store struct {
	wall      func() time.Time
	committer *committer // nil in memory
	requests  int        // that a journal keeps
	journals  journal.Budget
	ended     func(id string, l Life, how string)

	mu        sync.RWMutex
	sandboxes map[string]*Sandbox
	keys      map[[sha256.Size]byte]keyEntry
	markets   map[string]*engine.Market // by seed and shape, shared by sandboxes
	last      int                       // number of the newest sandbox
}

// keyEntry says whose an API key is. A revoked key stays, so that its secret is
// not given out again.
type keyEntry struct {
	sandbox *Sandbox
	revoked bool
}

// Open makes a store, with the sandboxes that are in its file.
func Open(cfg Config) (*Store, error) {
	s := &Store{
		wall:      cfg.Wall,
		requests:  cfg.Requests,
		ended:     cfg.Ended,
		sandboxes: map[string]*Sandbox{},
		keys:      map[[sha256.Size]byte]keyEntry{},
		markets:   map[string]*engine.Market{},
	}
	if s.wall == nil {
		s.wall = time.Now
	}
	if cfg.File == "" {
		return s, nil
	}
	f, found, err := openFile(cfg.File)
	if err != nil {
		return nil, err
	}
	s.last = found.tally.Last
	for _, one := range found.sandboxes {
		sandbox, err := s.restore(one.id, one.Snapshot)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%s %w. It was left as it is", cfg.File, damaged(fmt.Errorf("sandbox %s: %w", one.id, err))), f.close())
		}
		sandbox.world.Track()
		s.enter(sandbox)
	}
	s.committer = newCommitter(f, cfg.Committed)
	return s, nil
}

// Close writes what is on its way to the file and closes it.
func (s *Store) Close() error {
	if s.committer == nil {
		return nil
	}
	return s.committer.close()
}

// Err says why the store takes no changes any more, if so.
func (s *Store) Err() error {
	if s.committer == nil {
		return nil
	}
	return s.committer.err()
}

// Durable tells whether changes go to a file.
func (s *Store) Durable() bool { return s.committer != nil }

// number is the place of a sandbox in the order in which they were made.
func number(id string) int {
	n, _ := strconv.Atoi(strings.TrimPrefix(id, "sbx_"))
	return n
}

// Create makes a sandbox with a first API key. An empty secret is drawn at
// random; it is returned here and cannot be had again.
func (s *Store) Create(settings Settings, secret string) (*Sandbox, string, error) {
	if err := settings.Validate(); err != nil {
		return nil, "", invalid("settings", err)
	}
	settings = settings.withDefaults()
	return s.add(secret, func(id string) (*Sandbox, error) {
		return s.newSandbox(id, settings, s.world(id, settings)), nil
	})
}

// Restore makes a sandbox that goes on from a snapshot, with an API key of its
// own; those of the snapshot are not taken over.
func (s *Store) Restore(from Snapshot, name, secret string) (*Sandbox, string, error) {
	from, err := from.restorable()
	if err != nil {
		return nil, "", err
	}
	if name != "" {
		from.Settings.Name = name
	}
	from.World.APIKeys = nil
	return s.add(secret, func(id string) (*Sandbox, error) {
		sandbox, err := s.restore(id, from)
		if err != nil {
			return nil, invalid("snapshot", err)
		}
		sandbox.world.Resume(s.wall())
		return sandbox, nil
	})
}

// add enters a new sandbox once it has a key and is on disk.
func (s *Store) add(secret string, build func(id string) (*Sandbox, error)) (*Sandbox, string, error) {
	s.mu.Lock()
	s.last++
	id := fmt.Sprintf("sbx_%d", s.last)
	s.mu.Unlock()
	sandbox, err := build(id)
	if err != nil {
		return nil, "", err
	}
	hash, secret, err := s.reserve(secret)
	if err != nil {
		return nil, "", err
	}
	if _, err := sandbox.world.AddAPIKey("default", secret); err != nil {
		s.release(hash)
		return nil, "", fmt.Errorf("create API key %q: %w", "default", err)
	}
	if s.committer != nil {
		if err := s.committer.write(sandbox.creation()); err != nil {
			s.release(hash)
			return nil, "", err
		}
		sandbox.world.Track()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sandboxes[id] = sandbox
	s.keys[hash] = keyEntry{sandbox: sandbox}
	return sandbox, secret, nil
}

// reserve draws a secret, or takes the given one, and keeps others from taking it.
func (s *Store) reserve(secret string) (hash [sha256.Size]byte, _ string, err error) {
	if secret == "" {
		secret = "pictor_sim_" + rand.Text()
	}
	hash = engine.HashSecret(secret)
	s.mu.Lock()
	defer s.mu.Unlock()
	if key, taken := s.keys[hash]; taken {
		if key.sandbox != nil && key.revoked {
			return hash, "", invalid("secret", errors.New("is that of a key that was revoked, for good: use another one"))
		}
		return hash, "", invalid("secret", errors.New("is a key already"))
	}
	s.keys[hash] = keyEntry{revoked: true} // until it is there
	return hash, secret, nil
}

// publish makes a new key valid, unless it was revoked meanwhile or its sandbox
// deleted.
func (s *Store) publish(sandbox *Sandbox, hash [sha256.Size]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.sandboxes[sandbox.id] != sandbox:
		delete(s.keys, hash)
	case s.keys[hash].sandbox == nil:
		s.keys[hash] = keyEntry{sandbox: sandbox}
	}
}

// release gives a secret back that did not become a key.
func (s *Store) release(hash [sha256.Size]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.keys, hash)
}

// enter makes a sandbox and its keys known.
func (s *Store) enter(sandbox *Sandbox) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sandboxes[sandbox.id] = sandbox
	for _, key := range sandbox.world.APIKeys() {
		s.keys[key.Hash] = keyEntry{sandbox: sandbox, revoked: !key.RevokedAt.IsZero()}
	}
}

// ByKey finds the sandbox that a secret is a valid API key of.
func (s *Store) ByKey(secret string) (*Sandbox, bool) {
	return s.ByHash(engine.HashSecret(secret))
}

// ByHash is ByKey for the hash of a secret.
func (s *Store) ByHash(hash [sha256.Size]byte) (*Sandbox, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	key, ok := s.keys[hash]
	return key.sandbox, ok && !key.revoked
}

// ByID finds a sandbox.
func (s *Store) ByID(id string) (*Sandbox, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	sandbox, ok := s.sandboxes[id]
	if !ok {
		return nil, &engine.Error{Code: engine.CodeNotFound, Message: fmt.Sprintf("no sandbox has the id %q", id)}
	}
	return sandbox, nil
}

// First is the oldest sandbox, nil when there is none.
func (s *Store) First() *Sandbox {
	all := s.All()
	if len(all) == 0 {
		return nil
	}
	return all[0]
}

// All has every sandbox, oldest first.
func (s *Store) All() []*Sandbox {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := make([]*Sandbox, 0, len(s.sandboxes))
	for _, sandbox := range s.sandboxes {
		all = append(all, sandbox)
	}
	slices.SortFunc(all, func(a, b *Sandbox) int { return number(a.id) - number(b.id) })
	return all
}

// Len is how many sandboxes there are.
func (s *Store) Len() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.sandboxes)
}

// Delete destroys a sandbox; its keys are valid no more.
func (s *Store) Delete(id string) error {
	sandbox, err := s.ByID(id)
	if err != nil {
		return err
	}
	return sandbox.delete()
}

// remove takes a sandbox that has ended from the disk and then out of sight.
func (s *Store) remove(sandbox *Sandbox) error {
	if s.committer != nil {
		if err := s.committer.write(deletion(sandbox.id)); err != nil {
			return err
		}
	}
	s.mu.Lock()
	delete(s.sandboxes, sandbox.id)
	for hash, key := range s.keys {
		if key.sandbox == sandbox {
			delete(s.keys, hash)
		}
	}
	s.mu.Unlock()
	sandbox.Journal.Close()
	sandbox.Life(func(l Life) { s.tell(sandbox.id, l, "deleted") })
	return nil
}

// tell says that the world of a sandbox has ended.
func (s *Store) tell(id string, l Life, how string) {
	if s.ended != nil {
		s.ended(id, l, how)
	}
}

// world makes a world of settings for a sandbox.
func (s *Store) world(id string, settings Settings) *engine.World {
	wall := s.wall()
	clock, _ := engine.ParseClock(settings.Clock, wall) // validated already
	return engine.New(engine.Config{
		Seed:    settings.Seed,
		Account: market.Owner(settings.Seed, number(id), settings.shape()),
		Market:  s.market(settings),
		Credits: settings.Credits,
		Timings: settings.Timings,
		Policy:  settings.Policy,
		Clock:   clock,
	}, wall)
}

// maxMarkets bounds how many markets are kept to be shared.
const maxMarkets = 32

// market is the market of settings; sandboxes with the same seed share it.
func (s *Store) market(settings Settings) *engine.Market {
	key := fmt.Sprintf("%d %+v", settings.Seed, settings.shape())
	s.mu.Lock()
	made := s.markets[key]
	s.mu.Unlock()
	if made != nil {
		return made
	}
	made = engine.NewMarket(market.New(settings.Seed, settings.shape()))
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.markets) >= maxMarkets {
		clear(s.markets)
	}
	s.markets[key] = made
	return made
}

// invalid is a refusal of something that was handed in.
func invalid(field string, err error) error {
	return &engine.Error{Code: engine.CodeValidation, Fields: engine.Fields{field: {err.Error()}}}
}
