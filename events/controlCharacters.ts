/** Each byte of a word less 0x20 borrows its highest bit where it is a control character, and none has one else in ASCII. */
const SPACES = 0x20202020;
const HIGHEST_BITS = 0x80808080;

/** Looks for control characters in bytes, 32 at once: one by one they would be the bulk of what counting the lines of a log takes. */
export class ControlCharacters {
    #bytes: Uint8Array = new Uint8Array();
    #words: Int32Array = new Int32Array();
    /** Where the block is in its memory. */
    #offset = 0;

    begin({ buffer, byteOffset }: Buffer): void {
        this.#bytes = new Uint8Array(buffer);
        this.#words = new Int32Array(buffer, 0, buffer.byteLength >> 2);
        this.#offset = byteOffset;
    }

    /** Whether the block has one of the bytes 0 to 0x1f from start to end. */
    areIn(start: number, end: number): boolean {
        const last = this.#offset + end;
        let at = Math.min((this.#offset + start + 3) & ~3, last);
        if (this.#isAmong(this.#offset + start, at)) {
            return true;
        }
        const words = this.#words;
        for (; at + 32 <= last; at += 32) {
            const index = at >> 2;
            const borrowed =
                (words[index]! - SPACES) |
                (words[index + 1]! - SPACES) |
                (words[index + 2]! - SPACES) |
                (words[index + 3]! - SPACES) |
                (words[index + 4]! - SPACES) |
                (words[index + 5]! - SPACES) |
                (words[index + 6]! - SPACES) |
                (words[index + 7]! - SPACES);
            if ((borrowed & HIGHEST_BITS) !== 0 && this.#isAmong(at, at + 32)) {
                return true;
            }
        }
        return this.#isAmong(at, last);
    }

    /** @param from - in the memory, not in the block */
    #isAmong(from: number, to: number): boolean {
        for (let at = from; at < to; at++) {
            if (this.#bytes[at]! < 0x20) {
                return true;
            }
        }
        return false;
    }
}
