package market_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/market"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Word lists and random numbers can change between versions of gofakeit; then
// every id in every user's test would.
func TestTheMarketOfSeedOneStaysAsItIs(t *testing.T) {
	t.Parallel()
	owner := market.Owner(1, 1, market.Shape{})
	var got bytes.Buffer
	fmt.Fprintf(&got, "%s | %s | %s\n", owner.ID, owner.Name, owner.Email)
	for _, o := range market.New(1, market.Shape{Hosts: market.DefaultHosts}) {
		fmt.Fprintf(&got, "%s | %s | %s | %s %s | %.4f | %d x %s %d GB | %d vCPU %d GB RAM %d GB disk %d Mbit/s | %v | %d\n",
			o.ID, o.Host.ID, o.Host.Name, o.Host.Country, o.Host.City, o.Host.Reliability, o.GPUsTotal, o.GPUModel, o.GPUVRAMGB,
			o.VCPUsPerGPU, o.RAMGBPerGPU, o.DiskAvailableGB, o.BandwidthMbps, o.OS, o.PricePerGPUHour)
	}
	golden := filepath.Join("testdata", "market_seed_1.golden")
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	gotLines, wantLines := bytes.Split(got.Bytes(), []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range min(len(gotLines), len(wantLines)) {
		if !bytes.Equal(gotLines[i], wantLines[i]) {
			t.Fatalf("line %d of %s is\n%s\nwant\n%s\nIf that is meant: go test ./simulator/market -update", i+1, golden, gotLines[i], wantLines[i])
		}
	}
	if len(gotLines) != len(wantLines) {
		t.Fatalf("%d lines, want the %d of %s", len(gotLines), len(wantLines), golden)
	}
}

func TestALargerMarketBeginsWithTheSmallerOne(t *testing.T) {
	t.Parallel()
	for _, seed := range []uint64{1, 7, 1 << 63} {
		all := market.New(seed, market.Shape{Hosts: 300})
		for _, n := range []int{1, 10, 299} {
			if got := market.New(seed, market.Shape{Hosts: n}); !reflect.DeepEqual(got, all[:n]) {
				t.Errorf("seed %d: the first %d hosts are others in a larger market", seed, n)
			}
		}
	}
}

func TestSeedsMakeDifferentMarkets(t *testing.T) {
	t.Parallel()
	if reflect.DeepEqual(market.New(1, market.Shape{Hosts: 10}), market.New(2, market.Shape{Hosts: 10})) || market.Owner(1, 1, market.Shape{}) == market.Owner(2, 1, market.Shape{}) {
		t.Error("two seeds make one market")
	}
}

func TestHostsAreRealistic(t *testing.T) {
	t.Parallel()
	offers := market.New(1, market.Shape{Hosts: market.DefaultHosts})
	if len(offers) < 200 {
		t.Fatalf("the market has %d hosts, want at least 200", len(offers))
	}
	country := regexp.MustCompile(`^[A-Z]{2}$`)
	const cent = engine.Credit / 100
	for _, o := range offers {
		if o.GPUsAvailable != o.GPUsTotal || o.GPUsTotal < 1 || o.GPUsTotal > 16 {
			t.Errorf("%s has %d of %d GPUs free", o.ID, o.GPUsAvailable, o.GPUsTotal)
		}
		if o.GPUVRAMGB < 24 || o.VCPUsPerGPU < 1 || o.RAMGBPerGPU < 16 || o.DiskAvailableGB < 100 || o.BandwidthMbps < 100 {
			t.Errorf("%s is %+v", o.ID, o)
		}
		if o.PricePerGPUHour < 10*cent || o.PricePerGPUHour > 10*engine.Credit || o.PricePerGPUHour%cent != 0 {
			t.Errorf("%s costs %d micro-credits an hour", o.ID, o.PricePerGPUHour)
		}
		if o.Host.Reliability < 0.9 || o.Host.Reliability > 1 || !country.MatchString(o.Host.Country) || o.Host.City == "" || o.Host.Name == "" {
			t.Errorf("%s stands at %+v", o.ID, o.Host)
		}
		if !slices.Contains(o.OS, engine.Linux) {
			t.Errorf("%s runs %v, want Linux at least", o.ID, o.OS)
		}
	}
}

// Even a small market has every model, so that a program for one can be tried.
func TestEveryModelIsThere(t *testing.T) {
	t.Parallel()
	for _, seed := range []uint64{1, 2, 3} {
		models := map[string]int{}
		for _, o := range market.New(seed, market.Shape{Hosts: 10}) {
			models[o.GPUModel] = o.GPUVRAMGB
		}
		for model, vram := range map[string]int{
			"RTX 3090": 24, "RTX 4090": 24, "RTX 5090": 32, "RTX A6000": 48, "L4": 24,
			"L40S": 48, "A100 80GB": 80, "H100": 80, "H200": 141, "B200": 180,
		} {
			if models[model] != vram {
				t.Errorf("seed %d: %s has %d GB, want %d (0: it is not there)", seed, model, models[model], vram)
			}
		}
	}
}

// Among a hundred thousand draws of 32 bits some are the same.
func TestNoTwoHostsShareAnID(t *testing.T) {
	t.Parallel()
	offers, hosts := map[string]bool{}, map[string]bool{}
	for _, o := range market.New(1, market.Shape{Hosts: 100_000}) {
		if offers[o.ID] || hosts[o.Host.ID] {
			t.Fatalf("%s or %s is there twice", o.ID, o.Host.ID)
		}
		offers[o.ID], hosts[o.Host.ID] = true, true
	}
}

func TestShapes(t *testing.T) {
	t.Parallel()
	shape := market.Shape{Hosts: 200, Models: []string{"rtx 4090", "H100"}, Countries: []string{"de", "FI"}, Occupied: 50}
	if err := shape.Validate(); err != nil {
		t.Fatal(err)
	}
	total, free := 0, 0
	for _, o := range market.New(1, shape) {
		if o.GPUModel != "RTX 4090" && o.GPUModel != "H100" {
			t.Errorf("%s has an %s", o.ID, o.GPUModel)
		}
		if o.Host.Country != "DE" && o.Host.Country != "FI" {
			t.Errorf("%s stands in %s", o.ID, o.Host.Country)
		}
		total, free = total+o.GPUsTotal, free+o.GPUsAvailable
	}
	if share := 100 * free / total; share < 35 || share > 65 {
		t.Errorf("%d %% of the GPUs are free, want about half", share)
	}
	for _, o := range market.New(1, market.Shape{Hosts: 20, Occupied: 100}) {
		if o.GPUsAvailable != 0 {
			t.Errorf("%s has %d free GPUs in a market that is sold out", o.ID, o.GPUsAvailable)
		}
	}
	for i, o := range market.New(1, market.Shape{Hosts: 20, NumericIDs: true}) {
		if o.ID != fmt.Sprint(i+1) || o.Host.ID != o.ID {
			t.Errorf("offer %d has the id %s", i, o.ID)
		}
	}
}

// What cannot be made is refused with what there is to choose from.
func TestShapesThatAreRefused(t *testing.T) {
	t.Parallel()
	for want, shape := range map[string]market.Shape{
		"use 1 to 100000": {Hosts: -1},
		"use 1 to":        {Hosts: market.MaxHosts + 1},
		"use 0 to 100":    {Occupied: 101},
		"RTX 3090, RTX":   {Models: []string{"Voodoo 2"}},
		"use DE, FI":      {Countries: []string{"Atlantis"}},
	} {
		if err := shape.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v is answered %v, want %q", shape, err, want)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		market.New(1, market.Shape{})
	}
}
