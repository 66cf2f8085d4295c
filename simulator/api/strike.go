package api

import (
	"context"
	"errors"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
)

// strike lets something happen to the world before a request is carried out, or
// after. The answer is the real one. A fault that finds nothing to strike is
// left for another request.
func (s spoilt) strike(effect fault.Striker) error {
	if s.hit.Phase == fault.Before {
		if err := s.strikeNow(effect); err != nil {
			return err
		}
		return s.next(s.c)
	}
	if routeOf(s.c).Operation.OperationID == "createInstance" {
		b := &blow{effect: effect}
		callOf(s.c).blow = b
		real, err := record(s.c, s.next)
		if err == nil && !b.struck {
			err = s.missed()
		}
		if err != nil {
			return err
		}
		return replay(s.c, real)
	}
	real, err := record(s.c, s.next)
	if err != nil {
		return err
	}
	if err := s.strikeNow(effect); err != nil {
		return err
	}
	return replay(s.c, real)
}

// strikeNow is a change of the world of its own.
func (s spoilt) strikeNow(effect fault.Striker) error {
	err := callOf(s.c).Update(func(w *engine.World) error { return effect.Strike(w, s.at) })
	if errors.As(err, new(*engine.Error)) {
		return s.missed()
	}
	return err
}

// missed leaves the fault for another request.
func (s spoilt) missed() error {
	s.c.Set(FaultKey, nil)
	return callOf(s.c).Missed(s.hit)
}

// blow is what befalls an instance that is going to be rented.
type blow struct {
	effect fault.Striker
	struck bool
}

// rentAndStrike rents, and lets what befalls the new instance happen before
// anybody else can see it. An instance that was rented before, for the same
// idempotency key, is left alone.
func rentAndStrike(ctx context.Context, w *engine.World, r engine.RentRequest) (engine.Instance, error) {
	charges := len(w.Ledger())
	inst, err := w.Rent(r)
	if b := from(ctx).blow; b != nil && err == nil && len(w.Ledger()) > charges {
		b.struck = b.effect.Strike(w, fault.Target{InstanceID: inst.ID, OfferID: inst.OfferID}) == nil
	}
	return inst, err
}
