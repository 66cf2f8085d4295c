package provider_test

import (
	"sync"
	"testing"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
)

// customTimeouts end the wait of an update and of a delete as that of a create:
// the machine stays in the state, and the next run goes on.
func TestUpdateAndDeleteKeepToCustomTimeouts(t *testing.T) {
	t.Parallel()
	s := newStack(t, simtestFrozen) // each would wait for ever
	s.timeout = 1
	r, err := s.create(instanceType, "trainer", trainer)
	wantError(t, err, "was broken off")
	s.sim.Advance(provisioned)
	if err := s.update(r, trainer); err != nil {
		t.Fatal(err)
	}

	stopped := with(trainer, props{"desiredStatus": text("stopped")})
	wantError(t, s.update(r, stopped), "was broken off", "goes on waiting")
	if inst := onlyInstance(t, s.sim); r.id != inst.ID || !r.failed {
		t.Fatalf("the state has %s, failed %v, and the account %s", r.id, r.failed, inst.ID)
	}
	s.sim.Advance(provisioned)
	if err := s.update(r, stopped); err != nil {
		t.Fatal(err)
	}
	if inst := onlyInstance(t, s.sim); inst.Status != engine.StatusStopped {
		t.Errorf("it is %s", inst.Status)
	}

	err = s.delete(r)
	if len(s.sim.Instances()) > 0 { // in some dialects it is gone at once
		wantError(t, err, "was told to delete itself", "stays in the state", "pulumi destroy")
		s.sim.Advance(provisioned)
		s.wantDeleted(r)
	}
	if left := s.sim.Instances(); len(left) != 0 {
		t.Errorf("still rented: %+v", left)
	}
}

// What resources share they ask the service for one after the other.
func TestAResourceWaitsForAnotherNoLongerThanItsOwnTime(t *testing.T) {
	t.Parallel()
	for operation, config := range map[string]props{"listOffers": nil, "getAccount": nil, "listInstances": {"maxHourlySpend": text("9")}} {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			s := newStack(t)
			s = onSim(t, s.sim, s.clock, config)
			create := func(name string, seconds float64) error {
				inputs := s.mustCheck(instanceType, name, property.Map{}, in("workers", trainer, nil))
				_, err := s.server.Create(p.CreateRequest{Urn: urnOf(instanceType, name), Properties: inputs, Timeout: seconds})
				return err
			}
			held := pause{&sync.Once{}, make(chan struct{}), make(chan struct{})}
			s.sim.Fault(fault.Plan{Operation: operation, From: max(1, 2*len(config)), Effect: held}) // a name is looked up before
			first, second := make(chan error, 1), make(chan error, 1)
			go func() { first <- create("first", 0) }()
			<-held.begun
			go func() { second <- create("second", 1) }()
			select {
			case err := <-second:
				wantError(t, err, "deadline exceeded")
			case <-time.After(20 * time.Second):
				t.Error("it waits for the other one's request")
			}
			close(held.end)
			if err := <-first; err != nil {
				t.Error(err)
			}
		})
	}
}
