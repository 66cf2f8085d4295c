package provider_test

import (
	"strings"
	"testing"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/market"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

// named is a program that names its machine, which is therefore deleted before
// its replacement is rented.
var named = with(trainer, props{"name": text("mine"), "rentalHours": number(1)})

// replace does what the engine does in "pulumi up" for a replacement that
// deletes first.
func (s *stack) replace(r *res, inputs props) (*res, error) {
	s.t.Helper()
	d, _, err := s.diff(r, inputs)
	if err != nil {
		return nil, err
	}
	if !d.DeleteBeforeReplace || len(replacedFor(d)) == 0 {
		s.t.Fatalf("not replaced, the old one first: %+v", d)
	}
	if err := s.delete(r); err != nil {
		return nil, err
	}
	return s.create(r.urn.Type(), r.urn.Name(), inputs)
}

func TestNothingIsDeletedForAReplacementThatCannotBeHad(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change props
		says   []string
	}{
		"no such model": {props{"gpuModel": text("RTX 4091")}, []string{`did you mean "RTX 4090"`}},
		"no such host":  {props{"gpuCount": number(16)}, []string{"without gpuCount 16"}},
		"too dear":      {props{"gpuModel": text("H100"), "maxPricePerHour": text("1")}, []string{"without maxPricePerHour"}},
		"not even with patience": {
			props{"gpuModel": text("RTX 4091"), "capacityWait": text("1h")},
			[]string{"no offer has the GPU model"},
		},
		"no credits": {props{"rentalHours": number(1000)}, []string{"credits in advance, and 9", "are left", "top up"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStack(t)
			r := s.mustCreate(instanceType, "trainer", named)
			_, err := s.replace(r, with(named, c.change))
			wantError(t, err, append(c.says, "instance mine ("+r.id+") is not replaced, and nothing was deleted")...)
			onlyInstance(t, s.sim)
		})
	}
}

func TestWhatAnotherAccountHasIsNotReplaced(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	r := s.mustCreate(instanceType, "trainer", hour)
	other := onSim(t, simtest.New(t, simtest.Seed(2)), s.clock, nil)
	says := []string{"nothing was rented or deleted", r.state.Get("accountId").AsString(), "use a key of the account that has it"}
	_, _, err := other.diff(r, with(hour, props{"rentalHours": number(2)}))
	wantError(t, err, says...)
	other.noDiff(r, hour)
}

func TestAPreviewSaysWhyWhatHasEndedIsReplaced(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	r := s.mustCreate(instanceType, "trainer", hour)
	s.sim.Advance(2 * time.Hour)
	if err := s.refresh(r); err != nil {
		t.Fatal(err)
	}
	s.said.take()
	if d, _, err := s.diff(r, hour); err != nil || len(replacedFor(d)) == 0 {
		t.Fatalf("what has ended is not replaced: %+v, %v", d, err)
	}
	if said := s.said.take(); !strings.Contains(said, "is terminated: ") || !strings.Contains(said, "it has cost ") {
		t.Errorf("the preview says %q", said)
	}
}

func TestAReplacementMayHaveTheRoomOfTheOldMachine(t *testing.T) {
	t.Parallel()
	s := newStack(t, simtest.Market(market.Shape{Hosts: 1, Models: []string{"RTX 4090"}}))
	all := 0
	s.sim.Do(t, func(w *engine.World) error {
		all = w.Offers(func(*engine.Offer) bool { return true })[0].GPUsAvailable
		return nil
	})
	whole := with(named, props{"gpuCount": number(all)})
	r := s.mustCreate(instanceType, "trainer", whole)

	// Another resource does not have it.
	_, err := s.previewCreate(instanceType, "other", hour)
	wantError(t, err, "offers fits gpuModel RTX 4090", "nothing was rented")
	for _, more := range []props{{"storageGb": number(60)}, {"storageGb": number(70)}} {
		s.clock.forward(offersTime)
		change := with(whole, more)
		if _, checked, err := s.diff(r, change); err != nil {
			t.Fatal(err)
		} else if _, err := s.server.Create(p.CreateRequest{Urn: r.urn, Properties: checked, DryRun: true}); err != nil {
			t.Fatalf("the preview does not let it have the room: %v", err)
		}
		if r, err = s.replace(r, change); err != nil {
			t.Fatal(err)
		}
		onlyInstance(t, s.sim)
	}

	// A machine that stays until the new one runs gives nothing back.
	s = s.again()
	if err := s.delete(r); err != nil {
		t.Fatal(err)
	}
	automatic := with(whole, props{"name": property.Value{}})
	r = s.mustCreate(instanceType, "trainer", automatic)
	s.clock.forward(offersTime)
	change := with(automatic, props{"storageGb": number(80)})
	_, _, err = s.diff(r, change)
	wantError(t, err, "nothing was deleted", "offers fits gpuModel RTX 4090")
	if _, _, err := s.diff(r, with(change, props{"capacityWait": text("1h")})); err != nil { // then it waits
		t.Error(err)
	}
}

