package provider_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/market"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

// fallbacks is a program that would rather have an H100, else an RTX 5090.
var fallbacks = with(trainer, props{"gpuModel": property.Value{}, "gpuModels": texts("h100", "RTX 5090"), "rentalHours": number(1)})

// offersTime is longer than a list of offers is shared.
const offersTime = 10 * time.Second

func isModel(model string) func(*engine.Offer) bool {
	return func(o *engine.Offer) bool { return o.GPUModel == model }
}

// cheapest is the lowest price of a free GPU of a model.
func cheapest(t *testing.T, sim *simtest.Sim, model string) (price engine.Credits) {
	t.Helper()
	sim.Do(t, func(w *engine.World) error {
		price = w.Offers(func(o *engine.Offer) bool { return o.GPUModel == model && o.GPUsAvailable > 0 })[0].PricePerGPUHour
		return nil
	})
	return price
}

func TestTheFirstModelThatIsFreeWinsThenThePrice(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	preview, err := s.previewCreate(instanceType, "trainer", fallbacks)
	if err != nil {
		t.Fatal(err)
	}
	if !preview.Get("gpuModel").IsComputed() {
		t.Errorf("the preview claims that the model is %v", preview.Get("gpuModel"))
	}
	price := cheapest(t, s.sim, "H100")
	r := s.mustCreate(instanceType, "trainer", fallbacks)
	wantText(t, r.state, "gpuModel", "H100")
	if inst := onlyInstance(t, s.sim); inst.PricePerHour != price || !preview.Get("hourlyPrice").Equals(r.state.Get("hourlyPrice")) {
		t.Errorf("rented at %d; the cheapest costs %d, and the preview said %v", inst.PricePerHour, price, preview.Get("hourlyPrice"))
	}
	s.noDiff(r, fallbacks)
	if err := s.refresh(r); err != nil {
		t.Fatal(err)
	}
	s.noDiff(r, fallbacks)

	withdraw(t, s.sim, isModel("H100"))
	second := s.again().mustCreate(instanceType, "second", fallbacks)
	wantText(t, second.state, "gpuModel", "RTX 5090")
}

