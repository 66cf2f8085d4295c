package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pulumi/pulumi-go-provider/infer"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// provisional is the id of a rental of which it is not known whether it took
// place: "name:" and the name, by which it is looked for.
const provisional = "name:"

// lookTimes are the pauses between looks for such a rental, or extension.
var lookTimes = []time.Duration{0, time.Second, 3 * time.Second}

// settledTime is how long a request may still be carried out after its answer
// was lost. Until then that nothing is found proves nothing.
const settledTime = 5 * time.Minute

// resolveRental finds out what became of a rental whose answer was lost, or
// keeps the outcome as unknown, under a provisional id.
func (s *session) resolveRental(ctx context.Context, args InstanceArgs, account string, offer pictor.ID, lost error) (infer.CreateResponse[InstanceState], error) {
	state := s.unknownState(args, account, offer)
	look, cancel := context.WithTimeout(context.WithoutCancel(ctx), rentTime)
	defer cancel()
	if inst, err := s.look(look, value(args.Name), state); err == nil && inst != nil {
		return s.bringUp(ctx, *inst, args, account)
	}
	return s.keepUnknown(ctx, state, fmt.Errorf("it is not known whether instance %q was rented: %w", value(args.Name), lost))
}

// resolveRefusal looks for a rental that was refused, but without the API's own
// words: a proxy that refuses an answer leaves a machine behind, too.
func (s *session) resolveRefusal(ctx context.Context, args InstanceArgs, account string, offer pictor.ID, refused error) (infer.CreateResponse[InstanceState], error) {
	look, cancel := context.WithTimeout(context.WithoutCancel(ctx), rentTime)
	defer cancel()
	name, state := value(args.Name), s.unknownState(args, account, offer)
	inst, err := s.look(look, name, state)
	switch {
	case err != nil: // the same proxy may be in the way of the looks
		return s.keepUnknown(ctx, state, fmt.Errorf("it is not known whether instance %q was rented: %w, and looking for it failed: %w", name, refused, err))
	case inst != nil:
		return s.bringUp(ctx, *inst, args, account)
	}
	s.spend.release(name)
	s.notRented(ctx, args)
	return infer.CreateResponse[InstanceState]{}, refused
}

// isNameTaken tells whether a rental may have been refused because the account
// has the name. It had not, when it was looked up just before: either somebody
// else has taken it since, or something in between has sent the request twice,
// and the machine is the one that is wanted.
func isNameTaken(err error) bool {
	var refused *pictor.Error
	if !errors.As(err, &refused) {
		return false
	}
	_, names := refused.Fields["name"]
	return refused.Code == pictor.CodeValidation && (names || len(refused.Fields) == 0) || refused.Code == pictor.CodeWrongState
}

// isOurs tells whether a name is one that chance has made for this resource, so
// that nobody else can have taken it.
func isOurs(ctx context.Context, name string) bool {
	req := requestOf(ctx)
	return isAutomaticName(name, req.urn.Name(), req.inputs.Get("group"))
}

// whoTookTheName says what has a name that the program has chosen, and that was
// free, when that is why a rental was refused. Whose that machine is cannot be
// told, so it is not adopted.
func (s *session) whoTookTheName(ctx context.Context, name string, refused error) error {
	if !isNameTaken(refused) {
		return nil
	}
	named, err := s.api.ListInstances(ctx, pictor.InstanceFilter{Name: name})
	if err != nil || len(named) == 0 {
		return nil
	}
	return fmt.Errorf("%w\nInstance %s (%s) has the name %q, which was free just before. It is another program's, or this resource's own, when something in between "+
		"has sent the request twice. If nobody else has it, it is paid for: take it over with\n  pulumi import %s %s %s\nelse choose another name",
		refused, named[0].Id, named[0].Status, name, instanceToken, requestOf(ctx).urn.Name(), named[0].Id)
}

// onlyTheOffer is nil when a 409 on a rental means that the offer is gone, so
// that another can be tried. One that does not say why can also mean that the
// name is taken, meanwhile; and one without words can be a proxy's. Then looks
// that find nothing have to do: a service whose refusals have no words would
// otherwise never lead to the next offer.
func (s *session) onlyTheOffer(ctx context.Context, args InstanceArgs, offer pictor.ID, refused error) error {
	if pictor.IsCertain(refused) && pictor.IsCode(refused, pictor.CodeNoCapacity) {
		return nil
	}
	if s.nameIsFree(ctx, value(args.Name)) != nil {
		return refused
	}
	if pictor.IsCertain(refused) {
		return nil
	}
	if inst, err := s.look(ctx, value(args.Name), s.unknownState(args, "", offer)); inst != nil || err != nil {
		return refused
	}
	return nil
}

