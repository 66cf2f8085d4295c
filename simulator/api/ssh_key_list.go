package api

import (
	"context"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// ListSshKeys lists the account's keys.
func (handlers) ListSshKeys(ctx context.Context, r ListSshKeysRequestObject) (ListSshKeysResponseObject, error) {
	var keys []engine.SSHKey
	view(ctx, func(w *engine.World) { keys = w.SSHKeys() })
	data, links, meta := paginate(ctx, keys, r.Params.Page, r.Params.PerPage)
	return ListSshKeys200JSONResponse{Data: mapped(data, wireSSHKey), Links: links, Meta: meta}, nil
}
