import { noteLongLine } from "./saveMemory";

/**
 * As much of a file as is read at once, also behind a line that was longer. Larger blocks fall out of the processor's caches,
 * and all events of a block can be in memory at once.
 */
export const BLOCK = 1 << 18;

/** Longer lines need a larger buffer. */
const USUAL_LINE = 1 << 20;

/**
 * The longest line that is held in memory. The API server's log cannot have longer ones by default: one write beyond
 * `--audit-log-maxsize` (100 MiB) is refused.
 */
const LONGEST_LINE = 128 << 20;

/** Takes blocks of whole lines. */
export interface BlockReader {
    /**
     * @param block - whole lines, the last one without its newline only at the end of the file; valid during the call
     */
    block(block: Buffer): void;
    /** A line was too long to be held, and is left out. */
    tooLong(): void;
}

/** Makes blocks of whole lines from pieces of any size, with one buffer, which is replaced for the first long line. */
export class LineBuffer {
    readonly #reader: BlockReader;
    readonly #longest: number;
    #bytes = Buffer.allocUnsafeSlow(USUAL_LINE);
    #length = 0;
    #skipping = false;

    constructor(reader: BlockReader, longest = LONGEST_LINE) {
        this.#reader = reader;
        this.#longest = longest;
    }

    /** How many bytes are waiting for the end of their line. */
    get pending(): number {
        return this.#length;
    }

    /** Where the next bytes belong; never empty. Say with {@link filled} how many were put there. */
    room(): Buffer {
        return this.#bytes.subarray(this.#length, this.#length + BLOCK);
    }

    filled(count: number): void {
        const from = this.#length;
        this.#length += count;
        const newline = this.#bytes.subarray(from, this.#length).lastIndexOf(10);
        if (newline >= 0) {
            this.#handOut(from + newline + 1);
        } else if (this.#length === this.#bytes.length) {
            this.#grow();
        }
    }

    write(piece: Buffer): void {
        for (let from = 0; from < piece.length;) {
            const count = piece.copy(this.room(), 0, from);
            this.filled(count);
            from += count;
        }
    }

    /** Hands out a last line that has no newline. */
    end(): void {
        if (this.#length > 0 || this.#skipping) {
            this.#handOut(this.#length);
        }
    }

    #handOut(end: number): void {
        let start = 0;
        if (this.#skipping) {
            const newline = this.#bytes.subarray(0, end).indexOf(10);
            start = newline < 0 ? end : newline + 1;
            this.#skipping = false;
            this.#reader.tooLong();
        }
        if (start < end) {
            this.#reader.block(this.#bytes.subarray(start, end));
        }
        this.#bytes.copyWithin(0, end, this.#length);
        this.#length -= end;
    }

    #grow(): void {
        if (this.#skipping || this.#bytes.length >= this.#longest) {
            this.#skipping = true;
            this.#length = 0;
            return;
        }
        noteLongLine();
        // Of a large buffer only what is written to takes memory; several of growing sizes would wait for their collection.
        const larger = Buffer.allocUnsafeSlow(this.#longest);
        this.#bytes.copy(larger, 0, 0, this.#length);
        this.#bytes = larger;
    }
}
