/** Each byte of a word less 0x20 borrows its highest bit where it is a control character, and none has one else. */
const SPACES = 0x20202020;
const HIGHEST_BITS = 0x80808080;

/** Looks for control characters in bytes, sixteen at once: it is the bulk of what counting the lines of a log takes. */
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
        let at = this.#offset + start;
        for (; at % 4 !== 0 && at < last; at++) {
            if (this.#bytes[at]! < 0x20) {
                return true;
            }
        }
        for (; at + 16 <= last; at += 16) {
            const index = at >> 2;
            const one = this.#words[index]!;
            const two = this.#words[index + 1]!;
            const three = this.#words[index + 2]!;
            const four = this.#words[index + 3]!;
            const borrowed =
                ((one - SPACES) & ~one) |
                ((two - SPACES) & ~two) |
                ((three - SPACES) & ~three) |
                ((four - SPACES) & ~four);
            if ((borrowed & HIGHEST_BITS) !== 0) {
                return true;
            }
        }
        for (; at < last; at++) {
            if (this.#bytes[at]! < 0x20) {
                return true;
            }
        }
        return false;
    }
}
