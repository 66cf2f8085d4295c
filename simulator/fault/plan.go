package fault

import (
	"net/http"
	"sync"
)

// Phase says when a fault hits: before the request is carried out, or after,
// when it has been carried out and only its answer is spoilt.
type Phase string

// The phases.
const (
	Before Phase = "before"
	After  Phase = "after"
)

// Plan is a fault that is going to hit some requests.
type Plan struct {
	// Operation is the contract's operationId, such as "createInstance";
	// empty matches every operation.
	Operation string
	// From is the first matching request that is hit; 0 and 1 mean the first.
	From int
	// Times is how many are hit from there on; 0 means one, below 0 all.
	Times int
	// Phase is Before unless set.
	Phase  Phase
	Effect Effect
}

// Answer is what the simulator would have answered; empty in the phase Before.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Effect is what reaches the client instead of the answer.
type Effect interface {
	Answer(w http.ResponseWriter, real Answer) error
}

// Set is the plans of a sandbox. It is safe for concurrent use; its zero value
// has no plan.
type Set struct {
	mu    sync.Mutex
	plans []*Planned
}

// Planned is a plan in force, with its counts.
type Planned struct {
	Plan
	set   *Set
	seen  int
	fired int
}

// Add puts a plan into force, behind those that are already.
func (s *Set) Add(p Plan) *Planned {
	if p.Phase == "" {
		p.Phase = Before
	}
	p.From = max(p.From, 1)
	if p.Times == 0 {
		p.Times = 1
	}
	planned := &Planned{Plan: p, set: s}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plans = append(s.plans, planned)
	return planned
}

// Hit counts a request of an operation and returns the first plan that hits it,
// or nil.
func (s *Set) Hit(operation string) *Planned {
	s.mu.Lock()
	defer s.mu.Unlock()
	var hit *Planned
	for _, p := range s.plans {
		if p.Operation != "" && p.Operation != operation {
			continue
		}
		p.seen++
		if hit == nil && p.seen >= p.From && (p.Times < 0 || p.fired < p.Times) {
			p.fired++
			hit = p
		}
	}
	return hit
}

// Fired is how many requests the plan has hit.
func (p *Planned) Fired() int {
	p.set.mu.Lock()
	defer p.set.mu.Unlock()
	return p.fired
}

// Clear takes every plan out of force.
func (s *Set) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plans = nil
}

func (s *Set) Changes() []byte   { return nil }
func (s *Set) State() []byte     { return nil }
func (s *Set) Load([]byte) error { s.Clear(); return nil }
