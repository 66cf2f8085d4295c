package api

import (
	"context"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// DeleteSshKey removes a key that no instance uses.
func (handlers) DeleteSshKey(ctx context.Context, r DeleteSshKeyRequestObject) (DeleteSshKeyResponseObject, error) {
	err := from(ctx).Update(func(w *engine.World) error { return w.DeleteSSHKey(r.SshKeyId) })
	if err != nil {
		return nil, err
	}
	return DeleteSshKey204Response{}, nil
}
