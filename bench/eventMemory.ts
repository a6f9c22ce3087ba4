/** The memory that commands take for a long log with every kind of damage. */
import { appendFileSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../sandbox/process";
import { WANTED_NAME, writeLog } from "./eventLogs";
import { load, table, verdict } from "./measure";

const MOST_MEGABYTES = 300;

/** Of whole lines between the damaged places, at each level. */
const PIECE = 20e6;
const LONG_LINE = 16 << 20;

const POLICY = `
apiVersion: audit.k8s.io/v1
kind: Policy
rules:
  - level: RequestResponse
    resources: [{ group: "", resources: [secrets, pods] }]
  - level: Metadata
`;

/** Writes down what the process took at most, all its threads included. */
const WATCHER = `
process.on("exit", () => {
    require("node:fs").writeFileSync(process.env.BENCH_MEMORY, String(process.resourceUsage().maxRSS));
});
`;

/**
 * Prints the memory that each question takes for a log of the given size.
 *
 * @param directory - for the log, which is removed
 * @param command - the program's path
 */
export async function measureMemory(directory: string, command: string, bytes: number, seed: number): Promise<void> {
    const file = join(directory, "damaged.log");
    const policy = join(directory, "policy.yaml");
    writeDamagedLog(file, bytes, seed);
    writeFileSync(policy, POLICY);
    const page = join(directory, "report.html");
    const questions: Readonly<Record<string, readonly string[]>> = {
        search: ["logs", file, "--name", WANTED_NAME, "--verb", "delete"],
        "-o top": ["logs", file, "-o", "top"],
        "-o summary": ["logs", file, "-o", "summary"],
        "-o timeline": ["logs", file, "-o", "timeline"],
        simulate: ["simulate", file, "--policy", policy],
        report: ["report", file, "-o", page],
    };
    const rows: string[][] = [];
    for (const [name, args] of Object.entries(questions)) {
        const start = performance.now();
        const megabytes = await peakMegabytes(directory, [command, ...args]);
        rows.push([name, ((performance.now() - start) / 1000).toFixed(1), megabytes.toFixed(0)]);
        console.log(verdict(`memory, ${name}`, megabytes, "at most", MOST_MEGABYTES, " MB"));
    }
    console.log(`\n${statSync(file).size / 1e6} MB of damaged log. Load of this machine: ${load()}\n`);
    console.log(table([["", "s", "MB"], ...rows]));
    rmSync(file);
}

/** A log in which lines are cut, hold NULs or are no UTF-8, are 16 MB long and come again, with clocks that jump back. */
function writeDamagedLog(path: string, bytes: number, seed: number): void {
    const part = `${path}.part`;
    const read = (withBodies: boolean) => {
        writeLog(part, Math.min(PIECE, bytes / 4), withBodies, seed);
        return readFileSync(part);
    };
    const metadata = read(false);
    const bodies = read(true);
    rmSync(part);
    const line = metadata.subarray(0, metadata.indexOf(10) + 1);
    const event = JSON.parse(bodies.toString("utf8", 0, bodies.indexOf(10))) as object;
    const pieces = [
        metadata,
        Buffer.from(`${line.toString("utf8", 0, 700)}\n`),
        Buffer.alloc(5000),
        line,
        bodies,
        Buffer.from(line.toString("latin1").replace("system", "\xff"), "latin1"),
        ...["x", "é"].map((text) => {
            const data = text.repeat(LONG_LINE / Buffer.byteLength(text));
            return Buffer.from(`${JSON.stringify({ ...event, requestObject: { data } })}\n`);
        }),
    ];
    writeFileSync(path, "");
    while (statSync(path).size < bytes) {
        pieces.forEach((piece) => {
            appendFileSync(path, piece);
        });
    }
}

async function peakMegabytes(directory: string, args: readonly string[]): Promise<number> {
    const watcher = join(directory, "watcher.js");
    const result = join(directory, "memory");
    writeFileSync(watcher, WATCHER);
    const { code, stderr } = await run(process.execPath, ["--require", watcher, ...args], {
        env: { ...process.env, BENCH_MEMORY: result },
    });
    if (code !== 0 && code !== 1) {
        throw new Error(`${args.join(" ")} ended with ${code}:\n${stderr}`);
    }
    return Number(readFileSync(result, "utf8")) / 1000;
}
