package provider

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// How long an operation may take unless customTimeouts says otherwise.
const (
	createTime = 30 * time.Minute
	updateTime = 30 * time.Minute
	deleteTime = 15 * time.Minute
	readTime   = 5 * time.Minute // and whatever is done with an SSH key
	// rentTime bounds the looks for a rental or an extension whose answer was
	// lost, which a cancelled run does not break off.
	rentTime = time.Minute
)

// Create rents the cheapest offer that fits and waits until it runs. From the
// moment the paid request leaves, every way out carries an id.
func (*Instance) Create(ctx context.Context, req infer.CreateRequest[InstanceArgs]) (infer.CreateResponse[InstanceState], error) {
	s, err := sessionOf(ctx)
	if req.DryRun {
		return previewCreate(ctx, s, err, req.Inputs)
	}
	if err != nil {
		return infer.CreateResponse[InstanceState]{}, err
	}
	ctx, cancel := withDefaultTimeout(ctx, createTime+wantedOf(req.Inputs).patience)
	defer cancel()

	account, err := s.account.accountID(ctx)
	if err != nil {
		return infer.CreateResponse[InstanceState]{}, err
	}
	name := value(req.Inputs.Name)
	release, err := s.rented.claim(ctx, name)
	if err != nil {
		return infer.CreateResponse[InstanceState]{}, err
	}
	defer release()
	if state, ok := s.rented.of(ctx, name); ok {
		inst, err := s.find(ctx, provisional+name, state)
		switch {
		case err != nil && state.InstanceID == "":
			return s.keepUnknown(ctx, state, err)
		case err != nil:
			return infer.CreateResponse[InstanceState]{ID: state.InstanceID, Output: state}, initFailed(err)
		case inst != nil:
			return s.bringUp(ctx, *inst, req.Inputs, account)
		}
		s.spend.release(name)
	}
	if err := s.nameIsFree(ctx, name); err != nil {
		return infer.CreateResponse[InstanceState]{}, err
	}
	inst, offer, err := s.rent(ctx, req.Inputs)
	if pictor.IsCode(err, pictor.CodeAmbiguous) {
		return s.resolveRental(ctx, req.Inputs, account, offer, err)
	}
	if err != nil && offer != "" && (!pictor.IsCertain(err) || isNameTaken(err) && isOurs(ctx, name)) {
		return s.resolveRefusal(ctx, req.Inputs, account, offer, err)
	}
	switch taken := s.whoTookTheName(ctx, name, err); {
	case taken != nil:
		err = taken
	case pictor.IsCode(err, pictor.CodeValidation):
		err = fmt.Errorf("%w; nothing was rented: change what it names in the program, and run \"pulumi up\" again", err)
	case pictor.IsCode(err, pictor.CodeUnauthorized, pictor.CodeForbidden, pictor.CodeRejected):
		err = fmt.Errorf("%w; nothing was rented", err)
	}
	if err != nil {
		s.notRented(ctx, req.Inputs)
		return infer.CreateResponse[InstanceState]{}, err
	}
	return s.bringUp(ctx, inst, req.Inputs, account)
}

// nameIsFree refuses a name that the account has already: what has it is not
// this resource's, and must not be adopted.
func (s *session) nameIsFree(ctx context.Context, name string) error {
	named, err := s.roster.Named(ctx, name)
	if err != nil {
		return fmt.Errorf("nothing was rented: it cannot be seen whether the account has an instance named %q already: %w", name, err)
	}
	for _, taken := range named {
		return fmt.Errorf("the account already has an instance named %q (%s, %s); nothing was rented: choose another name, "+
			"or take it over with\n  pulumi import %s %s %s\nWhen it is the one that this resource replaces, leave name out, or set the resource option deleteBeforeReplace",
			name, taken.Id, taken.Status, instanceToken, requestOf(ctx).urn.Name(), taken.Id)
	}
	return nil
}

