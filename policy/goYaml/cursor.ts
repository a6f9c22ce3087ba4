import { GoYamlError } from "./error";
import type { Reader } from "./reader";
import type { Mark } from "./token";

const tab = 0x09;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;

/** A comment of a YAML text. */
export interface Comment {
    /** Where its `#` is, in UTF-16 units. */
    offset: number;
    /** From the `#` to the end of the line. */
    text: string;
}

/** Where the scanner is in the text, and what it sees there. What it looks at has to be asked for with `need`. */
export class Cursor {
    index = 0;
    line = 0;
    column = 0;
    /** What was passed over so far. */
    readonly comments: Comment[] = [];
    private offset = 0;

    constructor(private readonly reader: Reader) {}

    need(count: number): void {
        this.reader.need(count);
    }

    bufferBeginsWithMark(): boolean {
        return this.reader.bufferBeginsWithMark();
    }

    mark(): Mark {
        return { index: this.index, offset: this.offset, line: this.line, column: this.column };
    }

    /** A code point; 0 is the end. */
    at(ahead: number): number {
        return this.reader.at(ahead);
    }

    character(ahead = 0): string {
        return String.fromCodePoint(this.reader.at(ahead));
    }

    isBlank(ahead: number): boolean {
        const code = this.at(ahead);
        return code === space || code === tab;
    }

    isBreak(ahead: number): boolean {
        const code = this.at(ahead);
        return code === lineFeed || code === carriageReturn || code === 0x85 || code === 0x2028 || code === 0x2029;
    }

    isBreakOrEnd(ahead: number): boolean {
        return this.at(ahead) === 0 || this.isBreak(ahead);
    }

    isBlankOrEnd(ahead: number): boolean {
        return this.isBlank(ahead) || this.isBreakOrEnd(ahead);
    }

    /** `---` or `...` alone at the start of a line. */
    atDocumentIndicator(): boolean {
        const first = this.at(0);
        return (
            this.column === 0 &&
            (first === 0x2d || first === 0x2e) &&
            this.at(1) === first &&
            this.at(2) === first &&
            this.isBlankOrEnd(3)
        );
    }

    skip(): void {
        this.offset += this.at(0) > 0xffff ? 2 : 1;
        this.reader.position++;
        this.index++;
        this.column++;
    }

    skipBreak(): void {
        this.readBreak();
    }

    /** Takes a character that is no line break. */
    read(): string {
        const character = this.character();
        this.skip();
        return character;
    }

    /** Takes a line break, two characters in the case of CR LF; both are one line feed then. */
    readBreak(): string {
        const code = this.at(0);
        const length = code === carriageReturn && this.at(1) === lineFeed ? 2 : 1;
        this.reader.position += length;
        this.index += length;
        this.offset += length;
        this.column = 0;
        this.line++;
        return code === 0x2028 || code === 0x2029 ? String.fromCodePoint(code) : "\n";
    }

    /** Takes letters, digits, `_` and `-`. */
    readWord(): string {
        let word = "";
        this.need(1);
        while (/[0-9A-Za-z_-]/.test(this.character())) {
            word += this.read();
            this.need(1);
        }
        return word;
    }

    skipBlanks(): void {
        this.need(1);
        while (this.isBlank(0)) {
            this.skip();
            this.need(1);
        }
    }

    skipComment(): void {
        if (this.character() !== "#") {
            return;
        }
        const { offset } = this;
        let text = "";
        while (!this.isBreakOrEnd(0)) {
            text += this.read();
            this.need(1);
        }
        this.comments.push({ offset, text });
    }

    /** What may follow a directive or a block scalar's header on its line. */
    skipRestOfLine(start: Mark): void {
        this.skipBlanks();
        this.skipComment();
        if (!this.isBreakOrEnd(0)) {
            throw this.error("did not find expected comment or line break", start);
        }
        if (this.isBreak(0)) {
            this.need(2);
            this.skipBreak();
        }
    }

    forceNewLine(): void {
        if (this.column !== 0) {
            this.column = 0;
            this.line++;
        }
    }

    /** @param context - where the thing began in which something is wrong here */
    error(problem: string, context: Mark): GoYamlError {
        const line = this.line === 0 ? context.line : this.line + 1;
        return new GoYamlError(line === 0 ? problem : `line ${line}: ${problem}`, this.offset);
    }
}
