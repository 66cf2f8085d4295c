package api

import (
	"context"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// GetInstance shows one instance.
func (handlers) GetInstance(ctx context.Context, r GetInstanceRequestObject) (GetInstanceResponseObject, error) {
	inst, err := command(ctx, func(w *engine.World) (engine.Instance, error) { return w.Instance(r.InstanceId) })
	if err != nil {
		return nil, err
	}
	sandboxOf(ctx).Observed(r.InstanceId)
	return GetInstance200JSONResponse(inst), nil
}

// command carries something out on an instance and returns it as it travels.
func command(ctx context.Context, do func(*engine.World) (engine.Instance, error)) (wire.Instance, error) {
	var out wire.Instance
	err := sandboxOf(ctx).Update(func(w *engine.World) error {
		inst, err := do(w)
		out = wireInstance(inst, w.Now())
		return err
	})
	return out, err
}
