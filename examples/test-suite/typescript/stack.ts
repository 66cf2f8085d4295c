import { LocalWorkspace, type PulumiFn, type Stack } from "@pulumi/pulumi/automation";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Sandbox, test as base } from "./simulator";

/** A Pulumi stack of a test's own, whose program is a function in the test's process. */
export async function newStack(sandbox: Sandbox, folder: string, program: PulumiFn): Promise<Stack> {
    return LocalWorkspace.createStack(
        { stackName: "test", projectName: "test-suite", program },
        {
            projectSettings: { name: "test-suite", runtime: "nodejs", backend: { url: `file://${folder}` } },
            pulumiHome: join(folder, "home"),
            envVars: {
                PICTOR_ENDPOINT: sandbox.endpoint,
                PICTOR_API_KEY: sandbox.apiKey,
                PULUMI_CONFIG_PASSPHRASE: "for tests only",
                PULUMI_SKIP_UPDATE_CHECK: "1",
                PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
            },
        },
    );
}

/** `test` with a sandbox, a folder, and `deploy`, which makes a stack of a program. */
export const test = base.extend<{ folder: string; deploy: (program: PulumiFn) => Promise<Stack> }>({
    folder: async ({}, use) => {
        const folder = await mkdtemp(join(tmpdir(), "test-suite-"));
        await use(folder);
        await rm(folder, { recursive: true });
    },
    deploy: async ({ sandbox, folder }, use) => {
        const stacks: Stack[] = [];
        await use(async (program) => {
            const stack = await newStack(sandbox, folder, program);
            stacks.push(stack);
            return stack;
        });
        for (const stack of stacks) {
            await stack.destroy(); // whatever became of the test, what it rented is given back
        }
    },
});
