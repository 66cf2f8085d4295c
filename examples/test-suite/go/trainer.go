package main

import (
	"github.com/pulumi-pictor/pulumi-pictor/sdk/go/pictor"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// trainer is the program: one RTX 4090 for a day at a time. The tests run it as it is.
func trainer(ctx *pulumi.Context, autoRenew bool) error {
	instance, err := pictor.NewInstance(ctx, "trainer", &pictor.InstanceArgs{
		GpuModel:        pulumi.String("RTX 4090"),
		MaxPricePerHour: pulumi.String("0.50"),
		RentalHours:     pulumi.Int(24),
		AutoRenew:       pulumi.Bool(autoRenew),
	})
	if err != nil {
		return err
	}
	ctx.Export("machine", instance.Name)
	ctx.Export("login", instance.Connection.Command())
	ctx.Export("expiresAt", instance.ExpiresAt)
	return nil
}
