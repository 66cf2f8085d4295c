// Package market makes the fake GPU machines on offer. The same seed makes the
// same market, host by host: a larger market begins with the smaller one.
package market

import (
	"fmt"
	"hash/fnv"
	"math"
	"strconv"
	"strings"

	"github.com/brianvoe/gofakeit/v7"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// New makes a market of a seed and a shape, which must be valid.
func New(seed uint64, shape Shape) []engine.Offer {
	shape = shape.withDefaults()
	offers := make([]engine.Offer, shape.Hosts)
	taken := make(map[string]bool, shape.Hosts)
	for i := range offers {
		o := newOffer(seed, i, shape)
		if shape.NumericIDs {
			o.ID, o.Host.ID = strconv.Itoa(i+1), strconv.Itoa(i+1)
		}
		// Of many thousand hosts two draw the same 32 bits; the later one gives way.
		for drawn, n := o.ID, 2; taken[o.ID]; n++ {
			o.ID = fmt.Sprintf("%s%d", drawn, n)
			o.Host.ID = "hst_" + strings.TrimPrefix(o.ID, "off_")
		}
		taken[o.ID] = true
		offers[i] = o
	}
	return offers
}

// Owner makes the account of the n-th sandbox, from 1: two with the same seed have
// the same machines to rent, and are different accounts.
func Owner(seed uint64, n int, shape Shape) engine.Account {
	f := faker(seed, "owner", n-1)
	first, last := f.FirstName(), f.LastName()
	number, prefix := f.Number(1, 999_999), "acc_"
	if shape.NumericIDs {
		prefix = "1" // and so no number begins with a zero
	}
	return engine.Account{
		ID:    fmt.Sprintf("%s%06d", prefix, number),
		Name:  first + " " + last,
		Email: strings.ToLower(first + "." + last + "@example.com"),
	}
}

// faker draws from (seed, kind, ordinal), never from a shared stream, so that
// what one host looks like depends on no other.
func faker(seed uint64, kind string, ordinal int) *gofakeit.Faker {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d/%s/%d", seed, kind, ordinal)
	return gofakeit.New(max(h.Sum64(), 1)) // gofakeit takes 0 for "any seed"
}

func newOffer(seed uint64, i int, shape Shape) engine.Offer {
	f := faker(seed, "host", i)
	model := pickModel(f, i, shape.models())
	places := shape.places()
	place := places[f.Number(0, len(places)-1)]
	gpus := model.counts[f.Number(0, len(model.counts)-1)]
	id := fmt.Sprintf("%08x", f.Uint32())

	systems := []engine.OS{engine.Linux}
	if model.windows {
		systems = append(systems, engine.Windows)
	}
	offer := engine.Offer{
		ID: "off_" + id,
		Host: &engine.Host{
			ID:          "hst_" + id,
			Name:        hostName(f),
			Country:     place.country,
			City:        place.city,
			Reliability: math.Round((1-0.05*f.Float64Range(0, 1)*f.Float64Range(0, 1))*10_000) / 10_000,
		},
		GPUModel:        model.name,
		GPUVRAMGB:       model.vramGB,
		GPUsTotal:       gpus,
		GPUsAvailable:   gpus,
		VCPUsPerGPU:     model.vcpus,
		RAMGBPerGPU:     model.ramGB,
		DiskAvailableGB: gpus * 100 * f.Number(5, 20),
		BandwidthMbps:   []int{500, 1000, 2500, 10_000}[f.Number(0, 3)],
		OS:              systems,
		PricePerGPUHour: spread(f, model.price),
	}
	if shape.Occupied > 0 { // drawn last, so that nothing else depends on it
		for range gpus {
			if f.Number(1, 100) <= shape.Occupied {
				offer.GPUsAvailable--
			}
		}
	}
	return offer
}

// spread moves a price by up to 15 % either way, in whole hundredths of a credit.
func spread(f *gofakeit.Faker, price engine.Credits) engine.Credits {
	const cent = engine.Credit / 100
	return (price * engine.Credits(f.Number(85, 115)) / 100 / cent) * cent
}

func hostName(f *gofakeit.Faker) string {
	words := strings.Join([]string{f.AdjectiveDescriptive(), f.Animal()}, "-")
	return strings.Join(strings.Fields(strings.ToLower(words)), "-")
}
