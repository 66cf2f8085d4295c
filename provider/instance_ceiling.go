package provider

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// A price can rise between the last look at an offer and its rental. What is
// rented then stays in the state, but without the ceiling that it passes: as long
// as the inputs have one and the state has none, every run fails, until somebody
// has decided. A ceiling that the program gets only later judges nothing.

// judgePrice is asked when a machine is seen for the first time.
func (s *InstanceState) judgePrice(inst pictor.Instance) {
	if ceiling := wantedOf(s.InstanceArgs).ceiling; ceiling > 0 && inst.PricePerHour > ceiling {
		s.MaxPricePerHour = nil
	}
}

// tooDear is the error of a machine that passes its ceiling and that nobody has
// agreed to.
func (s *InstanceState) tooDear(ctx context.Context, want InstanceArgs) error {
	ceiling := wantedOf(want).ceiling
	price, err := pictor.ParseCredits(s.HourlyPrice)
	if err != nil || s.MaxPricePerHour != nil || ceiling == 0 || price <= ceiling {
		return nil
	}
	return fmt.Errorf("instance %s (%s) costs %s credits/h, above maxPricePerHour %s: its price rose while it was being rented. It is rented and has cost %s credits: "+
		"keep it by raising maxPricePerHour to \"%[3]s\", or delete it with\n  pulumi destroy --target '%[6]s'",
		value(s.Name), s.InstanceID, s.HourlyPrice, ceiling, s.CostSoFar, requestOf(ctx).urn)
}

// hadCeiling tells whether the machine was rented, or has been kept, under a
// ceiling.
func hadCeiling(oldInputs property.Map) bool { return oldInputs.Get("maxPricePerHour").IsString() }
