package main

import (
	"github.com/pulumi-pictor/pulumi-pictor/sdk/go/pictor"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		trainer, err := pictor.NewInstance(ctx, "trainer", &pictor.InstanceArgs{
			GpuModels:       pulumi.ToStringArray([]string{"RTX 5090", "RTX 4090", "RTX 3090"}),
			MaxPricePerHour: pulumi.String("0.60"),
			CapacityWait:    pulumi.String("30m"),
			RentalHours:     pulumi.Int(24),
		})
		if err != nil {
			return err
		}
		ctx.Export("model", trainer.GpuModel)
		ctx.Export("hourlyPrice", trainer.HourlyPrice)
		return nil
	})
}
