import * as pictor from "@pulumi-pictor/pictor";

const trainer = new pictor.Instance("trainer", {
    name: "rented-by-hand",
    storageGb: 50,
    rentalHours: 24,
}, { import: "rented-by-hand" });

export const login = trainer.connection.command;
