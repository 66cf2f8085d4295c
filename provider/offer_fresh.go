package provider

import (
	"context"
	"fmt"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
	"github.com/pulumi-pictor/pulumi-pictor/provider/wait"
)

// freshOffers reads single offers as they are now, for a ceiling that holds for
// the price now and not for that of a list. Who asks at about the same time for
// the same offer is answered by one request.
type freshOffers struct {
	gathers *wait.Gathering[pictor.ID, freshOffer]
}

type freshOffer struct {
	offer pictor.Offer
	err   error
}

func newFreshOffers(api *pictor.Client, clock pictor.Clock) *freshOffers {
	return &freshOffers{wait.NewGathering(clock, func(ctx context.Context, ids []pictor.ID) (map[pictor.ID]freshOffer, int) {
		return readOffers(ctx, api, ids)
	})}
}

func (f *freshOffers) get(ctx context.Context, id pictor.ID) (pictor.Offer, error) {
	fresh, err := f.gathers.Ask(ctx, id)
	if err != nil {
		return pictor.Offer{}, fmt.Errorf("read offer %s: %w", id, err)
	}
	return fresh[id].offer, fresh[id].err
}

// fewOffers are read by themselves: the market is seldom shorter than as many pages.
const fewOffers = 3

// readOffers lists all offers when there are many to read. One that the list
// does not have is read by itself, which says why.
func readOffers(ctx context.Context, api *pictor.Client, ids []pictor.ID) (map[pictor.ID]freshOffer, int) {
	requests := 0
	listed := map[pictor.ID]pictor.Offer{}
	if len(ids) > fewOffers {
		requests += fewOffers
		if offers, err := api.ListOffers(ctx, pictor.OfferFilter{}); err == nil {
			for _, o := range offers {
				listed[o.Id] = o
			}
		}
	}
	fresh := make(map[pictor.ID]freshOffer, len(ids))
	for _, id := range ids {
		if o, ok := listed[id]; ok {
			fresh[id] = freshOffer{offer: o}
			continue
		}
		requests++
		o, err := api.GetOffer(ctx, id)
		fresh[id] = freshOffer{o, err}
	}
	return fresh, requests
}
