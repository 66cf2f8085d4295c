package provider_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	p "github.com/pulumi/pulumi-go-provider"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

// resetAndBlind loses an answer, and from then on an operation that could tell
// what happened fails.
type resetAndBlind struct {
	sim   *simtest.Sim
	blind string
}

func (e resetAndBlind) Answer(w http.ResponseWriter, real fault.Answer) error {
	e.sim.Fault(fault.Plan{Operation: e.blind, Times: -1, Effect: fault.Status{Code: 500}})
	return fault.Reset{}.Answer(w, real)
}

// fired fails unless a fault hit.
func fired(t *testing.T, f *fault.Planned) {
	t.Helper()
	if f.Fired() == 0 {
		t.Errorf("the fault of %s never hit", f.Operation)
	}
}

func TestARentalWhoseAnswerIsLostIsFoundByItsName(t *testing.T) {
	t.Parallel()
	for name, effect := range map[string]fault.Effect{
		"reset":     fault.Reset{},
		"truncated": fault.Truncate{Keep: 20},
		"500":       fault.Status{Code: 500, Body: `{"message":"oops","code":"unavailable"}`, ContentType: "application/json"},
		"html":      fault.Status{Code: 502, Body: "<html>Bad Gateway</html>", ContentType: "text/html"},
		"503":       fault.Status{Code: 503, Header: http.Header{"Retry-After": {"1"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStack(t, simtest.Policy(engine.Policy{IgnoreIdempotencyKeys: true, AllowDuplicateNames: true}))
			lost := s.sim.Fault(fault.Plan{Operation: "createInstance", Phase: fault.After, Effect: effect})
			r := s.mustCreate(instanceType, "trainer", trainer)
			fired(t, lost)
			if inst := onlyInstance(t, s.sim); inst.ID != r.id {
				t.Errorf("the id is %q, the machine %q", r.id, inst.ID)
			}
			if paid := charges(s.sim); len(paid) != 1 {
				t.Errorf("paid for: %q", paid)
			}
		})
	}
}

func TestAnUnknownRentalIsKeptUntilItIsResolved(t *testing.T) {
	t.Parallel()
	for name, phase := range map[string]fault.Phase{"rented": fault.After, "not rented": fault.Before} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStack(t)
			lost := s.sim.Fault(fault.Plan{Operation: "createInstance", Phase: phase, Effect: resetAndBlind{s.sim, "listInstances"}})
			r, err := s.create(instanceType, "trainer", trainer)
			wantError(t, err, "it is not known whether instance", "pulumi refresh")
			fired(t, lost)
			if r == nil || !r.failed || !strings.HasPrefix(r.id, "name:trainer-") {
				t.Fatalf("the resource is %+v", r)
			}

			s.sim.ClearFaults() // the service answers again
			err = s.refresh(r)
			switch phase {
			case fault.Before:
				wantError(t, err, "it is not known yet", "try again in")
				wantError(t, s.delete(r), "it is not known yet")
				s.clock.forward(6 * time.Minute)
				if err := s.refresh(r); err != nil || r.id != "" || len(s.sim.Instances()) != 0 {
					t.Errorf("nothing was rented, and the id is %q, %v", r.id, err)
				}
			case fault.After:
				if err != nil {
					t.Fatal(err)
				}
				if inst := onlyInstance(t, s.sim); r.id != inst.ID {
					t.Errorf("the id is %q, the machine %q", r.id, inst.ID)
				}
				if err := s.update(r, trainer); err != nil {
					t.Fatal(err)
				}
				wantText(t, r.state, "status", "running")
				s.noDiff(r, trainer)
			}
		})
	}
}

func TestUpAndDestroyTakeAProvisionalIDToo(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s.sim.Fault(fault.Plan{Operation: "createInstance", Phase: fault.After, Effect: resetAndBlind{s.sim, "listInstances"}})
	r, err := s.create(instanceType, "trainer", trainer)
	wantError(t, err, "it is not known")
	s.sim.ClearFaults()
	if err := s.update(r, trainer); err != nil {
		t.Fatal(err)
	}
	wantText(t, r.state, "status", "running")
	if err := s.delete(r); err != nil {
		t.Fatal(err)
	}
	if left := s.sim.Instances(); len(left) != 0 || len(charges(s.sim)) == 0 {
		t.Errorf("still rented: %+v", left)
	}
}

