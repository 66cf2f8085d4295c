// Package wait lets any number of resources look at their instances, and wait
// for them, and asks the service once for all of them.
//
// A resource that waits on its own polls its own instance, so N resources cost
// N requests a tick and use up the rate limit that they share. Here one loop (a
// [Poller]) runs while somebody waits, and what it asks is asked together with
// the questions of those who only want to look (a [Roster]): it costs the smaller
// of one read for each and the pages of the list of all instances, and not more
// than two requests a second for long. The client below obeys the rate limit.
package wait

import (
	"context"
	"sync"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// The interval grows while nothing changes and falls back to the shortest when
// something does or somebody new waits.
const (
	shortest = 250 * time.Millisecond
	longest  = 5 * time.Second
	growth   = 1.3
	// jitter is the share by which an interval varies either way, so that
	// programs started together do not poll together.
	jitter = 0.1
)

// Observation is what a tick saw of an instance.
type Observation struct {
	// Instance is nil when there is proof that there is none with this id: the
	// service says so in the contract's own words, and the complete list does
	// not have it.
	Instance *pictor.Instance
	// Err is why this tick saw nothing. The wait goes on unless the one who
	// waits ends it.
	Err error
}

// Poller is shared by everything that waits on one endpoint with one key.
type Poller struct {
	roster *Roster
	clock  pictor.Clock
	rand   func() float64

	mu      sync.Mutex
	waiters map[*waiter]struct{}
	stop    context.CancelFunc // ends the loop; nil when none runs
	wake    context.CancelFunc // ends the loop's long sleep, if it is in one
	joined  bool               // somebody began to wait since the last tick
}

type waiter struct {
	id   pictor.ID
	seen chan Observation // holds the newest observation that was not taken yet
	last pictor.InstanceStatus
}

// New makes a poller. rand gives jitter in [0,1).
func New(roster *Roster, clock pictor.Clock, rand func() float64) *Poller {
	return &Poller{roster: roster, clock: clock, rand: rand, wake: func() {}, waiters: map[*waiter]struct{}{}}
}

// Until hands what is seen of an instance to observe until that says done, and
// returns its error; or returns the context's error once the context ends.
func (p *Poller) Until(ctx context.Context, id pictor.ID, observe func(Observation) (done bool, err error)) error {
	w := &waiter{id: id, seen: make(chan Observation, 1)}
	p.join(w)
	defer p.leave(w)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case o := <-w.seen:
			if done, err := observe(o); done || err != nil {
				return err
			}
		}
	}
}

func (p *Poller) join(w *waiter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiters[w] = struct{}{}
	p.joined = true
	p.wake()
	if p.stop == nil {
		ctx, cancel := context.WithCancel(context.Background())
		p.stop = cancel
		go p.loop(ctx)
	}
}

func (p *Poller) leave(w *waiter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.waiters, w)
	if len(p.waiters) == 0 {
		p.stop()
		p.stop = nil
	}
}

// loop ticks until its context ends, which is when nobody waits any more.
func (p *Poller) loop(ctx context.Context) {
	interval := shortest
	for {
		if p.sleep(ctx, interval) != nil {
			return
		}
		if p.tick(ctx) {
			interval = shortest
		} else {
			interval = min(time.Duration(float64(interval)*growth), longest)
		}
	}
}

// sleep waits for the interval, and no longer than the shortest from when
// somebody new comes. Who comes during a short one changes nothing, or a stream
// of newcomers would keep everyone from being told.
func (p *Poller) sleep(ctx context.Context, interval time.Duration) error {
	spread := 1 + jitter*(2*p.rand()-1)
	scaled := func(d time.Duration) time.Duration { return time.Duration(float64(d) * spread) }
	if interval > shortest {
		nap, wake := context.WithCancel(ctx)
		defer wake()
		if !p.wakeable(ctx, wake) || p.clock.Sleep(nap, scaled(interval)) == nil {
			return ctx.Err()
		}
	}
	return p.clock.Sleep(ctx, scaled(shortest))
}

// wakeable lets whoever comes from now on, or came since the last tick, end the
// loop's sleep. False if the loop has ended: then another may run already.
func (p *Poller) wakeable(ctx context.Context, wake context.CancelFunc) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if ctx.Err() != nil {
		return false
	}
	if p.wake = wake; p.joined {
		wake()
	}
	return true
}

// tick asks once for all who wait. It tells whether polling should be quick.
func (p *Poller) tick(ctx context.Context) (quick bool) {
	p.mu.Lock()
	if ctx.Err() != nil { // the last one left; whoever has come since has a loop of their own
		p.mu.Unlock()
		return false
	}
	waiting := make([]*waiter, 0, len(p.waiters))
	for w := range p.waiters {
		waiting = append(waiting, w)
	}
	quick, p.joined = p.joined, false
	p.mu.Unlock()

	ids := make([]pictor.ID, len(waiting))
	for i, w := range waiting {
		ids[i] = w.id
	}
	seen := p.roster.observe(ctx, ids)
	if ctx.Err() != nil {
		return false
	}
	for _, w := range waiting {
		o := seen[w.id]
		if o.Instance != nil && o.Instance.Status != w.last {
			w.last, quick = o.Instance.Status, true
		}
		w.show(o)
	}
	return quick
}

// show leaves an observation for the one who waits, in place of an older one.
func (w *waiter) show(o Observation) {
	select {
	case <-w.seen:
	default:
	}
	w.seen <- o // there is room: only one loop shows, and never twice at once
}
