package fault

import "github.com/pulumi-pictor/pulumi-pictor/simulator/engine"

// NoCapacity takes the offer that is about to be rented off the market, as when
// somebody else rents it between a list and a create.
type NoCapacity struct{}

func (NoCapacity) kind() string { return "no_capacity" }

// Strike withdraws the offer.
func (NoCapacity) Strike(w *engine.World, at Target) error { return w.WithdrawOffer(at.OfferID) }
