import * as pulumi from "@pulumi/pulumi";
import * as pictor from "@pulumi-pictor/pictor";

const laptop = new pictor.SshKey("laptop", {
    publicKey: new pulumi.Config().require("publicKey"),
});

const trainer = new pictor.Instance("trainer", {
    gpuModel: "RTX 4090",
    maxPricePerHour: "0.50",
    rentalHours: 24,
    sshKeyIds: [laptop.id],
});

export const hourlyPrice = trainer.hourlyPrice;
export const login = trainer.connection.command;
