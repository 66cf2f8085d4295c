package engine

import (
	"slices"
	"time"

	"github.com/tidwall/btree"
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
	ID           string  `json:"id"`
	Name         string  `json:"name"`
	Status       Status  `json:"status"`
	StatusReason string  `json:"status_reason,omitempty"`
	OS           OS      `json:"os"`
	OfferID      string  `json:"offer_id"`
	Host         *Host   `json:"host"` // shared, never changed
	GPUModel     string  `json:"gpu_model"`
	GPUVRAMGB    int     `json:"gpu_vram_gb"`
	GPUCount     int     `json:"gpu_count"`
	VCPUs        int     `json:"vcpus"`
	RAMGB        int     `json:"ram_gb"`
	StorageGB    int     `json:"storage_gb"`
	PricePerHour Credits `json:"price_per_hour"` // for all GPUs together
	CostSoFar    Credits `json:"cost_so_far"`

	RentalHours   int      `json:"rental_hours"`
	ExtendedHours int      `json:"extended_hours,omitempty"`
	AutoRenew     bool     `json:"auto_renew,omitempty"`
	SSHKeyIDs     []string `json:"ssh_key_ids,omitempty"`

	// Address is the machine's IP address while it runs, else empty.
	Address   string    `json:"address,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	// ExpiresAt is the end of the rental period while it runs, else zero.
	ExpiresAt time.Time `json:"expires_at,omitzero"`
	// ReachableAt is from when on SSH answers while it runs, else zero.
	ReachableAt time.Time `json:"reachable_at,omitzero"`

	life
	owner *owner
}

// life is the engine's own bookkeeping of an instance.
type life struct {
	Ordinal   int64         `json:"ordinal"`             // place in the order of rentals
	Left      time.Duration `json:"left,omitempty"`      // of the rental period, while it does not run
	StepAt    time.Time     `json:"step_at,omitzero"`    // when the transition it is in ends, else zero
	StorageAt time.Time     `json:"storage_at,omitzero"` // when storage is charged next, else zero
	DiesAt    time.Time     `json:"dies_at,omitzero"`    // when its host dies, else zero
	Stored    Credits       `json:"stored,omitempty"`    // storage fee charged so far
	Polled    int           `json:"polled,omitempty"`    // reads in this transition
	Starts    int           `json:"starts,omitempty"`    // how often it got an address
	Released  bool          `json:"released,omitempty"`  // its GPUs are back in the market
	Doomed    string        `json:"doomed,omitempty"`    // why its provisioning is going to fail
	SSHDelay  time.Duration `json:"ssh_delay,omitempty"` // from running until SSH answers
}

// Remaining is what is left of the rental period at a moment, at least 0.
func (i *Instance) Remaining(now time.Time) time.Duration {
	if i.ExpiresAt.IsZero() {
		return i.Left
	}
	return max(i.ExpiresAt.Sub(now), 0)
}

// owner stands for the world that may change a thing in place. A world and its
// copy share every instance until one of them changes it.
type owner struct{ _ byte }

type instances struct {
	ordered  *btree.Map[int64, *Instance] // by ordinal: oldest first
	byID     *btree.Map[uint64, int64]    // ordinals by packID: without a pointer, the collector need not look into it
	byName   *btree.Map[string, bearers]
	byStatus map[Status]*btree.Map[int64, struct{}]
	count    int64   // rentals so far
	spend    Credits // an hour, of those whose period runs
}

func newInstances() instances {
	return instances{
		ordered:  btree.NewMap[int64, *Instance](0),
		byID:     btree.NewMap[uint64, int64](0),
		byName:   btree.NewMap[string, bearers](0),
		byStatus: map[Status]*btree.Map[int64, struct{}]{},
	}
}

func (s instances) copy() instances {
	s.ordered, s.byID, s.byName = s.ordered.Copy(), s.byID.Copy(), s.byName.Copy()
	statuses := make(map[Status]*btree.Map[int64, struct{}], len(s.byStatus))
	for status, set := range s.byStatus {
		statuses[status] = set.Copy()
	}
	s.byStatus = statuses
	return s
}

// add enters an instance, also one that is read back, into every index.
func (s *instances) add(inst *Instance) {
	s.count = max(s.count, inst.Ordinal)
	s.ordered.Set(inst.Ordinal, inst)
	s.byID.Set(packID(inst.ID), inst.Ordinal)
	s.bear(inst)
	s.status(inst.Status).Set(inst.Ordinal, struct{}{})
	if !inst.ExpiresAt.IsZero() {
		s.spend += inst.PricePerHour
	}
}

func (s *instances) remove(inst *Instance) {
	s.ordered.Delete(inst.Ordinal)
	s.byID.Delete(packID(inst.ID))
	s.drop(inst)
	s.status(inst.Status).Delete(inst.Ordinal)
}

func (s *instances) status(status Status) *btree.Map[int64, struct{}] {
	set := s.byStatus[status]
	if set == nil {
		set = btree.NewMap[int64, struct{}](0)
		s.byStatus[status] = set
	}
	return set
}

// edit is the instance as this world may change it.
func (w *World) edit(inst *Instance) *Instance {
	w.changed.instance(inst.Ordinal)
	if inst.owner == w.owner {
		return inst
	}
	mine := *inst
	mine.owner = w.owner
	w.instances.ordered.Set(mine.Ordinal, &mine)
	return &mine
}

// setStatus changes the status, for which there is an index.
func (w *World) setStatus(inst *Instance, s Status, reason string) {
	w.instances.status(inst.Status).Delete(inst.Ordinal)
	inst.Status, inst.StatusReason, inst.Polled = s, reason, 0
	w.instances.status(s).Set(inst.Ordinal, struct{}{})
}

func (w *World) instance(id string) (*Instance, error) {
	if ordinal, ok := w.instances.byID.Get(packID(id)); ok {
		if inst, _ := w.instances.ordered.Get(ordinal); inst.ID == id {
			return inst, nil
		}
	}
	return nil, notFound("instance", id)
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
	w.instances.ordered.Scan(func(_ int64, inst *Instance) bool {
		if keep(inst) {
			found = append(found, *inst)
		}
		return true
	})
	return found
}

// InstanceFilter narrows a list; a nil field matches every instance.
type InstanceFilter struct {
	Name   *string
	Status *Status
}

// ListInstances goes through a part of the instances that a filter lets through,
// oldest first: at most limit of them from the given offset on. It returns how
// many there are in all. Its cost does not grow with the number of instances. The
// instances must be neither changed nor kept.
func (w *World) ListInstances(f InstanceFilter, offset, limit int, see func(*Instance)) (total int) {
	s := &w.instances
	take := func(ordinal int64) bool {
		inst, _ := s.ordered.Get(ordinal)
		see(inst)
		limit--
		return limit > 0
	}
	switch {
	case f.Name != nil:
		ordinals := slices.DeleteFunc(slices.Clone(s.withName(*f.Name)), func(ordinal int64) bool {
			inst, _ := s.ordered.Get(ordinal)
			return f.Status != nil && inst.Status != *f.Status
		})
		total = len(ordinals)
		for _, ordinal := range ordinals[min(offset, total):min(offset+max(limit, 0), total)] {
			take(ordinal)
		}
	case f.Status != nil:
		set := s.status(*f.Status)
		total = set.Len()
		if first, _, ok := set.GetAt(offset); ok && limit > 0 {
			set.Ascend(first, func(ordinal int64, _ struct{}) bool { return take(ordinal) })
		}
	default:
		total = s.ordered.Len()
		if first, _, ok := s.ordered.GetAt(offset); ok && limit > 0 {
			s.ordered.Ascend(first, func(ordinal int64, _ *Instance) bool { return take(ordinal) })
		}
	}
	return total
}

// SpendPerHour is what the instances whose rental period runs cost an hour,
// without storage.
func (w *World) SpendPerHour() Credits { return w.instances.spend }

// Observed notes that instances were read. With [Clock].Polls set, an instance
// in transition that was read that often moves on, and the clock with it; then
// the answer is true.
func (w *World) Observed(wall time.Time, ids ...string) (moved bool) {
	if w.clock.Polls <= 0 {
		return false
	}
	for _, id := range ids {
		inst, err := w.instance(id)
		if err != nil || inst.StepAt.IsZero() {
			continue
		}
		inst = w.edit(inst)
		if inst.Polled++; inst.Polled >= w.clock.Polls {
			w.Advance(inst.StepAt.Sub(w.Settle(wall)), wall)
			moved = true
		}
	}
	return moved
}

// Knocked notes that somebody tried to log in to an instance that runs and is not
// reachable yet. With [Clock].Polls set, after so many times the clock moves on to
// when it is; then the answer is true.
func (w *World) Knocked(wall time.Time, id string) (moved bool) {
	now := w.Settle(wall)
	inst, err := w.instance(id)
	if w.clock.Polls <= 0 || err != nil || !inst.ReachableAt.After(now) {
		return false
	}
	inst = w.edit(inst)
	if inst.Polled++; inst.Polled < w.clock.Polls {
		return false
	}
	inst.Polled = 0
	w.AdvanceTo(inst.ReachableAt, wall)
	return true
}
