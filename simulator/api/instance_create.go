package api

import (
	"context"
	"net/http"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// CreateInstance rents.
func (handlers) CreateInstance(ctx context.Context, r CreateInstanceRequestObject) (CreateInstanceResponseObject, error) {
	request := rentRequest(*r.Body)
	request.IdempotencyKey = value(r.Params.IdempotencyKey)
	inst, err := command(ctx, func(w *engine.World) (engine.Instance, error) {
		return rentAndStrike(ctx, w, request)
	})
	if err != nil {
		return nil, err
	}
	return instanceAnswer{http.StatusCreated, &inst}, nil
}

func rentRequest(b wire.InstanceCreate) engine.RentRequest {
	return engine.RentRequest{
		Spec: engine.Spec{
			OfferID:     string(b.OfferId),
			OS:          engine.OS(b.Os),
			GPUCount:    b.GpuCount,
			StorageGB:   b.StorageGb,
			RentalHours: b.RentalHours,
		},
		Name:      b.Name,
		AutoRenew: value(b.AutoRenew),
		SSHKeyIDs: ids(b.SshKeyIds),
		Password:  value(b.Password),
	}
}
