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
	if err := checkOwner(ctx, old); err != nil {
		return err
	}
	s, err := sessionOf(ctx)
	if err != nil {
		return nil // it shows where the service is needed
	}
	if deletesFirst {
		p.GetLogger(ctx).Warningf("this replacement deletes the old instance first, and leaves none while the new one comes up, "+
			"since both have the name %q that the program gives them; without a name of its own, or with another one, the new instance is rented first", value(want.Name))
	}
	ctx, cancel := withDefaultTimeout(ctx, readTime)
	defer cancel()
	s.sayWhatIsLost(ctx, old)
	if !known(ctx, priced...) {
		return nil
	}
	if deletesFirst {
		s.offers.leave(ctx, claim{pictor.ID(value(old.OfferID)), value(old.GPUCount), value(old.StorageGB)})
	}
	w := wantedOf(want)
	if err := s.limitByGroup(ctx, &w, want); err != nil {
		return err
	}
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

// checkOwner refuses the replacement of an instance that another account has: the
// new one would be rented from this account, and the old one, which this
// account's key cannot delete, would go on costing.
func checkOwner(ctx context.Context, old InstanceState) error {
	s, err := sessionOf(ctx)
	if err != nil || old.AccountID == "" {
		return nil
	}
	ctx, cancel := withDefaultTimeout(ctx, readTime)
	defer cancel()
	account, err := s.account.accountID(ctx)
	if err != nil {
		return nil // it shows where the service is needed
	}
	if account == old.AccountID {
		return s.account.mayRent()
	}
	return fmt.Errorf("instance %s (%s) is not replaced, and nothing was rented or deleted: it belongs to account %s, and the API key to account %s, which cannot delete it: "+
		"use a key of the account that has it, or leave it to that account with \"pulumi state delete\"", value(old.Name), old.InstanceID, old.AccountID, account)
}

// sayWhatIsLost warns of the hours that are paid for and end with the instance,
// as the service counts them: it may have been renewed since it was last read,
// and while it is stopped its hours stand still.
func (s *session) sayWhatIsLost(ctx context.Context, old InstanceState) {
	if old.InstanceID == "" {
		return // not even known to be rented
	}
	inst, err := s.api.GetInstance(ctx, pictor.ID(old.InstanceID))
	left := time.Duration(inst.RemainingSeconds) * time.Second
	if err != nil || left < time.Minute {
		return
	}
	worth := inst.PricePerHour * pictor.Credits(left/time.Minute) / 60
	p.GetLogger(ctx).Warningf("replacing instance %s gives up %d h %d min of prepaid time, worth %s credits at %s credits/h; Pictor is not known to give any of it back",
		inst.Name, left/time.Hour, left%time.Hour/time.Minute, worth, inst.PricePerHour)
}
