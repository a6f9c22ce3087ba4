import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { availableParallelism } from "node:os";
import { extname, join } from "node:path";
import { Worker } from "node:worker_threads";
import { PrettyDocument } from "./prettyDocument";
import { selectionOf, type Query } from "./query/query";
import { visitEvents, type ReadOptions } from "./readEvents";
import type { LogSource } from "./sources";
import { Tally, type TallySpec } from "./tally";
import { tallyPart, type Part, type PartTally } from "./tallyPart";
import { isGzip } from "./unzip";

/** Threads beyond these would wait for the memory. */
const MOST_THREADS = 4;

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
    const extension = extname(__filename);
    return new Promise((resolve, reject) => {
        const worker = new Worker(join(__dirname, `tallyWorker${extension}`), {
            workerData: part,
            // The tests run this from its source.
            ...(extension === ".ts" && { execArgv: ["--require", "tsx/cjs"] }),
        });
        worker.once("message", resolve);
        worker.once("error", reject);
    });
}

type Bounds = Pick<Part, "start" | "end">;

/** Parts of about the same length, each of whole lines; undefined for what is not read in parts. */
function split(path: string, leastPart: number): Bounds[] | undefined {
    if (path === "-") {
        return undefined;
    }
    let file: number | undefined;
    try {
        file = openSync(path, "r");
        const { size } = fstatSync(file);
        const count = Math.min(MOST_THREADS, availableParallelism(), Math.floor(size / leastPart));
        return count < 2 || !hasLines(file) ? undefined : boundsOf(file, size, count);
    } catch {
        return undefined; // Whoever reads it says why.
    } finally {
        if (file !== undefined) {
            closeSync(file);
        }
    }
}

function hasLines(file: number): boolean {
    const beginning = read(file, 0);
    const [first = ""] = beginning.toString("utf8").trimStart().split("\n", 1);
    return !isGzip(beginning) && first !== "" && !PrettyDocument.begins(first);
}

function boundsOf(file: number, size: number, count: number): Bounds[] {
    const starts = [0];
    for (let part = 1; part < count; part++) {
        starts.push(startOfLine(file, Math.floor((size * part) / count)));
    }
    return starts.map((start, index) => ({ start, end: starts[index + 1] ?? size }));
}

/** The beginning of the next line; the end of the file where there is none. */
function startOfLine(file: number, from: number): number {
    for (let at = from; ;) {
        const bytes = read(file, at);
        const newline = bytes.indexOf(10);
        if (newline >= 0) {
            return at + newline + 1;
        }
        if (bytes.length === 0) {
            return at;
        }
        at += bytes.length;
    }
}

function read(file: number, position: number): Buffer {
    const bytes = Buffer.alloc(1 << 16);
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, position));
}
