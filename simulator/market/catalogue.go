package market

import (
	"github.com/brianvoe/gofakeit/v7"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// model is a GPU as it is rented out: what comes with each one, in which
// numbers hosts have it, and roughly what it costs.
type model struct {
	name    string
	vramGB  int
	vcpus   int // with each GPU
	ramGB   int // with each GPU
	counts  []int
	price   engine.Credits // for one GPU and hour, before the host's own spread
	weight  int            // how common it is
	windows bool
}

// cents is an amount in hundredths of a credit.
func cents(n int) engine.Credits { return engine.Credits(n) * engine.Credit / 100 }

// models are the GPUs of the market. Pictor names the RTX 5090, 4090 and 3090
// ("etc."); the others and all prices are what GPU clouds commonly list.
var models = []model{
	{"RTX 3090", 24, 8, 32, []int{1, 2, 4, 8}, cents(22), 20, true},
	{"RTX 4090", 24, 16, 64, []int{1, 2, 4, 8}, cents(40), 24, true},
	{"RTX 5090", 32, 16, 64, []int{1, 2, 4, 8}, cents(69), 18, true},
	{"RTX A6000", 48, 12, 64, []int{1, 2, 4, 8}, cents(52), 8, true},
	{"L4", 24, 8, 32, []int{1, 2, 4}, cents(44), 6, false},
	{"L40S", 48, 16, 96, []int{1, 2, 4, 8}, cents(86), 8, false},
	{"A100 80GB", 80, 16, 128, []int{1, 2, 4, 8}, cents(142), 8, false},
	{"H100", 80, 24, 192, []int{1, 2, 4, 8}, cents(249), 8, false},
	{"H200", 141, 24, 240, []int{1, 4, 8}, cents(345), 4, false},
	{"B200", 180, 28, 280, []int{4, 8}, cents(549), 2, false},
}

// pickModel chooses a host's GPU. The first hosts have each model once, so that
// even a small market has all of them.
func pickModel(f *gofakeit.Faker, host int, models []model) model {
	if host < len(models) {
		return models[host]
	}
	total := 0
	for _, m := range models {
		total += m.weight
	}
	n := f.Number(1, total)
	for _, m := range models {
		if n -= m.weight; n <= 0 {
			return m
		}
	}
	return models[0]
}

type place struct{ country, city string }

// places are where hosts stand: towns known for their data centres.
var places = []place{
	{"DE", "Falkenstein"},
	{"DE", "Frankfurt"},
	{"FI", "Helsinki"},
	{"NL", "Amsterdam"},
	{"FR", "Paris"},
	{"GB", "London"},
	{"SE", "Stockholm"},
	{"PL", "Warsaw"},
	{"US", "Ashburn"},
	{"US", "Dallas"},
	{"US", "Hillsboro"},
	{"CA", "Montreal"},
	{"BR", "São Paulo"},
	{"JP", "Tokyo"},
	{"SG", "Singapore"},
	{"VN", "Ho Chi Minh City"},
	{"IN", "Mumbai"},
	{"AU", "Sydney"},
}
