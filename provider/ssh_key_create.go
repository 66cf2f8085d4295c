package provider

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi-go-provider/infer"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// Create adds the key. It costs nothing; a lost answer is resolved by the
// fingerprint, which an account has only once.
func (*SshKey) Create(ctx context.Context, req infer.CreateRequest[SshKeyArgs]) (infer.CreateResponse[SshKeyState], error) {
	state := SshKeyState{SshKeyArgs: req.Inputs}
	if req.DryRun {
		if known(ctx, "publicKey") {
			_, state.Fingerprint, _ = parsePublicKey(req.Inputs.PublicKey)
		}
		return infer.CreateResponse[SshKeyState]{Output: state}, nil
	}
	s, err := sessionOf(ctx)
	if err != nil {
		return infer.CreateResponse[SshKeyState]{}, err
	}
	ctx, cancel := withDefaultTimeout(ctx, readTime)
	defer cancel()
	if state.AccountID, err = s.account.accountID(ctx); err != nil {
		return infer.CreateResponse[SshKeyState]{}, err
	}
	_, fingerprint, err := parsePublicKey(req.Inputs.PublicKey)
	if err != nil {
		return infer.CreateResponse[SshKeyState]{}, err
	}
	if had, err := s.findSSHKey(ctx, fingerprint); err != nil {
		return infer.CreateResponse[SshKeyState]{}, err
	} else if had != nil {
		return infer.CreateResponse[SshKeyState]{}, fmt.Errorf("the account already has this key as %q (%s): take it over with\n  pulumi import %s RESOURCE_NAME %s",
			had.Name, had.Id, sshKeyToken, had.Id)
	}
	key, err := s.api.CreateSshKey(ctx, pictor.SshKeyCreate{Name: value(req.Inputs.Name), PublicKey: req.Inputs.PublicKey})
	if pictor.IsCode(err, pictor.CodeAmbiguous) {
		look, cancel := context.WithTimeout(context.WithoutCancel(ctx), rentTime)
		defer cancel()
		if had, lookErr := s.findSSHKey(look, fingerprint); lookErr == nil && had != nil {
			key, err = *had, nil
		}
	}
	if err != nil {
		return infer.CreateResponse[SshKeyState]{}, err
	}
	state.observe(key)
	return infer.CreateResponse[SshKeyState]{ID: string(key.Id), Output: state}, nil
}

// findSSHKey is the account's key with a fingerprint, nil if it has none.
func (s *session) findSSHKey(ctx context.Context, fingerprint string) (*pictor.SshKey, error) {
	keys, err := s.api.ListSshKeys(ctx)
	if err != nil {
		return nil, err
	}
	for i := range keys {
		if keys[i].Fingerprint == fingerprint {
			return &keys[i], nil
		}
	}
	return nil, nil
}