// withdraw takes offers off the market.
func withdraw(t *testing.T, sim *simtest.Sim, gone func(*engine.Offer) bool) {
	t.Helper()
	sim.Do(t, func(w *engine.World) error {
		for _, o := range w.Offers(gone) {
			if err := w.WithdrawOffer(o.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestACeilingLeadsToTheNextModel(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	r := s.mustCreate(instanceType, "trainer", with(fallbacks, props{"maxPricePerHour": text("1")}))
	wantText(t, r.state, "gpuModel", "RTX 5090")
}

func TestOffersThatVanishLeadToTheNext(t *testing.T) {
	t.Parallel()
	s := newStack(t, simtest.Market(market.Shape{Hosts: 3, Models: []string{"H100", "RTX 5090"}}))
	gone := s.sim.Fault(fault.Plan{Operation: "createInstance", Times: 2, Effect: fault.NoCapacity{}}) // the two H100
	r := s.mustCreate(instanceType, "trainer", fallbacks)
	if gone.Fired() != 2 {
		t.Errorf("%d offers vanished, not 2", gone.Fired())
	}
	wantText(t, r.state, "gpuModel", "RTX 5090")
	onlyInstance(t, s.sim)

	s.sim.Fault(fault.Plan{Operation: "createInstance", Effect: fault.NoCapacity{}})
	_, err := s.create(instanceType, "second", with(fallbacks, props{"gpuCount": r.state.Get("gpuCount")}))
	wantError(t, err, "1 offers that fitted were taken by somebody else meanwhile", "none of the", "nothing was rented")
	onlyInstance(t, s.sim)
}

func TestWhatNoOfferHasIsMetWithWhatThereIs(t *testing.T) {
	t.Parallel()
	s := newStack(t, simtest.Market(market.Shape{Hosts: 20, Models: []string{"RTX 4090"}, Countries: []string{"GB", "DE"}}))
	for name, c := range map[string]struct {
		change props
		says   []string
	}{
		"a country":    {props{"country": text("UK")}, []string{"no offer is in the country UK now; there are offers in DE, GB", "without country UK: 20 offers"}},
		"so many GPUs": {props{"gpuCount": number(16)}, []string{"without gpuCount 16", "free RTX 4090 in", "credits/h each"}},
		"so much room": {props{"storageGb": number(65000)}, []string{"without storageGb 65000", " GB free"}},
	} {
		_, err := s.previewCreate(instanceType, "trainer", with(trainer, c.change))
		if err == nil {
			t.Fatalf("%s: no error", name)
		}
		wantError(t, err, c.says...)
	}
}

func TestAMisspeltModelIsMetWithThoseThereAre(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	for name, c := range map[string]struct {
		change props
		says   []string
	}{
		"one":      {props{"gpuModel": text("RTX4090")}, []string{`no offer has the GPU model "RTX4090" now: all may be taken, or did you mean "RTX 4090"?`, "On offer are: A100 80GB, B200, H100", "RTX A6000"}},
		"far":      {props{"gpuModel": text("GeForce 4090 " + strings.Repeat("x", 100000))}, []string{"did you mean", "without gpuModel"}},
		"fallback": {props{"gpuModel": property.Value{}, "gpuModels": texts("RTX 509", "L44")}, []string{`"RTX 509" now: all may be taken, or did you mean "RTX 5090"?`, `did you mean "L4"?`, "gpuModels RTX 509 or L44"}},
	} {
		_, err := s.previewCreate(instanceType, "trainer", with(trainer, c.change))
		if err == nil {
			t.Fatalf("%s: no error", name)
		}
		wantError(t, err, c.says...)
	}
	// When another one will do, it is no more than said.
	if _, err := s.previewCreate(instanceType, "trainer", with(trainer, props{"gpuModel": property.Value{}, "gpuModels": texts("H10", "L4")})); err != nil {
		t.Fatal(err)
	}
	s.wantSaid(t, `no offer has the GPU model "H10" now: all may be taken, or did you mean "H100"?`)
}

func TestWhatComesNearestIsNamedWhenMoreThanOneThingIsMissing(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	_, err := s.previewCreate(instanceType, "trainer", with(trainer, props{"country": text("XX"), "gpuCount": number(16), "maxPricePerHour": text("0.01")}))
	wantError(t, err, "relax more than one", "the nearest offers are", "RTX 4090", "not country XX, not gpuCount 16, not maxPricePerHour 0.01")
}

// A preview of many machines promises no GPU twice, however long it takes.
func TestPreviewsShareTheMarket(t *testing.T) {
	t.Parallel()
	s := newStack(t, simtest.Market(market.Shape{Hosts: 1, Models: []string{"L4"}}))
	free := 0
	s.sim.Do(t, func(w *engine.World) error {
		free = w.Offers(func(*engine.Offer) bool { return true })[0].GPUsAvailable
		return nil
	})
	one := props{"rentalHours": number(1)}
	for i := range free {
		if _, err := s.previewCreate(instanceType, fmt.Sprintf("trainer-%d", i), one); err != nil {
			t.Fatal(err)
		}
		s.clock.forward(offersTime)
	}
	if _, err := s.previewCreate(instanceType, "trainer-0", one); err != nil {
		t.Errorf("a second look at the same machine: %v", err)
	}
	_, err := s.previewCreate(instanceType, "too-many", one)
	wantError(t, err, "gpuCount 1", "with 0 free L4", "nothing was rented")
	if list := s.sent.takeChanging(); len(list) > 0 {
		t.Errorf("previews asked %q", list)
	}
}

func TestAnOfferThatIsGoneWhenItsPriceIsReadLeadsToTheNext(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	gone := s.sim.Fault(fault.Plan{Operation: "getOffer", Times: 2, Effect: fault.Status{
		Code: 404, Body: `{"message":"no such offer","code":"not_found"}`, ContentType: "application/json",
	}})
	s.mustCreate(instanceType, "trainer", with(trainer, props{"maxPricePerHour": text("5")}))
	if gone.Fired() != 2 {
		t.Errorf("%d offers were gone, not 2", gone.Fired())
	}
	onlyInstance(t, s.sim)
}
