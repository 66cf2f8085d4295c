package provider

import (
	"context"
	"errors"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// priced are the inputs on which a price depends. When one is not known yet, no
// price is.
var priced = []string{"os", "gpuModel", "gpuModels", "offerId", "gpuCount", "storageGb", "country", "maxPricePerHour", "rentalHours", "extensionHours", "group"}

// previewCreate says what the rental would cost, as far as the inputs are known.
func previewCreate(ctx context.Context, s *session, configured error, args InstanceArgs) (infer.CreateResponse[InstanceState], error) {
	resp := infer.CreateResponse[InstanceState]{Output: InstanceState{
		InstanceArgs: planned(InstanceArgs{GPUModel: new(""), OfferID: new(""), Country: new("")}, args),
		ExpiresAt:    new(""), // to be known later, like everything that is no input
	}}
	if value(args.WaitFor) == waitForSSH {
		resp.Output.SSHHostKey, resp.Output.SSHHostKeyFingerprint = new(""), new("")
	}
	if configured != nil || !known(ctx, priced...) {
		return resp, nil
	}
	w := wantedOf(args)
	offer, err := s.choose(ctx, &w, args, previewing, nil)
	var none *noCapacity
	if errors.As(err, &none) && w.patience > 0 && known(ctx, "capacityWait") {
		p.GetLogger(ctx).Warningf("nothing that fits is free now: \"pulumi up\" would wait for it, for %s at most, and the price is known only then\n%v", w.patience, none)
		return resp, nil
	}
	if err == nil {
		err = s.account.mayRent()
	}
	if err != nil {
		return resp, err
	}
	for _, unknown := range s.offers.unknownModels(w) {
		p.GetLogger(ctx).Warningf("%s", unknown) // a fallback may be misspelt
	}
	price := w.price(offer)
	if err := s.spend.plan(ctx, price); err != nil {
		return resp, err
	}
	hours := args.RentalHours + value(args.ExtensionHours)
	resp.Output.HourlyPrice = price.String()
	resp.Output.PrepaidTotal = (price * pictor.Credits(args.RentalHours)).String()
	p.GetLogger(ctx).InfoStatusf("%d x %s on %s (%s) for %s credits/h, %s credits in advance",
		w.gpuCount, offer.GpuModel, offer.Host.Name, offer.Host.Country, price, price*pictor.Credits(hours))
	cost := plan{now: price * pictor.Credits(hours)}
	if value(args.AutoRenew) {
		storage := offer.StoragePricePerGbMonth * pictor.Credits(w.storageGB)
		cost.renewal = price*pictor.Credits(args.RentalHours) + during(storage, time.Duration(hours)*time.Hour)
	}
	return resp, s.weigh(ctx, cost)
}

// previewUpdate says what an extension would cost, and whether the credits last
// until the next renewal.
func previewUpdate(ctx context.Context, s *session, state InstanceState, want InstanceArgs) error {
	price, err := pictor.ParseCredits(state.HourlyPrice)
	if err != nil || !known(ctx, "extensionHours", "autoRenew") {
		return nil // a machine of which nothing is known yet, or inputs
	}
	hours := max(value(want.ExtensionHours)-value(state.ExtensionHours), 0)
	cost := plan{now: price * pictor.Credits(hours)}
	expires, err := time.Parse(time.RFC3339, value(state.ExpiresAt))
	if running := err == nil; running && value(want.AutoRenew) {
		storage, _ := pictor.ParseCredits(state.StoragePricePerMonth)
		left := max(expires.Sub(s.clock.Now()), 0) + time.Duration(hours)*time.Hour
		cost.renewal = price*pictor.Credits(state.RentalHours) + during(storage, left)
	}
	if hours > 0 {
		until := ""
		if err == nil {
			until = " until " + expires.Add(time.Duration(hours)*time.Hour).UTC().Format(time.RFC3339)
		}
		p.GetLogger(ctx).InfoStatusf("extends by %d h for %s credits%s", hours, cost.now, until)
	}
	if cost == (plan{}) {
		return nil
	}
	return s.weigh(ctx, cost)
}

// weigh holds what this preview would pay so far against the balance.
func (s *session) weigh(ctx context.Context, cost plan) error {
	all, balance, err := s.account.plan(ctx, cost)
	switch {
	case err != nil:
		return err
	case all.now > balance && cost.now > 0:
		p.GetLogger(ctx).Warningf("this program would pay %s credits in advance so far, and the balance is %s: "+
			"top up under Payment & Billing of the Pictor App, or rent less; nothing is rented that the balance does not carry", all.now, balance)
	case all.now+all.renewal > balance && cost.renewal > 0:
		p.GetLogger(ctx).Warningf("the credits end before a renewal: with autoRenew the next ones, and the storage until then, cost %s credits so far, "+
			"and %s would be left for them; top up before, or an instance whose renewal cannot be paid is terminated", all.renewal, balance-all.now)
	}
	return nil
}

// month is the service's, by which it charges for storage.
const month = 30 * 24 * time.Hour

// during is what something costs in a time that costs this much a month.
func during(monthly pictor.Credits, d time.Duration) pictor.Credits {
	return monthly * pictor.Credits(d/time.Minute) / pictor.Credits(month/time.Minute)
}
