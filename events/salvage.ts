/** How every event begins that the API server writes to its log, and every EventList that it sends. */
const BEGINNING = '{"kind":"Event';

/** How many times a line may be read over, so that a hostile one cannot take for ever. */
const PASSES = 32;

/** What is left of a damaged line. */
export interface Salvage {
    /** Whole JSON objects, in their order. */
    readonly values: readonly unknown[];
    /** Text before the first of them; the whole line where there is none. */
    readonly before: string;
    /** Whether anything else of the line is lost. */
    readonly lost: boolean;
}

/**
 * Finds whole events in a line that is not JSON: behind the rest of an event that was cut when the machine went down,
 * behind a collector's prefix, or one behind the other.
 */
export function salvage(line: string): Salvage {
    const values: unknown[] = [];
    let budget = PASSES * line.length;
    let before: string | undefined;
    let lost = false;
    let end = 0;
    for (let start = line.indexOf(BEGINNING); start >= 0 && budget > 0; start = line.indexOf(BEGINNING, start)) {
        const stop = endOfObject(line, start);
        budget -= Math.abs(stop) - start;
        const value = stop > 0 ? parse(line.slice(start, stop)) : undefined;
        if (value === undefined) {
            start += 1;
            continue;
        }
        before ??= line.slice(0, start);
        lost ||= values.length > 0 && line.slice(end, start).trim() !== "";
        values.push(value);
        end = start = stop;
    }
    return { values, before: before ?? line, lost: lost || line.slice(end).trim() !== "" };
}

/**
 * The end of the object that begins here; where none ends, the negative of how far it was read. It gives up at the first
 * thing that cannot be JSON, which the seam between two events nearly always is.
 */
function endOfObject(line: string, start: number): number {
    let depth = 0;
    for (let at = start; at < line.length; at++) {
        switch (line[at]) {
            case '"':
                at = endOfText(line, at);
                if (at < 0 || !",:}]".includes(line[at + 1] ?? " ")) {
                    return -Math.max(at, start + 1);
                }
                break;
            case "{":
            case "[":
                if (depth > 0 && !":[,{".includes(line[at - 1]!)) {
                    return -at;
                }
                depth++;
                break;
            case "}":
            case "]":
                depth--;
                if (depth === 0) {
                    return at + 1;
                }
        }
    }
    return -line.length;
}

function endOfText(line: string, start: number): number {
    for (let at = start + 1; ; at++) {
        at = line.indexOf('"', at);
        if (at < 0) {
            return at;
        }
        let backslashes = 0;
        while (line[at - 1 - backslashes] === "\\") {
            backslashes++;
        }
        if (backslashes % 2 === 0) {
            return at;
        }
    }
}

function parse(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}
