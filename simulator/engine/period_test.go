package engine_test

import (
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

func TestWithoutRenewalTheRentalEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	inst := w.running("trainer")
	w.pass(24*time.Hour - 1)
	w.is(inst.ID, engine.StatusRunning)
	w.pass(1)
	inst = w.is(inst.ID, engine.StatusTerminated)
	if inst.StatusReason == "" || inst.Address != "" || !inst.ExpiresAt.IsZero() || inst.Remaining(w.Now()) != 0 {
		t.Errorf("terminated it has the reason %q, the address %q and ends at %s", inst.StatusReason, inst.Address, inst.ExpiresAt)
	}
	if got := w.free(big); got != 4 {
		t.Errorf("%d GPUs are free, want all 4: its rental has ended", got)
	}
	_, err := w.Start(inst.ID)
	refused(t, err, engine.CodeWrongState)
	_, err = w.Extend(inst.ID, 1, "")
	refused(t, err, engine.CodeWrongState)
}

func TestRenewalRepeatsTheRentedPeriodOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	inst := w.running("trainer", autoRenew)
	w.do(w.Extend(inst.ID, 6, ""))
	paid := w.Balance()
	w.pass(30 * time.Hour)

	inst = w.is(inst.ID, engine.StatusRunning)
	if want := epoch.Add(boot + 30*time.Hour + 24*time.Hour); !inst.ExpiresAt.Equal(want) {
		t.Errorf("renewed it ends at %s, want %s", inst.ExpiresAt, want)
	}
	if inst.RentalHours != 24 || inst.ExtendedHours != 6 {
		t.Errorf("renewed it has %d + %d hours, want 24 + 6 as before", inst.RentalHours, inst.ExtendedHours)
	}
	storage := storageCharged(w, inst.ID)
	if cost := paid - w.Balance() - storage; cost != 12*engine.Credit {
		t.Errorf("the renewal cost %d, want 24 h at half a credit", cost)
	}
}

func TestManyRenewalsInOneAdvance(t *testing.T) {
	t.Parallel()
	w := newWorld(t, credits(100))
	inst := w.running("trainer", autoRenew, func(r *engine.RentRequest) { r.RentalHours = 1 })
	w.pass(48 * time.Hour)
	// 48 h have passed since it began to run; the 49th is paid for in advance.
	inst = w.is(inst.ID, engine.StatusRunning)
	if spent := inst.CostSoFar - storageCharged(w, inst.ID); spent != 49*engine.Credit/2 {
		t.Errorf("48 h cost %d, want 49 h at half a credit", spent)
	}
}

func TestRenewalWithoutCredits(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		policy engine.Policy
		want   engine.Status
	}{
		"terminates":         {engine.Policy{}, engine.StatusTerminated},
		"stops, if so asked": {engine.Policy{StopOnFailedRenewal: true}, engine.StatusStopped},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, credits(13), policy(tc.policy))
			inst := w.running("trainer", autoRenew)
			w.pass(24*time.Hour + timings.Stopping)
			inst = w.is(inst.ID, tc.want)
			if inst.StatusReason == "" {
				t.Error("nothing says why")
			}
			if inst.CostSoFar-storageCharged(w, inst.ID) != 12*engine.Credit {
				t.Errorf("it cost %d, want the first period only", inst.CostSoFar)
			}
		})
	}
}

func TestAStoppedRenewalGoesOnWhenThereAreCreditsAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, credits(13), policy(engine.Policy{StopOnFailedRenewal: true}))
	inst := w.running("trainer", autoRenew)
	w.pass(24*time.Hour + timings.Stopping)
	w.Deposit(20*engine.Credit, "top-up")
	w.do(w.Start(inst.ID))
	w.pass(timings.Starting)
	inst = w.is(inst.ID, engine.StatusRunning)
	if got := inst.Remaining(w.Now()); got != 24*time.Hour || inst.StatusReason != "" {
		t.Errorf("it has %s left and the reason %q, want a period of 24 h and no reason", got, inst.StatusReason)
	}
}

