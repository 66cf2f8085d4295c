package api

import (
	"context"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// UpdateSshKey renames a key, when a name is given.
func (handlers) UpdateSshKey(ctx context.Context, r UpdateSshKeyRequestObject) (UpdateSshKeyResponseObject, error) {
	var key engine.SSHKey
	err := from(ctx).Update(func(w *engine.World) (err error) {
		if r.Body.Name == nil {
			key, err = w.SSHKey(r.SshKeyId)
		} else {
			key, err = w.RenameSSHKey(r.SshKeyId, *r.Body.Name)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return UpdateSshKey200JSONResponse(wireSSHKey(key)), nil
}
