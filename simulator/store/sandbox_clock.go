package store

import (
	"context"
	"fmt"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// Knocked notes that somebody tried to log in to an instance too early (see
// [engine.World.Knocked]).
func (s *Sandbox) Knocked(id string) error {
	return s.polled(anyWorld, func(w *engine.World) bool { return w.Knocked(s.store.wall(), id) })
}

// polled lets a clock that moves when it is looked at move, in the world of a
// lifetime.
func (s *Sandbox) polled(lifetime context.Context, look func(w *engine.World) (moved bool)) error {
	s.mu.Lock()
	polls := s.world.Clock().Polls
	s.mu.Unlock()
	if polls == 0 {
		return nil
	}
	return s.update(lifetime, func(w *engine.World) (bool, error) {
		return s.remember(w, func(w *engine.World) (bool, error) { return look(w), nil })
	})
}

// eventsAtOnce is how many events happen between two looks at whether anybody
// still waits for them.
const eventsAtOnce = 50_000

// AdvanceTo moves the sandbox's clock forward to a moment and returns when
// everything that became due has happened. When the context ends before, the
// clock stays where it has come to.
func (s *Sandbox) AdvanceTo(ctx context.Context, t time.Time) error {
	return s.advance(ctx, func(time.Time) time.Time { return t })
}

// Advance is AdvanceTo by a duration. Those that run at the same time add up.
func (s *Sandbox) Advance(ctx context.Context, d time.Duration) error {
	return s.advance(ctx, func(now time.Time) time.Time {
		if d > engine.Latest.Sub(now) {
			return engine.Latest
		}
		return now.Add(d)
	})
}

// advance goes to a moment that is known once nobody else changes the clock.
func (s *Sandbox) advance(ctx context.Context, to func(now time.Time) time.Time) error {
	var t time.Time
	lifetime := s.Lifetime()
	for {
		reached := false
		err := s.updateIn(lifetime, func(w *engine.World) error {
			if t.IsZero() {
				t = to(w.Now())
			}
			reached = w.AdvanceSome(t, s.store.wall(), eventsAtOnce)
			return nil
		})
		if err != nil || reached {
			return err
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("the clock was on its way to %s: %w", t.Format(time.RFC3339), err)
		}
	}
}

// RunUntil lets one event after another happen, at most up to a moment, until
// done answers true; it answers whether that came about.
func (s *Sandbox) RunUntil(ctx context.Context, by time.Time, done func(w *engine.World) bool) (met bool, err error) {
	lifetime := s.Lifetime()
	for more := true; more && !met; {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		err := s.updateIn(lifetime, func(w *engine.World) error {
			met = done(w)
			for range eventsAtOnce {
				if met || !more {
					break
				}
				if more = w.AdvanceNext(by, s.store.wall()); more {
					met = done(w)
				}
			}
			return nil
		})
		if err != nil {
			return false, err
		}
	}
	return met, nil
}

// SetClock changes the mode of the clock.
func (s *Sandbox) SetClock(mode string) error {
	clock, err := engine.ParseClock(mode, s.store.wall())
	if err != nil {
		return invalid("mode", err)
	}
	return s.Update(func(w *engine.World) error {
		w.SetClock(clock, s.store.wall())
		return nil
	})
}
