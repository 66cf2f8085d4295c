package engine_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// thousand is a world of a thousand instances that renew themselves daily.
func thousand(t testing.TB) *testWorld {
	w := newWorld(t, credits(100_000_000), func(c *engine.Config) {
		c.Market = engine.NewMarket([]engine.Offer{{
			ID: big, GPUModel: "RTX 4090", GPUsTotal: 1000, GPUsAvailable: 1000, DiskAvailableGB: 100_000,
			OS: []engine.OS{engine.Linux}, PricePerGPUHour: engine.Credit / 2,
		}})
	})
	for i := range 1000 {
		w.rent(fmt.Sprintf("trainer-%d", i), autoRenew)
	}
	return w
}

func TestAYearOfAThousandInstances(t *testing.T) {
	t.Parallel()
	w := thousand(t)
	w.pass(365 * 24 * time.Hour)
	entries := 1 + 1000 + 1000*364 + 1000*365 // opening, rentals, renewals, days of storage
	if len(w.Ledger()) != entries {
		t.Errorf("%d entries, want %d", len(w.Ledger()), entries)
	}
	var sum engine.Credits
	for _, e := range w.Ledger() {
		sum += e.Amount
	}
	if sum != w.Balance() {
		t.Errorf("they sum up to %d, the balance is %d", sum, w.Balance())
	}
}

func BenchmarkAYearOfAThousandInstances(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		w := thousand(b)
		b.StartTimer()
		w.pass(365 * 24 * time.Hour)
	}
}

func BenchmarkRent(b *testing.B) {
	w := newWorld(b, credits(1_000_000_000_000), func(c *engine.Config) {
		c.Market = engine.NewMarket([]engine.Offer{{
			ID: big, GPUModel: "RTX 4090", GPUsTotal: 1 << 40, GPUsAvailable: 1 << 40, DiskAvailableGB: 1 << 40,
			OS: []engine.OS{engine.Linux}, PricePerGPUHour: 1,
		}})
	})
	n := 0
	for b.Loop() {
		n++
		w.rent(fmt.Sprintf("trainer-%d", n))
	}
}
