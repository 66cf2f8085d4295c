package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// Delete removes the key from the account, unless it was only adopted.
func (*SshKey) Delete(ctx context.Context, req infer.DeleteRequest[SshKeyState]) (infer.DeleteResponse, error) {
	if value(req.State.Adopted) {
		p.GetLogger(ctx).Infof("SSH key %q (%s) stays in the account: it was there before, and was only adopted", value(req.State.Name), req.ID)
		return infer.DeleteResponse{}, nil
	}
	s, err := sessionOf(ctx)
	if err != nil {
		return infer.DeleteResponse{}, err
	}
	ctx, cancel := withDefaultTimeout(ctx, readTime)
	defer cancel()
	return infer.DeleteResponse{}, s.deleteSSHKey(ctx, req.ID, req.State)
}

// deleteSSHKey refuses to delete a key that instances use, or takes it from
// them first. A list can be stale, and an instance can be rented meanwhile:
// where the service refuses, it looks again.
func (s *session) deleteSSHKey(ctx context.Context, id string, state SshKeyState) error {
	name := fmt.Sprintf("%q (%s)", value(state.Name), id)
	var refused error
	for _, after := range lookTimes {
		if refused != nil {
			if err := s.clock.Sleep(ctx, after); err != nil {
				return errors.Join(refused, err)
			}
		}
		users, err := s.usersOf(ctx, id)
		switch {
		case err != nil:
			return fmt.Errorf("delete SSH key %s: it cannot be seen which instances use it; nothing was deleted: %w", name, err)
		case len(users) > 0 && !value(state.DetachOnDelete):
			return fmt.Errorf("delete SSH key %s: used by %s; nothing was deleted. If those are being deleted too, run the same again; else take the key out of their sshKeyIds, "+
				"or set detachOnDelete: true on the key, and run \"pulumi up\" before this is tried again%s", name, listed(users), because(refused))
		case len(users) > 0:
			if err := s.detach(ctx, id, name, users); err != nil {
				return err
			}
		}
		err = s.api.DeleteSshKey(ctx, pictor.ID(id))
		switch {
		case err == nil:
			return s.awaitSSHKeyGone(ctx, id, name)
		case pictor.IsCode(err, pictor.CodeNotFound):
			key, err := s.readSSHKey(ctx, id, state)
			if err == nil && key != nil {
				err = fmt.Errorf("delete SSH key %s: the service says that it is not there, though the account has it; run \"pulumi destroy\" again", name)
			}
			return err
		case !pictor.IsCode(err, pictor.CodeWrongState):
			return err
		}
		refused = err
	}
	return fmt.Errorf("SSH key %s is still in use, and no instance is to be seen that lets it in; nothing was deleted, try again later: %w", name, refused)
}

// awaitSSHKeyGone looks whether a key that the service says it has deleted is
// gone: what stands in between says yes to everything, too.
func (s *session) awaitSSHKeyGone(ctx context.Context, id, name string) error {
	var err error
	for _, after := range lookTimes {
		if err := s.clock.Sleep(ctx, after); err != nil {
			return err
		}
		_, err = s.api.GetSshKey(ctx, pictor.ID(id))
		if pictor.IsCode(err, pictor.CodeNotFound) {
			return nil
		}
		if err != nil {
			break
		}
	}
	if err == nil {
		err = errors.New("the account has it still")
	}
	return fmt.Errorf("SSH key %s was deleted, says the service, but it is not seen to be gone and stays in the state; run the same again: %w", name, err)
}

// usersOf are the instances that let a key in, but for those that are going.
func (s *session) usersOf(ctx context.Context, id string) ([]pictor.Instance, error) {
	instances, err := s.api.ListInstances(ctx, pictor.InstanceFilter{})
	return slices.DeleteFunc(instances, func(i pictor.Instance) bool {
		return !slices.Contains(i.SshKeyIds, pictor.ID(id)) || pictor.NormalStatus(i.Status) == pictor.StatusDeleting
	}), err
}

// detach takes a key from instances and leaves them the others. Each is read
// again just before, as other programs may change its keys too.
func (s *session) detach(ctx context.Context, id, name string, users []pictor.Instance) error {
	for i, user := range users {
		inst, err := s.api.GetInstance(ctx, user.Id)
		if err == nil {
			rest := slices.DeleteFunc(slices.Clone(inst.SshKeyIds), func(k pictor.ID) bool { return k == pictor.ID(id) })
			_, err = s.api.SetInstanceSshKeys(ctx, user.Id, rest)
		}
		switch {
		case err == nil:
			p.GetLogger(ctx).Infof("instance %q (%s) does not let in SSH key %s any more", user.Name, user.Id, name)
		case !pictor.IsGone(err): // what is gone lets nobody in
			return fmt.Errorf("SSH key %s was not deleted: it could not be taken from instance %q (%s), which is %s; it was taken from %d of the %d that let it in: %w",
				name, user.Name, user.Id, user.Status, i, len(users), err)
		}
	}
	return nil
}

// listed names instances for a person.
func listed(instances []pictor.Instance) string {
	const most = 20
	var names []string
	for i, inst := range instances {
		if i == most {
			names = append(names, fmt.Sprintf("and %d more", len(instances)-most))
			break
		}
		names = append(names, fmt.Sprintf("%q (%s)", inst.Name, inst.Id))
	}
	return strings.Join(names, ", ")
}
