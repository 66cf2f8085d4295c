package provider

import (
	"context"

	"github.com/pulumi/pulumi-go-provider/infer"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// Update renames the key. How to adopt and to delete it is recorded, no more.
func (*SshKey) Update(ctx context.Context, req infer.UpdateRequest[SshKeyArgs, SshKeyState]) (infer.UpdateResponse[SshKeyState], error) {
	state := req.State
	state.SshKeyArgs = req.Inputs
	if value(state.Adopted) && isAutomaticName(value(req.Inputs.Name), requestOf(ctx).urn.Name(), noGroup) {
		state.Name = req.State.Name // the program gives none, and the key is not its own
	}
	if value(state.Name) == value(req.State.Name) {
		return infer.UpdateResponse[SshKeyState]{Output: state}, nil
	}
	if req.DryRun {
		return infer.UpdateResponse[SshKeyState]{Output: state}, nil
	}
	s, err := sessionOf(ctx)
	if err != nil {
		return infer.UpdateResponse[SshKeyState]{}, err
	}
	ctx, cancel := withDefaultTimeout(ctx, readTime)
	defer cancel()
	key, err := s.api.RenameSshKey(ctx, pictor.ID(req.ID), value(req.Inputs.Name))
	if err != nil {
		return infer.UpdateResponse[SshKeyState]{}, err
	}
	state.observe(key)
	return infer.UpdateResponse[SshKeyState]{Output: state}, nil
}
