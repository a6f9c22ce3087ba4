import { goQuote } from "../goText";
import { decodeBytes, replaceStrayBytes } from "../goBytes";
import type { MapEntry, Value } from "../value";

/** What Go's JSON reader refuses a text with. */
export class GoJsonError extends Error {
    /** @param offset - where in the text it is, in UTF-16 units */
    constructor(
        message: string,
        readonly offset: number,
    ) {
        super(message);
    }
}

const deepest = 10_000;

/**
 * Reads a JSON text as Go's `encoding/json` does.
 *
 * @throws GoJsonError in its words
 */
export function parseJson(bytes: Uint8Array): Value {
    return new Parser(bytes).parse();
}

const literals = {
    t: { word: "true", kind: "boolean", value: true },
    f: { word: "false", kind: "boolean", value: false },
    n: { word: "null", kind: "null", value: null },
} as const;

const whereSpaceMayBe = /^(looking for|after (object|array|top)|in string literal)/;

class Parser {
    private offset = 0;
    private depth = 0;
    private readonly units: (offset: number) => number;

    constructor(private readonly bytes: Uint8Array) {
        this.units = unitsOf(bytes);
    }

    parse(): Value {
        const value = this.parseValue("looking for beginning of value");
        if (this.next() !== "") {
            throw this.error("after top-level value");
        }
        return value;
    }

    /** @param context - what Go says when there is no value */
    private parseValue(context: string): Value {
        const character = this.next();
        const offset = this.units(this.offset);
        if (character === "{") {
            return this.nested(() => ({ kind: "map", entries: this.parseObject(), offset }));
        }
        if (character === "[") {
            return this.nested(() => ({ kind: "list", items: this.parseArray(), offset }));
        }
        if (character === '"') {
            return { kind: "string", value: this.parseString(), offset };
        }
        if (/[-0-9]/.test(character)) {
            return { kind: "number", value: this.parseNumber(), offset };
        }
        if (character !== "t" && character !== "f" && character !== "n") {
            throw this.error(context);
        }
        const { word, ...literal } = literals[character];
        for (let i = 0; i < word.length; i++, this.offset++) {
            const letter = word.charAt(i);
            if (this.current() !== letter) {
                throw this.error(`in literal ${word} (expecting '${letter}')`);
            }
        }
        return { ...literal, offset };
    }

    private nested<T>(parse: () => T): T {
        this.depth++;
        if (this.depth > deepest) {
            throw this.error("exceeded max depth");
        }
        const value = parse();
        this.depth--;
        return value;
    }

    private parseObject(): MapEntry[] {
        const entries: MapEntry[] = [];
        this.offset++;
        if (this.next() === "}") {
            this.offset++;
            return entries;
        }
        for (;;) {
            if (this.next() !== '"') {
                throw this.error("looking for beginning of object key string");
            }
            const keyOffset = this.units(this.offset);
            const key = this.parseString();
            if (this.next() !== ":") {
                throw this.error("after object key");
            }
            this.offset++;
            entries.push({ key, keyOffset, value: this.parseValue("looking for beginning of value") });
            const separator = this.next();
            if (separator !== "," && separator !== "}") {
                throw this.error("after object key:value pair");
            }
            this.offset++;
            if (separator === "}") {
                return entries;
            }
        }
    }

    private parseArray(): Value[] {
        const items: Value[] = [];
        this.offset++;
        if (this.next() === "]") {
            this.offset++;
            return items;
        }
        for (;;) {
            items.push(this.parseValue("looking for beginning of value"));
            const separator = this.next();
            if (separator !== "," && separator !== "]") {
                throw this.error("after array element");
            }
            this.offset++;
            if (separator === "]") {
                return items;
            }
        }
    }

