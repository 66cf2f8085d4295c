package api

import (
	"context"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// SetAutoRenew switches the renewal.
func (handlers) SetAutoRenew(ctx context.Context, r SetAutoRenewRequestObject) (SetAutoRenewResponseObject, error) {
	inst, err := command(ctx, func(w *engine.World) (engine.Instance, error) { return w.SetAutoRenew(r.InstanceId, r.Body.Enabled) })
	if err != nil {
		return nil, err
	}
	return SetAutoRenew200JSONResponse(inst), nil
}
