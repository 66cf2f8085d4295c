package provider

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// offersTime is how long a list of offers is shared by previews, checks and
// creates. Long enough for a program with many instances, short enough to see
// what others rent.
const offersTime = 5 * time.Second

// offerCache shares one list of all offers between resources, and remembers
// what each of them is about to take, so that a program with many machines
// neither prices nor rents the same GPUs twice.
type offerCache struct {
	api   *pictor.Client
	clock pictor.Clock

	mu     sync.Mutex
	offers []pictor.Offer
	read   time.Time
	taken  map[purpose]map[pictor.ID]int // GPUs, since the list was read
}

// purpose keeps what a preview takes apart from what is rented.
type purpose int

const (
	previewing purpose = iota
	renting
)

func newOfferCache(api *pictor.Client, clock pictor.Clock) *offerCache {
	return &offerCache{api: api, clock: clock}
}

// choose takes the cheapest offer that fits and was not tried yet. The error
// says why none does.
func (c *offerCache) choose(ctx context.Context, w wanted, p purpose, tried map[pictor.ID]bool) (pictor.Offer, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.refresh(ctx); err != nil {
		return pictor.Offer{}, err
	}
	offers := slices.Clone(c.offers)
	for i := range offers {
		offers[i].GpusAvailable -= c.taken[p][offers[i].Id]
	}
	for _, offer := range w.fitting(offers) {
		if !tried[offer.Id] {
			c.taken[p][offer.Id] += w.gpuCount
			return offer, nil
		}
	}
	if err := w.overBudget(offers); err != nil {
		return pictor.Offer{}, err
	}
	return pictor.Offer{}, w.noneFits(offers)
}

func (c *offerCache) refresh(ctx context.Context) error {
	now := c.clock.Now()
	if !c.read.IsZero() && now.Sub(c.read) <= offersTime {
		return nil
	}
	offers, err := c.api.ListOffers(ctx, pictor.OfferFilter{})
	if err != nil {
		return err
	}
	c.offers, c.read = offers, now
	c.taken = map[purpose]map[pictor.ID]int{previewing: {}, renting: {}}
	return nil
}

// forget makes the next choice from a fresh list, after an offer turned out to
// be gone.
func (c *offerCache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.read = time.Time{}
}

// wanted is what an offer must have to be rented.
type wanted struct {
	os        pictor.OS
	gpuModel  string // "" is any
	offerID   string // "" is any
	country   string // "" is any
	gpuCount  int
	storageGB int
	ceiling   pictor.Credits // for all GPUs together and hour; 0 is none

	budget *groupBudget                // nil is none
	prefer func(a, b pictor.Offer) int // which is to be taken before the cheaper; nil is neither
}

func wantedOf(args InstanceArgs) wanted {
	w := wanted{
		os:        pictor.OS(value(args.OS)),
		gpuModel:  value(args.GPUModel),
		offerID:   value(args.OfferID),
		country:   value(args.Country),
		gpuCount:  value(args.GPUCount),
		storageGB: value(args.StorageGB),
	}
	if args.MaxPricePerHour != nil {
		w.ceiling, _ = pictor.ParseCredits(*args.MaxPricePerHour) // Check has parsed it
	}
	return w
}

func (w wanted) price(o pictor.Offer) pictor.Credits {
	return o.PricePerGpuHour * pictor.Credits(w.gpuCount)
}

// A condition is one thing that is asked of an offer.
type condition struct {
	text string // what is asked, for a person
	met  func(pictor.Offer) bool
}

func (w wanted) conditions() []condition {
	var all []condition
	ask := func(met func(pictor.Offer) bool, format string, args ...any) {
		all = append(all, condition{fmt.Sprintf(format, args...), met})
	}
	if w.offerID != "" {
		ask(func(o pictor.Offer) bool { return string(o.Id) == w.offerID }, "offerId %s", w.offerID)
	}
	if w.gpuModel != "" {
		ask(func(o pictor.Offer) bool { return strings.EqualFold(o.GpuModel, w.gpuModel) }, "gpuModel %s", w.gpuModel)
	}
	if w.country != "" {
		ask(func(o pictor.Offer) bool { return strings.EqualFold(o.Host.Country, w.country) }, "country %s", w.country)
	}
	runs := func(os pictor.OS) bool { return strings.EqualFold(string(os), string(w.os)) }
	ask(func(o pictor.Offer) bool { return slices.ContainsFunc(o.Os, runs) }, "os %s", w.os)
	ask(func(o pictor.Offer) bool { return o.GpusAvailable >= w.gpuCount }, "gpuCount %d", w.gpuCount)
	ask(func(o pictor.Offer) bool { return o.DiskAvailableGb >= w.storageGB }, "storageGb %d", w.storageGB)
	if w.ceiling > 0 {
		ask(func(o pictor.Offer) bool { return w.price(o) <= w.ceiling }, "maxPricePerHour %s", w.ceiling)
	}
	if w.budget != nil {
		ask(func(o pictor.Offer) bool { return w.budget.covers(w.price(o)) }, "%s", w.budget)
	}
	return all
}

// fitting are the offers that have all that is wanted, the cheapest first;
// equally cheap ones by reliability, then by id.
func (w wanted) fitting(offers []pictor.Offer) []pictor.Offer {
	conditions := w.conditions()
	var fit []pictor.Offer
	for _, o := range offers {
		if !slices.ContainsFunc(conditions, func(c condition) bool { return !c.met(o) }) {
			fit = append(fit, o)
		}
	}
	slices.SortFunc(fit, func(a, b pictor.Offer) int {
		return cmp.Or(w.preference(a, b), cmp.Compare(a.PricePerGpuHour, b.PricePerGpuHour), -cmp.Compare(a.Host.Reliability, b.Host.Reliability), cmp.Compare(a.Id, b.Id))
	})
	return fit
}

// noneFits says what was asked for, and which single condition, if it were
// dropped, would let an offer fit.
func (w wanted) noneFits(offers []pictor.Offer) error {
	conditions := w.conditions()
	var asked, relax []string
	for i, c := range conditions {
		asked = append(asked, c.text)
		rest := slices.Concat(conditions[:i], conditions[i+1:])
		best, found := pictor.Offer{}, 0
		for _, o := range offers {
			if slices.ContainsFunc(rest, func(c condition) bool { return !c.met(o) }) {
				continue
			}
			if found++; found == 1 || o.PricePerGpuHour < best.PricePerGpuHour {
				best = o
			}
		}
		if found > 0 {
			relax = append(relax, fmt.Sprintf("without %s: %d offers, the cheapest %s with %d free %s in %s at %s credits/h",
				c.text, found, best.Id, best.GpusAvailable, best.GpuModel, best.Host.Country, w.price(best)))
		}
	}
	text := fmt.Sprintf("none of the %d offers fits %s; nothing was rented", len(offers), strings.Join(asked, ", "))
	if len(relax) > 0 {
		text += "\n  " + strings.Join(relax, "\n  ")
	} else {
		text += "; relax more than one of these, or see getOffers for what there is"
	}
	return fmt.Errorf("%s", text)
}
