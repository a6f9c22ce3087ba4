/** `npm run bench:load`: what `require("kube-apiserver-audit")` adds to what every such program loads anyway. */
import { check } from "../sandbox/process";
import { step } from "../sandbox/progress";
import { load, median, table, verdict } from "./measure";
import { buildPackage, PACKAGE, ROOT } from "./package";

const ROUNDS = 15;
const BOUND_MS = 150;

/** Milliseconds that a Node.js of its own takes to require the modules, one after another; its own start is not in them. */
async function requireAll(modules: readonly string[]): Promise<number[]> {
    const script = `
        const times = [];
        for (const name of ${JSON.stringify(modules)}) {
            const before = performance.now();
            require(name);
            times.push(performance.now() - before);
        }
        console.log(JSON.stringify(times));`;
    return JSON.parse(await check(process.execPath, ["-e", script], { cwd: ROOT })) as number[];
}

async function main(): Promise<void> {
    await step(console.log, "Building the package", buildPackage);
    const modules = ["@pulumi/pulumi", "@pulumi/command", PACKAGE];
    const samples: number[][] = [];
    await requireAll(modules); // Warms the file system's cache.
    for (let round = 0; round < ROUNDS; round++) {
        samples.push(await requireAll(modules));
    }
    const [pulumi, command, own] = modules.map((_, index) => median(samples.map((sample) => sample[index]!)));
    const rows = [
        ["@pulumi/pulumi", pulumi!],
        ["then @pulumi/command", command!],
        ["then kube-apiserver-audit", own!],
    ] as const;
    console.log(`\nMedians of ${ROUNDS} rounds. Load of this machine: ${load()}\n`);
    console.log(table([["", "ms"], ...rows.map(([label, value]) => [label, value.toFixed(0)])]));
    console.log(`\n${verdict("require adds", own!, "at most", BOUND_MS, " ms")}`);
}

void main();
