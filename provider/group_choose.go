package provider

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	p "github.com/pulumi/pulumi-go-provider"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// groups knows where the members of each group are and what they cost: those
// that the account had when the first was asked for, and those that this
// process has chosen an offer for since. One member chooses at a time, so that
// members which are created beside each other see each other.
type groups struct {
	api *pictor.Client

	turn turn // of those who choose

	mu     sync.Mutex
	before []occupant // nil until it is read
	since  map[purpose]map[seat]occupant
	meant  map[string]map[string]bool // group → the members that a program has; none: all count
}

// An occupant is the machine in a seat.
type occupant struct {
	seat
	location
	price pictor.Credits // for all its GPUs and an hour
}

func newGroups(api *pictor.Client) *groups {
	return &groups{
		api:   api,
		turn:  newTurn(),
		since: map[purpose]map[seat]occupant{previewing: {}, renting: {}},
		meant: map[string]map[string]bool{},
	}
}

// declare says which members a group is to have: others that the account has
// are about to be deleted, and count no more.
func (g *groups) declare(group string, members []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.meant[group] = map[string]bool{}
	for _, m := range members {
		g.meant[group][m] = true
	}
}

// choose takes an offer for a machine, with regard to the group that it is in.
func (s *session) choose(ctx context.Context, w *wanted, args InstanceArgs, p purpose, tried map[pictor.ID]bool) (pictor.Offer, error) {
	if args.Group == nil {
		return s.offers.choose(ctx, *w, p, tried)
	}
	return s.groups.choose(ctx, s.offers, w, *args.Group, seatFor(ctx, args), p, tried)
}

// seatFor is the place that a machine's name tells, or that it has only in this
// process: it was put into the group under another name.
func seatFor(ctx context.Context, args InstanceArgs) seat {
	if s, ok := seatOf(value(args.Name)); ok && s.group == args.Group.Name {
		return s
	}
	return seat{args.Group.Name, string(requestOf(ctx).urn)}
}

func (g *groups) choose(ctx context.Context, offers *offerCache, w *wanted, group InstanceGroup, me seat, purpose purpose, tried map[pictor.ID]bool) (pictor.Offer, error) {
	if err := g.turn.take(ctx, "the group"); err != nil {
		return pictor.Offer{}, err
	}
	defer g.turn.leave()
	others, err := g.others(ctx, me, purpose)
	if err != nil {
		return pictor.Offer{}, fmt.Errorf("who else is in the group %s cannot be read; nothing was rented: %w", group.Name, err)
	}
	var placed []location
	for _, o := range others {
		placed = append(placed, o.location)
	}
	crowd, placement := crowdOf(placed), value(group.Placement)
	w.prefer = func(a, b pictor.Offer) int { return crowd.compare(placement, a, b) }
	w.budget = budgetOf(group, others)
	offer, err := offers.choose(ctx, *w, purpose, tried)
	g.mu.Lock()
	defer g.mu.Unlock()
	if err != nil {
		delete(g.since[purpose], me)
		return offer, err
	}
	g.since[purpose][me] = occupant{me, locationOf(offer.Host), w.price(offer)}
	if n, where := crowd.compromise(placement, offer.Host); n > 0 {
		warnOfSharing(ctx, group.Name, me.member, placement, n, where)
	}
	return offer, nil
}

