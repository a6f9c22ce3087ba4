import { closeSync, createReadStream, openSync, readSync } from "node:fs";
import { LineBuffer } from "./lineBuffer";
import { readInParts } from "./readInParts";
import { Scanner, type Selection, type Visitor } from "./scanner";
import { reasonOf } from "./systemError";
import { isGzip, unzip } from "./unzip";

/** What is read of a file, and how. */
export interface FileOptions {
    /** Default: everything of all events. */
    readonly selection?: Selection;
    /** Whether other threads may help with a large file. Default: no. */
    readonly inThreads?: boolean;
}

/**
 * Reads one file piece by piece, compressed or not; the visitor is called during each step. What cannot be read is a damage,
 * never an error.
 *
 * @param path - `-` is standard input
 * @returns a step for each piece, so that somebody who collects can hand on what there is
 */
export async function* readFile(
    path: string,
    visitor: Visitor,
    { selection, inThreads = false }: FileOptions = {},
): AsyncGenerator<void> {
    const scanner = new Scanner(visitor, selection);
    const buffer = new LineBuffer(scanner);
    try {
        if (path === "-") {
            yield* readPieces(process.stdin, buffer);
        } else {
            const needles = inThreads ? selection?.prefilter?.needles : undefined;
            yield* readPath(path, buffer, (file) =>
                needles ? readInParts({ file, needles, scanner, buffer }) : readNothing(),
            );
        }
    } catch (error) {
        buffer.end();
        visitor.damaged(scanner.lines + 1, `the rest cannot be read: ${reasonOf(error)}`);
    }
    buffer.end();
    scanner.end();
}

/** Reads the beginning of an open file, and returns how far it came. */
type ReadBeginning = (file: number) => AsyncGenerator<void, number>;

/** Synchronous reads into the buffer itself, since a stream would take longer than the search. */
async function* readPath(path: string, buffer: LineBuffer, readBeginning: ReadBeginning): AsyncGenerator<void> {
    const file = openSync(path, "r");
    try {
        let at = yield* readBeginning(file);
        let count = read(file, buffer, at);
        if (at === 0 && isGzip(buffer.room().subarray(0, count))) {
            yield* readPieces(createReadStream(path), buffer);
            return;
        }
        while (count > 0) {
            buffer.filled(count);
            yield;
            at += at === 0 ? 0 : count;
            count = read(file, buffer, at);
        }
    } finally {
        closeSync(file);
    }
}

// eslint-disable-next-line require-yield, @typescript-eslint/require-await -- there is nothing to wait for
async function* readNothing(): AsyncGenerator<void, number> {
    return 0;
}

async function* readPieces(stream: AsyncIterable<Buffer>, buffer: LineBuffer): AsyncGenerator<void> {
    for await (const piece of unzip(stream)) {
        buffer.write(piece);
        yield;
    }
}

/** @param at - 0 for where the file is, since a pipe has no other places */
function read(file: number, buffer: LineBuffer, at: number): number {
    const room = buffer.room();
    return readSync(file, room, 0, room.length, at === 0 ? null : at);
}
