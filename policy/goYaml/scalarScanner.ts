import type { Cursor } from "./cursor";
import type { Token } from "./token";

/** Scans `|` or `>` and the lines that belong to it. */
export class BlockScalarScanner {
    private indent = 0;
    private trailingBreaks = "";

    /** @param outer - the column of the collection around it, -1 when there is none */
    constructor(
        private readonly cursor: Cursor,
        private readonly literal: boolean,
        private readonly outer: number,
    ) {}

    scan(): Token {
        const { cursor } = this;
        const start = cursor.mark();
        cursor.skip();
        const { chomping, increment } = this.scanHeader();
        cursor.skipRestOfLine(start);
        if (increment > 0) {
            this.indent = this.outer >= 0 ? this.outer + increment : increment;
        }
        this.scanBreaks(start);
        cursor.need(1);
        let text = "";
        let leadingBreak = "";
        let afterBlank = false;
        while (cursor.column === this.indent && cursor.at(0) !== 0) {
            const blank = cursor.isBlank(0);
            if (!this.literal && !afterBlank && !blank && leadingBreak === "\n") {
                text += this.trailingBreaks === "" ? " " : "";
            } else {
                text += leadingBreak;
            }
            text += this.trailingBreaks;
            this.trailingBreaks = "";
            afterBlank = blank;
            while (!cursor.isBreakOrEnd(0)) {
                text += cursor.read();
                cursor.need(1);
            }
            cursor.need(2);
            leadingBreak = cursor.isBreak(0) ? cursor.readBreak() : "";
            this.scanBreaks(start);
        }
        text += chomping === "-" ? "" : leadingBreak;
        text += chomping === "+" ? this.trailingBreaks : "";
        return { kind: "scalar", start, end: cursor.mark(), value: text };
    }

    private scanHeader(): { chomping: string; increment: number } {
        const { cursor } = this;
        cursor.need(1);
        let chomping = this.scanChomping();
        if (chomping !== "") {
            cursor.need(1);
        }
        const increment = this.scanIncrement();
        if (chomping === "" && increment > 0) {
            cursor.need(1);
            chomping = this.scanChomping();
        }
        return { chomping, increment };
    }

    private scanChomping(): string {
        return /[+-]/.test(this.cursor.character()) ? this.cursor.read() : "";
    }

    private scanIncrement(): number {
        const { cursor } = this;
        if (!/[0-9]/.test(cursor.character())) {
            return 0;
        }
        if (cursor.character() === "0") {
            throw cursor.error("found an indentation indicator equal to 0", cursor.mark());
        }
        return Number(cursor.read());
    }

    /** Takes empty lines, and finds out how far the content is indented when that is not known yet. */
    private scanBreaks(start: Token["start"]): void {
        const { cursor } = this;
        let deepest = 0;
        for (;;) {
            cursor.need(1);
            const indenting = () => this.indent === 0 || cursor.column < this.indent;
            while (indenting() && cursor.character() === " ") {
                cursor.skip();
                cursor.need(1);
            }
            deepest = Math.max(deepest, cursor.column);
            if (indenting() && cursor.character() === "\t") {
                throw cursor.error("found a tab character where an indentation space is expected", start);
            }
            if (!cursor.isBreak(0)) {
                break;
            }
            cursor.need(2);
            this.trailingBreaks += cursor.readBreak();
        }
        if (this.indent === 0) {
            this.indent = Math.max(deepest, this.outer + 1, 1);
        }
    }
}

/** White space between the words of a scalar that may go on over several lines. */
class Folding {
    /** Whether a line ended in it. */
    newLine = false;
    private blanks = "";
    private leadingBreak = "";
    private trailingBreaks = "";

    constructor(private readonly cursor: Cursor) {}

    addBlank(): void {
        if (this.newLine) {
            this.cursor.skip();
        } else {
            this.blanks += this.cursor.read();
        }
    }

    addBreak(): void {
        if (this.newLine) {
            this.trailingBreaks += this.cursor.readBreak();
            return;
        }
        this.blanks = "";
        this.leadingBreak = this.cursor.readBreak();
        this.newLine = true;
    }

    /** What it is as part of the scalar's text. Starts anew. */
    take(): string {
        const { newLine, blanks, leadingBreak, trailingBreaks } = this;
        this.newLine = false;
        this.blanks = this.leadingBreak = this.trailingBreaks = "";
        if (!newLine) {
            return blanks;
        }
        if (leadingBreak !== "\n") {
            return leadingBreak + trailingBreaks;
        }
        return trailingBreaks === "" ? " " : trailingBreaks;
    }
}

const escapes: Readonly<Record<string, string>> = {
    "0": "\0",
    a: "\x07",
    b: "\b",
    t: "\t",
    "\t": "\t",
    n: "\n",
    v: "\v",
    f: "\f",
    r: "\r",
    e: "\x1b",
    " ": " ",
    '"': '"',
    "'": "'",
    "\\": "\\",
    N: "\x85",
    _: "\xa0",
    L: "\u2028",
    P: "\u2029",
};

