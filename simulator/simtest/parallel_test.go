package simtest_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

// Sixty-four tests at once never meet: each sees its own machines, money, time and
// requests, and nothing of the others'.
func TestSimulatorsNeverMeet(t *testing.T) {
	t.Parallel()
	const tests = 64
	var all, ready sync.WaitGroup
	ready.Add(tests)
	for n := range tests {
		all.Go(func() {
			sim := simtest.New(t, simtest.Clock("frozen"), simtest.Credits(100+n), simtest.FailOnLeak())
			ready.Done()
			ready.Wait() // so that all are there at once
			live(t, sim, n)
		})
	}
	all.Wait()
}

func live(t *testing.T, sim *simtest.Sim, n int) {
	r, machines := newRenter(t, sim), n%3+1
	for i := range machines {
		machine, err := r.try(fmt.Sprintf("machine-%d", i), 1)
		if err != nil {
			t.Errorf("test %d: %v", n, err)
			return
		}
		defer func() {
			if err := r.DeleteInstance(t.Context(), machine.Id); err != nil {
				t.Errorf("test %d: %v", n, err)
			}
		}()
	}
	sim.Advance(time.Duration(n) * time.Minute)
	if want := engine.Epoch.Add(time.Duration(n) * time.Minute); sim.Now() != want {
		t.Errorf("test %d: it is %s, want %s", n, sim.Now(), want)
	}
	if got := sim.Instances(); len(got) != machines {
		t.Errorf("test %d: there are %d machines, want %d", n, len(got), machines)
	}
	if got := sim.Requests(simtest.Operation("createInstance")); len(got) != machines {
		t.Errorf("test %d: %d rentals were sent, want %d", n, len(got), machines)
	}
	if want := engine.Credits(100+n)*engine.Credit - sim.Cost(); sim.Balance() != want || len(sim.Bill().Lines) < machines {
		t.Errorf("test %d: the balance is %d, want %d", n, sim.Balance(), want)
	}
}