// unknownState is the state of a rental that was asked for just now.
func (s *session) unknownState(args InstanceArgs, account string, offer pictor.ID) InstanceState {
	state := InstanceState{InstanceArgs: args, AccountID: account, CreatedAt: s.clock.Now().UTC().Format(time.RFC3339)}
	state.OfferID = new(string(offer))
	state.ExtensionHours, state.CountedHours = new(0), new(0) // none is paid for yet
	return state
}

// keepUnknown is the answer of a Create that may have rented.
func (s *session) keepUnknown(ctx context.Context, state InstanceState, why error) (infer.CreateResponse[InstanceState], error) {
	name := value(state.Name)
	s.rented.remember(ctx, name, state)
	return infer.CreateResponse[InstanceState]{ID: provisional + name, Output: state}, infer.ResourceInitFailedError{Reasons: []string{fmt.Sprintf(
		"%v\nIt is kept in the state under the provisional id %s. \"pulumi refresh\" or the next \"pulumi up\" finds the instance; "+
			"once %s have passed, a refresh drops the resource if there is none.", why, provisional+name, settledTime)}}
}

// findRental resolves a provisional id. It is nil only when there is no such
// rental and there can be none any more.
func (s *session) findRental(ctx context.Context, name string, state InstanceState) (*pictor.Instance, error) {
	if err := s.sameAccount(ctx, "instance "+name, state.AccountID); err != nil {
		return nil, err
	}
	inst, err := s.look(ctx, name, state)
	if inst != nil || err != nil {
		return inst, err
	}
	asked, err := time.Parse(time.RFC3339, state.CreatedAt)
	if err != nil {
		return nil, fmt.Errorf("the state of instance %q does not say when it was asked for: %w", name, err)
	}
	if left := settledTime - s.clock.Now().Sub(asked); left > 0 {
		return nil, fmt.Errorf("it is not known yet whether instance %q was rented: the account does not have it, but the request may still be carried out; "+
			"try again in %s", name, left.Round(time.Second))
	}
	return nil, s.sameAccount(ctx, "instance "+name, state.AccountID)
}

// look looks for a rental several times, since a list can be stale.
func (s *session) look(ctx context.Context, name string, state InstanceState) (*pictor.Instance, error) {
	for _, after := range lookTimes {
		if err := s.clock.Sleep(ctx, after); err != nil {
			return nil, err
		}
		inst, err := s.seeRental(ctx, name, state)
		if inst != nil || err != nil {
			return inst, err
		}
	}
	return nil, nil
}

// seeRental is the instance that a rental made. Its name was not there before;
// unless chance has made that, its specification tells it from one that somebody
// else has rented since, under the same name. It looks through the whole list: a
// filter that a service understands otherwise would hide a machine.
func (s *session) seeRental(ctx context.Context, name string, state InstanceState) (*pictor.Instance, error) {
	instances, err := s.api.ListInstances(ctx, pictor.InstanceFilter{})
	if err != nil {
		return nil, err
	}
	var found *pictor.Instance
	ours := isOurs(ctx, name)
	for i, inst := range instances {
		same := (ours && strings.EqualFold(inst.Name, name) || inst.Name == name && state.fits(inst)) && !s.rented.byAnother(ctx, inst.Id)
		if same && found != nil {
			return nil, fmt.Errorf("several instances fit the rental of %q (%s and %s): delete those that are not wanted", name, found.Id, inst.Id)
		}
		if same {
			found = &instances[i]
		}
	}
	return found, nil
}

// fits tells whether an instance is what was asked for.
func (s *InstanceState) fits(inst pictor.Instance) bool {
	return fits(strings.ToLower(string(inst.Os)), value(s.OS)) &&
		fits(string(inst.OfferId), value(s.OfferID)) &&
		fits(inst.GpuCount, value(s.GPUCount)) &&
		fits(inst.StorageGb, value(s.StorageGB)) &&
		fits(inst.RentalHours, s.RentalHours)
}

// fits compares what a service tells with what was asked for; what it does not
// tell is no difference.
func fits[T comparable](told, asked T) bool {
	var nothing T
	return told == nothing || told == asked
}
