package provider_test

import (
	"context"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

// unknownRental is a resource of which it is not known whether it was rented.
func unknownRental(t *testing.T, s *stack, inputs props, phase fault.Phase) *res {
	t.Helper()
	lost := s.sim.Fault(fault.Plan{Operation: "createInstance", Phase: phase, Effect: resetAndBlind{s.sim, "listInstances"}})
	r, err := s.create(instanceType, "trainer", inputs)
	wantError(t, err, "it is not known whether")
	fired(t, lost)
	s.sim.ClearFaults()
	return r
}

func TestARenamedUnknownRentalIsStillFound(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	r := unknownRental(t, s, with(trainer, props{"name": text("alpha")}), fault.After)
	if err := s.update(r, with(trainer, props{"name": text("beta")})); err != nil {
		t.Fatal(err)
	}
	if err := s.delete(r); err != nil || len(s.sim.Instances()) != 0 {
		t.Errorf("still rented: %v, %v", s.sim.Instances(), err)
	}
}

func TestAnotherMachineOfTheSameNameIsNotTaken(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	r := unknownRental(t, s, with(trainer, props{"name": text("shared")}), fault.Before)
	s.sim.Do(t, func(w *engine.World) error {
		_, err := w.Rent(engine.RentRequest{Name: "shared", Spec: engine.Spec{
			OfferID: r.state.Get("offerId").AsString(), OS: engine.Linux, GPUCount: 1, StorageGB: 50, RentalHours: 25,
		}})
		return err
	})
	s.clock.forward(6 * time.Minute)
	if err := s.delete(r); err != nil {
		t.Fatal(err)
	}
	onlyInstance(t, s.sim) // a colleague's, still there
	if err := s.refresh(r); err != nil || r.id != "" {
		t.Errorf("took a colleague's machine: %q, %v", r.id, err)
	}
}

func TestOneEmptyListProvesNothing(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	r := unknownRental(t, s, trainer, fault.After)
	s.clock.forward(6 * time.Minute)
	stale := s.sim.Fault(fault.Plan{Operation: "listInstances", Effect: fault.Status{
		Code: 200, ContentType: "application/json",
		Body: `{"data":[],"links":{"first":"","last":"","prev":null,"next":null},"meta":{"current_page":1,"last_page":1,"per_page":100,"total":0}}`,
	}})
	if err := s.refresh(r); err != nil || r.id != onlyInstance(t, s.sim).ID {
		t.Errorf("dropped a machine that is paid for: %q, %v", r.id, err)
	}
	fired(t, stale)
}

func TestARefreshDoesNotForgetWhatIsLeftToDo(t *testing.T) {
	t.Parallel()
	s := newStack(t, simtestFrozen)
	s.timeout = 1
	longer := with(trainer, props{"extensionHours": number(5)})
	r, err := s.create(instanceType, "trainer", longer)
	wantError(t, err, "was broken off")
	if err := s.refresh(r); err != nil {
		t.Fatal(err)
	}
	if d, _, err := s.diff(r, longer); err != nil || !d.HasChanges {
		t.Errorf("nothing is left to do for a machine on its way: %v, %v", d, err)
	}
	s.sim.Advance(provisioned)
	if err := s.refresh(r); err != nil {
		t.Fatal(err)
	}
	if err := s.update(r, longer); err != nil {
		t.Fatal(err)
	}
	if inst := onlyInstance(t, s.sim); inst.ExtendedHours != 5 {
		t.Errorf("extended by %d hours, not 5", inst.ExtendedHours)
	}
	s.noDiff(r, longer)
}

func TestAnExtensionThatGrowsWhileItIsUnknownIsPaidForOnce(t *testing.T) {
	t.Parallel()
	for name, phase := range map[string]fault.Phase{"done": fault.After, "not done": fault.Before} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStack(t)
			r := s.mustCreate(instanceType, "trainer", trainer)
			s.sim.Fault(fault.Plan{Operation: "extendInstance", Phase: phase, Effect: resetAndBlind{s.sim, "getInstance"}})
			wantError(t, s.update(r, with(trainer, props{"extensionHours": number(5)})), "it is not known whether")
			s.sim.ClearFaults()
			s.clock.forward(6 * time.Minute)
			if err := s.update(r, with(trainer, props{"extensionHours": number(8)})); err != nil {
				t.Fatal(err)
			}
			if inst := onlyInstance(t, s.sim); inst.ExtendedHours != 8 {
				t.Errorf("extended by %d hours, not 8", inst.ExtendedHours)
			}
		})
	}
}

func TestARefusedExtensionCanBeTakenBack(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	r := s.mustCreate(instanceType, "trainer", trainer)
	wantError(t, s.update(r, with(trainer, props{"extensionHours": number(8000)})), "insufficient_credits")
	if err := s.update(r, trainer); err != nil {
		t.Error(err)
	}
	if inst := onlyInstance(t, s.sim); inst.ExtendedHours != 0 {
		t.Errorf("extended by %d hours", inst.ExtendedHours)
	}
	s.noDiff(r, trainer)
}

