import * as pictor from "@pulumi-pictor/pictor";

const trainer = new pictor.Instance("trainer", {
    gpuModels: ["RTX 5090", "RTX 4090", "RTX 3090"],
    maxPricePerHour: "0.60",
    capacityWait: "30m",
    rentalHours: 24,
});

export const model = trainer.gpuModel;
export const hourlyPrice = trainer.hourlyPrice;
