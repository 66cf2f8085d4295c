package engine_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// model drives a world by random commands and knows what must always hold. The
// twin gets the same commands, but its time passes in many small pieces and is
// looked at in between, which must make no difference.
type model struct {
	*testWorld
	twin *testWorld
	// freed are the instances that held no GPUs any more when they were deleted.
	freed map[string]bool
	// gone has, by instance, how many entries it had when it was gone.
	gone map[string]int
	seen map[string]bool
	// kept is what a file would have, made of nothing but the first state and
	// the changes since.
	kept *keptState
	// left is a copy of the world at some moment, and how it was then.
	left     *engine.World
	leftThen engine.State
}

var modelNames = []string{"a", "b", "c", "d", "e" + engine.FailProvisioningLabel}

func TestModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		configure := []func(*engine.Config){
			credits(engine.Credits(rapid.IntRange(1, 200).Draw(rt, "credits"))),
			policy(engine.Policy{
				RefundOnDelete:      rapid.Bool().Draw(rt, "refund on delete"),
				StopOnFailedRenewal: rapid.Bool().Draw(rt, "stop on failed renewal"),
				AllowDuplicateNames: rapid.Bool().Draw(rt, "allow duplicate names"),
			}),
		}
		m := &model{
			testWorld: newWorld(t, configure...), twin: newWorld(t, configure...),
			freed: map[string]bool{}, gone: map[string]int{}, seen: map[string]bool{},
		}
		m.kept = newKeptState(m.State())
		m.Track()
		m.left, m.leftThen = m.Copy(), m.State()
		rt.Repeat(map[string]func(*rapid.T){
			"":           m.check,
			"advance":    m.advance,
			"next event": m.nextEvent,
			"rent":       m.rentAny,
			"stop":       m.any(func(w *testWorld, id string) error { _, err := w.Stop(id); return err }),
			"start":      m.any(func(w *testWorld, id string) error { _, err := w.Start(id); return err }),
			"delete":     m.deleteAny,
			"extend": func(rt *rapid.T) {
				n := rapid.IntRange(-1, 100).Draw(rt, "hours")
				m.any(func(w *testWorld, id string) error { _, err := w.Extend(id, n, ""); return err })(rt)
			},
			"auto-renew": func(rt *rapid.T) {
				on := rapid.Bool().Draw(rt, "on")
				m.any(func(w *testWorld, id string) error { _, err := w.SetAutoRenew(id, on); return err })(rt)
			},
			"rename": func(rt *rapid.T) {
				name := rapid.SampledFrom(modelNames).Draw(rt, "name")
				m.any(func(w *testWorld, id string) error { _, err := w.Rename(id, name); return err })(rt)
			},
			"reload the twin": func(rt *rapid.T) { m.twin.World = reload(rt, m.twin.State()) },
			"keep changes":    func(rt *rapid.T) { m.kept.apply(m.Changes()) },
			"go back to the copy": func(rt *rapid.T) {
				if rapid.IntRange(0, 9).Draw(rt, "rarely") == 0 {
					m.checkCopy(rt)
				}
				m.left, m.leftThen = m.Copy(), m.State()
			},
			"withdraw an offer": func(rt *rapid.T) {
				id := rapid.SampledFrom([]string{big, small, "off_nothing"}).Draw(rt, "offer")
				m.both(rt, func(w *testWorld) error { return w.WithdrawOffer(id) })
			},
			"reprice": func(rt *rapid.T) {
				price := engine.Credits(rapid.IntRange(1, 3).Draw(rt, "price")) * engine.Credit / 10
				m.both(rt, func(w *testWorld) error {
					w.Reprice(func(engine.Offer) engine.Credits { return price })
					return nil
				})
			},
			"kill a host": func(rt *rapid.T) {
				after := time.Duration(rapid.Int64Range(0, int64(5*time.Hour)).Draw(rt, "after"))
				m.any(func(w *testWorld, id string) error { return w.KillHost(id, after) })(rt)
			},
			"fail provisioning": m.any(func(w *testWorld, id string) error { return w.FailProvisioning(id, "bad luck") }),
			"drain credits": func(rt *rapid.T) {
				if rapid.IntRange(0, 19).Draw(rt, "rarely") == 0 {
					m.DrainCredits()
					m.twin.DrainCredits()
				}
			},
			"top up": func(rt *rapid.T) {
				amount := engine.Credits(rapid.IntRange(10, 50).Draw(rt, "credits")) * engine.Credit
				m.Deposit(amount, "top-up")
				m.twin.Deposit(amount, "top-up")
			},
		})
	})
}

