package provider

import (
	"context"
	"errors"
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
	if err == nil && inst == nil {
		s.rented.forget(value(req.State.Name), pictor.ID(req.State.InstanceID))
		s.spend.release(value(req.State.Name))
	}
	if err != nil || inst == nil {
		return infer.DeleteResponse{}, err
	}
	refused := s.api.DeleteInstance(ctx, inst.Id)
	if refused != nil && !pictor.IsCode(refused, pictor.CodeNotFound) && !s.isDeleting(ctx, inst.Id, refused) {
		return infer.DeleteResponse{}, refused
	}
	s.spend.release(inst.Name)
	status, err := s.awaitGone(ctx, *inst, req.State.AccountID, refused)
	if err != nil {
		return infer.DeleteResponse{}, fmt.Errorf("instance %s (%s) was told to delete itself and was %s when last seen; its storage costs until it is gone, so it stays in the state: "+
			"run \"pulumi destroy\" again: %w", inst.Name, inst.Id, status, err)
	}
	s.rented.forget(value(req.State.Name), inst.Id)
	return infer.DeleteResponse{}, nil
}

// isDeleting tells whether a delete was refused because the instance is being
// deleted already.
func (s *session) isDeleting(ctx context.Context, id pictor.ID, refused error) bool {
	if !pictor.IsCode(refused, pictor.CodeWrongState) {
		return false
	}
	inst, err := s.api.GetInstance(ctx, id)
	return pictor.IsCode(err, pictor.CodeNotFound) || err == nil && (pictor.NormalStatus(inst.Status) == pictor.StatusDeleting || pictor.IsDeleted(inst.Status))
}

// errMissing ends a wait at what does not prove enough.
var errMissing = errors.New("it is not found")

// awaitGone waits until an instance that was read, and then told to delete
// itself, is gone, and tells its last status. A 404 without words is believed
// here, when the lists do not have the instance either: it was there before, at
// the same address, and was on its way out.
func (s *session) awaitGone(ctx context.Context, inst pictor.Instance, owner string, refused error) (pictor.InstanceStatus, error) {
	status := inst.Status
	for {
		err := s.poller.Until(ctx, inst.Id, func(o wait.Observation) (bool, error) {
			switch {
			case pictor.IsCode(o.Err, pictor.CodeUnauthorized, pictor.CodeForbidden):
				return true, o.Err
			case pictor.IsCode(o.Err, pictor.CodeNotFound):
				return true, errMissing
			case o.Err != nil:
				return false, nil // the next tick may see more
			case o.Instance == nil && pictor.IsCode(refused, pictor.CodeNotFound):
				return true, errMissing // it may not even have been told: one look is too few
			case o.Instance == nil:
				return true, nil
			}
			if status = o.Instance.Status; pictor.IsDeleted(status) {
				return true, nil
			}
			if pictor.IsCode(refused, pictor.CodeNotFound) && pictor.NormalStatus(status) != pictor.StatusDeleting {
				return true, refused // it was not even told
			}
			return false, nil
		})
		if !errors.Is(err, errMissing) {
			return status, err
		}
		seen, err := s.findListed(ctx, inst.Id, owner)
		switch {
		case err == nil && seen == nil:
			return status, nil
		case err != nil && !pictor.IsCode(err, pictor.CodeUnavailable, pictor.CodeRateLimited, pictor.CodeTimeout):
			return status, err
		}
	}
}