// others are the members besides this one. Who asks has the turn to.
func (g *groups) others(ctx context.Context, me seat, purpose purpose) ([]occupant, error) {
	if g.before == nil {
		instances, err := g.api.ListInstances(ctx, pictor.InstanceFilter{})
		if err != nil {
			return nil, err
		}
		g.before = occupants(instances)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	var others []occupant
	for _, o := range g.before {
		_, chosen := g.since[purpose][o.seat]
		meant := g.meant[me.group]
		if o.group == me.group && o.seat != me && !chosen && (meant == nil || meant[o.member]) {
			others = append(others, o)
		}
	}
	for s, o := range g.since[purpose] {
		if s.group == me.group && s != me {
			others = append(others, o)
		}
	}
	return others, nil
}

// occupants are the machines that sit in a group and run, or will or can again.
func occupants(instances []pictor.Instance) []occupant {
	list := []occupant{}
	for _, inst := range instances {
		if s, ok := seatOf(inst.Name); ok && !hasEnded(inst.Status) && pictor.NormalStatus(inst.Status) != pictor.StatusDeleting {
			list = append(list, occupant{s, locationOf(inst.Host), inst.PricePerHour})
		}
	}
	return list
}

// notRented frees the seat of a machine that was not rented after all.
func (s *session) notRented(ctx context.Context, args InstanceArgs) {
	if args.Group == nil {
		return
	}
	s.groups.mu.Lock()
	defer s.groups.mu.Unlock()
	delete(s.groups.since[renting], seatFor(ctx, args))
}

// confirm tells whether an offer is within all ceilings at the price that it has
// now, which may not be that of the list it was chosen from.
func (s *session) confirm(ctx context.Context, w wanted, args InstanceArgs, offer pictor.Offer) (bool, error) {
	if w.ceiling > 0 && w.price(offer) > w.ceiling {
		return false, nil
	}
	if w.budget == nil {
		return true, nil
	}
	if err := s.groups.turn.take(ctx, "the group"); err != nil {
		return false, err
	}
	defer s.groups.turn.leave()
	me := seatFor(ctx, args)
	others, err := s.groups.others(ctx, me, renting)
	if err != nil || !budgetOf(*args.Group, others).covers(w.price(offer)) {
		return false, err
	}
	s.groups.mu.Lock()
	defer s.groups.mu.Unlock()
	s.groups.since[renting][me] = occupant{me, locationOf(offer.Host), w.price(offer)}
	return true, nil
}

// limitByGroup keeps what is wanted within the budget of its group, without
// taking a seat in it.
func (s *session) limitByGroup(ctx context.Context, w *wanted, args InstanceArgs) error {
	if args.Group == nil {
		return nil
	}
	if err := s.groups.turn.take(ctx, "the group"); err != nil {
		return err
	}
	defer s.groups.turn.leave()
	others, err := s.groups.others(ctx, seatFor(ctx, args), renting)
	if err == nil {
		w.budget = budgetOf(*args.Group, others)
	}
	return err
}

// groupBudget is what the members of a group may cost.
type groupBudget struct {
	group        string
	limit, spent pictor.Credits // an hour
	others       int            // members that cost what is spent
}

// budgetOf is nil when the group has none.
func budgetOf(group InstanceGroup, others []occupant) *groupBudget {
	if group.MaxPricePerHour == nil {
		return nil
	}
	limit, _ := pictor.ParseCredits(*group.MaxPricePerHour) // Check has parsed it
	b := &groupBudget{group: group.Name, limit: limit, others: len(others)}
	for _, o := range others {
		b.spent += o.price
	}
	return b
}

func (b groupBudget) covers(price pictor.Credits) bool { return b.spent+price <= b.limit }

func (b groupBudget) String() string {
	if b.others == 0 {
		return fmt.Sprintf("maxPricePerHour %s of the group %s", b.limit, b.group)
	}
	return fmt.Sprintf("maxPricePerHour %s of the group %s, whose %d other members cost %s", b.limit, b.group, b.others, b.spent)
}

// overBudget is the error of a machine for which there is an offer, but not
// within what its group may cost: that is no matter of the market.
func (w wanted) overBudget(offers []pictor.Offer) error {
	if w.budget == nil {
		return nil
	}
	budget := w.budget
	w.budget = nil
	fit := w.fitting(offers)
	if len(fit) == 0 {
		return nil
	}
	cheapest := slices.MinFunc(fit, func(a, b pictor.Offer) int { return cmp.Compare(a.PricePerGpuHour, b.PricePerGpuHour) })
	if budget.covers(w.price(cheapest)) {
		return nil
	}
	return fmt.Errorf("it would exceed the %s: the cheapest offer that fits, %s in %s, costs %s credits/h; nothing was rented: "+
		"raise maxPricePerHour, or take fewer or cheaper machines", budget, cheapest.Id, cheapest.Host.Country, w.price(cheapest))
}

// preference compares two offers that fit by the placement.
func (w wanted) preference(a, b pictor.Offer) int {
	if w.prefer == nil {
		return 0
	}
	return w.prefer(a, b)
}

func warnOfSharing(ctx context.Context, group, member, placement string, n int, where string) {
	p.GetLogger(ctx).Warningf("%s of the group %s shares %s with %d other members: nothing that fits is free for %s elsewhere", member, group, where, n, placement)
}
