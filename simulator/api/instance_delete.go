package api

import (
	"context"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// DeleteInstance destroys an instance.
func (handlers) DeleteInstance(ctx context.Context, r DeleteInstanceRequestObject) (DeleteInstanceResponseObject, error) {
	inst, err := command(ctx, func(w *engine.World) (engine.Instance, error) { return w.Delete(r.InstanceId) })
	if err != nil {
		return nil, err
	}
	return DeleteInstance202JSONResponse(inst), nil
}
