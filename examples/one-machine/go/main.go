package main

import (
	"github.com/pulumi-pictor/pulumi-pictor/sdk/go/pictor"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		laptop, err := pictor.NewSshKey(ctx, "laptop", &pictor.SshKeyArgs{
			PublicKey: pulumi.String(config.Require(ctx, "publicKey")),
		})
		if err != nil {
			return err
		}
		trainer, err := pictor.NewInstance(ctx, "trainer", &pictor.InstanceArgs{
			GpuModel:        pulumi.String("RTX 4090"),
			MaxPricePerHour: pulumi.String("0.50"),
			RentalHours:     pulumi.Int(24),
			SshKeyIds:       pulumi.StringArray{laptop.ID()},
		})
		if err != nil {
			return err
		}
		ctx.Export("hourlyPrice", trainer.HourlyPrice)
		ctx.Export("login", trainer.Connection.Command())
		return nil
	})
}
