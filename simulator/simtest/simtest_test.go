package simtest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/market"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

func TestTime(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t, simtest.Clock("frozen"), simtest.Timings(engine.Timings{Pending: time.Second, Provisioning: time.Minute}))
	r := newRenter(t, sim)
	machine := r.rent("trainer", 2)
	if sim.Now() != engine.Epoch || sim.Instances()[0].Status != engine.StatusPending {
		t.Errorf("at %s it is %s", sim.Now(), sim.Instances()[0].Status)
	}
	sim.Advance(time.Second)
	if got := sim.Instances()[0].Status; got != engine.StatusProvisioning {
		t.Errorf("a second later it is %s", got)
	}
	if got := sim.RunUntil("trainer", engine.StatusRunning); got.Status != engine.StatusRunning || sim.Now() != engine.Epoch.Add(61*time.Second) {
		t.Errorf("at %s it is %s", sim.Now(), got.Status)
	}
	sim.AdvanceTo(engine.Epoch.Add(3 * time.Hour))
	sim.AdvanceTo(engine.Epoch) // has passed
	if got, err := r.GetInstance(t.Context(), machine.Id); err != nil || got.Status != pictor.StatusTerminated || sim.Now() != engine.Epoch.Add(3*time.Hour) {
		t.Errorf("at %s it is %s (%v)", sim.Now(), got.Status, err)
	}
}

func TestWhatCannotComeAboutEndsTheTest(t *testing.T) {
	t.Parallel()
	for instance, want := range map[string]string{
		"nobody":  `the simulator's clock: no instance has the id or the name "nobody"`,
		"trainer": "the simulator's clock: Instance trainer (",
	} {
		ended := true
		said := record(func(tb testing.TB) {
			sim := simtest.New(tb)
			newRenter(t, sim).rent("trainer", 1)
			sim.RunUntil(instance, engine.StatusStopped)
			ended = false
		})
		if !ended || !strings.HasPrefix(said, want) {
			t.Errorf("%s: ended %v, it said %q", instance, ended, said)
		}
	}
}

func TestMoney(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t, simtest.Credits(50))
	machine := newRenter(t, sim).rent("trainer", 10)
	price := 10 * engine.Credits(machine.PricePerHour)
	bill := sim.Bill()
	if sim.Cost() != price || bill.Total != price || len(bill.Lines) != 1 || sim.Balance() != 50*engine.Credit-price {
		t.Errorf("it costs %d, the bill is %+v, the balance %d; ten hours cost %d", sim.Cost(), bill, sim.Balance(), price)
	}
	if ledger := sim.Ledger(); len(ledger) != 2 || ledger[1].Amount != -price || ledger[1].InstanceID != string(machine.Id) {
		t.Errorf("the ledger is %+v", ledger)
	}
}

func TestRequests(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t)
	hit := sim.Fault(fault.Plan{Operation: "createInstance", Phase: fault.After, Effect: fault.Reset{}})
	r := newRenter(t, sim)
	if _, err := r.try("trainer", 1); !pictor.IsCode(err, pictor.CodeAmbiguous) {
		t.Errorf("the answer was not lost: %v", err)
	}
	r.rent("second", 1)
	if got := sim.Requests(); len(got) != 2 || got[0].Operation != "createInstance" {
		t.Errorf("there are %d requests, the first one of %s", len(got), got[0].Operation)
	}
	if got := sim.Requests(simtest.Operation("createInstance"), simtest.Status(201)); len(got) != 1 || !strings.Contains(string(got[0].Answer.Data), `"second"`) {
		t.Errorf("of those that were answered there are %d", len(got))
	}
	if got := sim.Requests(simtest.Faulty); len(got) != 1 || got[0].Status != 0 || hit.Fired() != 1 {
		t.Errorf("%d requests were hit", len(got))
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t, simtest.Seed(3), simtest.Market(market.Shape{Hosts: 5, Models: []string{"H100"}}), simtest.RateLimit(2, time.Hour))
	r := newRenter(t, sim)
	offers, err := r.ListOffers(t.Context(), pictor.OfferFilter{})
	if err != nil || len(offers) == 0 || len(offers) > 5 || offers[0].GpuModel != "H100" {
		t.Errorf("the market is %+v (%v)", offers, err)
	}
	// Another simulator with the same seed has the same market; another seed has not.
	for seed, same := range map[uint64]bool{3: true, 4: false} {
		other := newRenter(t, simtest.New(t, simtest.Seed(seed), simtest.Market(market.Shape{Hosts: 5, Models: []string{"H100"}})))
		if got, err := other.ListOffers(t.Context(), pictor.OfferFilter{}); err != nil || (got[0].Id == offers[0].Id) != same {
			t.Errorf("the market of seed %d is %+v (%v)", seed, got, err)
		}
	}
}

func TestADataFileGoesOn(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "world.db")
	first := simtest.New(t, simtest.Data(file))
	newRenter(t, first).rent("trainer", 1)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := simtest.New(t, simtest.Data(file), simtest.FailOnLeak(), simtest.Budget("0")) // of which this one is innocent
	if got := second.Instances(); len(got) != 1 || got[0].Name != "trainer" || second.Cost() != 0 {
		t.Errorf("it goes on with %+v, and is to pay %d", got, second.Cost())
	}
}

func TestForksAndSnapshots(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t, simtest.Credits(40))
	newRenter(t, sim).rent("trainer", 10)
	fork := sim.Fork()
	third := simtest.New(t, simtest.From(sim.Snapshot()))
	for _, other := range []*simtest.Sim{fork, third} {
		if other.APIKey == sim.APIKey || other.URL == sim.URL || other.Balance() != sim.Balance() {
			t.Errorf("the other one is %+v with %d credits", other, other.Balance())
		}
		r := newRenter(t, other)
		r.rent("second", 10)
		other.RunUntil("trainer", engine.StatusTerminated)
		if n := len(other.Instances()); n != 2 {
			t.Errorf("the other one has %d machines", n)
		}
	}
	if got := sim.Instances(); len(got) != 1 || got[0].Status != engine.StatusPending || sim.Now() != engine.Epoch {
		t.Errorf("at %s the first one has %+v", sim.Now(), got)
	}
}

func TestAProgramFindsIt(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t)
	want := fmt.Sprintf("PICTOR_ENDPOINT=%s\nPICTOR_API_KEY=%s\nPICTOR_SIM=%s", sim.Endpoint, sim.APIKey, sim.URL)
	if got := strings.Join(sim.Environ(), "\n"); got != want || sim.Endpoint != sim.URL+"/api" {
		t.Errorf("its environment is %s, want %s", got, want)
	}
	// The control API is at the same address.
	if status := newRenter(t, sim).get(sim.URL+"/_sim/keys", sim.APIKey); status != 200 {
		t.Errorf("the control API answers %d", status)
	}
}

func TestSetEnv(t *testing.T) { // not parallel
	sim := simtest.New(t)
	sim.SetEnv(t)
	environ := os.Environ()
	for _, v := range sim.Environ() {
		if !slices.Contains(environ, v) {
			t.Errorf("%s is not set", v)
		}
	}
}

// It is to be had for each test, however small.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		if err := simtest.New(b).Close(); err != nil {
			b.Fatal(err)
		}
	}
}
