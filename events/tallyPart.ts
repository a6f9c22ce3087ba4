import { closeSync, openSync } from "node:fs";
import { LineBuffer } from "./lineBuffer";
import type { Damage } from "./place";
import { selectionOf, type Query } from "./query/query";
import { readRange } from "./readRange";
import { Scanner } from "./scanner";
import { Tally, type TallySpec, type TallyState } from "./tally";

/** Whole lines of one file, and what to count of them. */
export interface Part {
    readonly path: string;
    /** In bytes; the end is the first byte that is not in it. */
    readonly start: number;
    readonly end: number;
    readonly query: Query;
    readonly spec: TallySpec;
}

/** What was counted of a part. */
export interface PartTally {
    readonly tally: TallyState;
    readonly lines: number;
    /** Their lines are counted from the beginning of the part. */
    readonly damages: readonly Pick<Damage, "line" | "reason">[];
}

/**
 * Counts a part of a file.
 *
 * @throws Error of the system call, where the file cannot be read
 */
export function tallyPart({ path, start, end, query, spec }: Part): PartTally {
    const tally = new Tally(spec);
    const damages: PartTally["damages"][number][] = [];
    const visitor = {
        event: tally.add.bind(tally),
        damaged: (line: number, reason: string) => damages.push({ line, reason }),
    };
    const scanner = new Scanner(visitor, selectionOf(query, tally.depth), start === 0);
    const buffer = new LineBuffer(scanner);
    const file = openSync(path, "r");
    try {
        readRange(file, start, end, buffer);
    } finally {
        closeSync(file);
    }
    buffer.end();
    scanner.end();
    return { tally: tally.state(), lines: scanner.lines, damages };
}
