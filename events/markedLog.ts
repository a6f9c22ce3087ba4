import type { BlockReader } from "./lineBuffer";

/** Reads several files that come one behind the other, each behind a line that names it. */
export class MarkedLog implements BlockReader {
    readonly #mark: Buffer;
    readonly #open: (file: string) => BlockReader;
    #reader: BlockReader | undefined;

    /**
     * @param mark - how the line begins that names a file; the name follows
     * @param open - what reads the file of this name
     */
    constructor(mark: string, open: (file: string) => BlockReader) {
        this.#mark = Buffer.from(mark);
        this.#open = open;
    }

    block(block: Buffer): void {
        let start = 0;
        for (let at = this.#find(block, 0); at >= 0; at = this.#find(block, start)) {
            this.#read(block.subarray(start, at));
            const newline = block.indexOf(10, at);
            const end = newline < 0 ? block.length : newline;
            this.#reader = this.#open(block.toString("utf8", at + this.#mark.length, end));
            start = Math.min(end + 1, block.length);
        }
        this.#read(block.subarray(start));
    }

    tooLong(): void {
        this.#reader?.tooLong();
    }

    #read(block: Buffer): void {
        if (block.length > 0) {
            this.#reader?.block(block);
        }
    }

    /** @returns where a line with the mark begins, -1 where there is none */
    #find(block: Buffer, from: number): number {
        let at = block.indexOf(this.#mark, from);
        while (at > 0 && block[at - 1] !== 10) {
            at = block.indexOf(this.#mark, at + 1);
        }
        return at;
    }
}
