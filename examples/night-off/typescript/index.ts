import * as pulumi from "@pulumi/pulumi";
import * as pictor from "@pulumi-pictor/pictor";

const trainer = new pictor.Instance("trainer", {
    rentalHours: 100,
    desiredStatus: new pulumi.Config().get("desiredStatus") ?? "running",
});

export const status = trainer.status;
