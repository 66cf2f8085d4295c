package provider

import (
	"context"

	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// Update reads the instance first, waits until it is up or down, and then
// changes what differs. The engine also calls it, with nothing changed, after a
// create or update that failed half-way: it goes on where that stopped.
func (*Instance) Update(ctx context.Context, req infer.UpdateRequest[InstanceArgs, InstanceState]) (infer.UpdateResponse[InstanceState], error) {
	state := req.State
	ceiling := hadCeiling(requestOf(ctx).oldInputs)
	if err := state.tooDear(ctx, req.Inputs); err != nil && ceiling {
		return infer.UpdateResponse[InstanceState]{Output: state}, initFailed(err)
	}
	if req.DryRun {
		state.InstanceArgs = planned(state.InstanceArgs, req.Inputs)
		if value(req.Inputs.WaitFor) == waitForSSH && state.SSHHostKey == nil && !onlyRecorded(ctx, req.State, req.Inputs) {
			state.SSHHostKey, state.SSHHostKeyFingerprint = new(""), new("")
		}
		resp := infer.UpdateResponse[InstanceState]{Output: state}
		if s, err := sessionOf(ctx); err == nil {
			return resp, previewUpdate(ctx, s, req.State, req.Inputs)
		}
		return resp, nil
	}
	if onlyRecorded(ctx, state, req.Inputs) {
		state.record(req.Inputs)
		return infer.UpdateResponse[InstanceState]{Output: state}, nil
	}
	s, err := sessionOf(ctx)
	if err != nil {
		return infer.UpdateResponse[InstanceState]{}, err
	}
	ctx, cancel := withDefaultTimeout(ctx, updateTime)
	defer cancel()
	inst, err := s.find(ctx, req.ID, state)
	if err != nil {
		return infer.UpdateResponse[InstanceState]{}, err
	}
	if inst == nil {
		return infer.UpdateResponse[InstanceState]{}, gone(req.ID, state)
	}
	if had, ok := s.rented.known(string(inst.Id)); ok {
		state.carryExtension(had)
	}
	if state.ExtendingFrom != nil || value(req.Inputs.ExtensionHours) > value(state.ExtensionHours) {
		// What is paid for by the hours it has must not go by a list, which can be stale.
		if *inst, err = s.api.GetInstance(ctx, inst.Id); err != nil {
			return infer.UpdateResponse[InstanceState]{}, err
		}
	}
	before := state.ExtendedHours
	if state.CountedHours != nil {
		before = *state.CountedHours
	}
	state.observe(*inst)
	if err := state.tooDear(ctx, req.Inputs); err != nil && ceiling { // it is known only now that it was rented
		return infer.UpdateResponse[InstanceState]{Output: state}, initFailed(err)
	}
	state.MaxPricePerHour = req.Inputs.MaxPricePerHour
	state.takeLostExtension(ctx, before, req.Inputs)
	err = s.converge(ctx, &state, req.Inputs)
	s.rented.remember(ctx, value(state.Name), state)
	return infer.UpdateResponse[InstanceState]{Output: state}, initFailed(err)
}

// unknownUntilSettled makes unknown, in a preview, what the update of an
// instance that is on its way has still to find out.
func unknownUntilSettled(m property.Map) property.Map {
	if isText(m.Get("sshHostKey"), "") { // it is to be seen
		for _, key := range []string{"sshHostKey", "sshHostKeyFingerprint"} {
			m = m.Set(key, property.New(property.Computed))
		}
	}
	switch status := m.Get("status"); {
	case !status.IsString(), isSettled(pictor.InstanceStatus(status.AsString())):
		return m
	}
	for _, key := range []string{"instanceId", "status", "statusReason", "connection", "expiresAt", "costSoFar"} {
		m = m.Set(key, property.New(property.Computed))
	}
	return m
}

// planned are the inputs as a preview shows them: the new ones, and where the
// program leaves one to us, what the instance has.
func planned(has, asked InstanceArgs) InstanceArgs {
	if asked.GPUModel == nil {
		asked.GPUModel = has.GPUModel
	}
	if asked.OfferID == nil {
		asked.OfferID = has.OfferID
	}
	if asked.Country == nil {
		asked.Country = has.Country
	}
	return asked
}
