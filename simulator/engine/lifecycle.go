package engine

import (
	"fmt"
	"slices"
	"time"
)

// enter puts an instance into a transition that takes d.
func (w *World) enter(inst *Instance, s Status, d time.Duration) {
	w.setStatus(inst, s, "")
	w.due.move(inst, eventStep, &inst.StepAt, w.now.Add(d))
}

// rest puts an instance into a status that lasts.
func (w *World) rest(inst *Instance, s Status, reason string) {
	w.setStatus(inst, s, reason)
	w.due.move(inst, eventStep, &inst.StepAt, time.Time{})
}

// step ends the transition that an instance is in.
func (w *World) step(inst *Instance) {
	switch inst.Status {
	case StatusPending:
		w.enter(inst, StatusProvisioning, w.timings.Provisioning)
	case StatusProvisioning:
		if inst.Doomed != "" {
			w.failProvisioning(inst)
			return
		}
		w.run(inst)
	case StatusStarting:
		w.run(inst)
	case StatusStopping:
		w.rest(inst, StatusStopped, inst.StatusReason) // a failed renewal's, if any
	case StatusDeleting:
		w.remove(inst)
	}
}

// run brings an instance up at a new address and lets its rental period run.
func (w *World) run(inst *Instance) {
	w.rest(inst, StatusRunning, "")
	inst.Address = drawAddress(w.seed, inst.ID, inst.Starts)
	inst.Starts++
	inst.ReachableAt = w.now.Add(inst.SSHDelay)
	w.resumePeriod(inst)
}

func (w *World) failProvisioning(inst *Instance) {
	w.refund(inst, inst.PricePerHour*Credits(inst.RentalHours+inst.ExtendedHours), fmt.Sprintf("refund of %s: provisioning failed", inst.Name))
	inst.Left = 0
	w.release(inst)
	w.rest(inst, StatusError, "provisioning failed: "+inst.Doomed)
}

// refundUnused gives back the whole hours of the rental period that are left.
func (w *World) refundUnused(inst *Instance) {
	unused := Credits(inst.Remaining(w.now) / time.Hour)
	w.refund(inst, inst.PricePerHour*unused, fmt.Sprintf("refund of %s: %d unused hours", inst.Name, unused))
}

// halt takes the machine down: no address, and the rental period stands still.
func (w *World) halt(inst *Instance) {
	inst.Address, inst.ReachableAt = "", time.Time{}
	w.pausePeriod(inst)
}

// release gives the GPUs back to the market, once.
func (w *World) release(inst *Instance) {
	if !inst.Released {
		inst.Released = true
		w.editOffer(inst.OfferID).release(inst.GPUCount)
	}
}

// remove makes a deleted instance disappear and settles its storage fee.
func (w *World) remove(inst *Instance) {
	w.chargeStorage(inst)
	w.release(inst)
	w.editOffer(inst.OfferID).DiskAvailableGB += inst.StorageGB
	w.due.move(inst, eventStep, &inst.StepAt, time.Time{})
	w.due.move(inst, eventStorage, &inst.StorageAt, time.Time{})
	w.due.move(inst, eventDeath, &inst.DiesAt, time.Time{})
	w.setExpiry(inst, time.Time{})
	w.changed.named(inst.Name)
	w.instances.remove(inst)
}

// require is a wrong-state error unless the instance has one of the statuses.
func require(inst *Instance, what string, statuses ...Status) error {
	if slices.Contains(statuses, inst.Status) {
		return nil
	}
	return &Error{Code: CodeWrongState, Message: fmt.Sprintf("instance %s is %s and cannot be %s", inst.Name, inst.Status, what)}
}

// command finds an instance, carries something out on it and returns it as it is
// then. A command refuses before it changes anything.
func (w *World) command(id string, do func(*Instance) error) (Instance, error) {
	inst, err := w.instance(id)
	if err != nil {
		return Instance{}, err
	}
	inst = w.edit(inst)
	if err := do(inst); err != nil {
		return Instance{}, err
	}
	return *inst, nil
}

// Stop takes a running instance down and keeps its GPUs and storage.
func (w *World) Stop(id string) (Instance, error) {
	return w.command(id, func(inst *Instance) error {
		if err := require(inst, "stopped", StatusRunning); err != nil {
			return err
		}
		w.halt(inst)
		w.enter(inst, StatusStopping, w.timings.Stopping)
		return nil
	})
}

// Start brings a stopped instance up again.
func (w *World) Start(id string) (Instance, error) {
	return w.command(id, func(inst *Instance) error {
		if err := require(inst, "started", StatusStopped); err != nil {
			return err
		}
		w.enter(inst, StatusStarting, w.timings.Starting)
		return nil
	})
}

// Delete destroys an instance, whatever its status.
func (w *World) Delete(id string) (Instance, error) {
	return w.command(id, func(inst *Instance) error {
		if inst.Status == StatusDeleting {
			return nil
		}
		w.halt(inst)
		if w.policy.RefundOnDelete {
			w.refundUnused(inst)
		}
		w.enter(inst, StatusDeleting, w.timings.Deleting)
		if w.policy.DeleteAtOnce {
			w.remove(inst)
		}
		return nil
	})
}

// Rename gives an instance another name.
func (w *World) Rename(id, name string) (Instance, error) {
	return w.command(id, func(inst *Instance) error {
		bad := Fields{}
		w.checkName(bad, name, inst)
		if err := bad.Err(); err != nil {
			return err
		}
		if err := requireKept(inst, "renamed"); err != nil {
			return err
		}
		w.changed.named(inst.Name)
		w.changed.named(name)
		w.instances.drop(inst)
		inst.Name = name
		w.instances.bear(inst)
		return nil
	})
}

// SetSSHKeys replaces the set of keys that a Linux instance lets in.
func (w *World) SetSSHKeys(id string, keyIDs []string) (Instance, error) {
	return w.command(id, func(inst *Instance) error {
		bad := Fields{}
		w.checkSSHKeys(bad, keyIDs)
		if inst.OS == Windows && len(keyIDs) > 0 {
			bad.Add("ssh_key_ids", "are for Linux; this instance runs Windows")
		}
		if err := bad.Err(); err != nil {
			return err
		}
		if err := requireKept(inst, "given other SSH keys"); err != nil {
			return err
		}
		inst.SSHKeyIDs = slices.Clone(keyIDs)
		return nil
	})
}

// requireKept refuses instances that have ended or are on their way out.
func requireKept(inst *Instance, what string) error {
	return require(inst, what, StatusPending, StatusProvisioning, StatusRunning, StatusStopping, StatusStopped, StatusStarting)
}
