package provider_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	p "github.com/pulumi/pulumi-go-provider"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

// hour is a machine for an hour, at a credit on a market of newPricedStack.
var hour = with(trainer, props{"rentalHours": number(1)})

func TestAllThatAKeyRentsStaysBelowItsLimit(t *testing.T) {
	t.Parallel()
	s := newPricedStack(t, 100, props{"maxHourlySpend": text("3")})
	rentAll(t, s.sim, "elsewhere", func(o *engine.Offer) bool { return o.GPUsAvailable == 1 }, 1)
	s.mustCreate(instanceType, "one", with(hour, props{"desiredStatus": text("stopped")})) // which counts

	if _, err := s.previewCreate(instanceType, "two", hour); err != nil {
		t.Fatal(err)
	}
	if _, err := s.previewCreate(instanceType, "two", hour); err != nil { // the same once more
		t.Fatal(err)
	}
	_, err := s.previewCreate(instanceType, "three", hour)
	wantError(t, err, "would pass maxHourlySpend", "3 credits/h: ", "cost 3 credits/h without it", "pulumi config set pictor:maxHourlySpend 4", "nothing was rented")

	s.mustCreate(instanceType, "two", hour)
	r, err := s.create(instanceType, "three", hour)
	wantError(t, err, "would pass maxHourlySpend")
	if r != nil || len(s.sim.Instances()) != 3 {
		t.Errorf("rented: %+v", s.sim.Instances())
	}
}

func TestParallelRentalsDoNotPassTheLimitTogether(t *testing.T) {
	t.Parallel()
	s := newPricedStack(t, 100, props{"maxHourlySpend": text("5.5")})
	const n = 20
	failed := make(chan error, n)
	for i := range n {
		go func() {
			_, err := s.create(instanceType, fmt.Sprintf("trainer-%d", i), hour)
			failed <- err
		}()
	}
	refused := 0
	for range n {
		if err := <-failed; err != nil {
			refused++
			wantError(t, err, "would pass maxHourlySpend")
		}
	}
	if rented := len(s.sim.Instances()); rented != 5 || refused != n-5 {
		t.Errorf("%d are rented and %d refused", rented, refused)
	}
}

func TestWhatIsRentedMayStayAboveANewLimit(t *testing.T) {
	t.Parallel()
	s := newPricedStack(t, 100, nil)
	r := s.mustCreate(instanceType, "trainer", hour)
	s = onSim(t, s.sim, &restless{}, props{"maxHourlySpend": text("0.5")})
	if err := s.update(r, with(hour, props{"autoRenew": flag(true)})); err != nil {
		t.Error(err)
	}
	if err := s.delete(r); err != nil {
		t.Error(err)
	}
}

func TestTheLimitForgetsWhatIsGoneOrWasNeverRented(t *testing.T) {
	t.Parallel()
	s := newPricedStack(t, 10, props{"maxHourlySpend": text("1")})
	r := s.mustCreate(instanceType, "one", hour)
	if err := s.delete(r); err != nil {
		t.Fatal(err)
	}
	_, err := s.create(instanceType, "two", trainer) // 24 credits
	wantError(t, err, "insufficient_credits")
	s.sim.Fault(fault.Plan{Operation: "createInstance", Effect: fault.NoCapacity{}})
	_, err = s.create(instanceType, "three", with(hour, props{"name": text("doomed" + engine.FailProvisioningLabel)}))
	wantError(t, err, "is error") // and costs nothing an hour
	s.mustCreate(instanceType, "four", hour)
}

func TestARentalWhoseFateIsUnknownCounts(t *testing.T) {
	t.Parallel()
	s := newPricedStack(t, 100, props{"maxHourlySpend": text("1")})
	s.sim.Fault(fault.Plan{Operation: "createInstance", Phase: fault.Before, Effect: resetAndBlind{s.sim, "listInstances"}})
	_, err := s.create(instanceType, "one", hour)
	wantError(t, err, "it is not known whether")
	s.sim.ClearFaults()
	_, err = s.create(instanceType, "two", hour)
	wantError(t, err, "would pass maxHourlySpend")
}

