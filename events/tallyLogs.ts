import { closeSync, fstatSync, openSync } from "node:fs";
import type { Bounds } from "./findLines";
import { hasLines, startOfLine } from "./lineStarts";
import { selectionOf, type Query } from "./query/query";
import { visitEvents, type ReadOptions } from "./readEvents";
import type { LogSource } from "./sources";
import { Tally, type TallySpec } from "./tally";
import { tallyPart, type Part, type PartTally } from "./tallyPart";
import { startThread, threadCount } from "./thread";

/** A part takes much longer than the start of its thread, which is 40 ms. */
const LEAST_PART = 64 << 20;

/**
 * Counts the events of logs; large files in parts, each in a thread of its own.
 *
 * @param leastPart - the bytes from which a thread is worth it
 */
export async function tallyLogs(
    sources: readonly LogSource[],
    query: Query,
    spec: TallySpec,
    onDamage: ReadOptions["onDamage"],
    leastPart = LEAST_PART,
): Promise<Tally> {
    const tally = new Tally(spec);
    for (const source of sources) {
        for (const path of source.files) {
            const parts = split(path, leastPart);
            if (parts === undefined) {
                const selection = selectionOf(query, tally.depth);
                await visitEvents([{ ...source, files: [path] }], { selection, onDamage }, tally.add.bind(tally));
                continue;
            }
            let line = 0;
            for (const part of await tallyParts(parts.map((bounds) => ({ path, ...bounds, query, spec })))) {
                part.damages.forEach((damage) => {
                    onDamage({ file: path, line: line + damage.line, reason: damage.reason });
                });
                line += part.lines;
                tally.merge(part.tally);
            }
        }
    }
    return tally;
}

/** The last part is counted here, while the threads count the others. */
async function tallyParts(parts: readonly Part[]): Promise<PartTally[]> {
    const others = parts.slice(0, -1).map(tallyInThread);
    await new Promise(setImmediate); // The threads begin.
    const last = tallyPart(parts.at(-1)!);
    return [...(await Promise.all(others)), last];
}

function tallyInThread(part: Part): Promise<PartTally> {
    return new Promise((resolve, reject) => {
        const worker = startThread("tallyWorker", part);
        worker.once("message", resolve);
        worker.once("error", reject);
    });
}

/** Parts of about the same length, each of whole lines; undefined for what is not read in parts. */
function split(path: string, leastPart: number): Bounds[] | undefined {
    if (path === "-") {
        return undefined;
    }
    let file: number | undefined;
    try {
        file = openSync(path, "r");
        const { size } = fstatSync(file);
        const count = Math.min(threadCount(), Math.floor(size / leastPart));
        return count < 2 || !hasLines(file) ? undefined : boundsOf(file, size, count);
    } catch {
        return undefined; // Whoever reads it says why.
    } finally {
        if (file !== undefined) {
            closeSync(file);
        }
    }
}

function boundsOf(file: number, size: number, count: number): Bounds[] {
    const starts = [0];
    for (let part = 1; part < count; part++) {
        starts.push(startOfLine(file, Math.floor((size * part) / count)));
    }
    return starts.map((start, index) => ({ start, end: starts[index + 1] ?? size }));
}
