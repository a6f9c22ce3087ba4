import { join } from "node:path";
import { readQuery, type QueryValues } from "../../cli/queryOptions";
import { selectionOf } from "../../events/query/query";
import { visitEvents } from "../../events/readEvents";
import type { Depth } from "../../events/scanner";
import { findSources } from "../../events/sources";
import { nowOf, queryCases, type Instants, type QueryCase } from "../events/query/cases";
import { kubeAudit } from "./command";
import { jq } from "./jq";
import { RecordingDirectory } from "./recording";

/** Which events each filter finds, as jq says. */
interface Wanted {
    readonly events: number;
    /** For each filter, the audit ID and stage of each event, sorted. */
    readonly found: readonly (readonly string[])[];
}

/** Asks a recording all that the unit tests ask their sample, and jq the same. */
export async function check(directory: string): Promise<boolean> {
    const recording = new RecordingDirectory(join(directory, "a"));
    const files = recording.files();
    const paths = files.map(({ path }) => path);
    const instants = await middleOf(paths[Math.floor(paths.length / 2)]!);
    const cases = queryCases(instants);
    const wanted = await askJq(cases, paths);
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    console.log(`${wanted.events} events, ${(bytes / 1e9).toFixed(2)} GB in ${files.length} files`);
    let wrong = 0;
    for (const [index, [values]] of cases.entries()) {
        const expected = wanted.found[index]!;
        const differences = await compare(values, { recording, instants, expected, events: wanted.events });
        wrong += differences.length > 0 ? 1 : 0;
        console.log(`${differences.join("; ") || "same"}: ${JSON.stringify(values)} ${expected.length}`);
    }
    console.log(`${cases.length - wrong} of ${cases.length} filters find what jq finds`);
    return wrong === 0;
}

/** @returns the minute of an event, and the time of a later one */
async function middleOf(file: string): Promise<Instants> {
    const times: string[] = [];
    for await (const time of jq(".stageTimestamp", [file])) {
        times.push(time as string);
    }
    return { minute: times[0]!.slice(0, 16), instant: times[times.length - 1]! };
}

async function askJq(cases: readonly QueryCase[], paths: readonly string[]): Promise<Wanted> {
    const program = `[.auditID + " " + .stage, ${cases.map(([, condition]) => `(${condition})`).join(", ")}]`;
    const found = cases.map((): string[] => []);
    let events = 0;
    for await (const answer of jq(program, paths)) {
        const [event, ...matches] = answer as [string, ...boolean[]];
        events++;
        matches.forEach((isMatch, index) => {
            if (isMatch) {
                found[index]!.push(event);
            }
        });
    }
    return { events, found: found.map((list) => list.sort()) };
}

interface Comparison {
    readonly recording: RecordingDirectory;
    readonly instants: Instants;
    readonly expected: readonly string[];
    readonly events: number;
}

async function compare(values: QueryValues, { recording, instants, expected, events }: Comparison): Promise<string[]> {
    const differences: string[] = [];
    if (expected.length === 0 || expected.length === events) {
        differences.push("tells no events apart");
    }
    for (const depth of ["whole", "texts"] as const) {
        const found = await find(recording.log, values, depth, nowOf(instants));
        if (!isSame(found, expected)) {
            differences.push(`${found.length} found at the depth ${depth}`);
        }
    }
    if (values.since !== "20m") {
        const counted = await count(recording.log, values);
        if (counted !== expected.length) {
            differences.push(`${counted} counted`);
        }
    }
    return differences;
}

async function find(log: string, values: QueryValues, depth: Depth, now: number): Promise<string[]> {
    const found: string[] = [];
    const onDamage = ({ reason }: { reason: string }) => found.push(reason);
    const selection = selectionOf(readQuery(values, now), depth);
    await visitEvents(findSources([log]), { selection, onDamage }, ({ auditID, stage }) => {
        found.push(`${auditID} ${stage}`);
    });
    return found.sort();
}

/** Has the command itself count, in its several threads. */
async function count(log: string, values: QueryValues): Promise<number> {
    const options = Object.entries(values as Record<string, string | boolean | string[]>).flatMap(([name, value]) =>
        typeof value === "boolean" ? [`--${name}`] : [value].flat().map((one) => `--${name}=${one}`),
    );
    const { top } = (await kubeAudit(["logs", log, ...options, "-o", "top", "--by", "level"])) as {
        top: { count: number }[];
    };
    return top.reduce((sum, one) => sum + one.count, 0);
}

function isSame(found: readonly string[], expected: readonly string[]): boolean {
    return found.length === expected.length && found.every((event, index) => event === expected[index]);
}
