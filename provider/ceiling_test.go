package provider_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
)

// capped is a program for which a credit an hour will do, and no more.
var capped = with(trainer, props{"maxPricePerHour": text("1"), "rentalHours": number(1)})

// dearer lets every price rise to 1.5 credits when a rental is on its way.
type dearer struct {
	s    *stack
	next http.RoundTripper
}

func (d dearer) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/gpu-instances") {
		reprice(d.s.t, d.s.sim, engine.Credit*3/2)
	}
	return d.next.RoundTrip(r)
}

func newRisingStack(t *testing.T) *stack {
	t.Helper()
	s := newPricedStack(t, 100, nil)
	s.sent.goBy(func(next http.RoundTripper) http.RoundTripper { return dearer{s, next} })
	return s
}

func TestAPriceThatRisesDuringTheRentalIsNotAcceptedSilently(t *testing.T) {
	t.Parallel()
	s := newRisingStack(t)
	says := []string{"costs 1.5 credits/h, above maxPricePerHour 1: its price rose while it was being rented", "has cost 1.5 credits", `raising maxPricePerHour to "1.5"`, "pulumi destroy --target 'urn:pulumi:test::test::pictor:index:Instance::trainer'"}
	r, err := s.create(instanceType, "trainer", capped)
	wantError(t, err, says...)
	wantText(t, r.state, "hourlyPrice", "1.5")

	// Not by the next run either, not even after a refresh, which makes the
	// engine forget that the last one failed; nor with something else to do, nor
	// by a ceiling that is still too low.
	for name, change := range map[string]props{
		"nothing": nil, "another change": {"autoRenew": flag(true)}, "too little": {"maxPricePerHour": text("1.4")},
	} {
		run := s.again()
		if err := run.refresh(r); err != nil {
			t.Fatal(err)
		}
		d, _, err := run.diff(r, capped)
		if _, says := d.DetailedDiff["hourlyPrice"]; err != nil || !says {
			t.Errorf("%s: the preview says %v, %v", name, d.DetailedDiff, err)
		}
		wantError(t, run.update(r, with(capped, change)), says[0][:10], "its price rose while it was being rented")
		if changed := run.sent.takeChanging(); len(changed) > 0 {
			t.Errorf("%s: %q", name, changed)
		}
	}

	// Only the person who pays can agree; and agrees once and for all.
	agreed := with(capped, props{"maxPricePerHour": text("1.5")})
	if err := s.update(r, agreed); err != nil {
		t.Fatal(err)
	}
	wantText(t, r.state, "status", "running")
	s.noDiff(r, agreed)
	if err := s.update(r, capped); err != nil {
		t.Errorf("a ceiling lowered afterwards: %v", err)
	}
	s.noDiff(r, capped)
	if inst := onlyInstance(t, s.sim); inst.PricePerHour != engine.Credit*3/2 {
		t.Errorf("rented at %d", inst.PricePerHour)
	}
}

func TestNeitherIsThePriceOfARentalWhoseAnswerWasLost(t *testing.T) {
	t.Parallel()
	s := newRisingStack(t)
	r := unknownRental(t, s, capped, fault.After)
	wantError(t, s.again().update(r, capped), "its price rose while it was being rented")
	wantText(t, r.state, "hourlyPrice", "1.5")
	if err := s.again().update(r, with(capped, props{"maxPricePerHour": property.Value{}})); err != nil {
		t.Fatal(err)
	}
	wantText(t, r.state, "status", "running")
}

func TestACeilingThatComesLaterJudgesNothing(t *testing.T) {
	t.Parallel()
	s := newPricedStack(t, 100, nil)
	r := s.mustCreate(instanceType, "trainer", with(capped, props{"maxPricePerHour": property.Value{}}))
	low := with(capped, props{"maxPricePerHour": text("0.5")})
	for range 2 {
		if err := s.update(r, low); err != nil {
			t.Fatal(err)
		}
	}
	s.noDiff(r, low)
}

func TestAPriceThatRisesDuringTheRentalIsSaid(t *testing.T) {
	t.Parallel()
	s := newRisingStack(t)
	s.mustCreate(instanceType, "trainer", with(capped, props{"maxPricePerHour": property.Value{}}))
	s.wantSaid(t, "costs 1.5 credits/h, and not 1: its price rose while it was being rented")
}
