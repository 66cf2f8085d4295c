package provider

import (
	"context"
	"fmt"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// Read refreshes a key, or imports one by its id, its fingerprint or its name.
func (*SshKey) Read(ctx context.Context, req infer.ReadRequest[SshKeyArgs, SshKeyState]) (infer.ReadResponse[SshKeyArgs, SshKeyState], error) {
	s, err := sessionOf(ctx)
	if err != nil {
		return infer.ReadResponse[SshKeyArgs, SshKeyState]{}, err
	}
	ctx, cancel := withDefaultTimeout(ctx, readTime)
	defer cancel()
	state := req.State
	read := func() (*pictor.SshKey, error) { return s.readSSHKey(ctx, req.ID, state) }
	if state.CreatedAt == "" { // an import: there is nothing to drop
		read = func() (*pictor.SshKey, error) { return s.importedSSHKey(ctx, req.ID) }
	}
	key, err := read()
	if err == nil && key == nil {
		p.GetLogger(ctx).Infof("SSH key %s is gone: the account's list of keys does not have it", req.ID)
	}
	if err != nil || key == nil {
		return infer.ReadResponse[SshKeyArgs, SshKeyState]{}, err
	}
	if state.AccountID, err = s.account.accountID(ctx); err != nil {
		return infer.ReadResponse[SshKeyArgs, SshKeyState]{}, err
	}
	state.observe(*key)
	if state.Adopted == nil {
		state.Adopted = new(false) // imported, or of a version that adopted none
	}
	return infer.ReadResponse[SshKeyArgs, SshKeyState]{ID: string(key.Id), Inputs: state.SshKeyArgs, State: state}, nil
}

// importedSSHKey is the key that an import means: an id before a fingerprint
// before a name.
func (s *session) importedSSHKey(ctx context.Context, id string) (*pictor.SshKey, error) {
	keys, err := s.api.ListSshKeys(ctx)
	if err != nil {
		return nil, err
	}
	for _, means := range []func(pictor.SshKey) string{
		func(k pictor.SshKey) string { return string(k.Id) },
		func(k pictor.SshKey) string { return k.Fingerprint },
		func(k pictor.SshKey) string { return k.Name },
	} {
		var found []pictor.SshKey
		for _, key := range keys {
			if means(key) == id {
				found = append(found, key)
			}
		}
		switch {
		case len(found) == 1:
			return &found[0], nil
		case len(found) > 1:
			return nil, fmt.Errorf("import SSH key %q: %d keys of the account are called that, among them %s and %s; nothing was imported: name one by its id",
				id, len(found), found[0].Id, found[1].Id)
		}
	}
	return nil, fmt.Errorf("import SSH key %q: none of the account's %d SSH keys has this id, fingerprint or name; see the function getSshKeys for those it has, "+
		"and check whether the API key is that of the right account", id, len(keys))
}

// readSSHKey is a key, or nil when its absence is proven (see session.find).
func (s *session) readSSHKey(ctx context.Context, id string, state SshKeyState) (*pictor.SshKey, error) {
	key, missing := s.api.GetSshKey(ctx, pictor.ID(id))
	if missing != nil && !pictor.IsGone(missing) {
		return nil, missing
	}
	if missing == nil {
		return &key, nil
	}
	if err := s.sameAccount(ctx, "SSH key "+id, state.AccountID); err != nil {
		return nil, err
	}
	keys, err := s.api.ListSshKeys(ctx)
	if err != nil {
		return nil, err
	}
	for i := range keys {
		if string(keys[i].Id) == id {
			return &keys[i], nil
		}
	}
	return nil, nil
}
