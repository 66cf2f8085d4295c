package engine

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// enter puts an instance into a transition that takes d.
func (w *World) enter(inst *Instance, s Status, d time.Duration) {
	inst.Status, inst.StatusReason, inst.polled = s, "", 0
	inst.stepAt = w.now.Add(d)
	w.due.add(inst.stepAt, eventStep, inst)
}

// rest puts an instance into a status that lasts.
func (w *World) rest(inst *Instance, s Status, reason string) {
	inst.Status, inst.StatusReason, inst.polled = s, reason, 0
	inst.stepAt = time.Time{}
}

// step ends the transition that an instance is in.
func (w *World) step(inst *Instance) {
	switch inst.Status {
	case StatusPending:
		w.enter(inst, StatusProvisioning, w.timings.Provisioning)
	case StatusProvisioning:
		if strings.HasSuffix(inst.Name, FailProvisioningLabel) {
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
	inst.Address = drawAddress(w.seed, inst.ID, inst.starts)
	inst.starts++
	w.resumePeriod(inst)
}

func (w *World) failProvisioning(inst *Instance) {
	w.refund(inst, inst.PricePerHour*Credits(inst.RentalHours+inst.ExtendedHours), fmt.Sprintf("refund of %s: provisioning failed", inst.Name))
	inst.remaining = 0
	w.release(inst)
	w.rest(inst, StatusError, "provisioning failed: the host did not boot the machine")
}

// halt takes the machine down: no address, and the rental period stands still.
func (w *World) halt(inst *Instance) {
	inst.Address = ""
	w.pausePeriod(inst)
}

// release gives the GPUs back to the market, once.
func (w *World) release(inst *Instance) {
	if !inst.released {
		inst.released = true
		w.market.byID[inst.OfferID].GPUsAvailable += inst.GPUCount
	}
}

// remove makes a deleted instance disappear and settles its storage fee.
func (w *World) remove(inst *Instance) {
	w.chargeStorage(inst)
	w.release(inst)
	w.market.byID[inst.OfferID].DiskAvailableGB += inst.StorageGB
	inst.stepAt, inst.storageAt, inst.ExpiresAt = time.Time{}, time.Time{}, time.Time{}
	w.instances.remove(inst)
}

// require is a wrong-state error unless the instance has one of the statuses.
func require(inst *Instance, what string, statuses ...Status) error {
	if slices.Contains(statuses, inst.Status) {
		return nil
	}
	return &Error{Code: CodeWrongState, Message: fmt.Sprintf("instance %s is %s and cannot be %s", inst.Name, inst.Status, what)}
}

// command finds an instance, carries something out on it and returns it as it is then.
func (w *World) command(id string, do func(*Instance) error) (Instance, error) {
	inst, err := w.instance(id)
	if err != nil {
		return Instance{}, err
	}
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
			unused := Credits(inst.remaining / time.Hour)
			w.refund(inst, inst.PricePerHour*unused, fmt.Sprintf("refund of %s: %d unused hours", inst.Name, unused))
		}
		w.enter(inst, StatusDeleting, w.timings.Deleting)
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
		inst.Name = name
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
