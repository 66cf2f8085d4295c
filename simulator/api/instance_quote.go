package api

import (
	"context"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// QuoteInstance prices a rental.
func (handlers) QuoteInstance(ctx context.Context, r QuoteInstanceRequestObject) (QuoteInstanceResponseObject, error) {
	var out QuoteInstance200JSONResponse
	var err error
	view(ctx, func(w *engine.World) {
		var q engine.Quote
		if q, err = w.Quote(quoteSpec(*r.Body)); err != nil {
			return
		}
		out = QuoteInstance200JSONResponse{
			OfferId:              r.Body.OfferId,
			Available:            q.Available,
			Affordable:           w.Affordable(q),
			PricePerHour:         wire.Credits(q.PricePerHour),
			PrepaidTotal:         wire.Credits(q.PrepaidTotal),
			StoragePricePerMonth: wire.Credits(q.StoragePricePerMonth),
			Balance:              wire.Credits(w.Balance()),
		}
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func quoteSpec(b wire.QuoteRequest) engine.Spec {
	return engine.Spec{
		OfferID:     string(b.OfferId),
		OS:          engine.OS(b.Os),
		GPUCount:    b.GpuCount,
		StorageGB:   b.StorageGb,
		RentalHours: b.RentalHours,
	}
}
