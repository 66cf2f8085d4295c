package api

import (
	"context"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// CreateSshKey adds a key.
func (handlers) CreateSshKey(ctx context.Context, r CreateSshKeyRequestObject) (CreateSshKeyResponseObject, error) {
	var key engine.SSHKey
	err := from(ctx).Update(func(w *engine.World) (err error) {
		key, err = w.AddSSHKey(r.Body.Name, r.Body.PublicKey)
		return err
	})
	if err != nil {
		return nil, err
	}
	return CreateSshKey201JSONResponse(wireSSHKey(key)), nil
}