const escapeLengths: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** Scans a scalar in quotes. */
export class FlowScalarScanner {
    private readonly start: Token["start"];
    private text = "";

    constructor(
        private readonly cursor: Cursor,
        private readonly single: boolean,
    ) {
        this.start = cursor.mark();
    }

    scan(): Token {
        const { cursor } = this;
        const quote = this.single ? "'" : '"';
        cursor.skip();
        for (;;) {
            cursor.need(4);
            if (cursor.atDocumentIndicator()) {
                throw cursor.error("found unexpected document indicator", this.start);
            }
            if (cursor.at(0) === 0) {
                throw cursor.error("found unexpected end of stream", this.start);
            }
            const folding = new Folding(cursor);
            folding.newLine = this.scanNonBlank(quote);
            cursor.need(1);
            if (cursor.character() === quote) {
                break;
            }
            while (cursor.isBlank(0) || cursor.isBreak(0)) {
                if (cursor.isBlank(0)) {
                    folding.addBlank();
                } else {
                    cursor.need(2);
                    folding.addBreak();
                }
                cursor.need(1);
            }
            this.text += folding.take();
        }
        cursor.skip();
        return { kind: "scalar", start: this.start, end: cursor.mark(), value: this.text };
    }

    /** @returns whether it ended with an escaped line break */
    private scanNonBlank(quote: string): boolean {
        const { cursor } = this;
        while (!cursor.isBlankOrEnd(0)) {
            const character = cursor.character();
            if (this.single && character === "'" && cursor.character(1) === "'") {
                this.text += cursor.read();
                cursor.skip();
            } else if (character === quote) {
                return false;
            } else if (!this.single && character === "\\" && cursor.isBreak(1)) {
                cursor.need(3);
                cursor.skip();
                cursor.skipBreak();
                return true;
            } else if (!this.single && character === "\\") {
                this.text += this.scanEscape();
            } else {
                this.text += cursor.read();
            }
            cursor.need(2);
        }
        return false;
    }

    private scanEscape(): string {
        const { cursor } = this;
        const kind = cursor.character(1);
        const length = escapeLengths[kind];
        if (length === undefined && escapes[kind] === undefined) {
            throw cursor.error("found unknown escape character", this.start);
        }
        cursor.skip();
        cursor.skip();
        if (length === undefined) {
            return escapes[kind]!;
        }
        cursor.need(length);
        const digits = Array.from({ length }, (_, k) => cursor.character(k)).join("");
        if (!/^[0-9A-Fa-f]+$/.test(digits)) {
            throw cursor.error("did not find expected hexdecimal number", this.start);
        }
        const code = parseInt(digits, 16);
        if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) {
            throw cursor.error("found invalid Unicode character escape code", this.start);
        }
        for (let k = 0; k < length; k++) {
            cursor.skip();
        }
        return String.fromCodePoint(code);
    }
}

/** Scans a scalar without quotes. */
export class PlainScalarScanner {
    /** Whether white space after it, which is not part of it, goes over the end of a line. */
    endedOnNewLine = false;

    constructor(
        private readonly cursor: Cursor,
        private readonly indent: number,
        private readonly inFlow: boolean,
    ) {}

    scan(): Token {
        const { cursor } = this;
        const start = cursor.mark();
        const folding = new Folding(cursor);
        let end = start;
        let text = "";
        for (;;) {
            cursor.need(4);
            if (cursor.atDocumentIndicator() || cursor.character() === "#") {
                break;
            }
            while (!cursor.isBlankOrEnd(0) && !this.atIndicator()) {
                text += folding.take() + cursor.read();
                end = cursor.mark();
                cursor.need(2);
            }
            if (!cursor.isBlank(0) && !cursor.isBreak(0)) {
                break;
            }
            cursor.need(1);
            this.scanBlanks(folding, start);
            if (!this.inFlow && cursor.column < this.indent) {
                break;
            }
        }
        this.endedOnNewLine = folding.newLine;
        return { kind: "scalar", start, end, value: text, plain: true };
    }

    private atIndicator(): boolean {
        const character = this.cursor.character();
        return (character === ":" && this.cursor.isBlankOrEnd(1)) || (this.inFlow && ",?[]{}".includes(character));
    }

    private scanBlanks(folding: Folding, start: Token["start"]): void {
        const { cursor } = this;
        while (cursor.isBlank(0) || cursor.isBreak(0)) {
            if (!cursor.isBlank(0)) {
                cursor.need(2);
                folding.addBreak();
            } else if (folding.newLine && cursor.column < this.indent && cursor.character() === "\t") {
                throw cursor.error("found a tab character that violates indentation", start);
            } else {
                folding.addBlank();
            }
            cursor.need(1);
        }
    }
}
