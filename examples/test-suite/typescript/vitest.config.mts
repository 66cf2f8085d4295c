import { defineConfig } from "vitest/config";

export default defineConfig({
    test: {
        sequence: { concurrent: true }, // each test has a sandbox and a stack of its own
        testTimeout: 60_000,
        hookTimeout: 60_000,
    },
});
