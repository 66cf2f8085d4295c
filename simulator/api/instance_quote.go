package api

import (
	"context"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// QuoteInstance prices a rental.
func (handlers) QuoteInstance(ctx context.Context, r QuoteInstanceRequestObject) (QuoteInstanceResponseObject, error) {
	spec := engine.Spec{
		OfferID:     string(r.Body.OfferId),
		OS:          engine.OS(r.Body.Os),
		GPUCount:    r.Body.GpuCount,
		StorageGB:   r.Body.StorageGb,
		RentalHours: r.Body.RentalHours,
	}
	var out QuoteInstance200JSONResponse
	var err error
	sandboxOf(ctx).View(func(w *engine.World) {
		var q engine.Quote
		if q, err = w.Quote(spec); err != nil {
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
