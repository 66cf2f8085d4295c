package provider

import (
	"context"

	"github.com/pulumi/pulumi-go-provider/infer"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// Update renames the key.
func (*SshKey) Update(ctx context.Context, req infer.UpdateRequest[SshKeyArgs, SshKeyState]) (infer.UpdateResponse[SshKeyState], error) {
	state := req.State
	state.SshKeyArgs = req.Inputs
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
