import { closeSync, createReadStream, openSync, readSync } from "node:fs";
import { LineBuffer } from "./lineBuffer";
import { Scanner, type Selection, type Visitor } from "./scanner";
import { reasonOf } from "./systemError";
import { isGzip, unzip } from "./unzip";

/**
 * Reads one file piece by piece, compressed or not; the visitor is called during each step. What cannot be read is a damage,
 * never an error.
 *
 * @param path - `-` is standard input
 * @returns a step for each piece, so that somebody who collects can hand on what there is
 */
export async function* readFile(path: string, visitor: Visitor, selection?: Selection): AsyncGenerator<void> {
    const scanner = new Scanner(visitor, selection);
    const buffer = new LineBuffer(scanner);
    try {
        yield* path === "-" ? readPieces(process.stdin, buffer) : readPath(path, buffer);
    } catch (error) {
        buffer.end();
        visitor.damaged(scanner.lines + 1, `the rest cannot be read: ${reasonOf(error)}`);
    }
    buffer.end();
    scanner.end();
}

/** Synchronous reads into the buffer itself, since a stream would take longer than the search. */
async function* readPath(path: string, buffer: LineBuffer): AsyncGenerator<void> {
    const file = openSync(path, "r");
    try {
        let count = read(file, buffer);
        if (isGzip(buffer.room().subarray(0, count))) {
            yield* readPieces(createReadStream(path), buffer);
            return;
        }
        while (count > 0) {
            buffer.filled(count);
            yield;
            count = read(file, buffer);
        }
    } finally {
        closeSync(file);
    }
}

async function* readPieces(stream: AsyncIterable<Buffer>, buffer: LineBuffer): AsyncGenerator<void> {
    for await (const piece of unzip(stream)) {
        buffer.write(piece);
        yield;
    }
}

function read(file: number, buffer: LineBuffer): number {
    const room = buffer.room();
    return readSync(file, room, 0, room.length, null);
}
