package provider

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi-go-provider/infer"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// Delete removes the key from the account.
func (*SshKey) Delete(ctx context.Context, req infer.DeleteRequest[SshKeyState]) (infer.DeleteResponse, error) {
	s, err := sessionOf(ctx)
	if err != nil {
		return infer.DeleteResponse{}, err
	}
	ctx, cancel := withDefaultTimeout(ctx, readTime)
	defer cancel()
	err = s.api.DeleteSshKey(ctx, pictor.ID(req.ID))
	if pictor.IsGone(err) {
		var key *pictor.SshKey
		if key, err = s.readSSHKey(ctx, req.ID, req.State); err == nil && key != nil {
			err = fmt.Errorf("SSH key %s (%s) cannot be removed, though the account has it: try again", key.Name, key.Id)
		}
	}
	return infer.DeleteResponse{}, err
}
