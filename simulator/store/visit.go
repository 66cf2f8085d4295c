package store

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/journal"
)

// Visit is a request's stay in a sandbox. It can last, as a fault may hold the
// request up, and what comes of it belongs to the world that it came to: nothing
// of it reaches another one that was put in its place meanwhile.
type Visit struct {
	Sandbox *Sandbox
	// Settings are what the sandbox was made from. They must not be changed.
	Settings *Settings
	// Arrived is the sandbox's time when the request came.
	Arrived time.Time
	// Lifetime is that of the world which the request came to (see
	// [Sandbox.Lifetime]).
	Lifetime context.Context

	emptied int64 // how often the journal had been
}

// Arrive is what a request finds when it arrives, with everything that is due
// done.
func (s *Sandbox) Arrive() Visit {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.readable()
	return Visit{s, now.settings, now.world.Now(), s.lifetime, s.emptied.Load()}
}

// Update is [Sandbox.Update]. A change is refused when the world that the request
// came to is no more.
func (v *Visit) Update(change func(w *engine.World) error) error {
	return v.Sandbox.updateIn(v.Lifetime, change)
}

// Err says why the world that the request came to is no more; nil while it goes on.
func (v *Visit) Err() error {
	if v.Lifetime.Err() == nil {
		return nil
	}
	if err := v.Sandbox.lock(v.Lifetime); err != nil {
		return err
	}
	v.Sandbox.mu.Unlock()
	return nil
}

// Observed notes that instances were read (see [engine.World.Observed]). A clock
// that it moves is a change like any other; that of another world does not move.
func (v *Visit) Observed(ids ...string) error {
	s := v.Sandbox
	return ifHere(s.polled(v.Lifetime, func(w *engine.World) bool { return w.Observed(s.store.wall(), ids...) }))
}

// Hit counts the request and returns what hits it, if anything does; no fault of
// another world does. With a data file it returns when the counts are on disk.
func (v *Visit) Hit(r fault.Request) (hit *fault.Hit, err error) {
	s := v.Sandbox
	if s.Faults.Empty() && !strings.Contains(r.Name, fault.LabelMark) {
		return nil, nil
	}
	if r.ID != "" {
		s.View(func(w *engine.World) { r.Name = nameOf(w, r.ID) })
	}
	err = s.update(v.Lifetime, func(*engine.World) (counted bool, _ error) {
		hit, counted = s.Faults.Hit(r)
		return counted, nil
	})
	return hit, ifHere(err)
}

// Missed takes a hit back that turned out to hit nothing (see [fault.Hit.Missed]).
// With a data file it returns when the counts are on disk.
func (v *Visit) Missed(hit *fault.Hit) error {
	return ifHere(v.Sandbox.updateFaults(v.Lifetime, func(*fault.Set) error {
		hit.Missed()
		return nil
	}))
}

// ifHere is the error of something that need not happen in another world.
func ifHere(err error) error {
	if errors.Is(err, errOtherWorld) {
		return nil
	}
	return err
}

// Enter enters the request into the sandbox's journal, without the secret of its
// API key and other secrets, unless a reset has emptied the journal since it came.
func (v *Visit) Enter(e *journal.Entry, secret string) {
	s := v.Sandbox
	s.journaling.RLock()
	defer s.journaling.RUnlock()
	if s.emptied.Load() == v.emptied {
		s.Journal.Add(e, secret)
	}
}
