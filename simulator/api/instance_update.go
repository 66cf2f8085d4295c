package api

import (
	"context"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// UpdateInstance renames an instance, when a name is given.
func (handlers) UpdateInstance(ctx context.Context, r UpdateInstanceRequestObject) (UpdateInstanceResponseObject, error) {
	inst, err := command(ctx, func(w *engine.World) (engine.Instance, error) {
		if r.Body.Name == nil {
			return w.Instance(r.InstanceId)
		}
		return w.Rename(r.InstanceId, *r.Body.Name)
	})
	if err != nil {
		return nil, err
	}
	return UpdateInstance200JSONResponse(inst), nil
}
