package engine_test

import (
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

func TestLedger(t *testing.T) {
	t.Parallel()
	w := newWorld(t, credits(20))
	inst := w.rent("trainer")
	w.Deposit(10*engine.Credit, "top-up")

	want := []engine.Entry{
		{Number: 1, Type: engine.EntryPromotion, Amount: 20 * engine.Credit, BalanceAfter: 20 * engine.Credit},
		{Number: 2, Type: engine.EntryCharge, Amount: -12 * engine.Credit, BalanceAfter: 8 * engine.Credit, InstanceID: inst.ID},
		{Number: 3, Type: engine.EntryPayment, Amount: 10 * engine.Credit, BalanceAfter: 18 * engine.Credit},
	}
	got := w.Ledger()
	if len(got) != len(want) {
		t.Fatalf("the ledger has %d entries, want %d", len(got), len(want))
	}
	for i, e := range got {
		if e.Description == "" || !e.At.Equal(epoch) {
			t.Errorf("entry %d of %s says %q", e.Number, e.At, e.Description)
		}
		e.At, e.Description = want[i].At, ""
		if e != want[i] {
			t.Errorf("entry %d is %+v, want %+v", i+1, e, want[i])
		}
	}
}

func TestEntriesAreFoundByTheirIDOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e, err := w.Entry("txn_00000001")
	if err != nil || w.EntryID(e) != "txn_00000001" {
		t.Errorf("found %+v (%v)", e, err)
	}
	for _, id := range []string{"", "txn_1", "txn_00000000", "txn_00000002", "txn_-0000001", "txn_99999999999999999999", "ins_1", "txn_00000001 "} {
		if _, err := w.Entry(id); err == nil {
			t.Errorf("%q is found", id)
		}
	}
}

func TestAnEmptyAccountHasNoEntry(t *testing.T) {
	t.Parallel()
	if w := newWorld(t, credits(0)); len(w.Ledger()) != 0 || w.Balance() != 0 {
		t.Errorf("it has %d entries and %d credits", len(w.Ledger()), w.Balance())
	}
}

func TestSpendPerHour(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.running("a")
	w.running("b", func(r *engine.RentRequest) { r.GPUCount = 2 })
	w.rent("pending")
	if got := w.SpendPerHour(); got != 3*engine.Credit/2 {
		t.Errorf("three GPUs that run cost %d an hour, want 1.5 credits", got)
	}
}