func TestFailedProvisioningKeepsTheMachineInTheState(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	doomed := with(trainer, props{"name": text("doomed" + engine.FailProvisioningLabel)})
	r, err := s.create(instanceType, "doomed", doomed)
	wantError(t, err, "is error: provisioning failed", "0 credits", "pulumi up")
	if r == nil || r.id != onlyInstance(t, s.sim).ID {
		t.Fatalf("the machine is not in the state: %+v", r)
	}
	d, _, err := s.diff(r, doomed)
	if err != nil || d.DetailedDiff["status"].Kind != p.UpdateReplace || !d.DeleteBeforeReplace {
		t.Errorf("the next run does not replace it: %+v, %v", d, err)
	}
	if err := s.delete(r); err != nil || len(s.sim.Instances()) != 0 {
		t.Errorf("not deleted: %v", err)
	}
}

func TestACancelledRunRentsNothing(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s.cancel()
	r, err := s.create(instanceType, "trainer", trainer)
	if err == nil || r != nil || len(s.sim.Instances()) != 0 {
		t.Errorf("rented after the run was cancelled: %+v, %v", r, err)
	}
}

func TestAWaitThatIsBrokenOffKeepsTheMachineAndTheNextRunGoesOn(t *testing.T) {
	t.Parallel()
	s := newStack(t, simtestFrozen) // it would wait for ever
	s.timeout = 1                   // infer cuts off fractions of a second
	r, err := s.create(instanceType, "trainer", trainer)
	wantError(t, err, "was broken off", "credits so far", "goes on waiting")
	if r == nil || r.id != onlyInstance(t, s.sim).ID {
		t.Fatalf("the machine is not in the state: %+v", r)
	}
	preview := s.previewUpdate(r, r.inputs)
	for _, key := range []string{"status", "connection", "expiresAt"} {
		if !preview.Get(key).IsComputed() {
			t.Errorf("the preview takes %s of a machine on its way for known: %v", key, preview.Get(key))
		}
	}
	s.sim.Advance(provisioned)
	if err := s.update(r, trainer); err != nil {
		t.Fatal(err)
	}
	wantText(t, r.state, "status", "running")
	if paid := charges(s.sim); len(paid) != 1 {
		t.Errorf("paid for: %q", paid)
	}
}

func TestALostExtensionIsPaidForOnce(t *testing.T) {
	t.Parallel()
	longer := with(trainer, props{"extensionHours": number(5)})
	for name, c := range map[string]struct {
		phase fault.Phase
		blind bool // nor can the instance be read afterwards, in this run
	}{
		"done and seen":         {fault.After, false},
		"done and not seen":     {fault.After, true},
		"not done and seen":     {fault.Before, false},
		"not done and not seen": {fault.Before, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStack(t, simtest.Policy(engine.Policy{IgnoreIdempotencyKeys: true}))
			r := s.mustCreate(instanceType, "trainer", trainer)
			var effect fault.Effect = fault.Reset{}
			if c.blind {
				effect = resetAndBlind{s.sim, "getInstance"}
			}
			lost := s.sim.Fault(fault.Plan{Operation: "extendInstance", Phase: c.phase, Effect: effect})
			err := s.update(r, longer)
			fired(t, lost)
			if unknown := c.blind || c.phase == fault.Before; unknown {
				wantError(t, err, "it is not known whether")
				s.sim.ClearFaults()
				err = s.update(r, longer)
			}
			if c.phase == fault.Before {
				wantError(t, err, "it is not known yet", "try again in")
				s.clock.forward(6 * time.Minute)
				err = s.update(r, longer)
			}
			if err != nil {
				t.Fatal(err)
			}
			if inst := onlyInstance(t, s.sim); inst.ExtendedHours != 5 {
				t.Errorf("extended by %d hours", inst.ExtendedHours)
			}
			if paid := charges(s.sim); len(paid) != 2 {
				t.Errorf("paid for: %q", paid)
			}
			s.noDiff(r, longer)
		})
	}
}

