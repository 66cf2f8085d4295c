package provider_test

import (
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
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
