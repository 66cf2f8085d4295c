package pictor

import (
	"context"
	"fmt"
	"net/http"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
)

// ListSshKeys gives every SSH key of the account, from all pages. The list is
// whole or an error.
func (c *Client) ListSshKeys(ctx context.Context) ([]SshKey, error) {
	return listing[SshKey]{
		call:  call{operation: "list SSH keys"},
		id:    func(k SshKey) ID { return k.Id },
		exact: true,
		build: func(page int) (*http.Request, error) {
			return wire.NewListSshKeysRequest(c.server, &wire.ListSshKeysParams{Page: &page, PerPage: given(perPage)})
		},
	}.all(ctx, c)
}

// GetSshKey gives one SSH key of the account.
func (c *Client) GetSshKey(ctx context.Context, id ID) (SshKey, error) {
	call := call{operation: "read SSH key " + string(id)}
	if err := usable(call, id); err != nil {
		return SshKey{}, err
	}
	request, err := wire.NewGetSshKeyRequest(c.server, string(id))
	return object(ctx, c, call, func(k SshKey) bool { return sameID(k.Id, id) }, request, err)
}

// CreateSshKey adds a public key to the account. It costs nothing, but it is
// not idempotent: a key that the account has already is [CodeValidation]. So
// it is sent again only if it certainly was not acted upon; after
// [CodeAmbiguous] look for its fingerprint in [Client.ListSshKeys].
func (c *Client) CreateSshKey(ctx context.Context, key SshKeyCreate) (SshKey, error) {
	call := call{operation: fmt.Sprintf("add SSH key %q", key.Name), once: true}
	request, err := wire.NewCreateSshKeyRequest(c.server, key)
	whole := func(k SshKey) bool { return k.Id != "" && (k.Fingerprint != "" || k.PublicKey != "") } // and not a job
	return object(ctx, c, call, whole, request, err)
}

// RenameSshKey gives an SSH key another name.
func (c *Client) RenameSshKey(ctx context.Context, id ID, name string) (SshKey, error) {
	call := call{operation: fmt.Sprintf("rename SSH key %s to %q", id, name)}
	if err := usable(call, id); err != nil {
		return SshKey{}, err
	}
	request, err := wire.NewUpdateSshKeyRequest(c.server, string(id), wire.SshKeyUpdate{Name: &name})
	renamed, err := changedObject[SshKey](ctx, c, call, request, err)
	if err == nil && (!sameID(renamed.Id, id) || renamed.Name == "" || renamed.Fingerprint == "") {
		return c.GetSshKey(ctx, id) // the answer was a part of the key, or none
	}
	return renamed, err
}

// DeleteSshKey removes an SSH key from the account. [CodeWrongState] while an
// instance uses it; [CodeNotFound] as for [Client.DeleteInstance].
func (c *Client) DeleteSshKey(ctx context.Context, id ID) error {
	call := call{operation: "delete SSH key " + string(id)}
	if err := usable(call, id); err != nil {
		return err
	}
	request, err := wire.NewDeleteSshKeyRequest(c.server, string(id))
	return c.exchange(ctx, call, request, err)
}
