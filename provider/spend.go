package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// spending keeps what all instances of the key cost an hour below a limit.
// Everything counts that is rented and has not ended: also what is stopped, for
// it can be started, and what is to be replaced, until it is deleted. Of what
// this process rents at the same time each rental sees the others.
type spending struct {
	api   *pictor.Client
	clock pictor.Clock
	limit pictor.Credits // 0 is none, and then nothing is asked of the service

	turn     turn
	read     time.Time
	listed   []pictor.Instance
	renting  map[string]pictor.Credits // by name: what may be rented and is not in the list yet
	planned  map[resource.URN]pictor.Credits
	replaced map[resource.URN]succession
}

// succession is a machine that is deleted before its replacement is rented.
type succession struct {
	old   pictor.ID
	price pictor.Credits // of the replacement
}

func newSpending(api *pictor.Client, clock pictor.Clock, limit pictor.Credits) *spending {
	return &spending{
		api: api, clock: clock, limit: limit, turn: newTurn(),
		renting: map[string]pictor.Credits{}, planned: map[resource.URN]pictor.Credits{}, replaced: map[resource.URN]succession{},
	}
}

// plan counts what the preview of this request would rent.
func (s *spending) plan(ctx context.Context, price pictor.Credits) error {
	if s.limit == 0 {
		return nil
	}
	if err := s.turn.take(ctx, "what is rented"); err != nil {
		return err
	}
	defer s.turn.leave()
	urn := requestOf(ctx).urn
	if err := s.allows(ctx, price, func() pictor.Credits { return s.rented() + s.toCome(urn, s.planned) }); err != nil {
		return err
	}
	s.planned[urn] = price
	return nil
}

// replace counts what will be rented once the machine of this request's resource
// is deleted.
func (s *spending) replace(ctx context.Context, old pictor.ID, price pictor.Credits) error {
	if s.limit == 0 {
		return nil
	}
	if err := s.turn.take(ctx, "what is rented"); err != nil {
		return err
	}
	defer s.turn.leave()
	urn := requestOf(ctx).urn
	before, had := s.replaced[urn]
	s.replaced[urn] = succession{old, price}
	err := s.allows(ctx, price, func() pictor.Credits { return s.rented() + s.toCome(urn, nil) })
	if err != nil && had {
		s.replaced[urn] = before
	} else if err != nil {
		delete(s.replaced, urn)
	}
	return err
}

// reserve counts what is about to be rented, before it is paid for.
func (s *spending) reserve(ctx context.Context, name string, price pictor.Credits) error {
	if s.limit == 0 {
		return nil
	}
	if err := s.turn.take(ctx, "what is rented"); err != nil {
		return err
	}
	defer s.turn.leave()
	urn := requestOf(ctx).urn
	if err := s.allows(ctx, price, func() pictor.Credits { return s.rented() + s.toCome(urn, nil) }); err != nil {
		return err
	}
	s.renting[name] = price
	delete(s.replaced, urn) // the old machine has gone
	return nil
}

// release takes back what was reserved and certainly not rented, or is gone.
func (s *spending) release(name string) {
	s.turn.insist()
	defer s.turn.leave()
	delete(s.renting, name)
	s.read = time.Time{}
}

// allows refuses a price that would pass the limit; never from an old list.
func (s *spending) allows(ctx context.Context, price pictor.Credits, others func() pictor.Credits) error {
	fresh := false
	if s.read.IsZero() || s.clock.Now().Sub(s.read) > offersTime {
		if err := s.list(ctx); err != nil {
			return err
		}
		fresh = true
	}
	if others()+price > s.limit && !fresh {
		if err := s.list(ctx); err != nil {
			return err
		}
	}
	if sum := others(); sum+price > s.limit {
		return fmt.Errorf("renting this machine for %s credits/h would pass maxHourlySpend, which the provider's configuration sets to %s credits/h: "+
			"what is rented and what this program is about to rent cost %s credits/h without it (a stopped machine counts, and one that is replaced until it is deleted); "+
			"nothing was rented: delete what is not needed any more, or raise the limit with\n  pulumi config set pictor:maxHourlySpend %s",
			price, s.limit, sum, sum+price)
	}
	return nil
}

func (s *spending) list(ctx context.Context) error {
	now := s.clock.Now()
	instances, err := s.api.ListInstances(ctx, pictor.InstanceFilter{})
	if err != nil {
		return err
	}
	s.listed, s.read = instances, now
	for _, inst := range instances {
		delete(s.renting, inst.Name)
	}
	return nil
}

// rented is what costs now, without the machines that go before their
// replacements come.
func (s *spending) rented() (sum pictor.Credits) {
	leaving := map[pictor.ID]bool{}
	for _, r := range s.replaced {
		leaving[r.old] = true
	}
	for _, inst := range s.listed {
		if !leaving[inst.Id] && !hasEnded(inst.Status) && pictor.NormalStatus(inst.Status) != pictor.StatusDeleting {
			sum += inst.PricePerHour
		}
	}
	for _, price := range s.renting {
		sum += price
	}
	return sum
}

// toCome is what others than this resource will cost.
func (s *spending) toCome(urn resource.URN, planned map[resource.URN]pictor.Credits) (sum pictor.Credits) {
	for other, price := range planned {
		if other != urn {
			sum += price
		}
	}
	for other, r := range s.replaced {
		if _, both := planned[other]; other != urn && !both {
			sum += r.price
		}
	}
	return sum
}
