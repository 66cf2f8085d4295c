package engine

import (
	"cmp"
	"slices"
	"time"
)

// Status is where an instance is in its life.
type Status string

// The statuses.
const (
	StatusPending      Status = "pending"
	StatusProvisioning Status = "provisioning"
	StatusRunning      Status = "running"
	StatusStopping     Status = "stopping"
	StatusStopped      Status = "stopped"
	StatusStarting     Status = "starting"
	StatusDeleting     Status = "deleting"
	StatusTerminated   Status = "terminated"
	StatusError        Status = "error"
)

// Instance is a rented machine.
type Instance struct {
	ID           string
	Name         string
	Status       Status
	StatusReason string
	OS           OS
	OfferID      string
	Host         Host
	GPUModel     string
	GPUVRAMGB    int
	GPUCount     int
	VCPUs, RAMGB int
	StorageGB    int
	PricePerHour Credits // for all GPUs together
	CostSoFar    Credits

	RentalHours   int
	ExtendedHours int
	AutoRenew     bool
	SSHKeyIDs     []string

	// Address is the machine's IP address while it runs, else empty.
	Address   string
	CreatedAt time.Time
	// ExpiresAt is the end of the rental period while it runs, else zero.
	ExpiresAt time.Time

	remaining time.Duration // of the rental period, while it does not run
	stepAt    time.Time     // when the transition it is in ends, else zero
	storageAt time.Time     // when storage is charged next, else zero
	stored    Credits       // storage fee charged so far
	polled    int           // reads in this transition
	starts    int           // how often it got an address
	ordinal   int64         // place in the order of rentals
	released  bool          // its GPUs are back in the market
}

// Remaining is what is left of the rental period at a moment, at least 0.
func (i *Instance) Remaining(now time.Time) time.Duration {
	if i.ExpiresAt.IsZero() {
		return i.remaining
	}
	return max(i.ExpiresAt.Sub(now), 0)
}

// expects tells whether an event still stands for the instance as it is now.
func (i *Instance) expects(e event) bool {
	switch e.kind {
	case eventStep:
		return e.at.Equal(i.stepAt)
	case eventExpire:
		return e.at.Equal(i.ExpiresAt)
	default:
		return e.at.Equal(i.storageAt)
	}
}

type instances struct {
	byID    map[string]*Instance
	ordered []*Instance    // oldest first
	named   map[string]int // how often a name was rented
	count   int64          // rentals so far
}

func newInstances() instances {
	return instances{byID: map[string]*Instance{}, named: map[string]int{}}
}

func (s *instances) add(inst *Instance) {
	s.count++
	inst.ordinal = s.count
	s.named[inst.Name]++
	s.byID[inst.ID] = inst
	s.ordered = append(s.ordered, inst)
}

func (s *instances) remove(inst *Instance) {
	delete(s.byID, inst.ID)
	if i, ok := slices.BinarySearchFunc(s.ordered, inst.ordinal, func(x *Instance, n int64) int { return cmp.Compare(x.ordinal, n) }); ok {
		s.ordered = slices.Delete(s.ordered, i, i+1)
	}
}

func (w *World) instance(id string) (*Instance, error) {
	inst, ok := w.instances.byID[id]
	if !ok {
		return nil, notFound("instance", id)
	}
	return inst, nil
}

// Instance finds an instance by its id, until it is completely deleted.
func (w *World) Instance(id string) (Instance, error) {
	inst, err := w.instance(id)
	if err != nil {
		return Instance{}, err
	}
	return *inst, nil
}

// Instances has every instance for which keep answers true, oldest first.
func (w *World) Instances(keep func(*Instance) bool) []Instance {
	var found []Instance
	for _, inst := range w.instances.ordered {
		if keep(inst) {
			found = append(found, *inst)
		}
	}
	return found
}

// SpendPerHour is what the instances whose rental period runs cost an hour,
// without storage.
func (w *World) SpendPerHour() Credits {
	var sum Credits
	for _, inst := range w.instances.ordered {
		if !inst.ExpiresAt.IsZero() {
			sum += inst.PricePerHour
		}
	}
	return sum
}

// Observed notes that instances were read. With [Clock].Polls set, an instance
// in transition that was read that often moves on, and the clock with it.
func (w *World) Observed(wall time.Time, ids ...string) {
	if w.clock.Polls <= 0 {
		return
	}
	for _, id := range ids {
		inst, err := w.instance(id)
		if err != nil || inst.stepAt.IsZero() {
			continue
		}
		if inst.polled++; inst.polled >= w.clock.Polls {
			w.Advance(inst.stepAt.Sub(w.Settle(wall)), wall)
		}
	}
}
