package api

import (
	"context"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// StopInstance takes an instance down.
func (handlers) StopInstance(ctx context.Context, r StopInstanceRequestObject) (StopInstanceResponseObject, error) {
	inst, err := command(ctx, func(w *engine.World) (engine.Instance, error) { return w.Stop(r.InstanceId) })
	if err != nil {
		return nil, err
	}
	return StopInstance202JSONResponse(inst), nil
}
