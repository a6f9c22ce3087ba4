/**
 * `npm run bench:events`: searching and counting audit logs beside jq, grep and DuckDB, on the same files in the same run, and
 * what the command takes to start; with `-- --memory` instead what memory commands take for 10 GB.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { installPackages } from "../sandbox/debian";
import { check, onPath } from "../sandbox/process";
import { step } from "../sandbox/progress";
import { WANTED_NAME, writeLog } from "./eventLogs";
import { measureMemory } from "./eventMemory";
import { load, measured, median, medians, table, verdict, type Sample } from "./measure";
import { buildPackage, ROOT } from "./package";

const SEED = 20260302;
const START_MS = 150;

const COMMAND = join(ROOT, "dist", "cli", "main.js");

/** One way to answer a question, and what it prints: the same of all ways, so that none is fast and wrong. */
interface Way {
    readonly name: string;
    readonly command: readonly [string, ...string[]];
    /** Brings the output into the form that all have. */
    readonly normalize?: (output: string) => string;
    /** jq takes as long as all others together. */
    readonly rounds?: number;
}

const SEARCH_JQ = `select(.objectRef.name == "${WANTED_NAME}") | .auditID`;
const COUNT_JQ =
    'reduce inputs as $e ({}; .[[$e.user.username, $e.verb, $e.objectRef.resource] | join(" ")] += 1) | ' +
    'to_entries[] | "\\(.value) \\(.key)"';

function searches(file: string): Way[] {
    const ids = (output: string) => [...output.matchAll(/^.*"auditID":"([^"]*)".*$/gm)].map(([, id]) => id).join("\n");
    const own: Way["command"] = [process.execPath, COMMAND, "logs", file, "--name", WANTED_NAME];
    return [
        { name: "kube-audit logs", command: [...own, "--json"], normalize: ids },
        { name: "jq", command: ["jq", "-r", SEARCH_JQ, file], normalize: (output) => output.trim(), rounds: 1 },
        // What grep finds is not yet what was asked for: the text may stand in a body. It is the bound of any search.
        { name: "grep -F", command: ["grep", "-F", `"name":"${WANTED_NAME}"`, file], normalize: () => "" },
    ];
}

function counts(file: string, duckdb: string): Way[] {
    const sorted = (output: string) => output.trim().split("\n").sort().join("\n");
    const own = (output: string) =>
        sorted(
            (JSON.parse(output) as { top: Record<"count" | "user" | "verb" | "resource", string>[] }).top
                .map(({ count, user, verb, resource }) => `${count} ${user} ${verb} ${resource}`)
                .join("\n"),
        );
    return [
        {
            name: "kube-audit logs -o top",
            command: [process.execPath, COMMAND, "logs", file, "-o", "top", "--limit", "1000000", "--json"],
            normalize: own,
        },
        { name: "jq", command: ["jq", "-nr", COUNT_JQ, file], normalize: sorted, rounds: 1 },
        { name: "DuckDB, read_json_auto", command: [process.execPath, duckdb, file, "auto"], normalize: sorted },
        { name: "DuckDB, only the columns", command: [process.execPath, duckdb, file, "columns"], normalize: sorted },
    ];
}

/** A program that has DuckDB count: with the schema that it finds out itself, or with the columns that are needed. */
const DUCKDB_PROGRAM = `
const { DuckDBInstance } = require("@duckdb/node-api");
(async () => {
    const [, , file, how] = process.argv;
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    const columns = "columns = {verb: 'VARCHAR', user: 'STRUCT(username VARCHAR)', objectRef: 'STRUCT(resource VARCHAR)'}";
    const source =
        how === "auto"
            ? \`read_json_auto('\${file}', format = 'newline_delimited', maximum_object_size = 134217728)\`
            : \`read_json('\${file}', format = 'newline_delimited', \${columns})\`;
    const query = \`select count(*), user.username, verb, objectRef.resource from \${source} group by 2, 3, 4\`;
    const rows = (await connection.runAndReadAll(query)).getRows();
    process.stdout.write(rows.map((row) => row.join(" ")).join("\\n") + "\\n");
})();
`;

async function installDuckDB(directory: string): Promise<string> {
    await writeFile(join(directory, "package.json"), "{}");
    await check("npm", ["install", "--no-audit", "--no-fund", "@duckdb/node-api@1.3.2-alpha.25"], { cwd: directory });
    const program = join(directory, "duckdb.js");
    await writeFile(program, DUCKDB_PROGRAM);
    return program;
}

