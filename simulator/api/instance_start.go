package api

import (
	"context"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// StartInstance brings a stopped instance up.
func (handlers) StartInstance(ctx context.Context, r StartInstanceRequestObject) (StartInstanceResponseObject, error) {
	inst, err := command(ctx, func(w *engine.World) (engine.Instance, error) { return w.Start(r.InstanceId) })
	if err != nil {
		return nil, err
	}
	return StartInstance202JSONResponse(inst), nil
}
