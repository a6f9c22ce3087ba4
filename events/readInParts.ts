import { fstatSync, readSync } from "node:fs";
import type { Bounds, FoundLines } from "./findLines";
import { FindThread } from "./findThread";
import type { LineBuffer } from "./lineBuffer";
import { hasLines, startOfLine } from "./lineStarts";
import type { Needles } from "./query/needles";
import { readRange } from "./readRange";
import type { Scanner } from "./scanner";
import { threadCount } from "./thread";

/** The bytes of a part: little beside the time that a thread takes to start. */
const PART = 8 << 20;

/** How many parts each thread is ahead. What they find is held until its turn, so it is not many. */
const AHEAD = 2;

/** Parts of a file from which the threads are worth it. */
const LEAST_PARTS = 8;

/** What is read, and with what. */
export interface Search {
    /** The file's descriptor. */
    readonly file: number;
    readonly needles: readonly Needles[];
    readonly scanner: Scanner;
    /** Hands its blocks to the scanner. */
    readonly buffer: LineBuffer;
}

/**
 * Reads a large file up to the beginning of one of its last lines: other threads find the lines that have to be read in parts
 * ahead, while this one reads a part itself, or what they have found, all in order. It is for searches that find little.
 *
 * @param part - the bytes of a part, at least
 * @returns how far it came: not at all where the file is too small, or not of lines
 */
export async function* readInParts(search: Search, part = PART): AsyncGenerator<void, number> {
    const { size } = fstatSync(search.file);
    const others = threadCount() - 1;
    let count = Math.floor(size / part) - 1;
    if (count < LEAST_PARTS || others === 0 || !hasLines(search.file)) {
        return 0;
    }
    const starts = new Map<number, number>([[0, 0]]);
    const startOf = (index: number) => {
        const start = starts.get(index) ?? startOfLine(search.file, index * part);
        starts.set(index, start);
        return start;
    };
    while (startOf(count) >= size) {
        count--; // The last line may still be written.
    }
    const threads = Array.from({ length: others }, () => new FindThread(search.file, search.needles));
    const bounds = (index: number) => ({ start: startOf(index), end: startOf(index + 1) });
    const stride = threads.length + 1;
    const answers = new Map<number, Promise<FoundLines | undefined>>();
    try {
        for (let index = 0; index < count; index++) {
            for (let next = index + 1; next < Math.min(count, index + AHEAD * stride); next++) {
                const thread = threads[(next % stride) - 1]; // One in `stride` is for this thread.
                if (thread?.isReady === true && !answers.has(next)) {
                    answers.set(next, thread.find(bounds(next)));
                }
            }
            const found = await answers.get(index);
            answers.delete(index);
            readPart(search, bounds(index), found);
            yield;
            await new Promise(setImmediate); // What the threads say comes in.
        }
        return startOf(count);
    } finally {
        await Promise.all(threads.map((thread) => thread.end()));
    }
}

/**
 * Reads a part of a file.
 *
 * @param lines - those that have to be read; default: all
 */
export function readPart({ file, scanner, buffer }: Search, { start, end }: Bounds, lines?: FoundLines): void {
    if (lines === undefined) {
        readRange(file, start, end, buffer);
        return;
    }
    let before = 0;
    for (const found of lines.found) {
        const bytes = Buffer.allocUnsafe(found.end - found.start);
        scanner.pass(found.before - before);
        scanner.block(bytes.subarray(0, readSync(file, bytes, 0, bytes.length, found.start)));
        before = found.before + 1;
    }
    scanner.pass(lines.lines - before);
}
