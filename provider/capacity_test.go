package provider_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

// patient is a clock that stands still until the test moves it.
type patient struct {
	mu       sync.Mutex
	changed  *sync.Cond
	now      time.Time
	sleepers map[chan struct{}]time.Time
	over     bool
}

func newPatient() *patient {
	c := &patient{now: time.Now(), sleepers: map[chan struct{}]time.Time{}}
	c.changed = sync.NewCond(&c.mu)
	return c
}

func (c *patient) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *patient) Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	wake := make(chan struct{})
	c.mu.Lock()
	c.sleepers[wake] = c.now.Add(d)
	c.changed.Broadcast()
	c.mu.Unlock()
	select {
	case <-wake:
		return nil
	case <-ctx.Done():
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.sleepers, wake)
		return ctx.Err()
	}
}

// untilAsleep waits until n sleep.
func (c *patient) untilAsleep(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.sleepers) != n {
		c.changed.Wait()
	}
}

func (c *patient) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.moveTo(c.now.Add(d))
}

func (c *patient) moveTo(t time.Time) {
	c.now = t
	for wake, at := range c.sleepers {
		if !at.After(t) {
			delete(c.sleepers, wake)
			close(wake)
		}
	}
}

// run lets time pass whenever somebody sleeps, while work is done.
func (c *patient) run(work func()) {
	ended := make(chan struct{})
	defer func() {
		c.mu.Lock()
		c.over = true
		c.changed.Broadcast()
		c.mu.Unlock()
		<-ended
	}()
	go func() {
		defer close(ended)
		c.mu.Lock()
		defer c.mu.Unlock()
		for !c.over {
			if len(c.sleepers) == 0 {
				c.changed.Wait()
				continue
			}
			c.moveTo(slices.MinFunc(slices.Collect(maps.Values(c.sleepers)), time.Time.Compare))
		}
		c.over = false
	}()
	work()
}

// reprice makes every GPU cost so much an hour.
func reprice(t *testing.T, sim *simtest.Sim, price engine.Credits) {
	t.Helper()
	sim.Do(t, func(w *engine.World) error {
		w.Reprice(func(engine.Offer) engine.Credits { return price })
		return nil
	})
}

// waiting is a program for which only a price of 0.40 and less will do.
var waiting = with(trainer, props{"maxPricePerHour": text("0.40"), "capacityWait": text("2h"), "rentalHours": number(1)})

func looks(requests []string) (n int) {
	for _, r := range requests {
		if r == "GET /gpu-instances/offers" {
			n++
		}
	}
	return n
}

func TestManyWaitForCapacityWithOneLookAtATime(t *testing.T) {
	t.Parallel()
	sim, clock := simtest.New(t), newPatient()
	s := onSim(t, sim, clock, nil)
	reprice(t, sim, engine.Credit)
	const n = 20
	failed := make(chan error, n)
	for range n {
		go func() {
			_, err := s.create(instanceType, "trainer", waiting)
			failed <- err
		}()
	}
	clock.untilAsleep(n)
	pages := looks(s.sent.take())
	if pages == 0 || pages > 3 {
		t.Errorf("%d requests for the first list of offers", pages)
	}
	for range 5 {
		clock.forward(75 * time.Second)
		clock.untilAsleep(n)
		if asked := s.sent.take(); looks(asked) != pages || len(asked) != pages {
			t.Errorf("a look of %d that wait took %d requests, not %d", n, len(asked), pages)
		}
	}
	s.wantSaid(t, "waiting since 0s, for 2h0m0s at most", "waiting since 1m15s")
	reprice(t, sim, engine.Credit/10)
	clock.run(func() {
		for range n {
			if err := <-failed; err != nil {
				t.Error(err)
			}
		}
	})
	if rented := len(sim.Instances()); rented != n {
		t.Errorf("%d are rented, not %d", rented, n)
	}
}

