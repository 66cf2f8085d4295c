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
	// rentTime bounds the paid request alone, which a cancelled run does not
	// break off: its answer is worth waiting for.
	rentTime = time.Minute
)

// maxAttempts is how many offers are tried when one after the other is taken by
// somebody else between the list and the rental.
const maxAttempts = 5

// provisional is the id of a rental of which it is not known whether it took
// place: "name:" and the name, by which Read finds out.
const provisional = "name:"

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
	ctx, cancel := withDefaultTimeout(ctx, createTime)
	defer cancel()

	name := value(req.Inputs.Name)
	if err := s.nameIsFree(ctx, name); err != nil {
		return infer.CreateResponse[InstanceState]{}, err
	}
	account, err := s.account.accountID(ctx)
	if err != nil {
		return infer.CreateResponse[InstanceState]{}, err
	}
	inst, err := s.rent(ctx, req.Inputs)
	if pictor.IsCode(err, pictor.CodeAmbiguous) {
		return s.resolveRental(ctx, req.Inputs, account, err)
	}
	if err != nil {
		return infer.CreateResponse[InstanceState]{}, err
	}
	return s.bringUp(ctx, inst, req.Inputs, account)
}

// previewCreate says what the rental would cost, as far as the inputs are known.
func previewCreate(ctx context.Context, s *session, configured error, args InstanceArgs) (infer.CreateResponse[InstanceState], error) {
	resp := infer.CreateResponse[InstanceState]{Output: InstanceState{
		InstanceArgs: planned(InstanceArgs{GPUModel: new(""), OfferID: new(""), Country: new("")}, args),
		ExpiresAt:    new(""), // to be known later, like everything that is no input
	}}
	if configured != nil || !known(ctx, "os", "gpuModel", "offerId", "gpuCount", "storageGb", "country", "maxPricePerHour", "rentalHours") {
		return resp, nil
	}
	offers, err := s.offers.list(ctx)
	if err != nil {
		return resp, err
	}
	w := wantedOf(args)
	fit := w.fitting(offers)
	if len(fit) == 0 {
		return resp, w.noneFits(offers)
	}
	total := w.price(fit[0]) * pictor.Credits(args.RentalHours)
	resp.Output.HourlyPrice = w.price(fit[0]).String()
	resp.Output.PrepaidTotal = total.String()
	p.GetLogger(ctx).InfoStatusf("%d x %s on %s (%s) for %s credits/h, %s credits in advance",
		w.gpuCount, fit[0].GpuModel, fit[0].Host.Name, fit[0].Host.Country, w.price(fit[0]), total)
	return resp, nil
}

// nameIsFree refuses a name that the account has already: what has it is not
// this resource's, and must not be adopted.
func (s *session) nameIsFree(ctx context.Context, name string) error {
	taken, err := s.api.FindInstance(ctx, name)
	if err != nil {
		return err
	}
	if taken != nil {
		return fmt.Errorf("the account already has an instance named %q (%s, %s); nothing was rented: choose another name, "+
			"or take it over with\n  pulumi import %s RESOURCE_NAME %s", name, taken.Id, taken.Status, instanceToken, taken.Id)
	}
	return nil
}

// rent sends the paid request, to the next offer when one is gone. It is not
// sent when the run is cancelled already, and not broken off once it is sent.
// Each has an idempotency token of its own, which is never relied on: it only
// keeps a proxy or the service itself from carrying one request out twice.
func (s *session) rent(ctx context.Context, args InstanceArgs) (pictor.Instance, error) {
	w := wantedOf(args)
	offers, err := s.offers.list(ctx)
	if err != nil {
		return pictor.Instance{}, err
	}
	fit := w.fitting(offers)
	if len(fit) == 0 {
		return pictor.Instance{}, w.noneFits(offers)
	}
	var refused error
	for _, offer := range fit[:min(len(fit), maxAttempts)] {
		if ctx.Err() != nil {
			return pictor.Instance{}, fmt.Errorf("rent instance %q: not sent, the run was cancelled; nothing was rented: %w", value(args.Name), ctx.Err())
		}
		p.GetLogger(ctx).InfoStatusf("renting %d x %s on %s (%s) for %s credits/h", w.gpuCount, offer.GpuModel, offer.Host.Name, offer.Host.Country, w.price(offer))
		paid, cancel := context.WithTimeout(context.WithoutCancel(ctx), rentTime)
		inst, err := s.api.CreateInstance(paid, rental(args, offer.Id), rand.Text())
		cancel()
		if !pictor.IsCode(err, pictor.CodeNoCapacity) {
			return inst, err
		}
		s.offers.forget()
		refused = err
	}
	return pictor.Instance{}, fmt.Errorf("the offers that fit were taken by somebody else, one after the other; nothing was rented: %w", refused)
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

// lookTimes is when a rental whose answer was lost is looked for. It was not
// there before, under a name that no other run has, so what is found is it.
var lookTimes = []time.Duration{0, time.Second, 3 * time.Second}

// resolveRental finds out what became of a rental whose answer was lost. That
// nothing is found proves nothing, so then the outcome is kept as unknown.
func (s *session) resolveRental(ctx context.Context, args InstanceArgs, account string, lost error) (infer.CreateResponse[InstanceState], error) {
	name := value(args.Name)
	look, cancel := context.WithTimeout(context.WithoutCancel(ctx), rentTime)
	defer cancel()
	for _, after := range lookTimes {
		if s.clock.Sleep(look, after) != nil {
			break
		}
		if inst, err := s.api.FindInstance(look, name); err == nil && inst != nil {
			return s.bringUp(ctx, *inst, args, account)
		}
	}
	state := InstanceState{InstanceArgs: args, AccountID: account}
	return infer.CreateResponse[InstanceState]{ID: provisional + name, Output: state}, infer.ResourceInitFailedError{Reasons: []string{fmt.Sprintf(
		"it is not known whether instance %q was rented: %v\nIt is kept in the state under the provisional id %s. "+
			"Run \"pulumi refresh\": it finds the instance, or drops the resource once it is certain that there is none.", name, lost, provisional+name)}}
}

// bringUp waits until a rented instance is as the program wants it.
func (s *session) bringUp(ctx context.Context, inst pictor.Instance, args InstanceArgs, account string) (infer.CreateResponse[InstanceState], error) {
	state := InstanceState{InstanceArgs: args, AccountID: account}
	state.ExtensionHours = new(0) // none is paid for yet
	state.observe(inst)
	err := s.converge(ctx, &state, args)
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
