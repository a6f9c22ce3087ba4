import { GoYamlError } from "./error";

/** How many bytes are decoded at once. An error in a chunk is met when the chunk is, however little of it is used. */
const chunkSize = 512;

const utf8 = 0;
const utf16LittleEndian = 1;
const utf16BigEndian = 2;

/**
 * The characters of a YAML text, decoded a chunk at a time as the API server's YAML reader does. Beyond the end there are
 * zeros.
 */
export class Reader {
    /** Where in {@link characters} the next one is. */
    position = 0;
    private readonly characters: number[] = [];
    /** Where in {@link characters} the reader's buffer begins. */
    private bufferStart = 0;
    /** The bytes before this one are decoded. */
    private offset = 0;
    /** The bytes before this one are ready to be decoded. */
    private chunkEnd = 0;
    private eof = false;
    private encoding: number | undefined;

    constructor(private readonly bytes: Uint8Array) {}

    /** Makes sure that so many characters can be looked at. */
    need(count: number): void {
        if (this.characters.length - this.position >= count) {
            return;
        }
        this.encoding ??= this.determineEncoding();
        this.bufferStart = this.position;
        let first = true;
        while (this.characters.length - this.position < count) {
            if (!first || this.offset === this.chunkEnd) {
                this.loadChunk();
            }
            first = false;
            while (this.offset < this.chunkEnd && this.decodeCharacter()) {
                // The chunk is decoded to its last complete character.
            }
            if (this.eof) {
                this.characters.push(0);
                break;
            }
        }
    }

    at(ahead: number): number {
        return this.characters[this.position + ahead] ?? 0;
    }

    /** Whether the buffer, wherever the reader is in it, begins with a byte order mark. */
    bufferBeginsWithMark(): boolean {
        return this.characters[this.bufferStart] === 0xfeff;
    }

    private error(problem: string): GoYamlError {
        const offset = this.characters.reduce((units, character) => units + (character > 0xffff ? 2 : 1), 0);
        return new GoYamlError(problem, offset);
    }

    private loadChunk(): void {
        if (this.eof || this.chunkEnd - this.offset >= chunkSize) {
            return;
        }
        this.eof = this.chunkEnd === this.bytes.length;
        this.chunkEnd = Math.min(this.offset + chunkSize, this.bytes.length);
    }

    private determineEncoding(): number {
        while (!this.eof && this.chunkEnd < 3) {
            this.loadChunk();
        }
        const [first, second, third] = this.bytes;
        if (first === 0xff && second === 0xfe) {
            this.offset = 2;
            return utf16LittleEndian;
        }
        if (first === 0xfe && second === 0xff) {
            this.offset = 2;
            return utf16BigEndian;
        }
        if (first === 0xef && second === 0xbb && third === 0xbf) {
            this.offset = 3;
        }
        return utf8;
    }

    /** @returns whether there was a complete character */
    private decodeCharacter(): boolean {
        const width = this.encoding === utf8 ? this.widthOfUtf8() : this.widthOfUtf16();
        if (this.offset + width > this.chunkEnd) {
            if (this.eof) {
                throw this.error(this.incomplete(width));
            }
            return false;
        }
        const character = this.encoding === utf8 ? this.decodeUtf8(width) : this.decodeUtf16(width);
        if (!isAllowed(character)) {
            throw this.error("control characters are not allowed");
        }
        this.offset += width;
        this.characters.push(character);
        return true;
    }

    private incomplete(width: number): string {
        if (this.encoding === utf8) {
            return "incomplete UTF-8 octet sequence";
        }
        return width === 4 ? "incomplete UTF-16 surrogate pair" : "incomplete UTF-16 character";
    }

    private widthOfUtf8(): number {
        const width = utf8Width(this.bytes[this.offset]!);
        if (width === 0) {
            throw this.error("invalid leading UTF-8 octet");
        }
        return width;
    }

    private decodeUtf8(width: number): number {
        const octet = this.bytes[this.offset]!;
        let character = width === 1 ? octet : octet & (0x7f >> width);
        for (let k = 1; k < width; k++) {
            const trailing = this.bytes[this.offset + k]!;
            if ((trailing & 0xc0) !== 0x80) {
                throw this.error("invalid trailing UTF-8 octet");
            }
            character = character * 64 + (trailing & 0x3f);
        }
        if (character < [0, 0, 0x80, 0x800, 0x10000][width]!) {
            throw this.error("invalid length of a UTF-8 sequence");
        }
        if ((character >= 0xd800 && character <= 0xdfff) || character > 0x10ffff) {
            throw this.error("invalid Unicode character");
        }
        return character;
    }

    private unit(at: number): number {
        const low = this.encoding === utf16LittleEndian ? at : at + 1;
        const high = this.encoding === utf16LittleEndian ? at + 1 : at;
        return (this.bytes[low] ?? 0) + ((this.bytes[high] ?? 0) << 8);
    }

    private widthOfUtf16(): number {
        if (this.offset + 2 > this.chunkEnd) {
            return 2;
        }
        const unit = this.unit(this.offset);
        if ((unit & 0xfc00) === 0xdc00) {
            throw this.error("unexpected low surrogate area");
        }
        return (unit & 0xfc00) === 0xd800 ? 4 : 2;
    }

    private decodeUtf16(width: number): number {
        const unit = this.unit(this.offset);
        if (width === 2) {
            return unit;
        }
        const second = this.unit(this.offset + 2);
        if ((second & 0xfc00) !== 0xdc00) {
            throw this.error("expected low surrogate area");
        }
        return 0x10000 + ((unit & 0x3ff) << 10) + (second & 0x3ff);
    }
}

/** How many bytes a character has in UTF-8, by its first; 0 when no character begins so. */
export function utf8Width(octet: number): number {
    if (octet < 0x80) {
        return 1;
    }
    if ((octet & 0xe0) === 0xc0) {
        return 2;
    }
    if ((octet & 0xf0) === 0xe0) {
        return 3;
    }
    return (octet & 0xf8) === 0xf0 ? 4 : 0;
}

function isAllowed(character: number): boolean {
    return (
        character === 0x09 ||
        character === 0x0a ||
        character === 0x0d ||
        (character >= 0x20 && character <= 0x7e) ||
        character === 0x85 ||
        (character >= 0xa0 && character <= 0xd7ff) ||
        (character >= 0xe000 && character <= 0xfffd) ||
        character >= 0x10000
    );
}
