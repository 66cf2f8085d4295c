import * as pulumi from "@pulumi/pulumi";
import * as pictor from "@pulumi-pictor/pictor";

const config = new pulumi.Config();

const laptop = new pictor.SshKey("laptop", {
    publicKey: config.require("publicKey"),
});

const render = new pictor.Fleet("render", {
    count: config.getNumber("machines") ?? 4,
    placement: "spreadHosts",
    maxPricePerHour: "1.50",
    template: {
        gpuModel: "RTX 3090",
        rentalHours: 8,
        sshKeyIds: [laptop.id],
    },
});

export const hourlyPrice = render.hourlyPrice;
export const logins = render.loginCommands;
