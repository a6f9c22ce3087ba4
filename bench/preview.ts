/** `npm run bench:preview`: what a preview of hosts in sync costs, beside what nobody can do without and beside Ansible. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { manifestSettings } from "../host/kubeadmManifest";
import { inspectScript } from "../host/plan";
import { transactionScript } from "../host/script";
import { makeWish, sha256 } from "../host/wish";
import { createEngine, type Engine } from "../sandbox";
import { check } from "../sandbox/process";
import { step } from "../sandbox/progress";
import { prepareAnsible, type Ansible, type Expectation } from "./ansible";
import { startBenchHosts, withKubelets, type BenchHosts } from "./hosts";
import { load, medians, table, verdict, type Sample } from "./measure";
import { buildPackage, compileSampler, PACKAGE } from "./package";
import type { ExchangeOrder, EngineOrder } from "./sample";

/** How many times faster than Ansible a preview has to be, by hosts. */
const FASTER_THAN_ANSIBLE: Readonly<Record<number, number>> = { 1: 1, 10: 6, 50: 18 };

const POLICY = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
    - level: RequestResponse
      verbs: [delete]
      resources: [{ group: "", resources: [pods], resourceNames: [webapp-pod] }]
      namespaces: [prod-namespace]
    - level: None
`;

/** In the order of the table. */
const CONTESTANTS = {
    audit: "a  pulumi preview, all hosts in sync",
    empty: "b  pulumi preview, empty program",
    exchange: "c  one bare ssh2 exchange with each host",
    ansible: "d  ansible-playbook, tuned and warm",
    ansibleCold: "   ansible-playbook, its defaults, once, cold",
    plain: "e  pulumi preview, as many bare remote.Commands",
} as const;

type Contestant = keyof typeof CONTESTANTS;
type Contest = Readonly<Record<Exclude<Contestant, "ansibleCold">, () => Promise<Sample>>>;
type Result = Readonly<Record<Contestant, Sample>>;

const say = (line: string): void => {
    console.log(line);
};

async function main(counts: readonly number[], rounds: number): Promise<void> {
    await step(say, "Building the package", buildPackage);
    const run = await compileSampler();
    const engine = await createEngine({ onProgress: say });
    const hosts = await startBenchHosts(Math.max(...counts), say);
    const directory = mkdtempSync(join(tmpdir(), "bench-")); // An SSH control socket's path has to be short.
    try {
        const ansible = await prepareAnsible(hosts, expectation(), join(directory, "ansible"));
        const orders = counts.map((count) => [count, previewOrder(engine, hosts, count, directory)] as const);
        await withKubelets(hosts.hosts, async () => {
            for (const [count, order] of orders) {
                await makeStacks(order);
                for (const each of [emptyProgram(order), plainProgram(order), order]) {
                    await step(say, `pulumi up, ${count} hosts, ${each.stack}`, () => run({ ...each, kind: "up" }));
                }
            }
        });
        say(`Load of this machine before the rounds: ${load()}`);
        const results = new Map<number, Result>();
        for (const [count, order] of orders) {
            const contest: Contest = {
                empty: () => run(emptyProgram(order)),
                exchange: () => run(exchangeOrder(hosts, count)),
                audit: () => withoutCommands(order, () => run(order)),
                plain: () => run(plainProgram(order)),
                ansible: () => ansible.run(count, "tuned"),
            };
            const ansibleCold = await ansible.run(count, "defaults");
            const held = await step(say, `${rounds} rounds, ${count} hosts`, () => hold(contest, rounds));
            const result: Result = { ...held, ansibleCold };
            say(JSON.stringify(result)); // Not lost when the rest is interrupted.
            results.set(count, result);
        }
        report(results, engine, ansible, rounds);
        await ansible.close();
    } finally {
        await step(say, "Removing the hosts", () => hosts.down());
        rmSync(directory, { recursive: true, force: true });
        engine.close();
    }
}

/** Runs all contestants in turn, after one turn that warms them up, and takes each one's medians. */
async function hold(contest: Contest, rounds: number): Promise<Omit<Result, "ansibleCold">> {
    const samples = new Map<keyof Contest, Sample[]>();
    const contestants = Object.keys(contest) as (keyof Contest)[];
    for (let round = 0; round <= rounds; round++) {
        for (const contestant of contestants) {
            const sample = await contest[contestant]();
            samples.set(contestant, round === 0 ? [] : [...samples.get(contestant)!, sample]);
        }
    }
    const of = (contestant: keyof Contest) => medians(samples.get(contestant)!);
    return {
        audit: of("audit"),
        empty: of("empty"),
        exchange: of("exchange"),
        ansible: of("ansible"),
        plain: of("plain"),
    };
}

/**
 * The stack of the first hosts. Each number of hosts has a backend of its own with a stack of the same name, which the
 * hosts take for the same owner.
 */
function previewOrder(
    engine: Engine,
    { hosts, credentials }: BenchHosts,
    count: number,
    directory: string,
): EngineOrder {
    const workDir = join(directory, `hosts-${count}`);
    const state = join(workDir, "state");
    mkdirSync(state, { recursive: true });
    const args = {
        hosts: hosts.slice(0, count).map(({ name, address, hostKey }) => ({ name, host: address, hostKey })),
        connection: { user: "root", privateKey: credentials.privateKey },
        policy: POLICY,
    };
    return {
        kind: "preview",
        env: {
            ...engine.env,
            PULUMI_BACKEND_URL: `file://${state}`,
            KUBE_APISERVER_AUDIT_COMMAND_LOG: commandLog(workDir),
        },
        workDir,
        stack: "audit",
        program: { kind: "audit", package: PACKAGE, args },
    };
}

