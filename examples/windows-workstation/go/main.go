package main

import (
	"github.com/pulumi-pictor/pulumi-pictor/sdk/go/pictor"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		workstation, err := pictor.NewInstance(ctx, "workstation", &pictor.InstanceArgs{
			Os:          pulumi.String("windows"),
			StorageGb:   pulumi.Int(200),
			RentalHours: pulumi.Int(168),
		})
		if err != nil {
			return err
		}
		ctx.Export("address", workstation.Connection.Host())
		ctx.Export("user", workstation.Connection.Username())
		ctx.Export("password", workstation.WindowsPassword)
		return nil
	})
}
