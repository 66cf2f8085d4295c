package api

import (
	"context"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// GetInstance shows one instance.
func (handlers) GetInstance(ctx context.Context, r GetInstanceRequestObject) (GetInstanceResponseObject, error) {
	var out wire.Instance
	var err error
	view(ctx, func(w *engine.World) {
		var inst engine.Instance
		if inst, err = w.Instance(r.InstanceId); err == nil {
			out = wireInstance(inst, w.Now())
		}
	})
	if err != nil {
		return nil, err
	}
	showLogin(ctx, &out)
	if err := sandboxOf(ctx).Observed(r.InstanceId); err != nil {
		return nil, err
	}
	return GetInstance200JSONResponse(out), nil
}

// command carries something out on an instance and returns it as it travels.
func command(ctx context.Context, do func(*engine.World) (engine.Instance, error)) (wire.Instance, error) {
	var out wire.Instance
	err := sandboxOf(ctx).Update(func(w *engine.World) error {
		inst, err := do(w)
		out = wireInstance(inst, w.Now())
		return err
	})
	if err == nil {
		showLogin(ctx, &out)
	}
	return out, err
}