func TestTwoReplacementsDoNotCountOnTheSameRoom(t *testing.T) {
	t.Parallel()
	s := newStack(t, simtest.Market(market.Shape{Hosts: 2, Models: []string{"RTX 3090", "L4"}}))
	var l4 int
	s.sim.Do(t, func(w *engine.World) error {
		l4 = w.Offers(isModel("L4"))[0].GPUsAvailable
		return nil
	})
	from := with(named, props{"gpuModel": text("RTX 3090")})
	one := s.mustCreate(instanceType, "one", with(from, props{"name": text("one")}))
	two := s.mustCreate(instanceType, "two", with(from, props{"name": text("two")}))
	to := props{"gpuModel": text("L4"), "gpuCount": number(l4)}
	if _, _, err := s.diff(one, with(from, with(to, props{"name": text("one")}))); err != nil {
		t.Fatal(err)
	}
	_, _, err := s.diff(two, with(from, with(to, props{"name": text("two")})))
	wantError(t, err, "nothing was deleted", "with 0 free L4")
}

func TestWhatAReplacementLosesIsCountedByTheService(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	day := with(trainer, props{"autoRenew": flag(true)})
	r := s.mustCreate(instanceType, "trainer", day)
	change := with(day, props{"storageGb": number(60)})
	s.sim.Advance(47*time.Hour + 30*time.Minute) // renewed since it was last read
	s.said.take()
	if _, _, err := s.diff(r, change); err != nil {
		t.Fatal(err)
	}
	s.wantSaid(t, "gives up 0 h 30 min of prepaid time, worth 0.17 credits at 0.34 credits/h")
	s.sim.Do(t, func(w *engine.World) error { _, err := w.Stop(r.id); return err })
	s.sim.Advance(100 * time.Hour)
	if _, _, err := s.diff(r, change); err != nil {
		t.Fatal(err)
	}
	s.wantSaid(t, "gives up 0 h 30 min")
}

// Its deletion ends a fee, and nothing is lost.
func TestAnEndedMachineIsReplacedWithoutMuchAdo(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	r := s.mustCreate(instanceType, "trainer", named)
	s.sim.Advance(25 * time.Hour)
	if err := s.refresh(r); err != nil {
		t.Fatal(err)
	}
	withdraw(t, s.sim, isModel("RTX 4090"))
	s.clock.forward(offersTime)
	s.said.take()
	d, _, err := s.diff(r, named)
	if err != nil || len(replacedFor(d)) == 0 {
		t.Errorf("replaced for %v, %v", replacedFor(d), err)
	}
	s.wantUnsaid(t, "warn")
}

// To show what a refresh found the engine compares with old and new inputs in
// each other's places. That must neither fail nor say what an update would.
func TestARefreshIsNotTakenForAReplacement(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	r := s.mustCreate(instanceType, "trainer", named)
	before := r.inputs
	s.sim.Do(t, func(w *engine.World) error { _, err := w.Rename(r.id, "theirs"); return err })
	s.sim.Advance(25 * time.Hour)
	if err := s.refresh(r); err != nil {
		t.Fatal(err)
	}
	withdraw(t, s.sim, isModel("RTX 4090"))
	s.clock.forward(offersTime)
	s.said.take()
	s.sent.take()
	if _, err := s.server.Diff(p.DiffRequest{ID: r.id, Urn: r.urn, State: r.state, OldInputs: r.inputs, Inputs: before}); err != nil {
		t.Error(err)
	}
	s.wantUnsaid(t, "warn")
	if asked := s.sent.take(); len(asked) > 0 {
		t.Errorf("asked %q", asked)
	}
}

// When both have one name the old machine must go first; a service that can have
// two of a name does not change that.
func TestANameOfItsOwnIsSaidToBeTheReason(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	r := s.mustCreate(instanceType, "trainer", named)
	s.said.take()
	for name, c := range map[string]struct {
		change props
		says   bool
	}{
		"the same name":    {props{"storageGb": number(60)}, true},
		"another name":     {props{"storageGb": number(60), "name": text("yours")}, false},
		"no replacement":   {props{"autoRenew": flag(true)}, false},
		"no name any more": {props{"storageGb": number(60), "name": unknown}, false},
	} {
		if _, _, err := s.diff(r, with(named, c.change)); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if c.says {
			s.wantSaid(t, "warn: ", "deletes the old instance first", `the name "mine"`)
		} else {
			s.wantUnsaid(t, "deletes the old")
		}
	}
}
