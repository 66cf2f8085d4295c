package provider_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/market"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

var worker = props{"gpuModel": text("RTX 3090"), "rentalHours": number(1)}

// in is a machine in a group.
func in(group string, machine, more props) props {
	g := with(props{"name": text(group)}, more)
	return with(machine, props{"group": property.New(property.NewMap(g))})
}

// createAll creates machines beside each other, as the engine does.
func (s *stack) createAll(names []string, inputs props) {
	s.t.Helper()
	done := make(chan error, len(names))
	for _, name := range names {
		go func() {
			_, err := s.create(instanceType, name, inputs)
			done <- err
		}()
	}
	for range names {
		if err := <-done; err != nil {
			s.t.Error(err)
		}
	}
}

// count counts the rented machines by something.
func count(sim *simtest.Sim, by func(engine.Instance) string) map[string]int {
	counts := map[string]int{}
	for _, inst := range sim.Instances() {
		counts[by(inst)]++
	}
	return counts
}

func host(i engine.Instance) string { return i.Host.ID }

func country(i engine.Instance) string { return i.Host.Country }

func most(counts map[string]int) int { return slices.Max(slices.Collect(maps.Values(counts))) }

func TestAGroupSpreadsOverHostsAlsoInALaterRun(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s.createAll([]string{"a", "b", "c"}, worker)
	if most(count(s.sim, host)) == 1 {
		t.Fatal("without a group these machines would be spread too, which proves nothing")
	}
	s = newStack(t)
	spread := in("workers", worker, props{"placement": text("spreadHosts")})
	s.createAll([]string{"a", "b", "c"}, spread)
	s.again().createAll([]string{"d", "e"}, spread)
	if hosts := count(s.sim, host); len(hosts) != 5 {
		t.Errorf("5 machines are on %d hosts: %v", len(hosts), hosts)
	}
	for _, inst := range s.sim.Instances() {
		if !strings.HasPrefix(inst.Name, "workers.") {
			t.Errorf("the name %q does not tell the group", inst.Name)
		}
	}
}

func TestAGroupSpreadsOverCountries(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	spread := in("workers", worker, props{"placement": text("spreadCountries")})
	s.createAll([]string{"a", "b", "c", "d"}, spread)
	s.again().createAll([]string{"e"}, spread)
	if countries := count(s.sim, country); len(countries) != 5 {
		t.Errorf("5 machines are in %d countries: %v", len(countries), countries)
	}
}

func TestAGroupIsPackedAlsoOnAHostThatIsNotTheCheapest(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	var dear string
	s.sim.Do(t, func(w *engine.World) error {
		roomy := w.Offers(func(o *engine.Offer) bool { return o.GPUModel == "RTX 3090" && o.GPUsAvailable >= 4 })
		dear = slices.MaxFunc(roomy, func(a, b *engine.Offer) int { return cmp.Compare(a.PricePerGPUHour, b.PricePerGPUHour) }).ID
		return nil
	})
	packed := in("workers", worker, props{"placement": text("pack")})
	s.mustCreate(instanceType, "a", with(packed, props{"offerId": text(dear)}))
	s.mustCreate(instanceType, "b", packed)
	s.again().mustCreate(instanceType, "c", packed)
	if hosts := count(s.sim, host); len(hosts) != 1 {
		t.Errorf("3 machines are on %d hosts: %v", len(hosts), hosts)
	}
}

func TestASpreadSharesHostsEvenlyWhenThereAreTooFew(t *testing.T) {
	t.Parallel()
	s := newStack(t, simtest.Market(market.Shape{Hosts: 4, Models: []string{"RTX 4090"}}))
	free := 0
	s.sim.Do(t, func(w *engine.World) error {
		for _, o := range w.Offers(func(o *engine.Offer) bool { return o.GPUsAvailable > 1 }) {
			free += min(o.GPUsAvailable, 2)
		}
		return nil
	})
	names := strings.Split("abcdefghijkl", "")[:free]
	s.createAll(names, in("workers", with(worker, props{"gpuModel": text("RTX 4090")}), props{"placement": text("spreadHosts")}))
	if hosts := count(s.sim, host); most(hosts) > 2 {
		t.Errorf("%d machines are not even: %v", free, hosts)
	}
}

