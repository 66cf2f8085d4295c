package main

import (
	"cmp"

	"github.com/pulumi-pictor/pulumi-pictor/sdk/go/pictor"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		trainer, err := pictor.NewInstance(ctx, "trainer", &pictor.InstanceArgs{
			RentalHours:   pulumi.Int(100),
			DesiredStatus: pulumi.String(cmp.Or(config.Get(ctx, "desiredStatus"), "running")),
		})
		if err != nil {
			return err
		}
		ctx.Export("status", trainer.Status)
		return nil
	})
}
