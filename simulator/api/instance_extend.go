package api

import (
	"context"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// ExtendInstance adds hours.
func (handlers) ExtendInstance(ctx context.Context, r ExtendInstanceRequestObject) (ExtendInstanceResponseObject, error) {
	inst, err := command(ctx, func(w *engine.World) (engine.Instance, error) {
		return w.Extend(r.InstanceId, r.Body.Hours, value(r.Params.IdempotencyKey))
	})
	if err != nil {
		return nil, err
	}
	return ExtendInstance200JSONResponse(inst), nil
}
