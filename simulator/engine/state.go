package engine

import (
	"slices"
	"time"
)

// State is a world as plain data, or what has changed in it.
type State struct {
	Head Head `json:"head"`
	// Market is what was on offer at first; in a change only when that changed.
	Market []Offer `json:"market,omitempty"`
	// Offers are those of the market of which not just that is taken what the
	// instances have, by their place in it.
	Offers    map[int]Offer `json:"offers,omitempty"`
	Instances []Instance    `json:"instances,omitempty"`
	SSHKeys   []SSHKey      `json:"ssh_keys,omitempty"`
	APIKeys   []APIKey      `json:"api_keys,omitempty"` // always all of them
	Ledger    []Entry       `json:"ledger,omitempty"`
	Answers   []Answer      `json:"answers,omitempty"`
	// Names say how often a name was given to an instance, where not all of those
	// have it still; Fingerprints, how often a key was added. Identifiers depend on it.
	Names        map[string]int `json:"names,omitempty"`
	Fingerprints map[string]int `json:"fingerprints,omitempty"`

	// Gone is what a change has removed; empty for a whole world.
	Gone Gone `json:"-"`
}

// Gone are the ordinals and numbers of things that are no more.
type Gone struct {
	Instances, SSHKeys, Answers []int64
}

// Head is what a world has one of.
type Head struct {
	Seed    uint64    `json:"seed"`
	Account Account   `json:"account"`
	Timings Timings   `json:"timings"`
	Policy  Policy    `json:"policy"`
	Clock   Clock     `json:"clock"`
	Now     time.Time `json:"now"`
	// Rentals, Keys and AnswerCount are how many there were so far.
	Rentals     int64 `json:"rentals"`
	Keys        int64 `json:"keys"`
	AnswerCount int64 `json:"answer_count"`
}

func (w *World) head() Head {
	return Head{
		Seed: w.seed, Account: w.account, Timings: w.timings, Policy: w.policy, Clock: w.clock, Now: w.now,
		Rentals: w.instances.count, Keys: w.sshKeys.count, AnswerCount: w.answers.count,
	}
}

// State is the whole world.
func (w *World) State() State {
	s := State{
		Head: w.head(), Market: w.market.all(), Offers: map[int]Offer{},
		SSHKeys: w.SSHKeys(), APIKeys: w.apiKeys, Ledger: slices.Clip(w.ledger.entries),
		Instances: w.Instances(func(*Instance) bool { return true }),
		Names:     map[string]int{}, Fingerprints: map[string]int{},
	}
	w.market.changed.Scan(func(i int, o *Offer) bool {
		if o.apart {
			s.Offers[i] = *o
		}
		return true
	})
	w.answers.oldest.Scan(func(_ int64, a *Answer) bool { s.Answers = append(s.Answers, *a); return true })
	w.instances.byName.Scan(func(name string, b bearers) bool {
		if b.times > len(b.living) {
			s.Names[name] = b.times
		}
		return true
	})
	w.sshKeys.used.Scan(func(print string, n int) bool { s.Fingerprints[print] = n; return true })
	return s
}

func (m *Market) all() []Offer {
	offers := make([]Offer, len(m.offers))
	for i, o := range m.offers {
		offers[i] = *o
	}
	return offers
}

// Changes is what has changed since the last call, or since [World.Track].
func (w *World) Changes() State {
	c := w.changed
	s := State{Head: w.head(), Offers: map[int]Offer{}, Names: map[string]int{}, Fingerprints: map[string]int{}}
	s.Ledger = slices.Clip(w.ledger.entries[c.entries:])
	if c.market {
		s.Market = w.market.all()
	}
	if c.apiKeys {
		s.APIKeys = w.apiKeys
	}
	for i := range c.offers {
		if o := w.market.at(i); o.apart {
			s.Offers[i] = *o
		}
	}
	s.Instances, s.Gone.Instances = present(c.instances, func(n int64) (Instance, bool) {
		if inst, ok := w.instances.ordered.Get(n); ok {
			return *inst, true
		}
		return Instance{}, false
	})
	s.SSHKeys, s.Gone.SSHKeys = present(c.sshKeys, w.sshKeys.ordered.Get)
	s.Answers, s.Gone.Answers = present(c.answers, func(n int64) (Answer, bool) {
		if a, ok := w.answers.oldest.Get(n); ok {
			return *a, true
		}
		return Answer{}, false
	})
	for name := range c.names {
		if times, lost := w.instances.timesGiven(name); lost {
			s.Names[name] = times
		}
	}
	for print := range c.prints {
		s.Fingerprints[print], _ = w.sshKeys.used.Get(print)
	}
	w.Track()
	return s
}

// present parts what is still there from what is gone.
func present[T any](changed map[int64]struct{}, get func(int64) (T, bool)) (there []T, gone []int64) {
	if len(changed) > 0 {
		there = make([]T, 0, len(changed))
	}
	for number := range changed {
		if thing, ok := get(number); ok {
			there = append(there, thing)
		} else {
			gone = append(gone, number)
		}
	}
	return there, gone
}
