package engine

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"
)

// What a world is read back from may have been edited by hand. A number that no
// command would have let in could make the schedule turn in a circle, or money
// overflow, much later; so it is refused where it comes in.

var (
	// earliest is before everything, and no more than the 292 years of a duration
	// before end.
	earliest = time.Date(1970, time.January, 1, 0, 0, 0, 0, time.UTC)
	// end is when the last rental ends that can be made or extended, and more; the
	// schedule counts nanoseconds, which go on for a while yet.
	end = Latest.AddDate(20, 0, 0)
)

// LongestTransition bounds each of [Timings], ten years: no moment may come near
// the end of what the schedule can count.
const LongestTransition = 10 * 365 * day

// Check says what is wrong with timings.
func (t Timings) Check() error {
	for _, d := range []time.Duration{t.Pending, t.Provisioning, t.Stopping, t.Starting, t.Deleting} {
		if d < 0 || d > LongestTransition {
			return fmt.Errorf("a transition cannot take %s: use 0s to %s", d, LongestTransition)
		}
	}
	return nil
}

// mostNumbers bounds what is counted, so that there is room to count on.
const mostNumbers = 1 << 53

// longestWord is how long a name or a fingerprint may be of which is counted how often
// it was there, far more than any has: a data file keeps the count under it.
const longestWord = 1 << 10

// canCount tells whether a name or a fingerprint can have been there so often.
func canCount(word string, times int) bool {
	return word != "" && len(word) <= longestWord && times >= 0 && times <= mostNumbers
}

// Check says what is wrong with a head.
func (h Head) Check() error {
	for _, t := range []time.Time{h.Now, h.Clock.Origin} {
		if t.Before(earliest) || t.After(Latest) {
			return fmt.Errorf("its clock shows %s, and clocks go from %s to %s", t.Format(time.RFC3339), earliest.Format(time.RFC3339), Latest.Format(time.RFC3339))
		}
	}
	if c := h.Clock; c.Rate < 0 || c.Rate > maxRate || c.Polls < 0 {
		return fmt.Errorf("there is no clock with the rate %d and %d polls", c.Rate, c.Polls)
	}
	for _, n := range []int64{h.Rentals, h.Keys, h.AnswerCount} {
		if n < 0 || n > mostNumbers {
			return fmt.Errorf("it cannot have counted to %d", n)
		}
	}
	return h.Timings.Check()
}

func checkMarket(offers []Offer) error {
	ids := make(map[string]bool, len(offers))
	for _, o := range offers {
		if o.ID == "" || ids[o.ID] {
			return fmt.Errorf("offer %q is there twice, or has no id", o.ID)
		}
		ids[o.ID] = true
		if err := checkOffer(o); err != nil {
			return err
		}
	}
	return nil
}

// highestPrice of a GPU and hour is far beyond every real one, and so low that
// the price of no rental overflows.
const highestPrice = 1_000_000 * Credit

func checkOffer(o Offer) error {
	if o.PricePerGPUHour < 0 || o.PricePerGPUHour > highestPrice {
		return fmt.Errorf("offer %s cannot cost %d", o.ID, o.PricePerGPUHour)
	}
	for _, n := range []int{o.GPUsTotal, o.GPUsAvailable, o.VCPUsPerGPU, o.RAMGBPerGPU, o.DiskAvailableGB} {
		if n < 0 || n > mostNumbers {
			return fmt.Errorf("offer %s cannot have %d of something", o.ID, n)
		}
	}
	if o.GPUsAvailable > o.GPUsTotal {
		return fmt.Errorf("offer %s cannot have %d GPUs available: it has %d", o.ID, o.GPUsAvailable, o.GPUsTotal)
	}
	return nil
}

// isOf tells whether this is what has become of an offer of the market: a change of
// anything but what rentals change would last until the world is read back.
func (o Offer) isOf(first Offer) bool {
	o.GPUsAvailable, o.DiskAvailableGB, o.Withdrawn = first.GPUsAvailable, first.DiskAvailableGB, first.Withdrawn
	o.place, o.apart, o.owner = first.place, first.apart, first.owner
	return reflect.DeepEqual(o, first)
}

var statuses = []Status{
	StatusPending, StatusProvisioning, StatusRunning, StatusStopping, StatusStopped,
	StatusStarting, StatusDeleting, StatusTerminated, StatusError,
}

