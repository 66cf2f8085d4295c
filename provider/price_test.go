package provider_test

import (
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

// newPricedStack is a stack on a market in which a GPU costs a credit an hour.
func newPricedStack(t *testing.T, credits int, config props) *stack {
	t.Helper()
	sim := simtest.New(t, simtest.Credits(credits))
	reprice(t, sim, engine.Credit)
	return onSim(t, sim, &restless{}, config)
}

func TestAPreviewSaysWhatIsPaidAndForWhat(t *testing.T) {
	t.Parallel()
	s := newPricedStack(t, 100, nil)
	preview, err := s.previewCreate(instanceType, "trainer", with(trainer, props{"gpuCount": number(2), "extensionHours": number(6)}))
	if err != nil {
		t.Fatal(err)
	}
	wantText(t, preview, "hourlyPrice", "2")
	wantText(t, preview, "prepaidTotal", "48")
	s.wantSaid(t, "info: 2 x RTX 4090 on ", "for 2 credits/h, 60 credits in advance")
	for _, output := range []string{"offerId", "country", "instanceId", "connection", "expiresAt"} {
		if !preview.Get(output).HasComputed() {
			t.Errorf("%s is taken for known: %v", output, preview.Get(output))
		}
	}
}

func TestThePreviewOfAPinnedOfferKnowsIt(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	var offer engine.Offer
	s.sim.Do(t, func(w *engine.World) error {
		offer = *w.Offers(func(o *engine.Offer) bool { return o.GPUModel == "L4" && o.GPUsAvailable > 0 })[0]
		return nil
	})
	pinned := props{"offerId": text(offer.ID), "rentalHours": number(1)}
	preview, err := s.previewCreate(instanceType, "trainer", pinned)
	if err != nil {
		t.Fatal(err)
	}
	wantText(t, preview, "offerId", offer.ID)
	r := s.mustCreate(instanceType, "trainer", pinned)
	wantText(t, r.state, "offerId", offer.ID)
	if !r.state.Get("hourlyPrice").Equals(preview.Get("hourlyPrice")) {
		t.Errorf("%v became %v", preview.Get("hourlyPrice"), r.state.Get("hourlyPrice"))
	}
}

func TestNoPriceIsMadeOfWhatIsUnknown(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	some := property.New(property.NewArray([]property.Value{text("RTX 4090"), unknown}))
	for name, change := range map[string]props{
		"os": {"os": unknown}, "gpuModel": {"gpuModel": unknown}, "gpuModels": {"gpuModel": property.Value{}, "gpuModels": unknown},
		"one of gpuModels": {"gpuModel": property.Value{}, "gpuModels": some},
		"offerId":          {"offerId": unknown}, "gpuCount": {"gpuCount": unknown}, "storageGb": {"storageGb": unknown},
		"country": {"country": unknown}, "maxPricePerHour": {"maxPricePerHour": unknown},
		"rentalHours": {"rentalHours": unknown}, "extensionHours": {"extensionHours": unknown},
	} {
		preview, err := s.previewCreate(instanceType, "trainer", with(trainer, change))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, price := range []string{"hourlyPrice", "prepaidTotal"} {
			if !preview.Get(price).HasComputed() {
				t.Errorf("%s is unknown, and %s is %v", name, price, preview.Get(price))
			}
		}
		for key := range change {
			if !change[key].IsNull() && !preview.Get(key).HasComputed() {
				t.Errorf("%s is taken for known: %v", key, preview.Get(key))
			}
		}
	}
	if asked := s.sent.take(); len(asked) > 0 {
		t.Errorf("asked %q", asked)
	}
}

func TestAPreviewIsHeldAgainstTheBalance(t *testing.T) {
	t.Parallel()
	s := newPricedStack(t, 50, nil)
	for _, step := range []struct {
		name string
		warn string
	}{
		{"one", ""},
		{"two", ""},
		{"two", ""}, // the same once more
		{"three", "this program would pay 72 credits in advance so far, and the balance is 50"},
	} {
		if _, err := s.previewCreate(instanceType, step.name, trainer); err != nil {
			t.Fatal(err)
		}
		if step.warn == "" {
			s.wantUnsaid(t, "warn")
		} else {
			s.wantSaid(t, step.warn)
		}
	}
}

func TestAPreviewWarnsOfCreditsThatEndBeforeARenewal(t *testing.T) {
	t.Parallel()
	renewing := with(trainer, props{"autoRenew": flag(true)})
	// A day costs 24 credits, and 50 GB of storage for it 10/30.
	s := newPricedStack(t, 49, nil)
	if _, err := s.previewCreate(instanceType, "trainer", renewing); err != nil {
		t.Fatal(err)
	}
	s.wantUnsaid(t, "warn")
	s = newPricedStack(t, 48, nil)
	if _, err := s.previewCreate(instanceType, "trainer", renewing); err != nil {
		t.Fatal(err)
	}
	s.wantSaid(t, "the credits end before a renewal", "cost 24.333333 credits so far, and 24 would be left")

	// Nor is it left out when auto-renew is switched on later.
	r := s.mustCreate(instanceType, "trainer", trainer)
	s.sim.Do(t, func(w *engine.World) error { w.DrainCredits(); return nil })
	s = s.again()
	_, checked, err := s.diff(r, renewing)
	if err != nil {
		t.Fatal(err)
	}
	s.previewUpdate(r, checked)
	s.wantSaid(t, "the credits end before a renewal", "and 0 would be left")
}

func TestThePreviewOfAnExtensionSaysItsPrice(t *testing.T) {
	t.Parallel()
	s := newPricedStack(t, 40, nil)
	r := s.mustCreate(instanceType, "trainer", trainer)
	until := onlyInstance(t, s.sim).ExpiresAt
	extend := func(hours int) {
		t.Helper()
		_, checked, err := s.diff(r, with(trainer, props{"extensionHours": number(hours)}))
		if err != nil {
			t.Fatal(err)
		}
		preview := s.previewUpdate(r, checked)
		wantText(t, preview, "hourlyPrice", "1")
		if !preview.Get("expiresAt").HasComputed() {
			t.Errorf("the preview claims to know the expiry: %v", preview.Get("expiresAt"))
		}
	}
	s = s.again() // 16 credits are left
	extend(10)
	s.wantSaid(t, "info: extends by 10 h for 10 credits until "+until.Add(10*time.Hour).Format(time.RFC3339))
	extend(17)
	s.wantSaid(t, "extends by 17 h for 17 credits", "warn: this program would pay 17 credits in advance so far, and the balance is 16")
	if list := s.sent.takeChanging(); len(list) > 0 {
		t.Errorf("previews asked %q", list)
	}
}
