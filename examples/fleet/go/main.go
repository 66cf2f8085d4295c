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
		machines := 4
		if n := config.GetInt(ctx, "machines"); n > 0 {
			machines = n
		}
		render, err := pictor.NewFleet(ctx, "render", &pictor.FleetArgs{
			Count:           pulumi.Int(machines),
			Placement:       pulumi.String("spreadHosts"),
			MaxPricePerHour: pulumi.String("1.50"),
			Template: pictor.FleetTemplateArgs{
				GpuModel:    pulumi.String("RTX 3090"),
				RentalHours: pulumi.Int(8),
				SshKeyIds:   pulumi.StringArray{laptop.ID()},
			},
		})
		if err != nil {
			return err
		}
		ctx.Export("hourlyPrice", render.HourlyPrice)
		ctx.Export("logins", render.LoginCommands)
		return nil
	})
}
