package engine_test

import (
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

func TestAWithdrawnOfferIsGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	inst := w.running("x")
	if err := w.WithdrawOffer(big); err != nil {
		t.Fatal(err)
	}
	w.is(inst.ID, engine.StatusRunning) // what runs goes on
	_, err := w.Rent(request("y"))
	refused(t, err, engine.CodeNoCapacity)
	w.do(w.Delete(inst.ID))
	w.pass(time.Hour)
	if w.free(big) != 0 {
		t.Error("its GPUs are offered again")
	}
	refused(t, w.WithdrawOffer("off_nothing"), engine.CodeNotFound)
}

func TestProvisioningThatIsMadeToFail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	inst := w.rent("x")
	if err := w.FailProvisioning(inst.ID, "no power"); err != nil {
		t.Fatal(err)
	}
	w.pass(boot)
	if got := w.is(inst.ID, engine.StatusError); got.StatusReason != "provisioning failed: no power" || got.CostSoFar != 0 {
		t.Errorf("it is %+v, want the reason and a full refund", got)
	}
	running := w.running("y")
	refused(t, w.FailProvisioning(running.ID, "too late"), engine.CodeWrongState)
}

func TestAHostThatDiesTakesItsInstancesAlong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.running("a"), w.running("b", func(r *engine.RentRequest) { r.RentalHours = 48 })
	other := w.running("c", func(r *engine.RentRequest) { r.OfferID = small })
	if err := w.KillHost(a.ID, 90*time.Minute); err != nil {
		t.Fatal(err)
	}
	w.pass(89 * time.Minute)
	w.is(a.ID, engine.StatusRunning)
	w.pass(2 * time.Minute)
	for id, unused := range map[string]engine.Credits{a.ID: 22, b.ID: 46} {
		got := w.is(id, engine.StatusError)
		paid := got.PricePerHour * engine.Credits(got.RentalHours)
		if got.StatusReason != "the host died" || got.Address != "" || got.CostSoFar != paid-unused*got.PricePerHour {
			t.Errorf("it is %+v, want a refund of %d hours", got, unused)
		}
	}
	w.is(other.ID, engine.StatusRunning)
	if w.free(big) != 0 {
		t.Error("the dead host is still offered")
	}
	if err := w.KillHost(other.ID, 0); err != nil {
		t.Fatal(err)
	}
	w.is(other.ID, engine.StatusError)
	refused(t, w.KillHost("ins_nobody", 0), engine.CodeNotFound)
}

func TestSSHThatComesLate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	inst := w.rent("x")
	if err := w.DelaySSH(inst.ID, time.Minute); err != nil {
		t.Fatal(err)
	}
	w.pass(boot)
	if got := w.is(inst.ID, engine.StatusRunning); !got.ReachableAt.Equal(epoch.Add(boot + time.Minute)) {
		t.Errorf("SSH answers from %s on, want a minute after it runs", got.ReachableAt)
	}
	w.do(w.Stop(inst.ID))
	w.pass(timings.Stopping)
	if got := w.is(inst.ID, engine.StatusStopped); !got.ReachableAt.IsZero() {
		t.Errorf("stopped, SSH answers from %s on", got.ReachableAt)
	}
}

func TestCreditsThatRunOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.DrainCredits()
	w.DrainCredits() // nothing is left to take
	if w.Balance() != 0 || len(w.Ledger()) != 2 {
		t.Errorf("%d are left after %d entries", w.Balance(), len(w.Ledger()))
	}
	_, err := w.Rent(request("x"))
	refused(t, err, engine.CodeInsufficientCredits)
}

func TestPoliciesOfOtherServices(t *testing.T) {
	t.Parallel()
	w := newWorld(t, policy(engine.Policy{NumericIDs: true, DeleteAtOnce: true}))
	key, err := w.AddSSHKey("laptop", keyA)
	if err != nil || key.ID != "1" {
		t.Errorf("the key's id is %s (%v), want a number", key.ID, err)
	}
	a, b := w.rent("a"), w.rent("b")
	if a.ID != "1" || b.ID != "2" {
		t.Errorf("the ids are %s and %s, want numbers that count up", a.ID, b.ID)
	}
	if e, err := w.Entry("2"); err != nil || e.InstanceID != "1" {
		t.Errorf("entry 2 is %+v (%v)", e, err)
	}
	if gone := w.do(w.Delete(a.ID)); gone.Status != engine.StatusDeleting {
		t.Errorf("deleted it is %s", gone.Status)
	}
	if _, err := w.Instance(a.ID); err == nil {
		t.Error("it is still there")
	}
	if c := w.rent("a"); c.ID != "3" {
		t.Errorf("the next id is %s: an id was given twice", c.ID)
	}
}
