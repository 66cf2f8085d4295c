package engine

// OS is an operating system that can be rented.
type OS string

// The operating systems Pictor names.
const (
	Linux   OS = "linux"
	Windows OS = "windows"
)

// Host is a physical machine.
type Host struct {
	ID, Name, Country, City string
	// Reliability is the share of the last 30 days in which it was up, 0 to 1.
	Reliability float64
}

// Offer is a host of the market, what it has and what it costs.
type Offer struct {
	ID              string
	Host            Host
	GPUModel        string
	GPUVRAMGB       int
	GPUsTotal       int
	GPUsAvailable   int
	VCPUsPerGPU     int
	RAMGBPerGPU     int
	DiskAvailableGB int
	BandwidthMbps   int
	OS              []OS
	PricePerGPUHour Credits
}

type market struct {
	offers []*Offer
	byID   map[string]*Offer
}

func newMarket(offers []Offer) market {
	m := market{byID: make(map[string]*Offer, len(offers))}
	for i := range offers {
		m.offers = append(m.offers, &offers[i])
		m.byID[offers[i].ID] = &offers[i]
	}
	return m
}

// Offers has every offer of the market, free or not.
func (w *World) Offers() []Offer {
	offers := make([]Offer, len(w.market.offers))
	for i, o := range w.market.offers {
		offers[i] = *o
	}
	return offers
}

// Offer finds an offer by its id, also one with no free GPU.
func (w *World) Offer(id string) (Offer, error) {
	o, ok := w.market.byID[id]
	if !ok {
		return Offer{}, notFound("offer", id)
	}
	return *o, nil
}

// Reprice sets the price of every offer, as a host's owner does now and then.
// What is rented already keeps its price.
func (w *World) Reprice(price func(Offer) Credits) {
	for _, o := range w.market.offers {
		o.PricePerGPUHour = price(*o)
	}
}
