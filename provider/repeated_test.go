package provider_test

import (
	"net/http"
	"testing"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

// forgetful honors no idempotency token, on which nothing may rely.
var forgetful = simtest.Policy(engine.Policy{IgnoreIdempotencyKeys: true})

// walledIn is a proxy's page in answer to a request, after which the proxy lets
// no look through either.
type walledIn struct {
	sim  *simtest.Sim
	code int
}

func (walledIn) Kind() string { return "walledIn" }

func (e walledIn) Answer(w http.ResponseWriter, real fault.Answer) error {
	for _, operation := range []string{"listInstances", "getInstance"} {
		e.sim.Fault(fault.Plan{Operation: operation, Times: -1, Optional: true, Effect: fault.HTML{Code: 403}})
	}
	return fault.HTML{Code: e.code}.Answer(w, real)
}

func TestARefusalWithoutWordsAndWithoutLooksIsKeptAsUnknown(t *testing.T) {
	t.Parallel()
	for name, code := range map[string]int{"forbidden": 403, "conflict": 409} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStack(t)
			s.sim.Fault(fault.Plan{Operation: "createInstance", Phase: fault.After, Effect: walledIn{s.sim, code}})
			r, err := s.create(instanceType, "trainer", trainer)
			wantError(t, err, "not known whether", "pulumi refresh")
			s.sim.ClearFaults()
			if r == nil {
				t.Fatal("a machine that is paid for is not in the state")
			}
			if err := s.refresh(r); err != nil || r.id != onlyInstance(t, s.sim).ID {
				t.Errorf("%q, %v", r.id, err)
			}
		})
	}
}

func TestAnExtensionRefusedWithoutWordsAndWithoutLooksIsPaidForOnce(t *testing.T) {
	t.Parallel()
	s := newStack(t, forgetful)
	r := s.mustCreate(instanceType, "trainer", trainer)
	longer := with(trainer, props{"extensionHours": number(5)})
	s.sim.Fault(fault.Plan{Operation: "extendInstance", Phase: fault.After, Effect: walledIn{s.sim, 403}})
	wantError(t, s.update(r, longer), "not known whether")
	s.sim.ClearFaults()
	s.clock.forward(6 * time.Minute)
	if err := s.update(r, longer); err != nil {
		t.Fatal(err)
	}
	if inst := onlyInstance(t, s.sim); inst.ExtendedHours != 5 {
		t.Errorf("extended by %d hours, not 5", inst.ExtendedHours)
	}
}

func TestAnExtensionOfAKilledRunIsNotPaidForAgain(t *testing.T) {
	t.Parallel()
	for name, refreshed := range map[string]bool{"at once": false, "after a refresh": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStack(t, forgetful)
			r := s.mustCreate(instanceType, "trainer", trainer)
			before := *r
			longer := with(trainer, props{"extensionHours": number(5)})
			if err := s.update(r, longer); err != nil {
				t.Fatal(err)
			}
			*r = before // killed before it was written down
			s = s.again()
			if refreshed {
				if err := s.refresh(r); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.update(r, longer); err != nil {
				t.Fatal(err)
			}
			if inst := onlyInstance(t, s.sim); inst.ExtendedHours != 5 {
				t.Errorf("extended by %d hours, not 5", inst.ExtendedHours)
			}
			s.noDiff(r, longer)
		})
	}
}

// The engine repeats a Create that failed half-way, for an onError hook, as if
// there had been none.
func TestACreateThatIsRepeatedExtendsOnce(t *testing.T) {
	t.Parallel()
	s := newStack(t, forgetful)
	asleep := with(trainer, props{"extensionHours": number(5), "desiredStatus": text("stopped")})
	stop := s.sim.Fault(fault.Plan{Operation: "stopInstance", Effect: fault.Status{Code: 403, ContentType: "application/json", Body: `{"message":"no","code":"forbidden"}`}})
	checked := s.mustCheck(instanceType, "trainer", property.Map{}, asleep)
	for range 2 {
		_, _ = s.server.Create(p.CreateRequest{Urn: urnOf(instanceType, "trainer"), Properties: checked})
	}
	fired(t, stop)
	if inst := onlyInstance(t, s.sim); inst.ExtendedHours != 5 || inst.Status != engine.StatusStopped {
		t.Errorf("extended by %d hours and %s", inst.ExtendedHours, inst.Status)
	}
}

// And an Update, with the state from before it.
func TestAnUpdateThatIsRepeatedSendsNoExtensionThatMayStillCome(t *testing.T) {
	t.Parallel()
	s := newStack(t, forgetful)
	r := s.mustCreate(instanceType, "trainer", trainer)
	_, checked, err := s.diff(r, with(trainer, props{"extensionHours": number(5)}))
	if err != nil {
		t.Fatal(err)
	}
	s.sim.Fault(fault.Plan{Operation: "extendInstance", Phase: fault.Before, Effect: fault.Reset{}})
	s.sent.take()
	for range 2 {
		_, _ = s.server.Update(p.UpdateRequest{ID: r.id, Urn: r.urn, State: r.state, OldInputs: r.inputs, Inputs: checked})
	}
	if asked := s.sent.takeChanging(); len(asked) != 1 {
		t.Errorf("asked %q", asked)
	}
}

// An unknown rental that is given up leaves the others alone.
func TestAnUnknownRentalIsForgottenByItself(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	never := unknownRental(t, s, with(trainer, props{"name": text("never")}), fault.Before)
	s.clock.forward(6 * time.Minute)
	s.sim.Fault(fault.Plan{Operation: "createInstance", Phase: fault.After, Effect: resetAndBlind{s.sim, "listInstances"}})
	checked := s.mustCheck(instanceType, "lost", property.Map{}, trainer)
	create := func() p.CreateResponse {
		resp, _ := s.server.Create(p.CreateRequest{Urn: urnOf(instanceType, "lost"), Properties: checked})
		return resp
	}
	if first := create(); first.PartialState == nil {
		t.Fatalf("the outcome is known: %+v", first)
	}
	s.sim.ClearFaults()
	if err := s.delete(never); err != nil {
		t.Fatal(err)
	}
	if again := create(); again.ID != onlyInstance(t, s.sim).ID {
		t.Errorf("repeated, it is %q", again.ID)
	}
}

func TestWhatWasNotRentedGivesItsPlaceBack(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s = onSim(t, s.sim, s.clock, props{"maxHourlySpend": text("0.2")})
	member := in("g", worker, props{"maxPricePerHour": text("0.2")})
	refused := s.sim.Fault(fault.Plan{Operation: "createInstance", Effect: fault.HTML{Code: 403}})
	if r, err := s.create(instanceType, "a", member); err == nil || r != nil {
		t.Fatalf("%+v, %v", r, err)
	}
	fired(t, refused)
	s.mustCreate(instanceType, "b", member)
}

// Such as the result of a RandomPassword at preview.
func TestUnknownSecretsStayUnknown(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	for _, key := range []string{"os", "gpuModel", "gpuCount", "maxPricePerHour", "rentalHours", "windowsPassword", "extensionHours", "country"} {
		inputs := with(props{"rentalHours": number(1)}, props{key: unknown.WithSecret(true)})
		if key == "windowsPassword" {
			inputs["os"] = text("windows")
		}
		if checked := s.mustCheck(instanceType, "x", property.Map{}, inputs); !checked.Get(key).HasComputed() {
			t.Errorf("%s becomes %v", key, checked.Get(key))
		}
		if _, err := s.previewCreate(instanceType, "x", inputs); err != nil {
			t.Errorf("%s: %v", key, err)
		}
	}
}
