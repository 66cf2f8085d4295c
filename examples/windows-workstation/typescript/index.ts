import * as pictor from "@pulumi-pictor/pictor";

const workstation = new pictor.Instance("workstation", {
    os: "windows",
    storageGb: 200,
    rentalHours: 168,
});

export const address = workstation.connection.host;
export const user = workstation.connection.username;
export const password = workstation.windowsPassword;
