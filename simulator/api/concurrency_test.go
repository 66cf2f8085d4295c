package api_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

// Many want the same machine at once: as many get it as it has GPUs, and
// nobody else pays.
func TestManyRentTheSameHost(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	offer := c.offer("gpu_count=4&os=linux")
	var rented atomic.Int64
	var wait sync.WaitGroup
	for i := range 24 {
		body := c.rental(fmt.Sprintf("trainer-%d", i), object{"offer_id": offer.Id})
		wait.Go(func() {
			switch a := c.call("POST", "/gpu-instances", body); a.status {
			case 201:
				rented.Add(1)
			case 409:
			default:
				t.Errorf("answered %d %s", a.status, a.body)
			}
		})
	}
	wait.Wait()
	if int(rented.Load()) != offer.GpusAvailable || len(c.Instances()) != offer.GpusAvailable {
		t.Errorf("%d were rented and %d are there, want the host's %d", rented.Load(), len(c.Instances()), offer.GpusAvailable)
	}
	if got, want := c.account().Balance, 100*wire.Credit-wire.Credits(offer.GpusAvailable)*offer.PricePerGpuHour; got != want {
		t.Errorf("the balance is %s, want %s", got, want)
	}
}

// One name at once is rented once, and one idempotency key charges once.
func TestManyRentTheSameName(t *testing.T) {
	t.Parallel()
	for name, headers := range map[string][]string{"the name": nil, "the key": {"Idempotency-Key", "k"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCaller(t)
			body := c.rental("trainer", nil)
			var wait sync.WaitGroup
			var made atomic.Int64
			for range 16 {
				wait.Go(func() {
					if c.call("POST", "/gpu-instances", body, headers...).status == 201 {
						made.Add(1)
					}
				})
			}
			wait.Wait()
			want := map[bool]int64{true: 1, false: 16}[headers == nil]
			if made.Load() != want || len(c.Instances()) != 1 || len(c.Ledger()) != 2 {
				t.Errorf("%d were told it was made, want %d; %d instances, %d entries", made.Load(), want, len(c.Instances()), len(c.Ledger()))
			}
		})
	}
}

// Everything at once: nothing panics, every answer fits the contract (the
// simulator would answer 500), and the ledger is right at the end.
func TestEverythingAtOnce(t *testing.T) {
	t.Parallel()
	c := newCaller(t, simtest.Credits(10_000))
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			name := fmt.Sprintf("trainer-%d", i)
			a := c.call("POST", "/gpu-instances", c.rental(name, nil))
			if a.status != 201 {
				return // another one took the last GPU
			}
			path := "/gpu-instances/" + string(into[wire.Instance](a).Id)
			for _, request := range []string{
				"GET " + path, "GET /gpu-instances", "GET " + path, "GET " + path, "POST " + path + "/stop", "GET /account",
				"GET /transactions", "GET /gpu-instances/offers?sort=-vram", "GET " + path, "POST " + path + "/start", "GET " + path, "DELETE " + path, "GET " + path, "GET " + path,
			} {
				method, path, _ := strings.Cut(request, " ")
				if a := c.call(method, path, nil); a.status >= 500 {
					t.Errorf("%s is answered %d %s", a.what, a.status, a.body)
				}
			}
		})
	}
	wait.Wait()
	var sum engine.Credits
	for _, e := range c.Ledger() {
		sum += e.Amount
	}
	if wire.Credits(sum) != c.account().Balance {
		t.Errorf("the ledger sums up to %d, the balance is %s", sum, c.account().Balance)
	}
}
