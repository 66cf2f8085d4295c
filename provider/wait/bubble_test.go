package wait_test

import (
	"context"
	"fmt"
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

func poller(s *service) *wait.Poller { return pollerOf(s, pictor.WallClock(), even) }

func pollerOf(s *service, clock pictor.Clock, rand func() float64) *wait.Poller {
	return wait.New(wait.NewRoster(s, clock), clock, rand)
}

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

func stillWaits(t *testing.T, ended <-chan error) {
	t.Helper()
	synctest.Wait()
	select {
	case err := <-ended:
		t.Errorf("the wait ended with %v", err)
	default:
	}
}
