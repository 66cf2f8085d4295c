package api

import (
	"context"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// GetOffer shows one host of the market.
func (handlers) GetOffer(ctx context.Context, r GetOfferRequestObject) (GetOfferResponseObject, error) {
	var offer engine.Offer
	var err error
	view(ctx, func(w *engine.World) { offer, err = w.Offer(r.OfferId) })
	if err != nil {
		return nil, err
	}
	return GetOffer200JSONResponse(wireOffer(&offer)), nil
}
