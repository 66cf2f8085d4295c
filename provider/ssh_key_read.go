package provider

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi-go-provider/infer"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// Read refreshes a key, or imports one by id.
func (*SshKey) Read(ctx context.Context, req infer.ReadRequest[SshKeyArgs, SshKeyState]) (infer.ReadResponse[SshKeyArgs, SshKeyState], error) {
	s, err := sessionOf(ctx)
	if err != nil {
		return infer.ReadResponse[SshKeyArgs, SshKeyState]{}, err
	}
	ctx, cancel := withDefaultTimeout(ctx, readTime)
	defer cancel()
	state := req.State
	key, err := s.readSSHKey(ctx, req.ID, state)
	if err == nil && key == nil && state.CreatedAt == "" { // an import: there is nothing to drop
		err = fmt.Errorf("the account has no SSH key with the id %q; see getSshKeys for those it has", req.ID)
	}
	if err != nil || key == nil {
		return infer.ReadResponse[SshKeyArgs, SshKeyState]{}, err
	}
	if state.AccountID, err = s.account.accountID(ctx); err != nil {
		return infer.ReadResponse[SshKeyArgs, SshKeyState]{}, err
	}
	state.observe(*key)
	return infer.ReadResponse[SshKeyArgs, SshKeyState]{ID: string(key.Id), Inputs: state.SshKeyArgs, State: state}, nil
}

// readSSHKey is a key, or nil when its absence is proven (see session.find).
func (s *session) readSSHKey(ctx context.Context, id string, state SshKeyState) (*pictor.SshKey, error) {
	key, missing := s.api.GetSshKey(ctx, pictor.ID(id))
	switch {
	case missing == nil:
		return &key, nil
	case !pictor.IsCode(missing, pictor.CodeNotFound):
		return nil, missing
	case !pictor.IsGone(missing) && state.CreatedAt != "":
		return nil, s.unproven(ctx, fmt.Sprintf("SSH key %s (%s)", value(state.Name), id), state.AccountID, missing)
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
