package api

import (
	"context"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// GetSshKey shows one key.
func (handlers) GetSshKey(ctx context.Context, r GetSshKeyRequestObject) (GetSshKeyResponseObject, error) {
	var key engine.SSHKey
	var err error
	view(ctx, func(w *engine.World) { key, err = w.SSHKey(r.SshKeyId) })
	if err != nil {
		return nil, err
	}
	return GetSshKey200JSONResponse(wireSSHKey(key)), nil
}
