package engine_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// storageCharged is what an instance's storage has cost so far.
func storageCharged(w *testWorld, id string) (sum engine.Credits) {
	for _, e := range w.Ledger() {
		if e.InstanceID == id && strings.HasPrefix(e.Description, "storage of ") {
			sum -= e.Amount
		}
	}
	return sum
}

func gigabytes(n int) func(*engine.RentRequest) {
	return func(r *engine.RentRequest) { r.StorageGB = n }
}

func TestStorageFee(t *testing.T) {
	t.Parallel()
	const month = 30 * 24 * time.Hour
	for name, tc := range map[string]struct {
		gb   int
		kept time.Duration
		want engine.Credits // in micro-credits
	}{
		"a month of 10 GB":     {10, month, 2_000_000},
		"a day of 10 GB":       {10, 24 * time.Hour, 66_666},
		"an hour of 50 GB":     {50, time.Hour, 13_888},
		"a second of 10 GB":    {10, time.Second, 0},
		"a second of 1000 GB":  {1000, time.Second, 77},
		"two years of 1000 GB": {1000, 24 * month, 4_800_000_000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *engine.Config) { c.Timings.Deleting = 0 })
			inst := w.rent("x", gigabytes(tc.gb))
			w.pass(tc.kept)
			w.do(w.Delete(inst.ID))
			w.pass(0)
			if got := storageCharged(w, inst.ID); got != tc.want {
				t.Errorf("%s of %d GB cost %d micro-credits, want %d", tc.kept, tc.gb, got, tc.want)
			}
		})
	}
}

func TestStorageIsBilledStoppedAndTerminatedToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	inst := stopped(w)
	w.pass(3 * 24 * time.Hour)
	before := storageCharged(w, inst.ID)
	if before == 0 {
		t.Error("three days stopped cost no storage")
	}
	w.do(w.Start(inst.ID))
	w.pass(timings.Starting + 24*time.Hour)
	w.is(inst.ID, engine.StatusTerminated)
	ended := storageCharged(w, inst.ID)
	w.pass(10 * 24 * time.Hour)
	if storageCharged(w, inst.ID) == ended {
		t.Error("ten days terminated cost no storage")
	}
}

func TestStorageTakesTheBalanceBelowZeroAndThenNothingIsRented(t *testing.T) {
	t.Parallel()
	w := newWorld(t, credits(12))
	w.rent("x", gigabytes(1000))
	w.pass(30 * 24 * time.Hour)
	if w.Balance() >= 0 {
		t.Fatalf("the balance is %d, want it below 0", w.Balance())
	}
	_, err := w.Rent(request("y", func(r *engine.RentRequest) { r.OfferID = small }))
	refused(t, err, engine.CodeInsufficientCredits)
}

// The sum must not depend on when it is looked at.
func TestStorageSumDoesNotDependOnTheLooking(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		gb := rapid.IntRange(10, 1000).Draw(rt, "gb")
		steps := rapid.SliceOfN(rapid.Int64Range(0, int64(40*time.Hour)), 1, 20).Draw(rt, "steps")
		looked, unlooked := newWorld(t), newWorld(t)
		a, b := looked.rent("x", gigabytes(gb)), unlooked.rent("x", gigabytes(gb))
		var total time.Duration
		for _, step := range steps {
			total += time.Duration(step)
			looked.pass(time.Duration(step))
			_, _ = looked.Instance(a.ID)
		}
		unlooked.pass(total)
		looked.do(looked.Delete(a.ID))
		unlooked.do(unlooked.Delete(b.ID))
		looked.pass(timings.Deleting)
		unlooked.pass(timings.Deleting)
		got, want := storageCharged(looked, a.ID), storageCharged(unlooked, b.ID)
		seconds := int64((total + timings.Deleting) / time.Second)
		exact := engine.Credits(int64(gb) * seconds * 200_000 / 2_592_000)
		if got != want || got != exact {
			rt.Fatalf("%d GB for %d s cost %d with looking, %d without, want %d", gb, seconds, got, want, exact)
		}
	})
}
