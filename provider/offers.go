package provider

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

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
	api    *pictor.Client
	clock  pictor.Clock
	random func() float64 // 0 to 1, jitter of the looks of those who wait

	reading turn // of those who choose or look

	mu     sync.Mutex
	offers []pictor.Offer
	read   time.Time
	taken  []claim // by what is rented, since the list was read
	claims map[purpose]map[resource.URN]claim
	leaves map[resource.URN]leaving
	queue  queue
}

// purpose keeps what a preview would take from being missed by what is rented.
type purpose int

const (
	previewing purpose = iota
	renting
	replacing // what a replacement will rent, once the old machine is deleted
)

// claim is a part of an offer.
type claim struct {
	offer        pictor.ID
	gpus, diskGB int
}

// leaving is a machine that is deleted before its replacement is rented: what it
// gives back, and the offer of which that is a part, which may not be in the
// list while nothing else of it is free.
type leaving struct {
	claim
	offer pictor.Offer
}

func newOfferCache(api *pictor.Client, clock pictor.Clock, random func() float64) *offerCache {
	return &offerCache{
		api: api, clock: clock, random: random,
		reading: newTurn(),
		claims:  map[purpose]map[resource.URN]claim{previewing: {}, replacing: {}},
		leaves:  map[resource.URN]leaving{},
	}
}

// choose takes the best offer that fits and was not tried yet, for the resource
// of this request, which gives up what it had claimed before. A [noCapacity] says
// why none does.
func (c *offerCache) choose(ctx context.Context, w wanted, p purpose, tried map[pictor.ID]bool) (pictor.Offer, error) {
	if err := c.reading.take(ctx, "the offers"); err != nil {
		return pictor.Offer{}, err
	}
	defer c.reading.leave()
	urn := requestOf(ctx).urn
	if !c.isFresh(urn, p) {
		if err := c.list(ctx); err != nil {
			return pictor.Offer{}, err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.claims[replacing], urn)
	offers := c.free(urn, p)
	for _, offer := range w.fitting(offers) {
		if tried[offer.Id] {
			continue
		}
		mine := claim{offer.Id, w.gpuCount, w.storageGB}
		if p == renting {
			c.taken = append(c.taken, mine)
		} else {
			c.claims[p][urn] = mine
		}
		return offer, nil
	}
	if err := w.overBudget(offers); err != nil {
		return pictor.Offer{}, err
	}
	return pictor.Offer{}, w.noneFits(offers)
}

// free are the offers less what others are about to take of them.
func (c *offerCache) free(urn resource.URN, p purpose) []pictor.Offer {
	offers := slices.Clone(c.offers)
	take := func(part claim, sign int) {
		for i := range offers {
			if offers[i].Id == part.offer {
				offers[i].GpusAvailable -= sign * part.gpus
				offers[i].DiskAvailableGb -= sign * part.diskGB
			}
		}
	}
	for _, part := range c.taken {
		take(part, 1)
	}
	others := []map[resource.URN]claim{c.claims[replacing]}
	if p == previewing {
		others = append(others, c.claims[previewing])
	}
	for _, claims := range others {
		for other, part := range claims {
			if other != urn {
				take(part, 1)
			}
		}
	}
	if old, leaves := c.leaves[urn]; leaves && p != renting {
		if !slices.ContainsFunc(offers, func(o pictor.Offer) bool { return o.Id == old.offer.Id }) {
			offers = append(offers, old.offer)
		}
		take(old.claim, -1)
	}
	return offers
}

// unknownModels tells which of the wanted models no offer has.
func (c *offerCache) unknownModels(w wanted) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return w.unknownModels(c.offers)
}

// isFresh tells whether the list is new enough to choose from.
func (c *offerCache) isFresh(urn resource.URN, p purpose) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, leaves := c.leaves[urn]; leaves && p == renting {
		delete(c.leaves, urn)
		c.read = time.Time{} // the list shows by now what the old machine gave back
	}
	return !c.read.IsZero() && c.clock.Now().Sub(c.read) <= offersTime
}

// list reads the offers. Who asks has the turn to.
func (c *offerCache) list(ctx context.Context) error {
	now := c.clock.Now()
	offers, err := c.api.ListOffers(ctx, pictor.OfferFilter{})
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offers, c.read, c.taken = offers, now, nil
	return nil
}

// forget makes the next choice from a fresh list, after an offer turned out to
// be gone.
func (c *offerCache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.read = time.Time{}
}

// leave says what the machine of this request's resource gives back before its
// replacement is rented. Where its offer cannot be read, that is nothing.
func (c *offerCache) leave(ctx context.Context, part claim) {
	offer, err := c.api.GetOffer(ctx, part.offer)
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leaves[requestOf(ctx).urn] = leaving{part, offer}
}