/** Takes turns, so that what else the machine does meets all. */
async function compare(ways: readonly Way[], rounds: number): Promise<Map<string, Sample>> {
    const samples = new Map<string, Sample[]>(ways.map(({ name }) => [name, []]));
    const answers = new Map<string, string>();
    for (let round = 0; round < rounds; round++) {
        for (const { name, command, normalize, rounds: own = rounds } of ways) {
            if (round >= own) {
                continue;
            }
            const [program, ...args] = command;
            const { result, seconds, cpuSeconds } = await measured(() => check(program, args));
            samples.get(name)!.push({ seconds, cpuSeconds });
            answers.set(name, normalize?.(result) ?? result);
        }
    }
    const different = new Set([...answers.values()].filter((answer) => answer !== ""));
    if (different.size !== 1) {
        throw new Error(`They do not give the same answer: ${[...answers.keys()].join(", ")}`);
    }
    return new Map([...samples].map(([name, taken]) => [name, medians(taken)]));
}

function print(title: string, file: string, figures: ReadonlyMap<string, Sample>): void {
    const megabytes = statSync(file).size / 1e6;
    const rows = [...figures].map(([name, { seconds, cpuSeconds }]) => [
        name,
        seconds.toFixed(2),
        cpuSeconds.toFixed(2),
        (megabytes / seconds).toFixed(0),
    ]);
    console.log(`\n${title}\n\n${table([["", "s", "CPU s", "MB/s"], ...rows])}\n`);
}

type Figures = ReadonlyMap<string, Sample>;

/** Says how often one way's wall time goes into the other's, and beside it the same of the processor times. */
function compareTwo(
    figures: Figures,
    one: string,
    other: string,
    relation: "at least" | "at most",
    bound: number,
): void {
    const { seconds, cpuSeconds } = figures.get(one)!;
    const against = figures.get(other)!;
    const byCpu = (cpuSeconds / against.cpuSeconds).toFixed(2);
    console.log(`${verdict(`${one} / ${other}`, seconds / against.seconds, relation, bound)} (by CPU ${byCpu})`);
}

async function compareOn(file: string, what: string, duckdb: string, rounds: number): Promise<void> {
    const search = "kube-audit logs";
    const found = await step(console.log, `Searching, ${what}`, () => compare(searches(file), rounds));
    print(`A selective search, ${what}. Load of this machine: ${load()}`, file, found);
    compareTwo(found, "jq", search, "at least", 5);
    compareTwo(found, search, "grep -F", "at most", 2);
    const count = "kube-audit logs -o top";
    const counted = await step(console.log, `Counting, ${what}`, () => compare(counts(file, duckdb), rounds));
    print(`A count by user, verb and resource, ${what}. Load of this machine: ${load()}`, file, counted);
    compareTwo(counted, "jq", count, "at least", 3);
    compareTwo(counted, "DuckDB, read_json_auto", count, "at least", 1);
    compareTwo(counted, "DuckDB, only the columns", count, "at least", 1);
}

async function timeStart(directory: string): Promise<void> {
    const file = join(directory, "small.log");
    writeLog(file, 1000, false, SEED);
    const ways = { own: [COMMAND, "logs", file], node: ["--eval", ""] };
    const times: Record<keyof typeof ways, number[]> = { own: [], node: [] };
    for (let round = 0; round <= 15; round++) {
        for (const way of ["own", "node"] as const) {
            const { seconds } = await measured(() => check(process.execPath, ways[way]));
            times[way].push(seconds * 1000);
        }
    }
    const own = median(times.own.slice(1));
    console.log(
        `\n${verdict("start, kube-audit logs of one event", own, "at most", START_MS, " ms")}` +
            `; of that Node.js ${median(times.node.slice(1)).toFixed(0)} ms`,
    );
}

async function main(): Promise<void> {
    const { values } = parseArgs({
        options: {
            megabytes: { type: "string" },
            rounds: { type: "string", default: "5" },
            memory: { type: "boolean", default: false },
        },
    });
    const { megabytes = values.memory ? "10000" : "1000" } = values;
    const bytes = Number(megabytes) * 1e6;
    if (!values.memory && !(await onPath("jq"))) {
        await installPackages(["jq"]);
    }
    await step(console.log, "Building the package", buildPackage);
    const directory = await mkdtemp(join(tmpdir(), "bench-events-"));
    try {
        if (values.memory) {
            await measureMemory(directory, COMMAND, bytes, SEED);
            return;
        }
        const duckdb = await step(console.log, "Installing DuckDB", () => installDuckDB(directory));
        await timeStart(directory);
        for (const withBodies of [false, true]) {
            const file = join(directory, "audit.log");
            const writing = `Writing ${megabytes} MB`;
            const events = await step(console.log, writing, () =>
                Promise.resolve(writeLog(file, bytes, withBodies, SEED)),
            );
            const what = `${megabytes} MB, ${events} events ${withBodies ? "with bodies" : "at the level Metadata"}`;
            await compareOn(file, what, duckdb, Number(values.rounds));
        }
    } finally {
        await rm(directory, { recursive: true });
    }
}

void main();
