package provider_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

// careless is a service that carries out everything that it is sent.
var careless = engine.Policy{IgnoreIdempotencyKeys: true, AllowDuplicateNames: true}

// An onError hook calls Create again for a resource of which it is not known
// whether it was rented.
func TestCreateAgainAfterAnUnknownOutcomeRentsOnce(t *testing.T) {
	t.Parallel()
	named := with(trainer, props{"name": text("mine")})
	for name, phase := range map[string]fault.Phase{"rented": fault.After, "not rented": fault.Before} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStack(t, simtest.Policy(careless))
			unknownRental(t, s, named, phase)
			r, err := s.create(instanceType, "trainer", named)
			if phase == fault.Before {
				wantError(t, err, "it is not known yet", "try again in")
				if r == nil || r.id != "name:mine" {
					t.Fatalf("the resource is %+v", r)
				}
				s.clock.forward(6 * time.Minute)
				r, err = s.create(instanceType, "trainer", named)
			}
			if err != nil {
				t.Fatal(err)
			}
			if inst := onlyInstance(t, s.sim); inst.ID != r.id {
				t.Errorf("the id is %q, the machine %q", r.id, inst.ID)
			}
			if paid := charges(s.sim); len(paid) != 1 {
				t.Errorf("paid for: %q", paid)
			}
		})
	}
}

// pause holds a request up until it is let go, and says when it begins to.
type pause struct {
	once  *sync.Once
	begun chan struct{}
	end   chan struct{}
}

func (p pause) Hold(ctx context.Context) {
	p.once.Do(func() { close(p.begun) })
	select {
	case <-p.end:
	case <-ctx.Done():
	}
}

func TestTwoResourcesDoNotRentUnderOneNameAtTheSameTime(t *testing.T) {
	t.Parallel()
	s := newStack(t, simtest.Policy(careless))
	named := with(trainer, props{"name": text("shared")})
	renting := pause{&sync.Once{}, make(chan struct{}), make(chan struct{})}
	s.sim.Fault(fault.Plan{Operation: "createInstance", Effect: renting})
	first := make(chan error, 1)
	go func() {
		_, err := s.create(instanceType, "first", named)
		first <- err
	}()
	<-renting.begun
	r, err := s.create(instanceType, "second", named)
	close(renting.end)
	wantError(t, err, `"shared"`, "::first", "nothing was rented", "a name of its own")
	if r != nil {
		t.Errorf("the state has %s", r.id)
	}
	if err := <-first; err != nil {
		t.Error(err)
	}
	onlyInstance(t, s.sim)
}

// A run is killed after it has sent an extension and before it could write
// anything down; the service knows of no idempotency.
func TestAnExtensionOfAKilledRunIsPaidForOnce(t *testing.T) {
	t.Parallel()
	longer := with(trainer, props{"extensionHours": number(5)})
	for name, between := range map[string]func(s *stack, r *res) error{
		"up":               func(*stack, *res) error { return nil },
		"refresh, then up": (*stack).refresh,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			killed := newStack(t, simtest.Policy(careless))
			r := killed.mustCreate(instanceType, "trainer", trainer)
			written := *r
			lost := killed.sim.Fault(fault.Plan{Operation: "extendInstance", Phase: fault.After, Effect: resetAndBlind{killed.sim, "getInstance"}})
			wantError(t, killed.update(r, longer), "it is not known whether")
			fired(t, lost)
			killed.sim.ClearFaults()

			next, r := onSim(t, killed.sim, &restless{}, nil), &written
			if err := between(next, r); err != nil {
				t.Fatal(err)
			}
			if err := next.update(r, longer); err != nil {
				t.Fatal(err)
			}
			if inst := onlyInstance(t, next.sim); inst.ExtendedHours != 5 {
				t.Errorf("extended by %d hours", inst.ExtendedHours)
			}
			if paid := charges(next.sim); len(paid) != 2 {
				t.Errorf("paid for: %q", paid)
			}
			next.noDiff(r, longer)
		})
	}
}

// As long as it is not known what became of one rental, no other resource gets
// its name: the machine could not be told from that of the other.
func TestNoOtherResourceRentsUnderTheNameOfAnUnknownRental(t *testing.T) {
	t.Parallel()
	s := newStack(t, simtest.Policy(careless))
	var roomy string
	s.sim.Do(t, func(w *engine.World) error {
		roomy = w.Offers(func(o *engine.Offer) bool { return o.GPUModel == "RTX 4090" && o.GPUsAvailable > 2 })[0].ID
		return nil
	})
	named := with(trainer, props{"name": text("shared"), "offerId": text(roomy)})
	lost := unknownRental(t, s, named, fault.Before)
	other, err := s.create(instanceType, "other", named)
	if other != nil {
		next := s.again()
		if err := next.refresh(lost); err == nil && lost.id == other.id {
			t.Fatalf("two resources have %s", lost.id)
		}
	}
	wantError(t, err, `"shared"`, "::trainer", "nothing was rented")

	s.clock.forward(6 * time.Minute)
	if err := s.delete(lost); err != nil { // there is none
		t.Fatal(err)
	}
	s.mustCreate(instanceType, "other", named)
}

// extendedElsewhere loses an answer while somebody else extends the same machine.
type extendedElsewhere struct {
	t   *testing.T
	sim *simtest.Sim
	by  int
	// blind lets nobody see what happened.
	blind bool
}

func (e extendedElsewhere) Answer(w http.ResponseWriter, real fault.Answer) error {
	e.sim.Do(e.t, func(w *engine.World) error {
		_, err := w.Extend(w.Instances(func(*engine.Instance) bool { return true })[0].ID, e.by, "")
		return err
	})
	if e.blind {
		return resetAndBlind{e.sim, "getInstance"}.Answer(w, real)
	}
	return fault.Reset{}.Answer(w, real)
}

// Not more hours are counted as this program's than it has asked for, or the
// next run would take it for one that lowers them, which is refused.
func TestHoursThatSomebodyElseAddsMeanwhileAreNotThisPrograms(t *testing.T) {
	t.Parallel()
	longer := with(trainer, props{"extensionHours": number(5)})
	for name, blind := range map[string]bool{"seen at once": false, "seen later": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStack(t, simtest.Policy(careless))
			r := s.mustCreate(instanceType, "trainer", trainer)
			lost := s.sim.Fault(fault.Plan{Operation: "extendInstance", Phase: fault.After, Effect: extendedElsewhere{t, s.sim, 3, blind}})
			_ = s.update(r, longer)
			fired(t, lost)
			s.sim.ClearFaults()
			for range 2 {
				if err := s.again().update(r, longer); err != nil {
					t.Fatal(err)
				}
			}
			s.noDiff(r, longer)
			if inst := onlyInstance(t, s.sim); inst.ExtendedHours != 8 {
				t.Errorf("extended by %d hours, of which 3 are somebody else's", inst.ExtendedHours)
			}
		})
	}
}
