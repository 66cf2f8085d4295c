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
	state := req.State
	key, err := s.readSSHKey(ctx, req.ID, &state)
	if err != nil || key == nil {
		return infer.ReadResponse[SshKeyArgs, SshKeyState]{}, err
	}
	state.observe(*key)
	return infer.ReadResponse[SshKeyArgs, SshKeyState]{ID: string(key.Id), Inputs: state.SshKeyArgs, State: state}, nil
}

// readSSHKey is a key, or nil when its absence is proven (see session.find).
func (s *session) readSSHKey(ctx context.Context, id string, state *SshKeyState) (*pictor.SshKey, error) {
	key, missing := s.api.GetSshKey(ctx, pictor.ID(id))
	if missing != nil && !pictor.IsGone(missing) {
		return nil, missing
	}
	account, err := s.account.accountID(ctx)
	if err != nil {
		return nil, err
	}
	if state.AccountID == "" {
		state.AccountID = account
	}
	if missing == nil {
		return &key, nil
	}
	if state.AccountID != account {
		return nil, fmt.Errorf("SSH key %s belongs to account %s, and the API key to account %s: use a key of the SSH key's account", id, state.AccountID, account)
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