func TestAMachineThatIsReplacedCountsUntilItIsDeleted(t *testing.T) {
	t.Parallel()
	s := newPricedStack(t, 100, props{"maxHourlySpend": text("1.5")})
	change := props{"storageGb": number(60)}

	automatic := s.mustCreate(instanceType, "automatic", hour)
	d, checked, err := s.diff(automatic, with(hour, change))
	if err != nil || d.DeleteBeforeReplace {
		t.Fatalf("deletes first %v, %v", d.DeleteBeforeReplace, err)
	}
	_, err = s.server.Create(p.CreateRequest{Urn: automatic.urn, Properties: checked, DryRun: true})
	wantError(t, err, "would pass maxHourlySpend", "until it is deleted")
	if err := s.delete(automatic); err != nil {
		t.Fatal(err)
	}

	named := with(hour, props{"name": text("mine")})
	r := s.mustCreate(instanceType, "named", named)
	d, checked, err = s.diff(r, with(named, change))
	if err != nil || !d.DeleteBeforeReplace {
		t.Fatalf("deletes first %v, %v", d.DeleteBeforeReplace, err)
	}
	if _, err = s.server.Create(p.CreateRequest{Urn: r.urn, Properties: checked, DryRun: true}); err != nil {
		t.Error(err)
	}
	_, err = s.create(instanceType, "other", hour) // the place is taken
	wantError(t, err, "would pass maxHourlySpend")
	if err := s.delete(r); err != nil {
		t.Fatal(err)
	}
	s.mustCreate(instanceType, "named", with(named, change))
	onlyInstance(t, s.sim)
}

func TestWithoutALimitNobodyAsksWhatIsRented(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	if _, err := s.previewCreate(instanceType, "one", hour); err != nil {
		t.Fatal(err)
	}
	for _, r := range s.sent.take() {
		if strings.HasPrefix(r, "GET /gpu-instances") && !strings.Contains(r, "offers") {
			t.Errorf("asked %s", r)
		}
	}
}

func TestALimitThatCannotBeReadRentsNothing(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t)
	s := onSim(t, sim, &restless{}, props{"maxHourlySpend": text("lots")}) // an import configures without a check
	_, err := s.create(instanceType, "one", hour)
	wantError(t, err, "maxHourlySpend must be credits as a decimal string")
}

func TestTheLimitHoldsForThePriceNow(t *testing.T) {
	t.Parallel()
	s := newPricedStack(t, 100, props{"maxHourlySpend": text("1")})
	if _, err := s.previewCreate(instanceType, "one", hour); err != nil { // reads the list
		t.Fatal(err)
	}
	reprice(t, s.sim, 2*engine.Credit)
	_, err := s.create(instanceType, "one", hour)
	wantError(t, err, "would pass maxHourlySpend")
	if len(s.sim.Instances()) != 0 {
		t.Errorf("rented above the limit: %+v", s.sim.Instances())
	}
}

func TestARentalThatTurnedOutNotToBeOneCountsNoMore(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s = onSim(t, s.sim, s.clock, props{"maxHourlySpend": text("0.4")})
	named := with(trainer, props{"name": text("mine")})
	lost := unknownRental(t, s, named, fault.Before)
	s.clock.forward(6 * time.Minute)
	s.mustCreate(instanceType, "trainer", named) // repeated, as for an onError hook
	onlyInstance(t, s.sim)
	_ = lost

	s = onSim(t, simtest.New(t), &restless{}, props{"maxHourlySpend": text("0.4")})
	lost = unknownRental(t, s, named, fault.Before)
	s.clock.forward(6 * time.Minute)
	if err := s.delete(lost); err != nil {
		t.Fatal(err)
	}
	s.mustCreate(instanceType, "other", trainer)
}
