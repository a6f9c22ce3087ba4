import { join } from "node:path";
import type { LogRetention } from "../../events/logRetention";
import type { Simulation } from "../../events/simulate";
import { kubeAudit } from "./command";
import { RecordingDirectory, type Listing, type LogFile, type RecordingFacts } from "./recording";
import { Report } from "./report";

/** What the prediction may be off by. */
const ALLOWED = 0.05;

/** The prediction is made from so much of the recording. */
const SHARE = 1 / 6;

/** Predicts from a recording's beginning, and compares with what the rest of it shows. */
export async function check(directory: string): Promise<boolean> {
    const recording = new RecordingDirectory(join(directory, "a"));
    const facts = recording.readFacts();
    const report = new Report();
    const files = recording.files().filter(({ from, rotated }) => from >= facts.from && rotated <= facts.to);
    const until = facts.from + (facts.to - facts.from) * SHARE;
    const first = files.filter(({ rotated }) => rotated <= until);
    report.note(
        `predicted from the first ${first.length} of ${files.length} files, ${minutes(first)} of ${minutes(files)}`,
    );

    const paths = first.map(({ path }) => path);
    const settings = ["--max-size", String(facts.maxSize), "--max-backup", String(facts.maxBackup)];
    const { logs } = (await kubeAudit(["retention", ...paths, ...settings])) as { logs: LogRetention[] };
    const policy = ["--policy", recording.policy, "--recorded-with", recording.policy];
    const { window, policy: volumes } = (await kubeAudit(["simulate", ...paths, ...policy])) as Simulation;
    const [predicted] = logs;

    const aDay = (86_400 * bytesOf(files)) / secondsOf(files);
    report.near("bytes a day, as retention has them", predicted!.bytesPerSecond!.max * 86_400, aDay, ALLOWED);
    report.near(
        "bytes a day, as simulate has them",
        (volumes.total.bytes.max / window!.seconds) * 86_400,
        aDay,
        ALLOWED,
    );
    report.near("seconds for a file", predicted!.secondsPerFile!, secondsOf(files) / files.length, ALLOWED);

    const drops = findDrops(recording.readListings(), recording.files(), facts);
    report.note(`${drops.length} files were dropped of a log that had been driven from its beginning`);
    report.same("what limits it", predicted!.limit, "maxBackup");
    report.same("rotated files", predicted!.backups, facts.maxBackup);
    report.near(
        "reach before a file is dropped",
        predicted!.reach!.max,
        mean(drops.map((drop) => drop.before)),
        ALLOWED,
    );
    report.near(
        "reach after a file was dropped",
        predicted!.reach!.min,
        mean(drops.map((drop) => drop.after)),
        ALLOWED,
    );
    const last = lastReach(recording.readListings(), recording.files(), facts);
    const { min, max } = predicted!.reach!;
    report.within("reach at the end", last, min * (1 - ALLOWED), max * (1 + ALLOWED));
    const disk = Math.max(
        ...recording.readListings().map(({ files: all }) => all.reduce((sum, [, size]) => sum + size, 0)),
    );
    report.near("the most disk", predicted!.disk!, disk, ALLOWED);
    return report.finish();
}

function bytesOf(files: readonly LogFile[]): number {
    return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

function secondsOf(files: readonly LogFile[]): number {
    return (files[files.length - 1]!.rotated - files[0]!.from) / 1000;
}

function minutes(files: readonly LogFile[]): string {
    return `${(secondsOf(files) / 60).toFixed(1)} min`;
}

/** How far back the log reached, in seconds, before and after a file was dropped. */
interface Drop {
    readonly before: number;
    readonly after: number;
}

/**
 * The files that went while the log was whole of what was driven. A file goes when another one is rotated, which is between
 * two listings.
 */
function findDrops(listings: readonly Listing[], files: readonly LogFile[], { from, to }: RecordingFacts): Drop[] {
    const drops: Drop[] = [];
    const driven = listings.filter(({ at }) => at <= to).map((listing) => rotatedIn(listing, files));
    for (const [index, now] of driven.entries()) {
        const before = driven[index - 1] ?? [];
        const came = now.filter((file) => !before.includes(file));
        const went = before.filter((file) => !now.includes(file));
        if (came.length === 1 && went.length === 1 && went[0]!.from >= from) {
            const { rotated } = came[0]!;
            drops.push({ before: (rotated - went[0]!.from) / 1000, after: (rotated - now[0]!.from) / 1000 });
        }
    }
    return drops;
}

function lastReach(listings: readonly Listing[], files: readonly LogFile[], { to }: RecordingFacts): number {
    const last = listings.filter(({ at }) => at <= to).at(-1)!;
    return (last.at - rotatedIn(last, files)[0]!.from) / 1000;
}

/** The oldest first. */
function rotatedIn(listing: Listing, files: readonly LogFile[]): LogFile[] {
    const names = new Set(listing.files.map(([name]) => name));
    return files.filter(({ name, rotated }) => names.has(name) && rotated !== Infinity);
}

function mean(values: readonly number[]): number {
    return values.reduce((sum, value) => sum + value, 0) / values.length;
}
