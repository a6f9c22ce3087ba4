import { isUtf8 } from "node:buffer";
import type { Prefilter } from "./scanner";

const CLOSE = 0x7d;
const BEGINNING = Buffer.from('{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"');

/**
 * Tells the lines that have to be read from those that a search passes over. A line is only passed over where it looks whole
 * from outside: one that is cut, has NULs, bytes that are not UTF-8 or another form than the API server's is read in any case.
 */
export class LineFilter {
    readonly #prefilter: Prefilter | undefined;
    #block: Buffer = Buffer.alloc(0);
    #nul = -1;
    /** Whether the block is UTF-8. */
    isText = true;

    /** @param prefilter - default: every line is read */
    constructor(prefilter: Prefilter | undefined) {
        this.#prefilter = prefilter;
    }

    begin(block: Buffer): void {
        this.#block = block;
        this.#nul = -1;
        this.isText = isUtf8(block);
        this.#prefilter?.begin(block);
    }

    /** The lines of a block come in their order. */
    wants(start: number, end: number): boolean {
        return (
            this.#prefilter === undefined ||
            !this.isText ||
            this.#prefilter.canMatch(start, end) ||
            !this.#looksWhole(start, end)
        );
    }

    /** The form is told by bytes that every other one has otherwise; `CompactLine` looks at all of them. */
    #looksWhole(start: number, end: number): boolean {
        if (this.#nul < start) {
            const nul = this.#block.indexOf(0, start);
            this.#nul = nul < 0 ? Infinity : nul;
        }
        return this.#nul >= end && endsAsEvent(this.#block, end) && isCompact(this.#block, start);
    }
}

/** Behind the stage's time, `Z"}`, or behind the annotations, all of them texts, `"}}`. */
function endsAsEvent(block: Buffer, end: number): boolean {
    const before = block[end - 3];
    const quote = block[end - 2];
    const last = block[end - 1];
    const isTime = before === 0x5a && quote === 0x22;
    const isText = before === 0x22 && quote === CLOSE;
    return last === CLOSE && (isTime || isText);
}

function isCompact(block: Buffer, start: number): boolean {
    for (let i = 0; i < BEGINNING.length; i++) {
        if (block[start + i] !== BEGINNING[i]) {
            return false;
        }
    }
    return true;
}