func TestThePreviewOfASpreadSaysThePriceThatIsPaid(t *testing.T) {
	t.Parallel()
	s := newStack(t, simtest.Seed(3))
	spread := in("workers", worker, props{"placement": text("spreadHosts")})
	for _, name := range []string{"a", "b", "c", "d"} {
		preview, err := s.previewCreate(instanceType, name, spread)
		if err != nil {
			t.Fatal(err)
		}
		r := s.mustCreate(instanceType, name, spread)
		if !preview.Get("hourlyPrice").Equals(r.state.Get("hourlyPrice")) {
			t.Errorf("%s was to cost %v and costs %v", name, preview.Get("hourlyPrice"), r.state.Get("hourlyPrice"))
		}
	}
}

// budgeted is a worker in a group that may cost so much for each of n members
// at today's price.
func budgeted(t *testing.T, s *stack, n float64, more props) props {
	t.Helper()
	preview, err := s.again().previewCreate(instanceType, "probe", worker)
	if err != nil {
		t.Fatal(err)
	}
	limit := fmt.Sprintf("%.6f", n*parse(t, preview.Get("hourlyPrice")))
	return in("workers", worker, with(props{"maxPricePerHour": text(limit)}, more))
}

func TestAGroupsBudgetRefusesAtPreviewAndBeforeTheRental(t *testing.T) {
	t.Parallel()
	s := newStack(t, simtest.Hosts(40))
	two := budgeted(t, s, 2.5, nil)
	for _, name := range []string{"a", "b"} {
		if _, err := s.previewCreate(instanceType, name, two); err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.previewCreate(instanceType, "c", two)
	wantError(t, err, "maxPricePerHour", "2 other members", "nothing was rented")

	done := make(chan error, 5)
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		go func() {
			_, err := s.create(instanceType, name, two)
			done <- err
		}()
	}
	refused := 0
	for range 5 {
		if err := <-done; err != nil {
			refused++
			wantError(t, err, "maxPricePerHour")
		}
	}
	if rented := len(s.sim.Instances()); rented != 2 || refused != 3 {
		t.Errorf("%d are rented and %d refused", rented, refused)
	}
	later := s.again()
	_, err = later.previewCreate(instanceType, "f", two)
	wantError(t, err, "maxPricePerHour", "2 other members")
	if _, err := later.create(instanceType, "f", two); err == nil {
		t.Error("a later run rents above the budget")
	}
}

func TestAGroupsBudgetHoldsForThePriceOfTheMoment(t *testing.T) {
	t.Parallel()
	s := newStack(t, simtest.Hosts(40))
	two := budgeted(t, s, 2.5, nil)
	s.mustCreate(instanceType, "a", two)
	s.sim.Do(t, func(w *engine.World) error { // the list of offers is still that of before
		w.Reprice(func(o engine.Offer) engine.Credits { return 2 * o.PricePerGPUHour })
		return nil
	})
	_, err := s.create(instanceType, "b", two)
	wantError(t, err, "maxPricePerHour", "1 other members")
	onlyInstance(t, s.sim)
}

func TestAReplacementTakesTheSeatOfTheMachineItReplaces(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	one := budgeted(t, s, 1.5, nil)
	s.mustCreate(instanceType, "a", one)
	if _, err := s.again().create(instanceType, "a", one); err != nil {
		t.Errorf("the machine that is replaced counts: %v", err)
	}
}

