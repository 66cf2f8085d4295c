package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

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
	if pictor.IsCode(err, pictor.CodeWrongState) {
		err = s.usersOfSSHKey(ctx, pictor.ID(req.ID), err)
	}
	return infer.DeleteResponse{}, err
}

// usersOfSSHKey names the instances that let a key in which cannot be removed.
func (s *session) usersOfSSHKey(ctx context.Context, id pictor.ID, refused error) error {
	instances, err := s.api.ListInstances(ctx, pictor.InstanceFilter{})
	var users []string
	for _, inst := range instances {
		if slices.Contains(inst.SshKeyIds, id) {
			users = append(users, fmt.Sprintf("%s (%s)", inst.Name, inst.Id))
		}
	}
	if err != nil || len(users) == 0 {
		return refused
	}
	return fmt.Errorf("instances let SSH key %s in: %s; take it out of their sshKeyIds first: %w", id, strings.Join(users, ", "), refused)
}
