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
	ctx, cancel := withDefaultTimeout(ctx, readTime)
	defer cancel()
	inst, err := s.find(ctx, req.ID, req.State)
	if err != nil {
		return infer.ReadResponse[InstanceArgs, InstanceState]{}, err
	}
	if inst == nil && req.State.CreatedAt == "" { // an import: there is nothing to drop
		return infer.ReadResponse[InstanceArgs, InstanceState]{}, fmt.Errorf("import instance %q: the account has none with this id or name; see the function getInstances for those it has, and check whether the API key is that of the right account", req.ID)
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
	if req.State.CreatedAt == "" {
		// Hours that were added before the import count as had, or a program
		// that asks for them would pay for them again.
		state.ExtensionHours, state.CountedHours = &inst.ExtendedHours, &inst.ExtendedHours
	}
	if state.CountedHours == nil { // an older state: what it has seen last is what was counted
		state.CountedHours = new(state.ExtendedHours)
	}
	state.observe(*inst)
	return infer.ReadResponse[InstanceArgs, InstanceState]{ID: string(inst.Id), Inputs: liveInputs(req.Inputs, state.InstanceArgs), State: state}, nil
}

// find reads the instance that an id stands for: Pictor's own, the provisional
// one, or on import a name. It is nil only when its absence is proven.
func (s *session) find(ctx context.Context, id string, state InstanceState) (*pictor.Instance, error) {
	if state.InstanceID != "" {
		id = state.InstanceID // the id itself may still be the provisional one
	}
	importing := state.CreatedAt == ""
	name, unknown := strings.CutPrefix(id, provisional)
	if unknown && !importing {
		return s.findRental(ctx, name, state)
	}
	if !unknown {
		inst, err := s.roster.Get(ctx, pictor.ID(id))
		switch {
		case err == nil:
			return &inst, nil
		case importing: // what is no id is not everywhere a 404
			named, missing := s.api.FindInstance(ctx, name)
			if named == nil && missing == nil && !pictor.IsCode(err, pictor.CodeNotFound, pictor.CodeValidation) {
				missing = err
			}
			return named, missing
		case !pictor.IsCode(err, pictor.CodeNotFound):
			return nil, err
		case !pictor.IsGone(err):
			return nil, s.unproven(ctx, fmt.Sprintf("instance %s (%s)", value(state.Name), id), state.AccountID, err)
		default:
			return s.findListed(ctx, pictor.ID(id), state.AccountID)
		}
	}
	return s.api.FindInstance(ctx, name)
}

// gone is the error of an operation that needs an instance which is not there.
func gone(id string, state InstanceState) error {
	return fmt.Errorf("instance %s (%s) is not there any more: run \"pulumi refresh\" to drop it from the state, then \"pulumi up\" to rent another", value(state.Name), id)
}

// liveInputs writes what is live into the inputs, so that what was changed
// elsewhere shows as a difference. Only what can be changed is: the rest can
// differ from what the program says only by its spelling. Hours of extension,
// the password and the ceiling are the program's own.
//
// On import, when there are no inputs yet, they are those that make a program
// for the instance.
func liveInputs(had, live InstanceArgs) InstanceArgs {
	if had.Name == nil {
		had = live
		had.OfferID, had.Country = nil, nil
		return had
	}
	had.Name, had.AutoRenew, had.DesiredStatus = live.Name, live.AutoRenew, live.DesiredStatus
	if !sameSet(had.SSHKeyIDs, live.SSHKeyIDs) {
		had.SSHKeyIDs = live.SSHKeyIDs
	}
	return had
}
