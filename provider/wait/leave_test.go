package wait_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
	"github.com/pulumi-pictor/pulumi-pictor/provider/wait"
)

func TestCancelEndsOneWaitAtOnceAndNoOther(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newService("a", "b")
		p := poller(s)
		ctx, cancel := context.WithCancel(t.Context())
		one, other := until(ctx, p, "a", pictor.StatusRunning), until(t.Context(), p, "b", pictor.StatusRunning)
		pass(time.Second)
		began := time.Now()
		cancel()
		if err := <-one; err != context.Canceled {
			t.Errorf("the cancelled wait ends with %v", err)
		}
		want(t, "time it took to end", time.Since(began), time.Duration(0))
		stillWaits(t, other)

		_, before := s.asked()
		pass(10 * time.Second)
		if _, lists := s.asked(); lists != before {
			t.Error("one alone is waited for, and all are listed")
		}
		s.set("b", pictor.StatusRunning)
		if err := <-other; err != nil {
			t.Error(err)
		}
	})
}

func TestADeadlineEndsAWait(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		began := time.Now()
		if err := <-until(ctx, poller(newService("a")), "a", pictor.StatusRunning); err != context.DeadlineExceeded {
			t.Errorf("the wait ends with %v", err)
		}
		want(t, "time until then", time.Since(began), time.Minute)
	})
}

func TestAWaitThatIsOverBeforeItBeginsAsksNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newService("a")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := <-until(ctx, poller(s), "a", pictor.StatusRunning); err != context.Canceled {
			t.Errorf("the wait ends with %v", err)
		}
		pass(time.Minute)
		s.wantQuiet(t, 0)
	})
}

// A request under way is broken off when the last one leaves, and not before.
func TestTheLastToLeaveBreaksOffTheRequest(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newService("a", "b")
		s.hang()
		p := poller(s)
		first, cancelFirst := context.WithCancel(t.Context())
		last, cancelLast := context.WithCancel(t.Context())
		one, other := until(first, p, "a", pictor.StatusRunning), until(last, p, "b", pictor.StatusRunning)
		pass(time.Second)
		cancelFirst()
		<-one
		synctest.Wait()
		want(t, "requests broken off", s.broken(), 0)
		cancelLast()
		<-other
		synctest.Wait()
		want(t, "requests broken off", s.broken(), 1)
	})
}

func TestNobodyIsAskedOnceNobodyWaits(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newService("a", "b")
		p := poller(s)
		one, other := until(t.Context(), p, "a", pictor.StatusRunning), until(t.Context(), p, "b", pictor.StatusRunning)
		s.set("a", pictor.StatusRunning)
		s.set("b", pictor.StatusRunning)
		if err := errors.Join(<-one, <-other); err != nil {
			t.Error(err)
		}
		reads, lists := s.asked()
		pass(time.Hour)
		s.wantQuiet(t, reads+lists)
	})
}

func TestAWaitAfterTheLastHasALoopOfItsOwn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newService("a", "b")
		p := poller(s)
		for round := range 3 {
			s.set("a", pictor.StatusProvisioning)
			ended := until(t.Context(), p, "a", pictor.StatusRunning)
			pass(time.Minute)
			stillWaits(t, ended)
			s.set("a", pictor.StatusRunning)
			if err := <-ended; err != nil {
				t.Errorf("round %d: %v", round, err)
			}
		}
	})
}

// The old loop is in the midst of a request when its last waiter leaves and a
// new one comes: what it brings back is not for the new one.
func TestANewWaitDoesNotHearFromAnOldLoop(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newService("a")
		s.deaf = true // answers although the request was broken off
		s.delay(10 * time.Second)
		p := poller(s)
		ctx, cancel := context.WithCancel(t.Context())
		old := until(ctx, p, "a", pictor.StatusRunning)
		pass(time.Second) // the request is under way
		cancel()
		<-old
		s.delay(0)
		began := time.Now()
		if err := p.Until(t.Context(), "a", func(wait.Observation) (bool, error) { return true, nil }); err != nil {
			t.Error(err)
		}
		want(t, "time until the new loop's first look", time.Since(began), 250*time.Millisecond)
		pass(time.Minute)
	})
}

// Nothing here moves time: what is raced is coming, leaving and ticking.
func TestComingLeavingAndTickingAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService("a", "b", "c")
		p := pollerOf(s, restless{}, even)
		done := make(chan error)
		const many, rounds = 8, 50
		for i := range many {
			id := pictor.ID([]string{"a", "b", "c", "gone"}[i%4])
			go func() {
				for round := range rounds {
					ctx, cancel := context.WithCancel(t.Context())
					looks := 0
					err := p.Until(ctx, id, func(o wait.Observation) (bool, error) {
						if looks++; round%3 == 0 && looks == 2 {
							cancel() // by itself, in the midst of a tick
						}
						if o.Err != nil {
							return true, fmt.Errorf("%s: %w", id, o.Err)
						}
						if (o.Instance == nil) != (id == "gone") {
							return true, fmt.Errorf("%s is seen as %v", id, o.Instance)
						}
						return looks == 1+round%5, nil
					})
					cancel()
					if err != nil && err != context.Canceled {
						done <- err
						return
					}
				}
				done <- nil
			}()
		}
		for range many {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	})
}
