import { join } from "node:path";
import { readQuery, type QueryValues } from "../../cli/queryOptions";
import { selectionOf } from "../../events/query/query";
import { visitEvents } from "../../events/readEvents";
import { findSources } from "../../events/sources";
import { nowOf, queryCases, type Instants, type QueryCase } from "../events/query/cases";
import { kubeAudit } from "./command";
import { jq } from "./jq";
import { RecordingDirectory } from "./recording";
import { Report } from "./report";

/** Which events each filter finds, as jq says. */
interface Wanted {
    readonly events: number;
    /** For each filter, the audit ID and stage of each event. */
    readonly found: readonly (readonly string[])[];
}

/** Asks a recording all that the unit tests ask their sample, and jq the same. */
export async function check(directory: string): Promise<boolean> {
    const recording = new RecordingDirectory(join(directory, "a"));
    const files = recording.files();
    const paths = files.map(({ path }) => path);
    const instants = await middleOf(paths[Math.floor(paths.length / 2)]!);
    const cases = queryCases(instants);
    const report = new Report();
    const wanted = await askJq(cases, paths);
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    report.note(`${wanted.events} events, ${(bytes / 1e9).toFixed(2)} GB in ${files.length} files`);

    const whole = await findAll(cases, recording.log, nowOf(instants));
    for (const [index, [values]] of cases.entries()) {
        const expected = wanted.found[index]!;
        const name = JSON.stringify(values);
        report.within(`${name} tells events apart`, expected.length, 1, wanted.events - 1);
        report.sameLists(`${name} of whole events`, whole[index]!, expected);
        if (values.since !== "20m") {
            report.sameLists(`${name} of the command`, await askCommand(recording.log, values), expected);
        }
    }
    return report.finish();
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
    return { events, found };
}

/** Asks all at once, each event read whole. */
async function findAll(cases: readonly QueryCase[], log: string, now: number): Promise<string[][]> {
    const queries = cases.map(([values]) => selectionOf(readQuery(values, now), "whole").matches!);
    const found = cases.map((): string[] => []);
    const onDamage = ({ reason }: { reason: string }) => {
        throw new Error(reason);
    };
    await visitEvents(findSources([log]), { onDamage }, (event) => {
        queries.forEach((matches, index) => {
            if (matches(event)) {
                found[index]!.push(`${event.auditID} ${event.stage}`);
            }
        });
    });
    return found;
}

/** Asks the command, which passes over most lines and reads no bodies. */
async function askCommand(log: string, values: QueryValues): Promise<string[]> {
    const options = Object.entries(values as Record<string, string | boolean | string[]>).flatMap(([name, value]) =>
        typeof value === "boolean" ? [`--${name}`] : [value].flat().map((one) => `--${name}=${one}`),
    );
    const all = ["-o", "top", "--by", "auditID,stage", "--limit", "10000000"];
    const { top } = (await kubeAudit(["logs", log, ...options, ...all])) as {
        top: { count: number; auditID: string; stage: string }[];
    };
    return top.flatMap(({ count, auditID, stage }) => Array.from({ length: count }, () => `${auditID} ${stage}`));
}