func TestCreateAgainInTheSameRunIsTheSameMachine(t *testing.T) {
	t.Parallel()
	s := newStack(t, simtestFrozen)
	s.timeout = 1
	named := with(trainer, props{"name": text("mine")})
	first, err := s.create(instanceType, "trainer", named)
	wantError(t, err, "was broken off")
	s.sim.Advance(provisioned)
	second := s.mustCreate(instanceType, "trainer", named)
	if onlyInstance(t, s.sim); second.id != first.id {
		t.Errorf("%s became %s", first.id, second.id)
	}
}

func TestAMachineBeingDeletedIsWaitedFor(t *testing.T) {
	t.Parallel()
	s := newStack(t, simtest.Clock("poll=5"))
	r := s.mustCreate(instanceType, "trainer", trainer)
	s.sim.Do(t, func(w *engine.World) error { _, err := w.Delete(r.id); return err })
	if len(s.sim.Instances()) == 0 { // at once, in some dialects
		s.wantDeleted(r)
		return
	}
	busy := s.sim.Fault(fault.Plan{Operation: "deleteInstance", Effect: fault.Status{
		Code: 409, Body: `{"message":"is being deleted","code":"wrong_state"}`, ContentType: "application/json",
	}})
	if err := s.delete(r); err != nil || len(s.sim.Instances()) != 0 {
		t.Errorf("%v; still rented: %v", err, s.sim.Instances())
	}
	fired(t, busy)
}

func TestSpellingIsNoDifference(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	r := s.mustCreate(instanceType, "trainer", trainer)
	inst := onlyInstance(t, s.sim)
	odd := s.sim.Fault(fault.Plan{Operation: "getInstance", Effect: fault.Status{
		Code: 200, ContentType: "application/json",
		Body: `{"id":"` + r.id + `","name":"` + inst.Name + `","status":"Running","os":"Linux","gpu_model":"NVIDIA GeForce RTX 4090"}`,
	}})
	if err := s.refresh(r); err != nil {
		t.Fatal(err)
	}
	fired(t, odd)
	s.noDiff(r, trainer)
	if got := r.state.Get("storageGb"); !got.Equals(property.New(50.0)) {
		t.Errorf("what the service left out became %v", got)
	}
}

func TestTheCeilingHoldsForThePriceNow(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	capped := with(trainer, props{"maxPricePerHour": text("0.40")})
	s.sim.Do(t, func(w *engine.World) error {
		w.Reprice(func(engine.Offer) engine.Credits { return engine.Credit / 10 })
		return nil
	})
	if _, err := s.previewCreate(instanceType, "trainer", capped); err != nil { // reads the list
		t.Fatal(err)
	}
	s.sim.Do(t, func(w *engine.World) error {
		w.Reprice(func(engine.Offer) engine.Credits { return engine.Credit })
		return nil
	})
	r, err := s.create(instanceType, "trainer", capped)
	wantError(t, err, "maxPricePerHour 0.4")
	if r != nil || len(s.sim.Instances()) != 0 {
		t.Errorf("rented above the ceiling: %+v", s.sim.Instances())
	}
}

func TestManyMachinesSpreadOverTheOffers(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	const n = 30
	cheap := props{"gpuModel": text("RTX 3090"), "rentalHours": number(1)}
	failed := make(chan error, n)
	for range n {
		go func() {
			_, err := s.create(instanceType, "trainer", cheap)
			failed <- err
		}()
	}
	for range n {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
	if rented := len(s.sim.Instances()); rented != n {
		t.Errorf("%d machines are rented, not %d", rented, n)
	}
}

// notSeenYet is when an answer leaves after which one look meets a replica that does
// not have the machine yet.
type notSeenYet struct{ sim *simtest.Sim }

func (e notSeenYet) Hold(context.Context) {
	e.sim.Fault(fault.Plan{Operation: "getInstance", Optional: true, Effect: fault.Status{Code: 404, ContentType: "application/json", Body: `{"message":"no such instance","code":"not_found"}`}})
	e.sim.Fault(fault.Plan{Operation: "listInstances", Optional: true, Effect: fault.Status{
		Code: 200, ContentType: "application/json",
		Body: `{"data":[],"links":{"first":"","last":"","prev":null,"next":null},"meta":{"current_page":1,"last_page":1,"per_page":100,"total":0}}`,
	}})
}

func TestANewMachineThatIsNotSeenAtOnceIsWaitedForAllTheSame(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s.sim.Fault(fault.Plan{Operation: "createInstance", Phase: fault.After, Effect: notSeenYet{s.sim}})
	r := s.mustCreate(instanceType, "trainer", trainer)
	wantText(t, r.state, "status", "running")
}
