package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	p "github.com/pulumi/pulumi-go-provider"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// checkReplacement says what a replacement loses and refuses one that cannot be
// had, before anything is deleted: the engine compares, in a preview and in
// "pulumi up" itself, right before it deletes.
//
// A replacement that is rented before the old machine is deleted may wait for
// capacity, for then nothing is lost.
func checkReplacement(ctx context.Context, old InstanceState, want InstanceArgs, deletesFirst bool) error {
	s, err := sessionOf(ctx)
	if err != nil {
		return nil // it shows where the service is needed
	}
	if deletesFirst {
		p.GetLogger(ctx).Warningf("this replacement deletes the old instance first, and leaves none while the new one comes up, "+
			"since both have the name %q that the program gives them; without a name of its own, or with another one, the new instance is rented first", value(want.Name))
	}
	s.sayWhatIsLost(ctx, old)
	if !known(ctx, priced...) {
		return nil
	}
	ctx, cancel := withDefaultTimeout(ctx, readTime)
	defer cancel()
	if deletesFirst {
		s.offers.leave(ctx, claim{pictor.ID(value(old.OfferID)), value(old.GPUCount), value(old.StorageGB)})
	}
	w := wantedOf(want)
	offer, err := s.offers.choose(ctx, w, replacing, nil)
	var none *noCapacity
	if errors.As(err, &none) && !deletesFirst && w.patience > 0 {
		return nil
	}
	if err == nil && deletesFirst {
		price := w.price(offer)
		if err = s.spend.replace(ctx, pictor.ID(old.InstanceID), price); err == nil {
			err = s.account.replace(ctx, price*pictor.Credits(want.RentalHours+value(want.ExtensionHours)))
		}
	}
	if err != nil {
		return fmt.Errorf("instance %s (%s) is not replaced, and nothing was deleted: %w", value(old.Name), old.InstanceID, err)
	}
	return nil
}

// sayWhatIsLost warns of the hours that are paid for and end with the instance.
func (s *session) sayWhatIsLost(ctx context.Context, old InstanceState) {
	price, err := pictor.ParseCredits(old.HourlyPrice)
	if err != nil {
		return // not even known to be rented
	}
	if old.Status == string(pictor.StatusStopped) {
		p.GetLogger(ctx).Warningf("replacing instance %s gives up what is left of its prepaid time, at %s credits/h, which stands still while it is stopped; by default Pictor gives nothing back",
			value(old.Name), price)
		return
	}
	expires, err := time.Parse(time.RFC3339, value(old.ExpiresAt))
	left := expires.Sub(s.clock.Now()).Truncate(time.Minute)
	if err != nil || left <= 0 {
		return
	}
	worth := price * pictor.Credits(left/time.Minute) / 60
	p.GetLogger(ctx).Warningf("replacing instance %s gives up %d h %d min of prepaid time, worth %s credits (paid until %s); by default Pictor gives nothing back",
		value(old.Name), left/time.Hour, left%time.Hour/time.Minute, worth, value(old.ExpiresAt))
}