func TestAWaitForCapacityEndsWithWhatComesNearest(t *testing.T) {
	t.Parallel()
	sim, clock := simtest.New(t, simtest.Hosts(12)), newPatient() // one page of offers
	s := onSim(t, sim, clock, nil)
	reprice(t, sim, engine.Credit)
	clock.run(func() {
		r, err := s.create(instanceType, "trainer", waiting)
		wantError(t, err, "waited 2h0m0s for capacity", "offers fits gpuModel RTX 4090", "without maxPricePerHour 0.4", "1 credits/h", "nothing was rented")
		if r != nil {
			t.Errorf("kept %+v", r)
		}
	})
	// Once a minute at least, and not much more often.
	if n := looks(s.sent.take()); n < 120 || n > 180 {
		t.Errorf("looked at the market %d times in two hours", n)
	}
}

func TestTheOperationsLimitEndsAWaitForCapacityToo(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t)
	s := onSim(t, sim, newPatient(), nil)
	s.timeout = 1
	reprice(t, sim, engine.Credit)
	r, err := s.create(instanceType, "trainer", waiting)
	wantError(t, err, "the wait for capacity ended after", "context deadline exceeded", "nothing was rented", "without maxPricePerHour")
	if r != nil || len(sim.Instances()) != 0 {
		t.Errorf("kept %+v", r)
	}
}

func TestALookThatFailsDoesNotEndAWaitForCapacity(t *testing.T) {
	t.Parallel()
	sim, clock := simtest.New(t), newPatient()
	s := onSim(t, sim, clock, nil)
	reprice(t, sim, engine.Credit)
	done := make(chan error, 1)
	go func() { _, err := s.create(instanceType, "trainer", waiting); done <- err }()
	clock.untilAsleep(1)
	broken := sim.Fault(fault.Plan{Operation: "listOffers", Times: 12, Effect: fault.Status{Code: 500}})
	reprice(t, sim, engine.Credit/10)
	clock.run(func() {
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	onlyInstance(t, sim)
	fired(t, broken)
}

func TestANameThatWasTakenDuringAWaitIsNotAdopted(t *testing.T) {
	t.Parallel()
	sim, clock := simtest.New(t), newPatient()
	s := onSim(t, sim, clock, nil)
	reprice(t, sim, engine.Credit)
	done := make(chan error, 1)
	go func() {
		_, err := s.create(instanceType, "trainer", with(waiting, props{"name": text("mine")}))
		done <- err
	}()
	clock.untilAsleep(1)
	reprice(t, sim, engine.Credit/10)
	rentAll(t, sim, "mine", func(*engine.Offer) bool { return true }, 1)
	clock.run(func() { wantError(t, <-done, `already has an instance named "mine"`) })
	onlyInstance(t, sim)
}

// rentAll rents at most so many machines, with all free GPUs of the offers that
// are to be taken, as somebody else with the same account.
func rentAll(t *testing.T, sim *simtest.Sim, name string, taken func(*engine.Offer) bool, most int) {
	t.Helper()
	sim.Do(t, func(w *engine.World) error {
		offers := slices.Clone(w.Offers(func(o *engine.Offer) bool { return o.GPUsAvailable > 0 && taken(o) }))
		for i, o := range offers[:min(len(offers), most)] {
			if i > 0 {
				name += "x"
			}
			if _, err := w.Rent(engine.RentRequest{Name: name, Spec: engine.Spec{
				OfferID: o.ID, OS: engine.Linux, GPUCount: o.GPUsAvailable, StorageGB: 10, RentalHours: 1,
			}}); err != nil {
				return err
			}
		}
		if len(offers) == 0 {
			return errors.New("no such offer is free")
		}
		return nil
	})
}

func TestAPreviewDoesNotWaitForCapacity(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	reprice(t, s.sim, engine.Credit)
	preview, err := s.previewCreate(instanceType, "trainer", waiting)
	if err != nil {
		t.Fatal(err)
	}
	if !preview.Get("hourlyPrice").IsComputed() {
		t.Errorf("the price of what is not on offer is %v", preview.Get("hourlyPrice"))
	}
	s.wantSaid(t, "nothing that fits is free now", "2h0m0s at most", "without maxPricePerHour")
}
