package engine

import (
	"strings"
	"time"
)

// What befalls an account or a machine from outside. Package fault decides
// when; here is what it does to the world.

// FailProvisioningLabel, anywhere in an instance's name, makes its provisioning
// fail: a program that can set no header asks for the fault so.
const FailProvisioningLabel = "--sim-fail-provisioning"

// WithdrawOffer takes an offer off the market, as when somebody else rents it
// between a list and a create. What runs on it goes on.
func (w *World) WithdrawOffer(id string) error {
	if _, ok := w.market.offer(id); !ok {
		return notFound("offer", id)
	}
	w.withdraw(id)
	return nil
}

func (w *World) withdraw(offerID string) {
	o := w.editOffer(offerID)
	o.GPUsAvailable, o.Withdrawn, o.apart = 0, true, true
}

// FailProvisioning lets the provisioning of an instance that is on its way fail
// for a reason, when it would have been done.
func (w *World) FailProvisioning(id, reason string) error {
	_, err := w.command(id, func(inst *Instance) error {
		if err := require(inst, "made to fail", StatusPending, StatusProvisioning); err != nil {
			return err
		}
		inst.Doomed = reason
		return nil
	})
	return err
}

// KillHost lets the host of an instance die after a time, and with it every
// instance on it. A delay of zero is at once.
func (w *World) KillHost(id string, after time.Duration) error {
	_, err := w.command(id, func(inst *Instance) error {
		w.due.move(inst, eventDeath, &inst.DiesAt, w.now.Add(max(after, 0)))
		return nil
	})
	if err == nil && after <= 0 {
		w.settleTo(w.now)
	}
	return err
}

// hostDied ends every instance of a host and takes it off the market. The whole
// hours that are left are refunded (our choice; Pictor documents nothing).
func (w *World) hostDied(victim *Instance) {
	w.withdraw(victim.OfferID)
	for _, found := range w.Instances(func(i *Instance) bool { return i.OfferID == victim.OfferID }) {
		if requireKept(&found, "lost") != nil {
			continue // it has ended already
		}
		known, _ := w.instances.ordered.Get(found.Ordinal)
		inst := w.edit(known)
		w.halt(inst)
		w.refundUnused(inst)
		inst.Left = 0
		w.release(inst)
		w.rest(inst, StatusError, "the host died")
	}
}

// DelaySSH lets SSH refuse for a time after an instance has begun to run, each
// time it does.
func (w *World) DelaySSH(id string, d time.Duration) error {
	_, err := w.command(id, func(inst *Instance) error {
		inst.SSHDelay = max(d, 0)
		if !inst.ReachableAt.IsZero() {
			inst.ReachableAt = w.now.Add(inst.SSHDelay)
		}
		return nil
	})
	return err
}

// DrainCredits takes the account's credits away, down to zero.
func (w *World) DrainCredits() {
	if w.ledger.balance > 0 {
		w.book(EntryAdjustment, -w.ledger.balance, "", "the credits ran out")
	}
}

// doom reads the label that makes provisioning fail.
func doom(name string) string {
	if strings.Contains(name, FailProvisioningLabel) {
		return "the host did not boot the machine"
	}
	return ""
}
