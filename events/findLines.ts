import { LineBuffer } from "./lineBuffer";
import { LineFilter } from "./lineFilter";
import { NeedleSearch, type Needles } from "./query/needles";
import { readRange } from "./readRange";

/** Whole lines of a file, by their bytes; the end is the first byte that is not in it. */
export interface Bounds {
    readonly start: number;
    readonly end: number;
}

/** A line that has to be read, by its bytes, without its newline. */
export interface FoundLine extends Bounds {
    /** The lines before it, of the same part. */
    readonly before: number;
}

/** What was found in a part of a file. */
export interface FoundLines {
    readonly lines: number;
    readonly found: readonly FoundLine[];
}

/** Finds the lines of parts of a file that have to be read. */
export class LineFinder {
    readonly #filter: LineFilter;

    constructor(
        private readonly file: number,
        needles: readonly Needles[],
    ) {
        this.#filter = new LineFilter(new NeedleSearch(needles));
    }

    /** @returns undefined where the part has a line that is too long to be held, or cannot be read */
    find({ start, end }: Bounds): FoundLines | undefined {
        const found: FoundLine[] = [];
        let lines = 0;
        let offset = start;
        let tooLong = 0;
        const buffer = new LineBuffer({
            block: (block) => {
                this.#filter.begin(block);
                for (let at = 0; at < block.length; lines++) {
                    const newline = block.indexOf(10, at);
                    const until = newline < 0 ? block.length : newline;
                    if (this.#filter.wants(at, until)) {
                        found.push({ start: offset + at, end: offset + until, before: lines });
                    }
                    at = until + 1;
                }
                offset += block.length;
            },
            tooLong: () => {
                tooLong++;
            },
        });
        try {
            readRange(this.file, start, end, buffer);
        } catch {
            return undefined; // Whoever reads it says why.
        }
        buffer.end();
        return tooLong === 0 ? { lines, found } : undefined;
    }
}
