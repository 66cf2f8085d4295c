package wait_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
	"github.com/pulumi-pictor/pulumi-pictor/provider/wait"
)

// Every test runs in a bubble of its own (testing/synctest): its time is fake
// and moves only when everything waits, and the bubble does not end before
// every goroutine in it has, so that a loop which outlives its waiters fails
// the test that began it.

// even is jitter that changes nothing.
func even() float64 { return 0.5 }

func poller(s *service) *wait.Poller { return wait.New(s, pictor.WallClock(), even) }

// bubble runs a test in a bubble, beside others.
func bubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, test)
}

// until waits in the background for a status; the result comes when it ends.
func until(ctx context.Context, p *wait.Poller, id pictor.ID, status pictor.InstanceStatus) <-chan error {
	ended := make(chan error, 1)
	go func() {
		ended <- p.Until(ctx, id, func(o wait.Observation) (bool, error) {
			return o.Instance != nil && o.Instance.Status == status, nil
		})
	}()
	return ended
}

// pass lets time go by until whatever then happens has happened.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func want(t *testing.T, what string, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: %v, not %v", what, got, want)
	}
}

func TestOneWhoWaitsCostsOneReadATick(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newService("a", "b")
		ended := until(t.Context(), poller(s), "a", pictor.StatusRunning)
		pass(10 * time.Second)
		s.set("a", pictor.StatusRunning)
		if err := <-ended; err != nil {
			t.Error(err)
		}
		reads, lists := s.asked()
		if lists != 0 || reads < 5 {
			t.Errorf("%d reads and %d lists in ten seconds of waiting for one", reads, lists)
		}
	})
}

func TestManyWhoWaitCostOneListATick(t *testing.T) {
	bubble(t, func(t *testing.T) {
		const many = 100
		s := newService()
		p := poller(s)
		var waits []<-chan error
		for i := range many {
			id := pictor.ID(fmt.Sprint("inst", i))
			s.set(id, pictor.StatusProvisioning)
			waits = append(waits, until(t.Context(), p, id, pictor.StatusRunning))
		}
		pass(10 * time.Second)
		if reads, lists := s.asked(); reads != 0 || lists > 20 {
			t.Errorf("%d reads and %d lists in ten seconds of waiting for %d", reads, lists, many)
		}
		for i := range many {
			s.set(pictor.ID(fmt.Sprint("inst", i)), pictor.StatusRunning)
		}
		_, before := s.asked()
		for _, ended := range waits {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		_, after := s.asked()
		want(t, "lists that told all of them", after-before, 1)
	})
}

func TestTwoWhoWaitForTheSameBothSeeIt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newService("a")
		p := poller(s)
		first, second := until(t.Context(), p, "a", pictor.StatusRunning), until(t.Context(), p, "a", pictor.StatusRunning)
		pass(time.Second)
		s.set("a", pictor.StatusRunning)
		if err := errors.Join(<-first, <-second); err != nil {
			t.Error(err)
		}
	})
}

// What is not in the list, or answers 404, is not gone for that alone.
func TestOnlyProofShowsAnInstanceAsGone(t *testing.T) {
	html := &pictor.Error{Code: pictor.CodeNotFound, Status: 404}
	down := &pictor.Error{Code: pictor.CodeUnavailable, Status: 503}
	for name, c := range map[string]struct {
		read, list error // nil: as it is
		inRead     bool  // a read finds it
		inList     bool  // the list has it
		gone, seen bool
	}{
		"read and list agree":          {gone: true},
		"only the list misses it":      {inRead: true, seen: true},
		"only the read misses it":      {inList: true, seen: true},
		"a 404 that is not Pictor's":   {read: html},
		"404, and no list to be had":   {list: down},
		"the read fails, not the list": {read: down},
	} {
		for _, others := range []int{0, 1} {
			t.Run(fmt.Sprintf("%s, %d others wait", name, others), func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					s := newService("other")
					s.readError, s.listError = c.read, c.list
					s.readable("lost", c.inRead)
					s.listed("lost", c.inList)
					p := poller(s)
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					for range others {
						until(ctx, p, "other", pictor.StatusRunning)
					}
					var o wait.Observation
					if err := p.Until(ctx, "lost", func(seen wait.Observation) (bool, error) { o = seen; return true, nil }); err != nil {
						t.Fatal(err)
					}
					// Among others the list comes first, and what it has needs no read.
					seen := c.seen && (others == 0 || c.inList || c.inRead)
					want(t, "seen", o.Instance != nil, seen)
					want(t, "gone", o.Instance == nil && o.Err == nil, c.gone)
				})
			})
		}
	}
}

