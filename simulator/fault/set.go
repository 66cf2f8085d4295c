package fault

import (
	"fmt"
	"slices"
	"sync"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// Set is the plans of a sandbox and their counts. It is safe for concurrent use;
// its zero value has no plan.
type Set struct {
	// Owner is whose set it is, in the origins of its plans.
	Owner string
	// Remember has Past know the plans that are no more, too.
	Remember bool

	mu      sync.Mutex
	plans   []*Planned // in force
	past    []*Planned // and those that were before, if they are remembered
	made    int        // plans so far, for their ids
	used    []string   // labels that have hit a name and hit it once only; see label.go
	changed bool       // since Changes was called last
}

// Planned is a plan in force, with its counts.
type Planned struct {
	Plan
	set   *Set
	id    string
	seen  int
	fired int

	hits   int    // that nothing sets back to zero
	origin string // empty where nobody knows
	copied bool   // by Load
}

// Report is a plan with its counts.
type Report struct {
	ID string
	Plan
	// Seen is how many requests it matched.
	Seen int
	// Fired is how many of them it hit.
	Fired int
	// Remaining is how many it is still going to hit; nil is without end.
	Remaining *int
}

// Past is a plan that was in force at some time.
type Past struct {
	// Report has its counts as they are now, or when it was taken out of force.
	Report
	// Hit tells whether it has hit a request, also where its counts were set back
	// since.
	Hit bool
	// Origin names the plan that was added once, for itself and for all its copies.
	Origin string
	// Copied tells that it was not added to this set but loaded: from a snapshot, a
	// fork or a data file. What it had hit before is in Fired only.
	Copied bool
}

// Add puts a plan into force, behind those that are already.
func (s *Set) Add(p Plan) (*Planned, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made++
	planned := &Planned{Plan: p.withDefaults(), set: s, id: fmt.Sprintf("flt_%d", s.made)}
	planned.origin = s.Owner + "/" + planned.id
	s.plans = append(s.plans, planned)
	s.remember(planned)
	s.changed = true
	return planned, nil
}

// Hit is a request that is hit.
type Hit struct {
	Plan
	// ID is the plan's, or the label that asked for it.
	ID string

	set     *Set
	planned *Planned // nil for a label
	used    string   // the label's entry, if it hits once only
}

// Hit counts a request and returns the first plan that hits it, or else the
// first label in the name of what it makes; nil when nothing does. It tells
// whether there was something to count.
func (s *Set) Hit(r Request) (hit *Hit, counted bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.plans {
		if !p.matches(r) {
			continue
		}
		left := p.Times < 0 || p.fired < p.Times
		counted = counted || left
		s.changed = true
		p.seen++
		if hit == nil && left && p.seen >= p.From {
			p.fired++
			p.hits++
			hit = &Hit{Plan: p.Plan, ID: p.id, set: s, planned: p}
		}
	}
	if hit == nil {
		if hit = s.label(r); hit != nil && hit.used != "" {
			counted = true
		}
	}
	return hit, counted
}

// Missed takes a hit back that turned out to have nothing to strike, so that it
// is left for another request.
func (h *Hit) Missed() {
	h.set.mu.Lock()
	defer h.set.mu.Unlock()
	h.set.changed = true
	if p := h.planned; p != nil {
		p.fired, p.hits = max(p.fired-1, 0), p.hits-1
	}
	h.set.used = slices.DeleteFunc(h.set.used, func(label string) bool { return label == h.used })
}

// Fired is how many requests the plan has hit.
func (p *Planned) Fired() int { return p.Report().Fired }

// Report is the plan with its counts now.
func (p *Planned) Report() Report {
	p.set.mu.Lock()
	defer p.set.mu.Unlock()
	return p.report()
}

// Past is the plan with its counts now, whether it is still in force or not.
func (p *Planned) Past() Past {
	p.set.mu.Lock()
	defer p.set.mu.Unlock()
	return p.asPast()
}

func (p *Planned) asPast() Past { return Past{p.report(), p.hits > 0, p.origin, p.copied} }

func (p *Planned) report() Report {
	r := Report{ID: p.id, Plan: p.Plan, Seen: p.seen, Fired: p.fired}
	if p.Times >= 0 {
		left := max(p.Times-p.fired, 0)
		r.Remaining = &left
	}
	return r
}

// List has every plan with its counts, in the order in which they hit.
func (s *Set) List() []Report {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.list()
}

func (s *Set) list() []Report {
	list := make([]Report, len(s.plans))
	for i, p := range s.plans {
		list[i] = p.report()
	}
	return list
}

// Past has every plan that is in force and, in a set that remembers them, those that
// were removed, cleared or not loaded again; the oldest first.
func (s *Set) Past() []Past {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.known()
	list := make([]Past, len(known))
	for i, p := range known {
		list[i] = p.asPast()
	}
	return list
}

func (s *Set) known() []*Planned {
	if s.Remember {
		return s.past
	}
	return s.plans
}

func (s *Set) remember(p *Planned) {
	if s.Remember {
		s.past = append(s.past, p)
	}
}

// Get finds a plan.
func (s *Set) Get(id string) (Report, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, err := s.find(id)
	if err != nil {
		return Report{}, err
	}
	return s.plans[i].report(), nil
}

// Remove takes a plan out of force.
func (s *Set) Remove(id string) (Report, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, err := s.find(id)
	if err != nil {
		return Report{}, err
	}
	removed := s.plans[i].report()
	s.plans = slices.Delete(s.plans, i, i+1)
	s.changed = true
	return removed, nil
}

func (s *Set) find(id string) (int, error) {
	i := slices.IndexFunc(s.plans, func(p *Planned) bool { return p.id == id })
	if i < 0 {
		return 0, &engine.Error{Code: engine.CodeNotFound, Message: fmt.Sprintf("no fault has the id %q", id)}
	}
	return i, nil
}

// Clear takes every plan out of force; labels are as if they had never hit.
func (s *Set) Clear() (removed []Report) {
	s.mu.Lock()
	defer s.mu.Unlock()
	removed = s.list()
	s.plans, s.used, s.changed = nil, nil, true
	return removed
}

// Reset sets every count to zero, also those of labels.
func (s *Set) Reset() []Report {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.plans {
		p.seen, p.fired = 0, 0
	}
	s.used, s.changed = nil, true
	return s.list()
}

// Empty tells whether there is no plan.
func (s *Set) Empty() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.plans) == 0
}

// Behind is how many worlds of before have to be kept for the stale reads that
// are in force.
func (s *Set) Behind() (changes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.plans {
		if stale, ok := p.Effect.(Stale); ok {
			changes = max(changes, stale.Changes())
		}
	}
	return changes
}
