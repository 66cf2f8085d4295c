package engine

import (
	"fmt"
	"time"
)

// day is how often storage is charged.
const day = 24 * time.Hour

// resumePeriod lets the rental period run from now.
func (w *World) resumePeriod(inst *Instance) {
	w.setExpiry(inst, w.now.Add(inst.Left))
	inst.Left = 0
}

// pausePeriod keeps what is left of the rental period.
func (w *World) pausePeriod(inst *Instance) {
	inst.Left = inst.Remaining(w.now)
	w.setExpiry(inst, time.Time{})
}

// setExpiry says when the rental period ends; a zero time is for a period that
// does not run.
func (w *World) setExpiry(inst *Instance, at time.Time) {
	if !inst.ExpiresAt.IsZero() {
		w.instances.spend -= inst.PricePerHour
	}
	if !at.IsZero() {
		w.instances.spend += inst.PricePerHour
	}
	w.due.move(inst, eventExpire, &inst.ExpiresAt, at)
}

// expire renews a rental period that has ended, or ends the instance.
func (w *World) expire(inst *Instance) {
	if !inst.AutoRenew {
		w.terminate(inst, "the rental period ended and auto-renew was off")
		return
	}
	price := inst.PricePerHour * Credits(inst.RentalHours)
	if err := w.requireCredits(price); err != nil {
		const reason = "the rental period ended and the credits did not suffice to renew it"
		if w.policy.StopOnFailedRenewal {
			w.halt(inst)
			w.enter(inst, StatusStopping, w.timings.Stopping)
			inst.StatusReason = reason
			return
		}
		w.terminate(inst, reason)
		return
	}
	w.charge(inst, price, fmt.Sprintf("renewal of %s: %d h", inst.Name, inst.RentalHours))
	w.setExpiry(inst, inst.ExpiresAt.Add(hours(inst.RentalHours)))
}

// terminate ends an instance: its GPUs are free again, its storage is kept, and
// billed, until it is deleted.
func (w *World) terminate(inst *Instance, reason string) {
	w.halt(inst)
	w.release(inst)
	w.rest(inst, StatusTerminated, reason)
}

// Extend adds whole hours to a rental and charges them at once.
func (w *World) Extend(id string, n int, idempotencyKey string) (Instance, error) {
	fingerprint := func(b []byte) []byte { return fmt.Appendf(b, "extend\x00%s\x00%d", id, n) }
	return w.once(idempotencyKey, fingerprint, func() (*Instance, error) {
		bad := Fields{}
		checkHours(bad, "hours", n)
		if err := bad.Err(); err != nil {
			return nil, err
		}
		inst, err := w.instance(id)
		if err != nil {
			return nil, err
		}
		if err := requireKept(inst, "extended"); err != nil {
			return nil, err
		}
		if inst.ExtendedHours+n > maxExtendedHours {
			bad.Add("hours", "all extensions of a rental together may not pass %d; %s has %d", maxExtendedHours, inst.Name, inst.ExtendedHours)
			return nil, bad.Err()
		}
		price := inst.PricePerHour * Credits(n)
		if err := w.requireCredits(price); err != nil {
			return nil, err
		}
		inst = w.edit(inst)
		w.charge(inst, price, fmt.Sprintf("extension of %s: %d h", inst.Name, n))
		inst.ExtendedHours += n
		if inst.ExpiresAt.IsZero() {
			inst.Left += hours(n)
		} else {
			w.setExpiry(inst, inst.ExpiresAt.Add(hours(n)))
		}
		return inst, nil
	})
}

// SetAutoRenew switches the renewal at the end of the rental period.
func (w *World) SetAutoRenew(id string, on bool) (Instance, error) {
	return w.command(id, func(inst *Instance) error {
		if err := requireKept(inst, "renewed"); err != nil {
			return err
		}
		inst.AutoRenew = on
		return nil
	})
}

// scheduleStorage sets the next day's end at which storage is charged.
func (w *World) scheduleStorage(inst *Instance) {
	days := w.now.Sub(inst.CreatedAt)/day + 1
	w.due.move(inst, eventStorage, &inst.StorageAt, inst.CreatedAt.Add(days*day))
}

// chargeStorage charges what the storage has cost and was not charged yet. It
// may take the balance below zero; then nothing can be rented, extended or
// renewed until the account is topped up.
func (w *World) chargeStorage(inst *Instance) {
	fee := storageFee(inst.StorageGB, w.now.Sub(inst.CreatedAt))
	w.charge(inst, fee-inst.Stored, fmt.Sprintf("storage of %s: %d GB", inst.Name, inst.StorageGB))
	inst.Stored = fee
}