// both carries a command out on both worlds; a refusal must change nothing.
func (m *model) both(rt *rapid.T, command func(w *testWorld) error) {
	before, balance, offers := m.all(), m.Balance(), m.offers()
	err, twinErr := command(m.testWorld), command(m.twin)
	if (err == nil) != (twinErr == nil) {
		rt.Fatalf("one world says %v, its twin %v", err, twinErr)
	}
	if err != nil && (balance != m.Balance() || !reflect.DeepEqual(offers, m.offers()) || !reflect.DeepEqual(before, m.all())) {
		rt.Fatalf("refused with %v, but something changed", err)
	}
}

// any carries a command out on any instance, also on one that is gone.
func (m *model) any(command func(w *testWorld, id string) error) func(*rapid.T) {
	return func(rt *rapid.T) {
		ids := []string{"ins_nobody"}
		for id := range m.seen {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		id := rapid.SampledFrom(ids).Draw(rt, "instance")
		m.both(rt, func(w *testWorld) error { return command(w, id) })
	}
}

func (m *model) rentAny(rt *rapid.T) {
	r := engine.RentRequest{
		Name:      rapid.SampledFrom(modelNames).Draw(rt, "name"),
		AutoRenew: rapid.Bool().Draw(rt, "auto-renew"),
		Spec: engine.Spec{
			OfferID:     rapid.SampledFrom([]string{big, small}).Draw(rt, "offer"),
			OS:          engine.Linux,
			GPUCount:    rapid.IntRange(0, 4).Draw(rt, "GPUs"),
			StorageGB:   rapid.IntRange(5, 500).Draw(rt, "GB"),
			RentalHours: rapid.IntRange(0, 30).Draw(rt, "hours"),
		},
	}
	m.both(rt, func(w *testWorld) error {
		inst, err := w.Rent(r)
		if err == nil && w == m.testWorld {
			if m.seen[inst.ID] {
				rt.Fatalf("the id %s is given twice", inst.ID)
			}
			m.seen[inst.ID] = true
		}
		return err
	})
}

func (m *model) deleteAny(rt *rapid.T) {
	m.any(func(w *testWorld, id string) error {
		if inst, err := w.Instance(id); err == nil && ended(inst.Status) {
			m.freed[id] = true
		}
		_, err := w.Delete(id)
		return err
	})(rt)
}

func ended(s engine.Status) bool { return s == engine.StatusTerminated || s == engine.StatusError }

func (m *model) advance(rt *rapid.T) {
	m.passBoth(rt, time.Duration(rapid.Int64Range(0, int64(50*time.Hour)).Draw(rt, "time")))
}

func (m *model) nextEvent(rt *rapid.T) {
	if at, ok := m.NextEvent(); ok {
		m.passBoth(rt, at.Sub(m.Now()))
	}
}

func (m *model) passBoth(rt *rapid.T, d time.Duration) {
	m.pass(d)
	for range rapid.IntRange(0, 3).Draw(rt, "looks of the twin") {
		piece := d / 3
		d -= piece
		m.twin.pass(piece)
		m.twin.all()
	}
	m.twin.pass(d)
}

func (m *model) check(rt *rapid.T) {
	m.checkLedger(rt)
	m.checkInstances(rt)
	m.checkMarket(rt)
	m.checkLists(rt)
	m.checkKept(rt)
	if !reflect.DeepEqual(m.Ledger(), m.twin.Ledger()) {
		rt.Fatalf("the ledger depends on when it is looked at:\n%+v\n%+v", m.Ledger(), m.twin.Ledger())
	}
	if !reflect.DeepEqual(m.all(), m.twin.all()) {
		rt.Fatalf("the instances depend on when they are looked at:\n%+v\n%+v", m.all(), m.twin.all())
	}
	if is, twin := written(rt, m.State()), written(rt, m.twin.State()); is != twin {
		rt.Fatalf("the world is\n%s\nand its twin, which was read back,\n%s", is, twin)
	}
	if is, twin := written(rt, m.offers()), written(rt, m.twin.offers()); is != twin {
		rt.Fatalf("the offers are\n%s\nand those of the twin, which was read back,\n%s", is, twin)
	}
}

// checkLedger: the sum is the balance, at every entry, and time goes forward.
func (m *model) checkLedger(rt *rapid.T) {
	var sum engine.Credits
	last := epoch
	entries, costs := map[string]int{}, map[string]engine.Credits{}
	for i, e := range m.Ledger() {
		sum += e.Amount
		if e.BalanceAfter != sum || e.Number != i+1 || e.At.Before(last) || e.Amount == 0 {
			rt.Fatalf("entry %+v after one of %s; the sum is %d", e, last, sum)
		}
		last = e.At
		entries[e.InstanceID]++
		costs[e.InstanceID] -= e.Amount
	}
	if sum != m.Balance() {
		rt.Fatalf("the ledger sums up to %d, the balance is %d", sum, m.Balance())
	}
	for id := range m.seen {
		inst, err := m.Instance(id)
		if err == nil {
			if inst.CostSoFar != costs[id] || inst.CostSoFar < 0 {
				rt.Fatalf("%s cost %d, its entries sum up to %d", id, inst.CostSoFar, costs[id])
			}
			continue
		}
		if n, known := m.gone[id]; known && n != entries[id] {
			rt.Fatalf("%s was billed after it was gone", id)
		}
		m.gone[id] = entries[id]
	}
}

func (m *model) checkInstances(rt *rapid.T) {
	for _, inst := range m.all() {
		if _, was := m.gone[inst.ID]; was {
			rt.Fatalf("%s has come back", inst.ID)
		}
		runs := inst.Status == engine.StatusRunning
		if (inst.Address != "") != runs || !inst.ExpiresAt.IsZero() != runs {
			rt.Fatalf("%s is %s at %q until %s", inst.ID, inst.Status, inst.Address, inst.ExpiresAt)
		}
		paid := time.Duration(inst.RentalHours+inst.ExtendedHours) * time.Hour
		if left := inst.Remaining(m.Now()); left < 0 || left > paid || runs && left == 0 {
			rt.Fatalf("%s, %s, has %s left of %s", inst.ID, inst.Status, left, paid)
		}
	}
}

// checkMarket: no GPU and no GB is rented twice, and none gets lost.
func (m *model) checkMarket(rt *rapid.T) {
	gpus, disk := map[string]int{}, map[string]int{}
	for _, inst := range m.all() {
		if !ended(inst.Status) && !m.freed[inst.ID] {
			gpus[inst.OfferID] += inst.GPUCount
		}
		disk[inst.OfferID] += inst.StorageGB
	}
	for _, o := range newWorld(m.t).offers() {
		now, err := m.Offer(o.ID)
		if now.Withdrawn {
			if now.GPUsAvailable != 0 {
				rt.Fatalf("%s was withdrawn and has %d GPUs free", o.ID, now.GPUsAvailable)
			}
			continue
		}
		if err != nil || now.GPUsAvailable < 0 || now.GPUsAvailable+gpus[o.ID] != o.GPUsTotal {
			rt.Fatalf("%s has %d GPUs free and %d rented of %d (%v)", o.ID, now.GPUsAvailable, gpus[o.ID], o.GPUsTotal, err)
		}
		if now.DiskAvailableGB < 0 || now.DiskAvailableGB+disk[o.ID] != o.DiskAvailableGB {
			rt.Fatalf("%s has %d GB free and %d rented of %d", o.ID, now.DiskAvailableGB, disk[o.ID], o.DiskAvailableGB)
		}
	}
}
