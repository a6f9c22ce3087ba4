/**
 * `npm run bench:policy`: the compiled evaluator beside the API server's own, on one core and in the same run, and what
 * a strict check takes.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPolicy } from "../policy/check";
import { compilePolicy } from "../policy/compile";
import type { Attributes } from "../policy/evaluate";
import { renderPolicy } from "../policy/render";
import type { Policy } from "../policy/types";
import { check, onPath } from "../sandbox/process";
import { step } from "../sandbox/progress";
import { generateAttributes, generatePolicy, groupNamesFor } from "../test/oracle/policies";
import { buildOracle } from "../test/oracle/program";
import { Random } from "../test/oracle/random";
import { load, median, table, verdict } from "./measure";
import { buildPackage, ROOT } from "./package";
import { clusterPolicy } from "./clusterPolicy";

const MINOR = 36;
const ROUNDS = 5;
const SECONDS = 2;
const GENERATED = 20;
const GENERATED_SECONDS = 0.3;
const REQUESTS = 1000;
const CHECK_MS = 5;
const COMMAND_MS = 200;
const COMMAND_ROUNDS = 21;

interface Rates {
    /** Evaluations a second. */
    readonly own: number;
    readonly upstream: number;
}

/** Takes turns, so that what else the machine does meets both. */
async function compareRates(program: string, policy: Policy, rounds: number, seconds: number): Promise<Rates> {
    const random = new Random(1);
    const requests = Array.from({ length: REQUESTS }, () => generateAttributes(random, policy));
    const own: number[] = [];
    const upstream: number[] = [];
    ownRate(policy, requests, seconds / 4);
    for (let round = 0; round < rounds; round++) {
        own.push(ownRate(policy, requests, seconds));
        upstream.push(await upstreamRate(program, policy, requests, seconds));
    }
    return { own: median(own), upstream: median(upstream) };
}

/** Both rates are by processor time, so that what else the machine does counts for neither. */
function ownRate(policy: Policy, requests: readonly Attributes[], seconds: number): number {
    const decide = compilePolicy(policy, MINOR);
    const start = process.cpuUsage();
    let evaluations = 0;
    let elapsed = 0;
    while (elapsed < seconds) {
        for (let round = 0; round < 100; round++) {
            for (const request of requests) {
                if (decide(request).level.length === 0) {
                    throw new Error("no level");
                }
            }
        }
        evaluations += 100 * requests.length;
        const { user, system } = process.cpuUsage(start);
        elapsed = (user + system) / 1e6;
    }
    return evaluations / elapsed;
}

async function upstreamRate(
    program: string,
    policy: Policy,
    requests: readonly Attributes[],
    seconds: number,
): Promise<number> {
    const text = Buffer.from(renderPolicy(policy)).toString("base64");
    const answer = await check(program, ["bench", String(seconds)], {
        stdin: JSON.stringify({ text, requests }),
        env: { ...process.env, GOMAXPROCS: "1" },
    });
    const result = JSON.parse(answer) as { evaluations: number; seconds: number };
    return result.evaluations / result.seconds;
}

/** Keeps this process, and those it starts, on one core. */
async function stayOnOneCore(): Promise<string> {
    if (!(await onPath("taskset"))) {
        return "taskset is not there: this process and its garbage collector may use several cores";
    }
    await check("taskset", ["-a", "-c", "-p", "0", String(process.pid)]);
    return "all on core 0";
}

async function compareEvaluators(): Promise<void> {
    const program = await step(console.log, "Building the program around the API server's own evaluator", () =>
        buildOracle(MINOR),
    );
    const cores = await stayOnOneCore();
    const rates = [await compareRates(program, clusterPolicy, ROUNDS, SECONDS)];
    for (let seed = 1; seed <= GENERATED; seed++) {
        const policy = generatePolicy(new Random(seed), { odd: 0, groupNames: groupNamesFor(MINOR) });
        rates.push(await compareRates(program, policy, 3, GENERATED_SECONDS));
    }
    const [cluster, ...generated] = rates;
    const ratios = generated.map(({ own, upstream }) => own / upstream);
    const millions = (rate: number) => (rate / 1e6).toFixed(1);
    console.log(`\nMillion evaluations a second of processor time, ${cores}. Load of this machine: ${load()}\n`);
    console.log(
        table([
            ["", "compiled here", "k8s.io/apiserver"],
            [`${clusterPolicy.rules.length} rules`, millions(cluster!.own), millions(cluster!.upstream)],
            [
                `${GENERATED} generated, median`,
                millions(median(generated.map(({ own }) => own))),
                millions(median(generated.map(({ upstream }) => upstream))),
            ],
        ]),
    );
    console.log(
        `\n${verdict(`${clusterPolicy.rules.length} rules, here / there`, cluster!.own / cluster!.upstream, "at least", 1)}`,
    );
    console.log(verdict("generated, here / there, median", median(ratios), "at least", 1));
    console.log(verdict("generated, here / there, least", Math.min(...ratios), "at least", 1));
}

function timeChecks(): void {
    const text = renderPolicy(clusterPolicy);
    const times = Array.from({ length: 300 }, () => {
        const before = performance.now();
        if (!checkPolicy(text).policy) {
            throw new Error("the policy is not valid");
        }
        return performance.now() - before;
    });
    console.log(verdict("strict parse and check, warm", median(times.slice(100)), "at most", CHECK_MS, " ms"));
}

async function timeCommand(): Promise<void> {
    await step(console.log, "Building the package", buildPackage);
    const directory = await mkdtemp(join(tmpdir(), "bench-policy-"));
    try {
        const file = join(directory, "policy.yaml");
        await writeFile(file, renderPolicy(clusterPolicy));
        const command: number[] = [];
        const alone: number[] = [];
        for (let round = 0; round <= COMMAND_ROUNDS; round++) {
            command.push(await timeNode([join(ROOT, "dist", "cli", "main.js"), "policy", "check", file]));
            alone.push(await timeNode(["--eval", "0"]));
        }
        console.log(verdict("kube-audit policy check", median(command.slice(1)), "at most", COMMAND_MS, " ms"));
        console.log(
            `of which Node.js itself takes ${median(alone.slice(1)).toFixed(0)} ms. Load of this machine: ${load()}`,
        );
    } finally {
        await rm(directory, { recursive: true });
    }
}

async function timeNode(args: readonly string[]): Promise<number> {
    const before = performance.now();
    await check(process.execPath, args);
    return performance.now() - before;
}

async function main(): Promise<void> {
    await compareEvaluators();
    timeChecks();
    await timeCommand();
}

void main();
