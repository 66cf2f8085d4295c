package provider

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi-go-provider/infer"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// Create adds the key, or takes over the one that the account has. It costs
// nothing; a lost answer is resolved by the fingerprint, which an account has
// only once.
func (*SshKey) Create(ctx context.Context, req infer.CreateRequest[SshKeyArgs]) (infer.CreateResponse[SshKeyState], error) {
	state := SshKeyState{SshKeyArgs: req.Inputs}
	if req.DryRun {
		state.Adopted = new(false) // to be known later, like everything that is no input
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
	key, adopted, err := s.addSSHKey(ctx, req.Inputs)
	if err != nil {
		return infer.CreateResponse[SshKeyState]{}, err
	}
	state.observe(key)
	state.Adopted = &adopted
	return infer.CreateResponse[SshKeyState]{ID: string(key.Id), Output: state}, nil
}

// addSSHKey adds a key, unless the account has it.
func (s *session) addSSHKey(ctx context.Context, args SshKeyArgs) (key pictor.SshKey, adopted bool, err error) {
	_, fingerprint, err := parsePublicKey(args.PublicKey)
	if err != nil {
		return pictor.SshKey{}, false, err
	}
	had, err := s.findSSHKey(ctx, fingerprint)
	if err != nil {
		return pictor.SshKey{}, false, err
	}
	if had != nil {
		key, err = s.takeOver(ctx, *had, args)
		return key, true, err
	}
	key, err = s.api.CreateSshKey(ctx, pictor.SshKeyCreate{Name: value(args.Name), PublicKey: args.PublicKey})
	switch {
	case pictor.IsCode(err, pictor.CodeAmbiguous):
		look, cancel := context.WithTimeout(context.WithoutCancel(ctx), rentTime)
		defer cancel()
		if had, lookErr := s.findSSHKey(look, fingerprint); lookErr == nil && had != nil {
			return *had, false, nil
		}
	case pictor.IsCode(err, pictor.CodeValidation, pictor.CodeWrongState):
		// Somebody, perhaps another resource of this program, has added it since.
		if had, lookErr := s.findSSHKey(ctx, fingerprint); lookErr == nil && had != nil {
			key, err = s.takeOver(ctx, *had, args)
			return key, true, err
		}
		if named := s.sshKeyNamed(ctx, value(args.Name)); named != nil {
			err = fmt.Errorf("the account already has another SSH key named %s, %s: give this one another name: %w", describe(*named), named.Fingerprint, err)
		}
	}
	return key, false, err
}

// takeOver adopts a key that the account has, when the program says so, and
// gives it the name that the program gives.
func (s *session) takeOver(ctx context.Context, had pictor.SshKey, args SshKeyArgs) (pictor.SshKey, error) {
	resource := requestOf(ctx).urn.Name()
	if !value(args.AdoptExisting) {
		return pictor.SshKey{}, fmt.Errorf("add SSH key %q: the account already has this public key as %s; nothing was added. Use it with adoptExisting: true, or take it over with\n  pulumi import %s %s %s",
			value(args.Name), describe(had), sshKeyToken, resource, had.Id)
	}
	name := value(args.Name)
	if name == had.Name || isAutomaticName(name, resource, noGroup) {
		return had, nil
	}
	return s.api.RenameSshKey(ctx, had.Id, name)
}

// findSSHKey is the account's key with a fingerprint, nil if it has none.
func (s *session) findSSHKey(ctx context.Context, fingerprint string) (*pictor.SshKey, error) {
	keys, err := s.api.ListSshKeys(ctx)
	if err != nil {
		return nil, err
	}
	for i := range keys {
		if _, own, err := parsePublicKey(keys[i].PublicKey); keys[i].Fingerprint == fingerprint || err == nil && own == fingerprint {
			return &keys[i], nil
		}
	}
	return nil, nil
}

// sshKeyNamed is a key with a name, nil if there is none or that cannot be seen.
func (s *session) sshKeyNamed(ctx context.Context, name string) *pictor.SshKey {
	keys, _ := s.api.ListSshKeys(ctx)
	for i := range keys {
		if keys[i].Name == name {
			return &keys[i]
		}
	}
	return nil
}