func TestErrorsDoNotEndAWait(t *testing.T) {
	for _, others := range []int{0, 1} {
		t.Run(fmt.Sprint(others, " others wait"), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s := newService("a", "other")
				s.fail(&pictor.Error{Code: pictor.CodeUnauthorized, Status: 401})
				p := poller(s)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				for range others {
					until(ctx, p, "other", pictor.StatusRunning)
				}
				failures := 0
				err := p.Until(ctx, "a", func(o wait.Observation) (bool, error) {
					if o.Err != nil {
						if failures++; failures == 3 {
							s.fail(nil)
						}
						return false, nil
					}
					return true, nil
				})
				if err != nil {
					t.Error(err)
				}
				want(t, "failures seen", failures, 3)
			})
		})
	}
}

func TestAnObserversErrorEndsItsOwnWaitAlone(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newService("a", "b")
		p := poller(s)
		other := until(t.Context(), p, "b", pictor.StatusRunning)
		enough := errors.New("enough")
		if err := p.Until(t.Context(), "a", func(wait.Observation) (bool, error) { return false, enough }); err != enough {
			t.Errorf("the error is %v", err)
		}
		stillWaits(t, other)
		s.set("b", pictor.StatusRunning)
		if err := <-other; err != nil {
			t.Error(err)
		}
	})
}

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
				p := wait.New(s, pictor.WallClock(), func() float64 { return random })
				if err := <-until(t.Context(), p, "a", pictor.StatusRunning); err != nil {
					t.Error(err)
				}
				want(t, "time until the first look", time.Since(began), first)
			})
		})
	}
}

func TestASlowObserverHoldsUpNobodyAndMissesNothingThatLasts(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newService("slow", "quick")
		p := poller(s)
		release := make(chan struct{})
		var seen []pictor.InstanceStatus
		slow := make(chan error, 1)
		go func() {
			slow <- p.Until(t.Context(), "slow", func(o wait.Observation) (bool, error) {
				if seen = append(seen, o.Instance.Status); len(seen) == 1 {
					<-release
				}
				return o.Instance.Status == pictor.StatusRunning, nil
			})
		}()
		pass(time.Second)
		quick := until(t.Context(), p, "quick", pictor.StatusRunning)
		s.set("quick", pictor.StatusRunning)
		if err := <-quick; err != nil {
			t.Error(err)
		}
		s.set("slow", pictor.StatusStarting)
		pass(time.Minute)
		s.set("slow", pictor.StatusRunning)
		pass(time.Minute)
		close(release)
		if err := <-slow; err != nil {
			t.Error(err)
		}
		want(t, "what the slow one saw", seen, []pictor.InstanceStatus{pictor.StatusProvisioning, pictor.StatusRunning})
	})
}

// Nothing here moves time: what is raced is coming, leaving and ticking.
func TestComingLeavingAndTickingAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService("a", "b", "c")
		p := wait.New(s, restless{}, even)
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

func stillWaits(t *testing.T, ended <-chan error) {
	t.Helper()
	synctest.Wait()
	select {
	case err := <-ended:
		t.Errorf("the wait ended with %v", err)
	default:
	}
}
