package wait_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
	"github.com/pulumi-pictor/pulumi-pictor/provider/wait"
)

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
