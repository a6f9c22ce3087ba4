import { closeSync, openSync, readSync } from "node:fs";
import { BLOCK, LineBuffer } from "./lineBuffer";
import { startOfLine } from "./lineStarts";
import type { Damage } from "./place";
import { selectionOf, type Query } from "./query/query";
import { readRange } from "./readRange";
import { Scanner } from "./scanner";
import { Tally, type TallySpec, type TallyState } from "./tally";

/** A file of lines that several threads count, and what to count. */
export interface SharedLog {
    readonly path: string;
    /** In bytes. */
    readonly size: number;
    /** In bytes. A part goes on to the end of its last line. */
    readonly partSize: number;
    /** One number in shared memory: the next part. Whoever has time takes it. */
    readonly next: Int32Array<SharedArrayBuffer>;
    readonly query: Query;
    readonly spec: TallySpec;
}

/** What one thread has counted. */
export interface ShareTally {
    readonly tally: TallyState;
    readonly parts: readonly CountedPart[];
}

/** What is known of a part. */
export interface CountedPart {
    readonly index: number;
    readonly lines: number;
    /** Their lines are counted from the beginning of the part. */
    readonly damages: readonly Pick<Damage, "line" | "reason">[];
}

/**
 * Counts parts of a file as long as there are some.
 *
 * @throws Error of the system call, where the file cannot be read
 */
export function tallyShare({ path, size, partSize, next, query, spec }: SharedLog): ShareTally {
    const tally = new Tally(spec);
    const parts: CountedPart[] = [];
    let damages: CountedPart["damages"][number][] = [];
    let linesBefore = 0;
    const visitor = {
        event: tally.add.bind(tally),
        damaged: (line: number, reason: string) => damages.push({ line: line - linesBefore, reason }),
    };
    const scanner = new Scanner(visitor, selectionOf(query, tally.depth), false);
    const buffer = new LineBuffer(scanner);
    const file = openSync(path, "r");
    try {
        const startOf = (index: number) => (index === 0 ? 0 : Math.min(size, startOfLine(file, index * partSize)));
        for (let index = Atomics.add(next, 0, 1); index * partSize < size; index = Atomics.add(next, 0, 1)) {
            readLines(file, startOf(index), startOf(index + 1), scanner, buffer);
            parts.push({ index, lines: scanner.lines - linesBefore, damages });
            linesBefore = scanner.lines;
            damages = [];
        }
    } finally {
        closeSync(file);
    }
    return { tally: tally.state(), parts };
}

/**
 * Reads whole lines of a file, straight to where they are looked at.
 *
 * @param buffer - for a line that is longer than a block, and those behind it
 */
function readLines(file: number, start: number, end: number, scanner: Scanner, buffer: LineBuffer): void {
    for (let at = start; at < end;) {
        const room = scanner.room(BLOCK);
        const block = room.subarray(0, readSync(file, room, 0, Math.min(BLOCK, end - at), at));
        const length = at + block.length === end ? block.length : block.lastIndexOf(10) + 1;
        if (length === 0) {
            readRange(file, at, end, buffer);
            buffer.end();
            return;
        }
        scanner.block(block.subarray(0, length));
        at += length;
    }
}