async function makeStacks({ env, workDir }: EngineOrder): Promise<void> {
    writeFileSync(join(workDir, "Pulumi.yaml"), "name: bench\nruntime: nodejs\n");
    for (const name of ["audit", "empty", "plain"]) {
        await check(join(env.PULUMI_HOME!, "bin", "pulumi"), ["stack", "init", name], { env, cwd: workDir });
    }
}

function emptyProgram(order: EngineOrder): EngineOrder {
    return { ...order, stack: "empty", program: { kind: "empty" } };
}

/** As many resources, with inputs as long, and no more: what the engine and the plugin themselves take for them. */
function plainProgram(order: EngineOrder): EngineOrder {
    if (order.program.kind !== "audit") {
        throw new Error("This stack has no hosts.");
    }
    const { hosts, connection } = order.program.args;
    const { user, privateKey } = connection as { user: string; privateKey: string };
    const stdin = [inspectScript("0123456789abcdef"), transactionScript({ "policy.yaml": POLICY })] as const;
    const plain = hosts.map(({ name, host }) => ({
        name,
        connection: { host: host as string, user, privateKey },
        stdin,
    }));
    return { ...order, stack: "plain", program: { kind: "plain", hosts: plain } };
}

function exchangeOrder({ hosts, credentials }: BenchHosts, count: number): ExchangeOrder {
    const login = { username: "root", privateKey: credentials.privateKey };
    return {
        kind: "exchange",
        command: "exec true",
        hosts: hosts.slice(0, count).map(({ address }) => ({ ...login, host: address })),
    };
}

function commandLog(workDir: string): string {
    return join(workDir, "commands.jsonl");
}

/** `--expect-no-changes` is the sampler's; the stand-in for the command plugin notes its commands as well. */
async function withoutCommands({ workDir }: EngineOrder, work: () => Promise<Sample>): Promise<Sample> {
    rmSync(commandLog(workDir), { force: true });
    const sample = await work();
    if (existsSync(commandLog(workDir))) {
        throw new Error(`A preview ran commands on hosts:\n${readFileSync(commandLog(workDir), "utf8")}`);
    }
    return sample;
}

function expectation(): Expectation {
    const { settings, policyText } = makeWish({ owner: "", policy: POLICY });
    const logDirectory = settings.log.path!.replace(/\/[^/]*$/, "");
    const { flags } = manifestSettings(settings);
    return { flags, policyPath: settings.policyFile, policySha256: sha256(policyText), logDirectory };
}

function report(results: ReadonlyMap<number, Result>, engine: Engine, ansible: Ansible, rounds: number): void {
    const counts = [...results.keys()];
    const rows = Object.entries(CONTESTANTS).map(([contestant, label]) => [
        label,
        ...counts.flatMap((count) => {
            const { seconds, cpuSeconds } = results.get(count)![contestant as Contestant];
            return [seconds.toFixed(2), cpuSeconds.toFixed(2)];
        }),
    ]);
    const head = ["", ...counts.flatMap((count) => [`${count}: wall s`, "CPU s"])];
    say(`
Medians of ${rounds} interleaved rounds, by hosts. Load of this machine after them: ${load()}
The hosts are containers on this machine's own ${cpus().length} cores: their work is in the wall times, as a fleet's would
not be, and not in the CPU times, which are this side's alone (user and system, children included).
Command plugin: ${engine.pluginKind}. Rival: ${ansible.version}, pipelining, 50 forks, warm ControlPersist, no facts.

${table([head, ...rows])}
`);
    for (const [count, { audit, empty, exchange, plain, ansible: rival }] of results) {
        const floor = empty.seconds + exchange.seconds;
        say(verdict(`${count} hosts, wall, a / (b + c)`, audit.seconds / floor, "at most", 1.2));
        const beyond = audit.seconds / (plain.seconds + exchange.seconds);
        say(`${count} hosts, wall, a / (e + c): ${beyond.toFixed(2)}`);
        const bound = FASTER_THAN_ANSIBLE[count];
        if (bound !== undefined) {
            say(verdict(`${count} hosts, wall, d / a`, rival.seconds / audit.seconds, "at least", bound));
        }
        if (count === 50) {
            say(verdict(`${count} hosts, CPU, a / d`, audit.cpuSeconds / rival.cpuSeconds, "at most", 0.2));
        }
    }
}

const { values } = parseArgs({
    options: { hosts: { type: "string", default: "1,10,50" }, rounds: { type: "string", default: "5" } },
});
main(values.hosts.split(",").map(Number), Number(values.rounds)).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
});
