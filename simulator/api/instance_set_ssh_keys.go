package api

import (
	"context"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// SetInstanceSshKeys replaces the keys that an instance lets in.
func (handlers) SetInstanceSshKeys(ctx context.Context, r SetInstanceSshKeysRequestObject) (SetInstanceSshKeysResponseObject, error) {
	inst, err := command(ctx, func(w *engine.World) (engine.Instance, error) {
		return w.SetSSHKeys(r.InstanceId, ids(&r.Body.SshKeyIds))
	})
	if err != nil {
		return nil, err
	}
	return SetInstanceSshKeys200JSONResponse(inst), nil
}
