package engine_test

import (
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

func TestARentalStartsByItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	inst := w.rent("trainer")
	if inst.Status != engine.StatusPending || inst.Address != "" || !inst.ExpiresAt.IsZero() {
		t.Errorf("just rented it is %s at %q until %s, want pending, nowhere and not counting", inst.Status, inst.Address, inst.ExpiresAt)
	}
	w.pass(timings.Pending - 1)
	w.is(inst.ID, engine.StatusPending)
	w.pass(1)
	w.is(inst.ID, engine.StatusProvisioning)
	w.pass(timings.Provisioning - 1)
	w.is(inst.ID, engine.StatusProvisioning)
	w.pass(1)
	inst = w.is(inst.ID, engine.StatusRunning)
	if inst.Address == "" {
		t.Error("it runs at no address")
	}
	if want := epoch.Add(boot + 24*time.Hour); !inst.ExpiresAt.Equal(want) {
		t.Errorf("it ends at %s, want 24 h after it began to run, %s", inst.ExpiresAt, want)
	}
}

func TestStopKeepsEverythingAndStartGivesANewAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	inst := w.running("trainer")
	was := inst.Address

	stopping := w.do(w.Stop(inst.ID))
	if stopping.Status != engine.StatusStopping || stopping.Address != "" {
		t.Errorf("after stop it is %s at %q, want stopping at no address", stopping.Status, stopping.Address)
	}
	w.pass(timings.Stopping)
	w.is(inst.ID, engine.StatusStopped)
	if got := w.free(big); got != 3 {
		t.Errorf("%d GPUs are free while it is stopped, want 3: its own stay reserved", got)
	}

	w.do(w.Start(inst.ID))
	w.is(inst.ID, engine.StatusStarting)
	w.pass(timings.Starting)
	if now := w.is(inst.ID, engine.StatusRunning).Address; now == was || now == "" {
		t.Errorf("started again it has the address %q, want another than %q", now, was)
	}
}

func TestDeleteWorksInEveryStatus(t *testing.T) {
	t.Parallel()
	reach := map[engine.Status]func(*testWorld) engine.Instance{
		engine.StatusPending: func(w *testWorld) engine.Instance { return w.rent("x") },
		engine.StatusProvisioning: func(w *testWorld) engine.Instance {
			inst := w.rent("x")
			w.pass(timings.Pending)
			return inst
		},
		engine.StatusRunning:  func(w *testWorld) engine.Instance { return w.running("x") },
		engine.StatusStopping: func(w *testWorld) engine.Instance { return w.do(w.Stop(w.running("x").ID)) },
		engine.StatusStopped:  stopped,
		engine.StatusStarting: func(w *testWorld) engine.Instance { return w.do(w.Start(stopped(w).ID)) },
		engine.StatusTerminated: func(w *testWorld) engine.Instance {
			inst := w.running("x")
			w.pass(24 * time.Hour)
			return inst
		},
		engine.StatusError: func(w *testWorld) engine.Instance {
			inst := w.rent("x" + engine.FailProvisioningLabel)
			w.pass(boot)
			return inst
		},
		engine.StatusDeleting: func(w *testWorld) engine.Instance {
			inst := w.rent("x")
			return w.do(w.Delete(inst.ID))
		},
	}
	for status, get := range reach {
		t.Run(string(status), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			inst := w.is(get(w).ID, status)
			if got := w.do(w.Delete(inst.ID)); got.Status != engine.StatusDeleting || got.Address != "" {
				t.Fatalf("after delete it is %s at %q", got.Status, got.Address)
			}
			w.pass(timings.Deleting - 1)
			w.is(inst.ID, engine.StatusDeleting)
			w.pass(1)
			_, err := w.Instance(inst.ID)
			refused(t, err, engine.CodeNotFound)

			o, _ := w.Offer(big)
			if o.GPUsAvailable != 4 || o.DiskAvailableGB != 1000 {
				t.Errorf("the host has %d GPUs and %d GB, want its 4 and 1000 back", o.GPUsAvailable, o.DiskAvailableGB)
			}
			booked := len(w.Ledger())
			w.pass(90 * 24 * time.Hour)
			if late := w.Ledger()[booked:]; len(late) > 0 {
				t.Errorf("after it was gone this was booked: %+v", late)
			}
		})
	}
}

func stopped(w *testWorld) engine.Instance {
	inst := w.do(w.Stop(w.running("x").ID))
	w.pass(timings.Stopping)
	return inst
}

func TestCommandsRefuseTheWrongStatus(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	running := w.running("running").ID
	pending := w.rent("pending").ID
	deleting := w.rent("deleting").ID
	w.do(w.Delete(deleting))

	for name, command := range map[string]func() (engine.Instance, error){
		"stop a pending one":      func() (engine.Instance, error) { return w.Stop(pending) },
		"start a running one":     func() (engine.Instance, error) { return w.Start(running) },
		"start a pending one":     func() (engine.Instance, error) { return w.Start(pending) },
		"stop one that goes":      func() (engine.Instance, error) { return w.Stop(deleting) },
		"extend one that goes":    func() (engine.Instance, error) { return w.Extend(deleting, 1, "") },
		"rename one that goes":    func() (engine.Instance, error) { return w.Rename(deleting, "other") },
		"renew one that goes":     func() (engine.Instance, error) { return w.SetAutoRenew(deleting, true) },
		"set keys of one that is": func() (engine.Instance, error) { return w.SetSSHKeys(deleting, nil) },
	} {
		before := w.Balance()
		_, err := command()
		if e := refused(t, err, engine.CodeWrongState); e.Message == "" {
			t.Errorf("%s: the refusal has no message", name)
		}
		if w.Balance() != before {
			t.Errorf("%s: refused, but the balance changed", name)
		}
	}
	_, err := w.Stop("ins_nobody")
	refused(t, err, engine.CodeNotFound)
}

func TestFailedProvisioningGivesEverythingBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	inst := w.rent("trainer" + engine.FailProvisioningLabel)
	w.do(w.Extend(inst.ID, 10, "")) // what was added meanwhile comes back too
	w.pass(boot)

	inst = w.is(inst.ID, engine.StatusError)
	if inst.StatusReason == "" || inst.Address != "" {
		t.Errorf("it failed because of %q and has the address %q", inst.StatusReason, inst.Address)
	}
	if inst.CostSoFar != 0 || w.Balance() != 1000*engine.Credit {
		t.Errorf("it cost %d and %d are left, want nothing and 1000 credits", inst.CostSoFar, w.Balance())
	}
	if got := w.free(big); got != 4 {
		t.Errorf("%d GPUs are free, want all 4", got)
	}
	last := w.Ledger()[len(w.Ledger())-1]
	if last.Type != engine.EntryRefund || last.Amount != 34*engine.Credit/2 {
		t.Errorf("the last entry is a %s of %d, want a refund of 34 h at half a credit", last.Type, last.Amount)
	}
}

func TestRename(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.rent("a"), w.rent("b")
	if got := w.do(w.Rename(a.ID, "c")); got.Name != "c" || got.ID != a.ID {
		t.Errorf("renamed it is %s (%s)", got.Name, got.ID)
	}
	w.do(w.Rename(a.ID, "c")) // its own name is not taken
	_, err := w.Rename(b.ID, "c")
	if e := refused(t, err, engine.CodeValidation); e.Fields["name"] == nil {
		t.Errorf("the refusal names %v, want name", e.Fields)
	}
	if again := w.rent("a"); again.ID == a.ID {
		t.Error("two instances have one id")
	}
}
