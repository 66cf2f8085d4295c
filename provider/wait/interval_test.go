package wait_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

func TestTheIntervalGrowsWhileNothingChanges(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newService("a")
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		until(ctx, poller(s), "a", pictor.StatusRunning)
		pass(2 * time.Minute)
		gaps := s.gaps()
		if first := gaps[0]; first != 250*time.Millisecond {
			t.Errorf("the second look comes after %s", first)
		}
		if !slices.IsSorted(gaps) {
			t.Errorf("the interval does not grow: %v", gaps)
		}
		want(t, "the longest interval", slices.Max(gaps), 5*time.Second)
	})
}

func TestAChangeMakesTheIntervalShortAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newService("a")
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		until(ctx, poller(s), "a", pictor.StatusRunning)
		pass(2 * time.Minute)
		s.set("a", pictor.StatusStarting)
		pass(7 * time.Second)
		if shortest := slices.Min(s.gaps()[20:]); shortest != 250*time.Millisecond {
			t.Errorf("after a change the next look comes after %s", shortest)
		}
	})
}

func TestANewcomerDoesNotWaitOutALongInterval(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newService("a", "b")
		s.set("b", pictor.StatusRunning)
		p := poller(s)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		until(ctx, p, "a", pictor.StatusRunning)
		pass(2 * time.Minute)
		for range 3 {
			began := time.Now()
			if err := <-until(t.Context(), p, "b", pictor.StatusRunning); err != nil {
				t.Error(err)
			}
			if took := time.Since(began); took > 250*time.Millisecond {
				t.Errorf("what has arrived already is waited for %s", took)
			}
			pass(time.Minute)
		}
	})
}

func TestJitterVariesTheInterval(t *testing.T) {
	for random, first := range map[float64]time.Duration{0: 225 * time.Millisecond, 0.5: 250 * time.Millisecond} {
		t.Run(fmt.Sprint(random), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s := newService("a")
				s.set("a", pictor.StatusRunning)
				began := time.Now()
				p := pollerOf(s, pictor.WallClock(), func() float64 { return random })
				if err := <-until(t.Context(), p, "a", pictor.StatusRunning); err != nil {
					t.Error(err)
				}
				want(t, "time until the first look", time.Since(began), first)
			})
		})
	}
}

// Somebody comes while a request is under way, and the interval that would
// follow it is long.
func TestWhoComesDuringATickDoesNotWaitOutALongIntervalEither(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newService("a", "b")
		s.set("b", pictor.StatusRunning)
		p := poller(s)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		until(ctx, p, "a", pictor.StatusRunning)
		pass(2 * time.Minute)
		s.delay(time.Hour)
		pass(10 * time.Second) // the next request is under way
		newcomer := until(t.Context(), p, "b", pictor.StatusRunning)
		s.delay(0)
		pass(time.Hour)
		if err := <-newcomer; err != nil {
			t.Error(err)
		}
		if gaps := s.gaps(); !slices.Contains(gaps, time.Hour+250*time.Millisecond) {
			t.Errorf("no look 250 ms after the tick of an hour, but after %s", gaps[20:])
		}
	})
}

// Were every newcomer to begin the short interval anew, none would ever end.
func TestAStreamOfNewcomersKeepsNobodyWaiting(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newService("a", "b")
		p := poller(s)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		until(ctx, p, "a", pictor.StatusRunning)
		pass(2 * time.Minute)
		reads, lists := s.asked()
		for range 100 {
			until(ctx, p, "b", pictor.StatusRunning)
			pass(100 * time.Millisecond)
		}
		if r, l := s.asked(); r-reads+l-lists < 20 {
			t.Errorf("%d requests in ten seconds in which somebody new came every 100 ms", r-reads+l-lists)
		}
	})
}
