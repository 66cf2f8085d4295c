package main

import (
	"github.com/pulumi-pictor/pulumi-pictor/sdk/go/pictor"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		trainer, err := pictor.NewInstance(ctx, "trainer", &pictor.InstanceArgs{
			Name:        pulumi.String("rented-by-hand"),
			StorageGb:   pulumi.Int(50),
			RentalHours: pulumi.Int(24),
		}, pulumi.Import(pulumi.ID("rented-by-hand")))
		if err != nil {
			return err
		}
		ctx.Export("login", trainer.Connection.Command())
		return nil
	})
}
