import { expect } from "vitest";
import { Sandbox } from "./simulator";
import { newStack, test } from "./stack";
import { trainer } from "./trainer";

test("rents one machine, and nothing is left to change", async ({ sandbox, deploy }) => {
    const stack = await deploy(async () => trainer());

    const { outputs } = await stack.up();
    expect(outputs.login.value).toMatch(/^ssh root@/);
    expect(await sandbox.instances()).toMatchObject([{ name: outputs.machine.value, status: "running" }]);

    const preview = await stack.preview();
    expect(preview.changeSummary).toEqual({ same: 2 });

    await stack.destroy();
    expect(await sandbox.instances()).toEqual([]);
});

test("the rental ends after a day, and the next up rents another machine", async ({ sandbox, deploy }) => {
    const stack = await deploy(async () => trainer());
    const first = (await stack.up()).outputs.machine.value;

    await sandbox.advance("25h");
    expect(await sandbox.instances()).toMatchObject([{ name: first, status: "terminated" }]);

    const second = (await stack.up({ refresh: true })).outputs.machine.value;
    expect(await sandbox.instances()).toMatchObject([{ name: second, status: "running" }]);
    expect(second).not.toBe(first);
});

test("auto-renew pays for a second day", async ({ sandbox, deploy }) => {
    const stack = await deploy(async () => trainer({ autoRenew: true }));
    const machine = (await stack.up()).outputs.machine.value;

    await sandbox.advance("25h");
    expect(await sandbox.instances()).toMatchObject([{ name: machine, status: "running" }]);
    const rentals = (await sandbox.ledger()).filter((e) => /^(rental|renewal) of/.test(e.description));
    expect(rentals.map((e) => e.amount)).toEqual(["-8.16", "-8.16"]);
});

test("when the answer to the rental is lost, one machine is rented and paid for once", async ({ sandbox, deploy }) => {
    await sandbox.fault({ operation: "createInstance", phase: "after", kind: "reset" });
    const stack = await deploy(async () => trainer());

    const { outputs } = await stack.up();
    expect(await sandbox.instances()).toMatchObject([{ name: outputs.machine.value, status: "running" }]);
    expect(await sandbox.requests("createInstance")).toMatchObject([{ status: 0 }]);
    expect((await sandbox.ledger()).filter((e) => e.type === "charge" && /^rental of/.test(e.description))).toHaveLength(1);
});

test("a machine that is not given back fails its test", async ({ folder }) => {
    const sandbox = await Sandbox.create({ name: "left behind" });
    const stack = await newStack(sandbox, folder, async () => trainer());
    const machine = (await stack.up()).outputs.machine.value;

    await expect(sandbox.close()).rejects.toThrow(`still rented, and would go on costing money: ${machine} (`);
    await stack.destroy();
    await sandbox.close();
});
