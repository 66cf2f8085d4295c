import * as pictor from "@pulumi-pictor/pictor";

/** The program: one RTX 4090 for a day at a time. The tests run it as it is. */
export function trainer(options: { autoRenew?: boolean } = {}) {
    const instance = new pictor.Instance("trainer", {
        gpuModel: "RTX 4090",
        maxPricePerHour: "0.50",
        rentalHours: 24,
        autoRenew: options.autoRenew,
    });
    return {
        machine: instance.name,
        login: instance.connection.command,
        expiresAt: instance.expiresAt,
    };
}
