package engine

import (
	"cmp"
	"slices"

	"github.com/tidwall/btree"
)

// OS is an operating system that can be rented.
type OS string

// The operating systems Pictor names.
const (
	Linux   OS = "linux"
	Windows OS = "windows"
)

// Host is a physical machine.
type Host struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Country string `json:"country"`
	City    string `json:"city"`
	// Reliability is the share of the last 30 days in which it was up, 0 to 1.
	Reliability float64 `json:"reliability"`
}

// Offer is a host of the market, what it has and what it costs.
type Offer struct {
	ID              string  `json:"id"`
	Host            *Host   `json:"host"` // shared, never changed
	GPUModel        string  `json:"gpu_model"`
	GPUVRAMGB       int     `json:"gpu_vram_gb"`
	GPUsTotal       int     `json:"gpus_total"`
	GPUsAvailable   int     `json:"gpus_available"`
	VCPUsPerGPU     int     `json:"vcpus_per_gpu"`
	RAMGBPerGPU     int     `json:"ram_gb_per_gpu"`
	DiskAvailableGB int     `json:"disk_available_gb"`
	BandwidthMbps   int     `json:"bandwidth_mbps"`
	OS              []OS    `json:"os"`
	PricePerGPUHour Credits `json:"price_per_gpu_hour"`
	// Withdrawn is set when the host is not for rent any more: its GPUs are not
	// offered again when what runs on it ends.
	Withdrawn bool `json:"withdrawn,omitempty"`

	place int  // in the market
	apart bool // it is not only what the instances on it make of it (see [State])
	owner *owner
}

// take lets an instance have what it needs of a host.
func (o *Offer) take(gpus, diskGB int) {
	o.GPUsAvailable -= gpus
	o.DiskAvailableGB -= diskGB
}

func (o *Offer) release(gpus int) {
	if o.Withdrawn {
		o.apart = true // also where the market has it so
		return
	}
	o.GPUsAvailable += gpus
}

// Market is what is on offer at first. It is never changed, so that any number
// of worlds can share one.
type Market struct {
	offers  []*Offer
	byID    map[string]int
	byPrice []int
}

// NewMarket makes a market of offers, which it takes over.
func NewMarket(offers []Offer) *Market {
	m := &Market{byID: make(map[string]int, len(offers)), offers: make([]*Offer, len(offers)), byPrice: make([]int, len(offers))}
	for i := range offers {
		offers[i].place = i
		m.offers[i], m.byPrice[i] = &offers[i], i
		m.byID[offers[i].ID] = i
	}
	slices.SortFunc(m.byPrice, func(a, b int) int {
		x, y := m.offers[a], m.offers[b]
		return cmp.Or(cmp.Compare(x.PricePerGPUHour, y.PricePerGPUHour), cmp.Compare(x.ID, y.ID))
	})
	return m
}

// stock is a market and what has become of its offers.
type stock struct {
	*Market
	changed *btree.Map[int, *Offer]
}

func newStock(m *Market) stock { return stock{m, btree.NewMap[int, *Offer](0)} }

func (s stock) copy() stock { return stock{s.Market, s.changed.Copy()} }

func (s stock) at(i int) *Offer {
	if o, ok := s.changed.Get(i); ok {
		return o
	}
	return s.offers[i]
}

// offer finds an offer as it is now; it must not be changed (see editOffer).
func (s stock) offer(id string) (*Offer, bool) {
	i, ok := s.byID[id]
	if !ok {
		return nil, false
	}
	return s.at(i), true
}

// editOffer is an offer that exists as this world may change it.
func (w *World) editOffer(id string) *Offer {
	o, _ := w.market.offer(id)
	return w.edited(o)
}

// edited is editOffer for one that was found already.
func (w *World) edited(o *Offer) *Offer {
	w.changed.offer(o.place)
	if o.owner == w.owner {
		return o
	}
	mine := *o
	mine.owner = w.owner
	w.market.changed.Set(mine.place, &mine)
	return &mine
}

// Offers has every offer for which keep answers true, free or not, cheapest
// first and those of one price by id. The offers must not be changed.
func (w *World) Offers(keep func(*Offer) bool) []*Offer {
	found := make([]*Offer, 0, len(w.market.byPrice))
	for _, i := range w.market.byPrice {
		if o := w.market.at(i); keep(o) {
			found = append(found, o)
		}
	}
	return found
}

// Offer finds an offer by its id, also one with no free GPU.
func (w *World) Offer(id string) (Offer, error) {
	o, ok := w.market.offer(id)
	if !ok {
		return Offer{}, notFound("offer", id)
	}
	return *o, nil
}

// Reprice sets the price of every offer, as a host's owner does now and then.
// What is rented already keeps its price.
func (w *World) Reprice(price func(Offer) Credits) {
	offers := w.market.all()
	for i := range offers {
		offers[i].PricePerGPUHour = price(*w.market.at(i))
	}
	before := w.market.changed
	w.market = newStock(NewMarket(offers))
	before.Scan(func(i int, o *Offer) bool {
		mine := *o
		mine.PricePerGPUHour, mine.owner = offers[i].PricePerGPUHour, w.owner
		w.market.changed.Set(i, &mine)
		w.changed.offer(i)
		return true
	})
	w.changed.market = true
}
