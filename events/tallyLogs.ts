import { closeSync, fstatSync, openSync } from "node:fs";
import { hasLines } from "./lineStarts";
import { selectionOf, type Query } from "./query/query";
import { visitEvents, type ReadOptions } from "./readEvents";
import type { LogSource } from "./sources";
import { Tally, type TallySpec } from "./tally";
import { tallyShare, type SharedLog, type ShareTally } from "./tallyShare";
import { startThread, threadCount } from "./thread";

/** The bytes of a part: little enough that all threads end at about the same time. */
const PART = 8 << 20;

/** The parts that a thread needs to be worth its start. */
const LEAST_PARTS = 8;

/**
 * Counts the events of logs; large files in parts, in several threads.
 *
 * @param partSize - in bytes
 */
export async function tallyLogs(
    sources: readonly LogSource[],
    query: Query,
    spec: TallySpec,
    onDamage: ReadOptions["onDamage"],
    partSize = PART,
): Promise<Tally> {
    const tally = new Tally(spec);
    for (const source of sources) {
        for (const path of source.files) {
            const size = sizeOfLines(path, 2 * LEAST_PARTS * partSize);
            const threads = Math.min(threadCount(), Math.floor(size / partSize / LEAST_PARTS));
            if (threads < 2) {
                const selection = selectionOf(query, tally.depth);
                await visitEvents([{ ...source, files: [path] }], { selection, onDamage }, tally.add.bind(tally));
                continue;
            }
            const next = new Int32Array(new SharedArrayBuffer(4));
            const shares = await tallyShares({ path, size, partSize, next, query, spec }, threads);
            reportDamages(path, shares, onDamage);
            shares.forEach((share) => {
                tally.merge(share.tally);
            });
        }
    }
    return tally;
}

/** One of the threads is this one. */
async function tallyShares(log: SharedLog, threads: number): Promise<ShareTally[]> {
    const others = Array.from({ length: threads - 1 }, () => tallyInThread(log));
    await new Promise(setImmediate); // The threads begin.
    return [tallyShare(log), ...(await Promise.all(others))];
}

function tallyInThread(log: SharedLog): Promise<ShareTally> {
    return new Promise((resolve, reject) => {
        const worker = startThread("tallyWorker", log);
        worker.once("message", resolve);
        worker.once("error", reject);
    });
}

function reportDamages(path: string, shares: readonly ShareTally[], onDamage: ReadOptions["onDamage"]): void {
    let before = 0;
    for (const { lines, damages } of shares
        .flatMap(({ parts }) => parts)
        .sort((one, other) => one.index - other.index)) {
        for (const { line, reason } of damages) {
            onDamage({ file: path, line: before + line, reason });
        }
        before += lines;
    }
}

/**
 * The bytes of a file that can be read in parts; 0 for any other one.
 *
 * @param least - the bytes from which the beginning is looked at, too
 */
function sizeOfLines(path: string, least: number): number {
    if (path === "-") {
        return 0;
    }
    let file: number | undefined;
    try {
        file = openSync(path, "r");
        const { size } = fstatSync(file);
        return size >= least && hasLines(file) ? size : 0;
    } catch {
        return 0; // Whoever reads it says why.
    } finally {
        if (file !== undefined) {
            closeSync(file);
        }
    }
}