    private parseString(): string {
        this.offset++;
        let text = "";
        let start = this.offset;
        for (;;) {
            const character = this.current();
            if (character === '"') {
                text += this.decode(start);
                this.offset++;
                return text;
            }
            if (character === "" || character < " ") {
                throw this.error("in string literal");
            }
            if (character === "\\") {
                text += this.decode(start) + this.parseEscape();
                start = this.offset;
            } else {
                this.offset++;
            }
        }
    }

    private decode(start: number): string {
        return replaceStrayBytes(decodeBytes(this.bytes.subarray(start, this.offset)));
    }

    private parseEscape(): string {
        this.offset++;
        const kind = this.current();
        if (kind === "u") {
            return this.parseUnicodeEscape();
        }
        const meant = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", "\\": "\\", "/": "/", '"': '"' }[kind];
        if (meant === undefined) {
            throw this.error("in string escape code");
        }
        this.offset++;
        return meant;
    }

    private parseUnicodeEscape(): string {
        const first = this.parseHex();
        if (first < 0xd800 || first > 0xdfff) {
            return String.fromCharCode(first);
        }
        const following = Buffer.from(this.bytes.subarray(this.offset, this.offset + 6)).toString("latin1");
        if (first <= 0xdbff && /^\\u[dD][c-fC-F][0-9a-fA-F]{2}$/.test(following)) {
            this.offset++;
            return String.fromCharCode(first, this.parseHex());
        }
        return "\ufffd";
    }

    private parseHex(): number {
        this.offset++;
        let code = 0;
        for (let i = 0; i < 4; i++) {
            if (!/[0-9a-fA-F]/.test(this.current())) {
                throw this.error("in \\u hexadecimal character escape");
            }
            code = code * 16 + parseInt(this.current(), 16);
            this.offset++;
        }
        return code;
    }

    private parseNumber(): string {
        const start = this.offset;
        this.accept(/-/);
        if (!this.accept(/0/)) {
            this.digits("in numeric literal");
        }
        if (this.accept(/\./)) {
            this.digits("after decimal point in numeric literal");
        }
        if (this.accept(/[eE]/)) {
            this.accept(/[-+]/);
            this.digits("in exponent of numeric literal");
        }
        return this.decode(start);
    }

    private digits(context: string): void {
        if (!/[0-9]/.test(this.current())) {
            throw this.error(context);
        }
        while (this.accept(/[0-9]/)) {
            // The next one may be a digit, too.
        }
    }

    private accept(pattern: RegExp): boolean {
        const accepted = pattern.test(this.current());
        this.offset += accepted ? 1 : 0;
        return accepted;
    }

    /** The byte here, as a character; `""` is the end. */
    private current(): string {
        const byte = this.bytes[this.offset];
        return byte === undefined ? "" : String.fromCharCode(byte);
    }

    /** Passes over white space. */
    private next(): string {
        while (this.accept(/[ \t\r\n]/)) {
            // The next one may be white space, too.
        }
        return this.current();
    }

    private error(context: string): GoJsonError {
        const character = this.current();
        const offset = this.units(this.offset);
        if (character === "" && whereSpaceMayBe.test(context)) {
            return new GoJsonError("unexpected end of JSON input", offset);
        }
        // Go tries a space at the end, and may have more to say about that.
        return new GoJsonError(`invalid character ${quote(character === "" ? " " : character)} ${context}`, offset);
    }
}

/** Where a byte of a UTF-8 text is in UTF-16 units. */
function unitsOf(bytes: Uint8Array): (offset: number) => number {
    if (bytes.every((byte) => byte < 0x80)) {
        return (offset) => offset;
    }
    const units = new Uint32Array(bytes.length + 1);
    bytes.forEach((byte, i) => {
        const width = byte >= 0xf0 ? 2 : (byte & 0xc0) === 0x80 ? 0 : 1;
        units[i + 1] = units[i]! + width;
    });
    return (offset) => units[offset]!;
}

function quote(character: string): string {
    if (character === "'") {
        return "'\\''";
    }
    return character === '"' ? `'"'` : `'${goQuote(character).slice(1, -1)}'`;
}
