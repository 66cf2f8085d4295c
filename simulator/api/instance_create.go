package api

import (
	"context"
	"encoding/json"
	"errors"
	"maps"

	"github.com/labstack/echo/v4"
	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// CreateInstance rents.
func (handlers) CreateInstance(ctx context.Context, r CreateInstanceRequestObject) (CreateInstanceResponseObject, error) {
	request := rentRequest(*r.Body)
	request.IdempotencyKey = value(r.Params.IdempotencyKey)
	inst, err := command(ctx, func(w *engine.World) (engine.Instance, error) { return w.Rent(request) })
	if err != nil {
		return nil, err
	}
	return CreateInstance201JSONResponse(inst), nil
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

// addDomainFaults adds, to a rental that the contract refuses already, what the
// engine says of it, so that every bad field is named at once. Where both find
// fault with a field, the engine says it better.
func addDomainFaults(c echo.Context, fields engine.Fields) {
	if routeOf(c).Operation.OperationID != "createInstance" {
		return
	}
	// What does not decode is among the contract's faults; the rest counts.
	var body wire.InstanceCreate
	_ = json.NewDecoder(c.Request().Body).Decode(&body)
	sandboxOf(c.Request().Context()).View(func(w *engine.World) {
		var invalid *engine.Error
		if errors.As(w.CheckRent(rentRequest(body)), &invalid) {
			maps.Copy(fields, invalid.Fields)
		}
	})
}