// Statuses are all of them, in the order of a life.
func Statuses() []Status { return slices.Clone(statuses) }

// checkInstance says why an instance cannot be in this world.
func (w *World) checkInstance(inst Instance) error {
	if _, ok := w.market.offer(inst.OfferID); !ok {
		return fmt.Errorf("stands on the unknown offer %s", inst.OfferID)
	}
	if _, twice := w.instances.ordered.Get(inst.Ordinal); twice || inst.Ordinal < 1 || inst.Ordinal > mostNumbers {
		return fmt.Errorf("cannot have the number %d", inst.Ordinal)
	}
	if _, twice := w.instances.byID.Get(packID(inst.ID)); twice || packID(inst.ID) == 0 {
		return errors.New("is there twice, or has no id")
	}
	if !isName(inst.Name) {
		return fmt.Errorf("cannot have the name %q", inst.Name)
	}
	if !slices.Contains(statuses, inst.Status) {
		return fmt.Errorf("cannot be %q", inst.Status)
	}
	if inst.GPUCount < 1 || inst.GPUCount > maxGPUs || inst.StorageGB < minStorageGB || inst.StorageGB > maxStorageGB {
		return fmt.Errorf("cannot have %d GPUs and %d GB of storage", inst.GPUCount, inst.StorageGB)
	}
	if inst.PricePerHour < 0 || inst.PricePerHour > highestPrice*maxGPUs {
		return fmt.Errorf("cannot cost %d an hour", inst.PricePerHour)
	}
	if inst.Stored < 0 || inst.Stored > storageFee(maxStorageGB, end.Sub(earliest)) {
		return fmt.Errorf("cannot have been charged %d for its storage", inst.Stored)
	}
	return inst.checkTimes()
}

// checkTimes says why an instance cannot last as long as it says.
func (i *Instance) checkTimes() error {
	if i.RentalHours < 1 || i.RentalHours > maxHours || i.ExtendedHours < 0 || i.ExtendedHours > maxExtendedHours {
		return fmt.Errorf("cannot be rented for %d h and extended by %d h", i.RentalHours, i.ExtendedHours)
	}
	for _, d := range []time.Duration{i.Left, i.SSHDelay} {
		if d < 0 || d > hours(maxHours+maxExtendedHours) {
			return fmt.Errorf("cannot have %s left, or before it", d)
		}
	}
	if i.CreatedAt.IsZero() {
		return errors.New("was never rented: it has no created_at")
	}
	for _, t := range []time.Time{i.CreatedAt, i.ExpiresAt, i.ReachableAt, i.StepAt, i.StorageAt, i.DiesAt} {
		if !t.IsZero() && (t.Before(earliest) || t.After(end)) {
			return fmt.Errorf("has the time %s, which no clock comes near", t.Format(time.RFC3339))
		}
	}
	return nil
}

// checkTaken says of which offer more is free or rented than there is.
func (w *World) checkTaken(instances []Instance) (err error) {
	w.market.changed.Scan(func(_ int, o *Offer) bool {
		if o.GPUsAvailable < 0 || o.DiskAvailableGB < 0 {
			err = fmt.Errorf("offer %s cannot have that much rented: %d GPUs and %d GB of storage would be left", o.ID, o.GPUsAvailable, o.DiskAvailableGB)
		}
		return err == nil
	})
	if err != nil {
		return err
	}
	rented := map[string]int{}
	for _, inst := range instances {
		if !inst.Released {
			rented[inst.OfferID] += inst.GPUCount
		}
	}
	for id, n := range rented {
		if o, _ := w.market.offer(id); n+o.GPUsAvailable > o.GPUsTotal {
			return fmt.Errorf("offer %s cannot have %d GPUs rented and %d available: it has %d", id, n, o.GPUsAvailable, o.GPUsTotal)
		}
	}
	return nil
}

// checkDue says what should have happened before.
func (w *World) checkDue() error {
	next, ok := w.due.Min()
	if at := time.Unix(0, next.at).UTC(); ok && at.Before(w.now) {
		inst, _ := w.instances.ordered.Get(next.ordinal)
		return fmt.Errorf("instance %s was to change at %s, and the clock shows %s", inst.ID, at.Format(time.RFC3339), w.now.Format(time.RFC3339))
	}
	return nil
}
