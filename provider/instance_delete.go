package provider

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi-go-provider/infer"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
	"github.com/pulumi-pictor/pulumi-pictor/provider/wait"
)

// Delete destroys the instance and waits until it is completely gone: only then
// the storage fee ends.
func (*Instance) Delete(ctx context.Context, req infer.DeleteRequest[InstanceState]) (infer.DeleteResponse, error) {
	s, err := sessionOf(ctx)
	if err != nil {
		return infer.DeleteResponse{}, err
	}
	ctx, cancel := withDefaultTimeout(ctx, deleteTime)
	defer cancel()
	inst, err := s.find(ctx, req.ID, req.State)
	if err != nil || inst == nil {
		return infer.DeleteResponse{}, err
	}
	if err := s.api.DeleteInstance(ctx, inst.Id); err != nil && !pictor.IsGone(err) && !s.isDeleting(ctx, inst.Id, err) {
		return infer.DeleteResponse{}, err
	}
	s.spend.release(inst.Name)
	status := inst.Status
	err = s.poller.Until(ctx, inst.Id, func(o wait.Observation) (bool, error) {
		switch {
		case pictor.IsCode(o.Err, pictor.CodeUnauthorized, pictor.CodeForbidden):
			return true, o.Err
		case o.Err != nil:
			return false, nil // the next tick may see more
		case o.Instance == nil:
			return true, nil
		}
		status = o.Instance.Status
		return false, nil
	})
	if err != nil {
		return infer.DeleteResponse{}, fmt.Errorf("instance %s (%s) was told to delete itself and was %s when last seen; its storage costs until it is gone, so it stays in the state: "+
			"run \"pulumi destroy\" again: %w", inst.Name, inst.Id, status, err)
	}
	return infer.DeleteResponse{}, nil
}

// isDeleting tells whether a delete was refused because the instance is being
// deleted already.
func (s *session) isDeleting(ctx context.Context, id pictor.ID, refused error) bool {
	if !pictor.IsCode(refused, pictor.CodeWrongState) {
		return false
	}
	inst, err := s.api.GetInstance(ctx, id)
	return pictor.IsGone(err) || err == nil && pictor.NormalStatus(inst.Status) == pictor.StatusDeleting
}
