package engine_test

import (
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

var epoch = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// The transitions of the tests' worlds; all different, so that none is taken
// for another.
var timings = engine.Timings{
	Pending: time.Second, Provisioning: 4 * time.Second,
	Stopping: 2 * time.Second, Starting: 3 * time.Second, Deleting: 6 * time.Second,
}

const boot = 5 * time.Second // pending and provisioning

const (
	big   = "off_big"   // 4 GPUs at 0.5 credits an hour, Linux and Windows
	small = "off_small" // 1 GPU at 2 credits an hour, Linux only
)

// testWorld is a world whose clock stands still until a test moves it.
type testWorld struct {
	*engine.World
	t testing.TB
}

// newWorld makes a world with 1000 credits, changed by options.
func newWorld(t testing.TB, options ...func(*engine.Config)) *testWorld {
	cfg := engine.Config{
		Seed: 1, Credits: 1000 * engine.Credit, Timings: timings,
		Clock: engine.Clock{Origin: epoch, Wall: epoch},
		Market: engine.NewMarket([]engine.Offer{
			{
				ID: big, GPUModel: "RTX 4090", GPUVRAMGB: 24, GPUsTotal: 4, GPUsAvailable: 4, VCPUsPerGPU: 16, RAMGBPerGPU: 64,
				DiskAvailableGB: 1000, OS: []engine.OS{engine.Linux, engine.Windows}, PricePerGPUHour: engine.Credit / 2,
			},
			{
				ID: small, GPUModel: "H100", GPUVRAMGB: 80, GPUsTotal: 1, GPUsAvailable: 1, VCPUsPerGPU: 24, RAMGBPerGPU: 192,
				DiskAvailableGB: 100, OS: []engine.OS{engine.Linux}, PricePerGPUHour: 2 * engine.Credit,
			},
		}),
	}
	for _, o := range options {
		o(&cfg)
	}
	return &testWorld{World: engine.New(cfg, epoch), t: t}
}

func credits(n engine.Credits) func(*engine.Config) {
	return func(c *engine.Config) { c.Credits = n * engine.Credit }
}

func policy(p engine.Policy) func(*engine.Config) {
	return func(c *engine.Config) { c.Policy = p }
}

// request is a rental of one GPU for a day, changed by options.
func request(name string, options ...func(*engine.RentRequest)) engine.RentRequest {
	r := engine.RentRequest{
		Name: name,
		Spec: engine.Spec{OfferID: big, OS: engine.Linux, GPUCount: 1, StorageGB: 10, RentalHours: 24},
	}
	for _, o := range options {
		o(&r)
	}
	return r
}

func autoRenew(r *engine.RentRequest) { r.AutoRenew = true }

func (w *testWorld) pass(d time.Duration) { w.Advance(d, epoch) }

func (w *testWorld) rent(name string, options ...func(*engine.RentRequest)) engine.Instance {
	w.t.Helper()
	inst, err := w.Rent(request(name, options...))
	if err != nil {
		w.t.Fatalf("rent %s: %v", name, err)
	}
	return inst
}

// running rents an instance and waits until it runs.
func (w *testWorld) running(name string, options ...func(*engine.RentRequest)) engine.Instance {
	w.t.Helper()
	id := w.rent(name, options...).ID
	w.pass(boot)
	return w.is(id, engine.StatusRunning)
}

// is fails the test unless the instance has the status.
func (w *testWorld) is(id string, want engine.Status) engine.Instance {
	w.t.Helper()
	inst, err := w.Instance(id)
	if err != nil || inst.Status != want {
		w.t.Fatalf("instance %s is %q (%v), want %q", id, inst.Status, err, want)
	}
	return inst
}

// do fails the test when a command refused.
func (w *testWorld) do(inst engine.Instance, err error) engine.Instance {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	return inst
}

func (w *testWorld) all() []engine.Instance {
	return w.Instances(func(*engine.Instance) bool { return true })
}

func (w *testWorld) free(offer string) int {
	w.t.Helper()
	o, err := w.Offer(offer)
	if err != nil {
		w.t.Fatal(err)
	}
	return o.GPUsAvailable
}

// refused fails the test unless err is a refusal with the code.
func refused(t testing.TB, err error, want engine.Code) *engine.Error {
	t.Helper()
	e, ok := err.(*engine.Error)
	if !ok || e.Code != want {
		t.Fatalf("got the error %v, want one with the code %s", err, want)
	}
	if e.Error() == "" {
		t.Errorf("a refusal with the code %s has no text", want)
	}
	return e
}

// offers are copies of all offers, so that nothing changes them afterwards.
func (w *testWorld) offers() (all []engine.Offer) {
	for _, o := range w.Offers(func(*engine.Offer) bool { return true }) {
		all = append(all, *o)
	}
	return all
}
