import { readSync } from "node:fs";
import { PrettyDocument } from "./prettyDocument";
import { isGzip } from "./unzip";

/** As much of a file's beginning as has its first line, or enough of it. */
const BEGINNING = 1 << 16;

/** A few lines. */
const LINES = 1 << 13;

/** Whether a file has an event in each line, as far as its beginning says. */
export function hasLines(file: number): boolean {
    const beginning = read(file, 0, BEGINNING);
    const [first = ""] = beginning.toString("utf8").trimStart().split("\n", 1);
    return !isGzip(beginning) && first !== "" && !PrettyDocument.begins(first);
}

/** Where the first line begins behind a place in a file; the end of the file where there is none. */
export function startOfLine(file: number, from: number): number {
    for (let at = from; ;) {
        const bytes = read(file, at, LINES);
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

function read(file: number, position: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, position));
}