// rent sends the paid request, to the next offer when one is gone, and says
// which offer it was. When none fits it waits as long as the program allows. The
// client sends nothing once the run is cancelled, and does not break off what is
// sent. Each request has an idempotency token of its own, which is never relied
// on: it only keeps a proxy or the service itself from carrying one request out
// twice.
func (s *session) rent(ctx context.Context, args InstanceArgs) (pictor.Instance, pictor.ID, error) {
	w, name, tried := wantedOf(args), value(args.Name), map[pictor.ID]bool{}
	wait := s.capacityWait(w.patience)
	defer wait.end()
	for {
		offer, err := s.choose(ctx, &w, args, renting, tried)
		if none := (*noCapacity)(nil); errors.As(err, &none) {
			if err := wait.again(ctx, len(tried), none); err != nil {
				return pictor.Instance{}, "", err
			}
			clear(tried)
			continue
		}
		if err != nil {
			return pictor.Instance{}, "", err
		}
		tried[offer.Id] = true
		if w.ceiling > 0 || w.budget != nil || s.spend.limit > 0 { // which hold for the price now, not for that of the list
			within := false
			if offer, err = s.fresh.get(ctx, offer.Id); err == nil {
				within, err = s.confirm(ctx, w, args, offer)
			}
			if pictor.IsGone(err) || err == nil && !within {
				s.offers.forget()
				continue
			}
			if err != nil {
				return pictor.Instance{}, "", err
			}
		}
		if wait.entered { // a long time may have passed
			if err := s.nameIsFree(ctx, name); err != nil {
				return pictor.Instance{}, "", err
			}
		}
		if err := s.account.mayRent(); err != nil {
			return pictor.Instance{}, "", err
		}
		if err := s.spend.reserve(ctx, name, w.price(offer)); err != nil {
			return pictor.Instance{}, "", err
		}
		p.GetLogger(ctx).InfoStatusf("renting %d x %s on %s (%s) for %s credits/h", w.gpuCount, offer.GpuModel, offer.Host.Name, offer.Host.Country, w.price(offer))
		inst, err := s.api.CreateInstance(ctx, rental(args, offer.Id), rand.Text())
		if err != nil && pictor.IsCertain(err) {
			s.spend.release(name)
		}
		if pictor.IsCode(err, pictor.CodeNoCapacity, pictor.CodeWrongState) {
			if err := s.onlyTheOffer(ctx, args, offer.Id, err); err != nil {
				return pictor.Instance{}, offer.Id, err
			}
			s.spend.release(name)
			s.offers.forget()
			continue
		}
		s.account.rented(ctx)
		if price := w.price(offer); err == nil && inst.PricePerHour > price {
			p.GetLogger(ctx).Warningf("instance %s (%s) costs %s credits/h, and not %s: its price rose while it was being rented", inst.Name, inst.Id, inst.PricePerHour, price)
		}
		return inst, offer.Id, err
	}
}

// rental is the request that pays.
func rental(args InstanceArgs, offer pictor.ID) pictor.InstanceCreate {
	create := pictor.InstanceCreate{
		Name:        value(args.Name),
		OfferId:     offer,
		Os:          pictor.OS(value(args.OS)),
		GpuCount:    value(args.GPUCount),
		StorageGb:   value(args.StorageGB),
		RentalHours: args.RentalHours,
		AutoRenew:   args.AutoRenew,
		Password:    args.WindowsPassword,
	}
	if len(args.SSHKeyIDs) > 0 {
		create.SshKeyIds = new(pictorIDs(args.SSHKeyIDs))
	}
	return create
}

func pictorIDs(ids []string) []pictor.ID {
	out := make([]pictor.ID, len(ids))
	for i, id := range ids {
		out[i] = pictor.ID(id)
	}
	return out
}

// bringUp waits until a rented instance is as the program wants it.
func (s *session) bringUp(ctx context.Context, inst pictor.Instance, args InstanceArgs, account string) (infer.CreateResponse[InstanceState], error) {
	state := InstanceState{InstanceArgs: args, AccountID: account}
	state.ExtensionHours, state.CountedHours = new(0), new(0) // none is paid for yet
	if had, ok := s.rented.known(string(inst.Id)); ok {
		state.carryExtension(had)
	}
	state.observe(inst)
	s.rented.remember(ctx, value(args.Name), state)
	if err := state.tooDear(ctx, args); err != nil {
		return infer.CreateResponse[InstanceState]{ID: string(inst.Id), Output: state}, initFailed(err)
	}
	err := s.converge(ctx, &state, args)
	s.rented.remember(ctx, value(args.Name), state)
	return infer.CreateResponse[InstanceState]{ID: string(inst.Id), Output: state}, initFailed(err)
}

// initFailed is how an error is told of something that exists.
func initFailed(err error) error {
	var already infer.ResourceInitFailedError
	if err == nil || errors.As(err, &already) {
		return err
	}
	return infer.ResourceInitFailedError{Reasons: []string{err.Error()}}
}
