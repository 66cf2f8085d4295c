package provider

import (
	"context"
	"fmt"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// Read refreshes an instance, imports one by id or by name, and finds out what
// became of a rental whose answer was lost.
func (*Instance) Read(ctx context.Context, req infer.ReadRequest[InstanceArgs, InstanceState]) (infer.ReadResponse[InstanceArgs, InstanceState], error) {
	s, err := sessionOf(ctx)
	if err != nil {
		return infer.ReadResponse[InstanceArgs, InstanceState]{}, err
	}
	inst, err := s.find(ctx, req.ID, req.State)
	if err != nil {
		return infer.ReadResponse[InstanceArgs, InstanceState]{}, err
	}
	if inst == nil {
		p.GetLogger(ctx).Infof("instance %s is gone: the account's list of instances does not have it", req.ID)
		return infer.ReadResponse[InstanceArgs, InstanceState]{}, nil
	}
	state := req.State
	if state.AccountID == "" {
		if state.AccountID, err = s.account.accountID(ctx); err != nil {
			return infer.ReadResponse[InstanceArgs, InstanceState]{}, err
		}
	}
	state.observe(*inst)
	return infer.ReadResponse[InstanceArgs, InstanceState]{ID: string(inst.Id), Inputs: liveInputs(req.Inputs, state.InstanceArgs), State: state}, nil
}

// find reads the instance that an id stands for: Pictor's own, the provisional
// one, or on import a name. It is nil only when its absence is proven: a 404 in
// the contract's own words and a complete list without it, of the same account.
func (s *session) find(ctx context.Context, id string, state InstanceState) (*pictor.Instance, error) {
	name, byName := strings.CutPrefix(id, provisional)
	if !byName {
		inst, err := s.api.GetInstance(ctx, pictor.ID(id))
		if err == nil {
			return &inst, nil
		}
		if !pictor.IsGone(err) {
			return nil, err
		}
		name = id
	}
	account, err := s.account.accountID(ctx)
	if err != nil {
		return nil, err
	}
	if state.AccountID != "" && state.AccountID != account {
		return nil, fmt.Errorf("instance %s belongs to account %s, and the API key to account %s: use a key of the instance's account", id, state.AccountID, account)
	}
	instances, err := s.api.ListInstances(ctx, pictor.InstanceFilter{})
	if err != nil {
		return nil, err
	}
	importing := state.CreatedAt == ""
	for i := range instances {
		if string(instances[i].Id) == id || (byName || importing) && instances[i].Name == name {
			return &instances[i], nil
		}
	}
	return nil, nil
}

// gone is the error of an operation that needs an instance which is not there.
func gone(id string, state InstanceState) error {
	return fmt.Errorf("instance %s (%s) is not there any more: run \"pulumi refresh\" to drop it from the state, then \"pulumi up\" to rent another", value(state.Name), id)
}

// liveInputs writes what is live into the inputs that the program had set, so
// that a difference shows as one; on import, when none was, into those that
// make a program for it. Hours of extension, the password and the ceiling are
// the program's own and are never touched.
func liveInputs(had, live InstanceArgs) InstanceArgs {
	if had.Name == nil {
		had = InstanceArgs{GPUModel: live.GPUModel, ExtensionHours: new(0)}
		if len(live.SSHKeyIDs) > 0 {
			had.SSHKeyIDs = live.SSHKeyIDs
		}
	}
	had.Name = live.Name
	had.OS = live.OS
	had.GPUCount = live.GPUCount
	had.StorageGB = live.StorageGB
	had.RentalHours = live.RentalHours
	had.AutoRenew = live.AutoRenew
	had.DesiredStatus = live.DesiredStatus
	had.GPUModel = liveText(had.GPUModel, live.GPUModel)
	had.Country = liveText(had.Country, live.Country)
	had.OfferID = liveText(had.OfferID, live.OfferID)
	if !sameSet(had.SSHKeyIDs, live.SSHKeyIDs) {
		had.SSHKeyIDs = live.SSHKeyIDs
	}
	return had
}

// liveText keeps the program's spelling where only the case differs.
func liveText(had, live *string) *string {
	if had == nil || strings.EqualFold(*had, value(live)) {
		return had
	}
	return live
}