func TestOnlyProofDropsAResource(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	r := s.mustCreate(instanceType, "trainer", trainer)
	key := s.mustCreate(sshKeyType, "laptop", props{"publicKey": text(ed25519Key)})
	for name, effect := range map[string]fault.Status{
		"an HTML page":         {Code: 404, Body: "<html>Not Found</html>", ContentType: "text/html"},
		"another service":      {Code: 404, Body: `{"error":"no route"}`, ContentType: "application/json"},
		"plain text":           {Code: 404, Body: "404 page not found"},
		"gone":                 {Code: 410, Body: "gone"},
		"unauthorized":         {Code: 401, Body: `{"message":"no","code":"unauthorized"}`, ContentType: "application/json"},
		"forbidden":            {Code: 403, Body: `{"message":"no","code":"forbidden"}`, ContentType: "application/json"},
		"an error":             {Code: 500, Body: `{"message":"no","code":"unavailable"}`, ContentType: "application/json"},
		"nonsense":             {Code: 200, Body: `{"hello":"world"}`, ContentType: "application/json"},
		"nothing":              {Code: 200},
		"a 404 that is a lie":  {Code: 404, Body: `{"message":"no instance","code":"not_found"}`, ContentType: "application/json"},
		"a redirect elsewhere": {Code: 302, Header: http.Header{"Location": {"http://198.51.100.1/login"}}},
	} {
		for operation, resource := range map[string]*res{"getInstance": r, "getSshKey": key} {
			lie := s.sim.Fault(fault.Plan{Operation: operation, Times: 20, Effect: effect})
			before := *resource
			err := s.refresh(resource)
			if resource.id != before.id {
				t.Errorf("%s: %s dropped a resource that exists (error %v)", operation, name, err)
				*resource = before
			}
			fired(t, lie)
			s.sim.ClearFaults()
		}
	}
	other := newStack(t, simtest.Seed(2))
	for _, resource := range []*res{r, key} {
		moved := *resource
		wantError(t, other.refresh(&moved), "belongs to account", "use a key of")
	}

	s.sim.Do(t, func(w *engine.World) error { _, err := w.Delete(r.id); return err })
	s.sim.Advance(provisioned)
	s.sim.Do(t, func(w *engine.World) error { return w.DeleteSSHKey(key.id) })
	for _, resource := range []*res{r, key} {
		s.wantDropped(resource)
	}
}

func TestAnOfferThatIsTakenMeanwhileLeadsToTheNext(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	taken := s.sim.Fault(fault.Plan{Operation: "createInstance", Times: 2, Effect: fault.Status{
		Code: 409, Body: `{"message":"gone","code":"no_capacity"}`, ContentType: "application/json",
	}})
	s.mustCreate(instanceType, "trainer", trainer)
	if taken.Fired() != 2 {
		t.Errorf("%d offers were taken, not 2", taken.Fired())
	}
	onlyInstance(t, s.sim)
}

func TestWhatCannotBeRentedSaysWhyAndCostsNothing(t *testing.T) {
	t.Parallel()
	s := newStack(t, simtest.Credits(1))
	for name, c := range map[string]struct {
		change props
		says   []string
	}{
		"no such model":  {props{"gpuModel": text("RTX 4091")}, []string{"none of the 240 offers fits gpuModel RTX 4091", "without gpuModel RTX 4091"}},
		"too dear":       {props{"maxPricePerHour": text("0.01")}, []string{"maxPricePerHour 0.01", "without maxPricePerHour"}},
		"two impossible": {props{"gpuModel": text("X"), "country": text("XX")}, []string{"relax more than one"}},
	} {
		_, err := s.previewCreate(instanceType, "trainer", with(trainer, c.change))
		wantError(t, err, c.says...)
		r, err := s.create(instanceType, "trainer", with(trainer, c.change))
		wantError(t, err, append(c.says, "nothing was rented")...)
		if r != nil {
			t.Errorf("%s: kept %+v", name, r)
		}
	}
	r, err := s.create(instanceType, "trainer", trainer)
	wantError(t, err, "insufficient_credits", "top up", "nothing was charged")
	if r != nil || len(s.sim.Instances()) != 0 {
		t.Errorf("rented without credits: %+v", r)
	}
}

func TestATakenNameIsNotAdopted(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	named := with(trainer, props{"name": text("mine")})
	s.mustCreate(instanceType, "one", named)
	r, err := s.create(instanceType, "two", named)
	wantError(t, err, `already has an instance named "mine"`, "pulumi import")
	if r != nil {
		t.Errorf("adopted: %+v", r)
	}
	onlyInstance(t, s.sim)
}

func TestANameThatWasUsedBeforeRentsAnew(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	named := with(trainer, props{"name": text("mine")})
	first := s.mustCreate(instanceType, "trainer", named)
	if err := s.delete(first); err != nil {
		t.Fatal(err)
	}
	second := s.mustCreate(instanceType, "trainer", named)
	if inst := onlyInstance(t, s.sim); inst.ID != second.id || second.id == first.id {
		t.Errorf("the service's memory of %s was taken for %s", first.id, second.id)
	}
}

func TestUnknownInputsPriceNothing(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	preview, err := s.previewCreate(instanceType, "trainer", with(trainer, props{"gpuCount": unknown}))
	if err != nil {
		t.Fatal(err)
	}
	if !preview.Get("hourlyPrice").IsComputed() || !preview.Get("prepaidTotal").IsComputed() {
		t.Errorf("priced without knowing how many: %v", preview)
	}
}

// provisioned is longer than any transition of an instance takes.
const provisioned = time.Minute
