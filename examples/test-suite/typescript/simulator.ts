import { test as base } from "vitest";

/** What a sandbox is to be like; see `pictor-sim sandbox create --help` for more. */
export interface Settings {
    name?: string;
    seed?: number;
    credits?: string;
    clock?: string;
    [more: string]: unknown;
}

/** What goes wrong: see `pictor-sim fault kinds`. */
export interface Plan {
    kind: string;
    operation?: string;
    phase?: "before" | "after" | "late";
    [more: string]: unknown;
}

export interface Machine {
    id: string;
    name: string;
    status: string;
    price_per_hour: string;
}

export interface Entry {
    at: string;
    type: string;
    amount: string;
    instance_id?: string;
    description: string;
}

export interface Request {
    method: string;
    path: string;
    operation?: string;
    body?: string;
    status: number;
    fault?: string;
}

/** A Pictor of a test's own: its machines, credits and clock, and nobody else's. */
export class Sandbox {
    private constructor(
        private readonly server: string,
        private readonly id: string,
        /** For PICTOR_API_KEY: it is what selects this sandbox. */
        readonly apiKey: string,
    ) {}

    /** Makes one in the simulator that `pictor-sim exec` has started. */
    static async create(settings: Settings = {}): Promise<Sandbox> {
        const server = process.env.PICTOR_SIM;
        if (!server) {
            throw new Error('PICTOR_SIM is not set: run the tests with "pictor-sim exec -- npx vitest run"');
        }
        const made = await call(server, "POST", "/sandboxes", { clock: "poll", ...settings });
        return new Sandbox(server, made.id, made.api_key);
    }

    /** For PICTOR_ENDPOINT. */
    get endpoint() {
        return this.server + "/api";
    }

    /** Moves the clock forward, such as by "36h". */
    advance(by: string) {
        return this.call("POST", "/clock/advance", { by });
    }

    /** Moves the clock forward until a machine, by id or name, has a status. */
    runUntil(instance: string, status: string) {
        return this.call("POST", "/clock/advance", { until: { instance, status } });
    }

    /** Lets requests go wrong, the next that fits unless the plan says otherwise. */
    fault(plan: Plan) {
        return this.call("POST", "/faults", plan);
    }

    /** What was sent, of one operation such as "createInstance" or of all. */
    requests(operation = ""): Promise<Request[]> {
        return this.call("GET", `/requests?operation=${operation}`);
    }

    /** Every change of the balance, oldest first. */
    async ledger(): Promise<Entry[]> {
        return (await this.call("GET", "/ledger")).entries;
    }

    /** The machines that have not been given back. */
    async instances(): Promise<Machine[]> {
        const machines: Machine[] = (await this.call("GET", "/bill")).still_rented;
        return machines.filter((m) => m.status !== "deleting");
    }

    /** Deletes the sandbox. It throws when a machine is left, or a fault never hit. */
    async close() {
        const left = (await this.instances()).map((m) => `${m.name} (${m.id}, ${m.status})`);
        if (left.length > 0) {
            // It stays, so that pictor-sim exec --fail-on-leak sees it, too.
            throw new Error(`still rented, and would go on costing money: ${left.join(", ")}`);
        }
        const idle = (await this.call("GET", "/faults")).filter((f: { fired: number }) => f.fired === 0);
        await call(this.server, "DELETE", `/sandboxes/${this.id}`);
        if (idle.length > 0) {
            throw new Error(`these faults never hit: ${JSON.stringify(idle)}`);
        }
    }

    private call(method: string, path: string, body?: unknown) {
        return call(this.server, method, `${path}${path.includes("?") ? "&" : "?"}sandbox=${this.id}`, body);
    }
}

async function call(server: string, method: string, path: string, body?: unknown): Promise<any> {
    const answer = await fetch(`${server}/_sim${path}`, {
        method,
        headers: { "Content-Type": "application/json" },
        body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!answer.ok) {
        throw new Error(`${method} /_sim${path} is answered ${answer.status}: ${await answer.text()}`);
    }
    return answer.status === 204 ? undefined : answer.json();
}

/** `test` of vitest, whose tests can ask for a `sandbox`. */
export const test = base.extend<{ settings: Settings; sandbox: Sandbox }>({
    settings: {},
    sandbox: async ({ settings, task }, use) => {
        const sandbox = await Sandbox.create({ name: task.name.slice(0, 63), ...settings }); // the bill shows it
        await use(sandbox);
        await sandbox.close();
    },
});