func TestAMemberThatIsNotRentedLeavesItsSeat(t *testing.T) {
	t.Parallel()
	s := newStack(t, simtest.Credits(0))
	one := budgeted(t, s, 1.5, nil)
	for _, name := range []string{"a", "b"} {
		_, err := s.create(instanceType, name, one)
		if err == nil || strings.Contains(err.Error(), "maxPricePerHour") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestJoiningAndLeavingAGroupIsOnlyRecorded(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	r := s.mustCreate(instanceType, "trainer", trainer)
	before := onlyInstance(t, s.sim)
	for _, now := range []props{
		in("workers", trainer, props{"placement": text("spreadHosts"), "maxPricePerHour": text("9")}),
		in("others", trainer, props{"placement": text("pack")}),
		trainer,
	} {
		if err := s.update(r, now); err != nil {
			t.Fatal(err)
		}
		s.noDiff(r, now)
		if err := s.refresh(r); err != nil {
			t.Fatal(err)
		}
		s.noDiff(r, now)
		if group := r.state.Get("group"); !group.Equals(now["group"]) {
			t.Errorf("the state has the group %v, not %v", group, now["group"])
		}
	}
	if after := onlyInstance(t, s.sim); after.ID != before.ID || after.Name != before.Name {
		t.Errorf("%+v became %+v", before, after)
	}
}

func TestAMembersAutomaticNameNeedsNoDeleteBeforeAReplacement(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	for _, more := range []props{nil, {"member": text("driver")}} {
		member := in("workers", trainer, more)
		r := s.mustCreate(instanceType, "trainer", member)
		d, _, err := s.diff(r, with(member, props{"gpuCount": number(2)}))
		if err != nil || d.DeleteBeforeReplace {
			t.Errorf("%v: delete before replace is %v, %v", more, d.DeleteBeforeReplace, err)
		}
	}
	named := in("workers", with(trainer, props{"name": text("workers.mine")}), nil)
	r := s.mustCreate(instanceType, "trainer", named)
	d, _, err := s.diff(r, with(named, props{"gpuCount": number(2)}))
	if err != nil || !d.DeleteBeforeReplace {
		t.Errorf("a name of one's own: delete before replace is %v, %v", d.DeleteBeforeReplace, err)
	}
}

func TestBadGroupsAreRefused(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	for _, c := range []struct {
		inputs props
		says   string
	}{
		{in("a.b", worker, nil), "name \"a.b\" must have letters"},
		{in("", worker, nil), "name \"\" must have letters"},
		{in("workers", worker, props{"placement": text("everywhere")}), "placement must be \"spreadHosts\""},
		{in("workers", worker, props{"member": text("-")}), "member \"-\" must"},
		{in("workers", worker, props{"member": text(strings.Repeat("m", 60))}), "at most 55 characters, not 68"},
		{in("workers", worker, props{"maxPricePerHour": text("much")}), "maxPricePerHour must be credits"},
		{in("workers", worker, props{"maxPricePerHour": text("0")}), "maxPricePerHour must be above 0"},
		{in("workers", with(worker, props{"name": text("mine")}), nil), "\"mine\" must begin with \"workers.\""},
	} {
		_, failures := s.check(instanceType, "trainer", property.Map{}, c.inputs)
		if len(failures) != 1 || !strings.Contains(failures[0].Reason, c.says) {
			t.Errorf("%v: %v; want one that says %q", c.inputs["group"], failures, c.says)
		}
	}
	for _, unknowns := range []props{
		with(worker, props{"group": unknown}),
		{"gpuModel": text("RTX 3090"), "rentalHours": number(1), "group": property.New(map[string]property.Value{"name": unknown, "maxPricePerHour": unknown})},
	} {
		preview, err := s.previewCreate(instanceType, "trainer", unknowns)
		if err != nil || !preview.Get("hourlyPrice").IsComputed() {
			t.Errorf("a group yet to be known: the price is %v, %v", preview.Get("hourlyPrice"), err)
		}
	}
}
