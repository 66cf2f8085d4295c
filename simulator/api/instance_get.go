package api

import (
	"context"
	"net/http"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// GetInstance shows one instance.
func (handlers) GetInstance(ctx context.Context, r GetInstanceRequestObject) (GetInstanceResponseObject, error) {
	out := new(wire.Instance)
	moves := false // whether being read moves the clock
	var err error
	view(ctx, func(w *engine.World) {
		moves = w.Clock().Polls > 0
		var inst engine.Instance
		if inst, err = w.Instance(r.InstanceId); err == nil {
			*out = wireInstance(&inst, w.Now())
		}
	})
	if err == nil {
		showLogin(ctx, out)
	}
	if err == nil && moves {
		err = from(ctx).Observed(r.InstanceId)
	}
	if err != nil {
		return nil, err
	}
	return instanceAnswer{http.StatusOK, out}, nil
}

// command carries something out on an instance and returns it as it travels.
func command(ctx context.Context, do func(*engine.World) (engine.Instance, error)) (wire.Instance, error) {
	var out wire.Instance
	err := from(ctx).Update(func(w *engine.World) error {
		inst, err := do(w)
		if err == nil {
			out = wireInstance(&inst, w.Now())
		}
		return err
	})
	if err == nil {
		showLogin(ctx, &out)
	}
	return out, err
}