func TestAutoRenewCanBeSwitched(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	on, off := w.running("on"), w.running("off", autoRenew)
	w.do(w.SetAutoRenew(on.ID, true))
	w.do(w.SetAutoRenew(off.ID, false))
	w.pass(25 * time.Hour)
	w.is(on.ID, engine.StatusRunning)
	w.is(off.ID, engine.StatusTerminated)
}

func TestStopPausesThePeriod(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	inst := w.running("trainer")
	w.pass(10 * time.Hour)
	w.do(w.Stop(inst.ID))
	w.pass(100 * 24 * time.Hour)
	inst = w.is(inst.ID, engine.StatusStopped)
	if got := inst.Remaining(w.Now()); got != 14*time.Hour || !inst.ExpiresAt.IsZero() {
		t.Errorf("stopped after 10 h it has %s left until %s, want 14 h and no end", got, inst.ExpiresAt)
	}
	if w.SpendPerHour() != 0 {
		t.Errorf("stopped it costs %d an hour, want nothing", w.SpendPerHour())
	}
	w.do(w.Start(inst.ID))
	w.pass(timings.Starting + 14*time.Hour - 1)
	w.is(inst.ID, engine.StatusRunning)
	w.pass(1)
	w.is(inst.ID, engine.StatusTerminated)
}

func TestExtend(t *testing.T) {
	t.Parallel()
	for name, get := range map[string]func(*testWorld) engine.Instance{
		"pending": func(w *testWorld) engine.Instance { return w.rent("x") },
		"running": func(w *testWorld) engine.Instance { return w.running("x") },
		"stopped": stopped,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			before, _ := w.Instance(get(w).ID)
			balance := w.Balance()
			after := w.do(w.Extend(before.ID, 5, ""))
			if got := after.Remaining(w.Now()) - before.Remaining(w.Now()); got != 5*time.Hour {
				t.Errorf("5 h added %s", got)
			}
			if after.ExtendedHours != 5 || after.RentalHours != 24 {
				t.Errorf("it has %d + %d hours, want 24 + 5", after.RentalHours, after.ExtendedHours)
			}
			if cost := balance - w.Balance(); cost != 5*engine.Credit/2 {
				t.Errorf("5 h cost %d, want 2.5 credits", cost)
			}
		})
	}
}

func TestExtendMovesTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	inst := w.running("trainer")
	w.do(w.Extend(inst.ID, 1, ""))
	w.do(w.Extend(inst.ID, 2, ""))
	w.pass(27*time.Hour - 1)
	w.is(inst.ID, engine.StatusRunning)
	w.pass(1)
	w.is(inst.ID, engine.StatusTerminated)
}

func TestExtendRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t, credits(1_000_000))
	inst := w.running("trainer")
	for _, n := range []int{0, -1, 8761} {
		_, err := w.Extend(inst.ID, n, "")
		if e := refused(t, err, engine.CodeValidation); e.Fields["hours"] == nil {
			t.Errorf("%d h: the refusal names %v, want hours", n, e.Fields)
		}
	}
	_, err := w.Extend("ins_nobody", 1, "")
	refused(t, err, engine.CodeNotFound)

	// Extensions without end would outgrow what a duration can hold.
	for range 10 {
		w.do(w.Extend(inst.ID, 8760, ""))
	}
	_, err = w.Extend(inst.ID, 1, "")
	refused(t, err, engine.CodeValidation)

	poor := newWorld(t, credits(13))
	inst = poor.running("trainer")
	_, err = poor.Extend(inst.ID, 3, "")
	if e := refused(t, err, engine.CodeInsufficientCredits); e.Needed != 3*engine.Credit/2 || e.Balance != engine.Credit {
		t.Errorf("it needs %d of %d, want 1.5 of 1 credit", e.Needed, e.Balance)
	}
	poor.do(poor.Extend(inst.ID, 2, "")) // exactly what is left
}
