import { Reader } from "./reader";
import { BlockScalarScanner, FlowScalarScanner, PlainScalarScanner } from "./scalarScanner";
import { scanDirective, scanTag } from "./tagScanner";
import type { Mark, Token, TokenKind } from "./token";
import { Cursor, type Comment } from "./cursor";

/** Nesting beyond which the API server's YAML reader gives up. */
const deepest = 10_000;

/** A token that becomes a mapping's key if a colon follows. */
interface SimpleKey {
    possible: boolean;
    required: boolean;
    tokenNumber: number;
    mark: Mark;
}

/**
 * Cuts a YAML text into tokens as the API server's YAML reader does, one by one: what comes after the last one asked for
 * is not looked at, however wrong it may be.
 */
export class Scanner {
    private readonly cursor: Cursor;
    private readonly tokens: Token[] = [];
    /** How many tokens were taken. */
    private taken = 0;
    private streamStarted = false;
    private indent = -1;
    private readonly indents: number[] = [];
    private flowLevel = 0;
    private simpleKeyAllowed = false;
    private readonly simpleKeys: SimpleKey[] = [];
    /** Which of the {@link simpleKeys} a token began, by the token's number. */
    private readonly simpleKeysByToken = new Map<number, number>();
    private available = false;

    constructor(bytes: Uint8Array) {
        this.cursor = new Cursor(new Reader(bytes));
    }

    get comments(): readonly Comment[] {
        return this.cursor.comments;
    }

    /** The next token. */
    peek(): Token {
        if (!this.available) {
            this.fetchMoreTokens();
        }
        return this.tokens[0]!;
    }

    /** Takes the next token, which {@link peek} has given. */
    skip(): void {
        this.available = false;
        this.taken++;
        this.tokens.shift();
    }

    private fetchMoreTokens(): void {
        for (;;) {
            if (this.tokens.length > 0) {
                const keyIndex = this.simpleKeysByToken.get(this.taken);
                if (keyIndex === undefined || !this.isValid(this.simpleKeys[keyIndex]!)) {
                    break;
                }
            }
            this.fetchNextToken();
        }
        this.available = true;
    }

    private fetchNextToken(): void {
        const { cursor } = this;
        cursor.need(1);
        if (!this.streamStarted) {
            this.streamStarted = true;
            this.simpleKeys.push({ possible: false, required: false, tokenNumber: 0, mark: cursor.mark() });
            this.simpleKeyAllowed = true;
            this.append("stream-start", cursor.mark(), cursor.mark());
            return;
        }
        this.skipToNextToken();
        this.unrollIndent(cursor.column);
        cursor.need(4);
        const character = cursor.character();
        if (cursor.at(0) === 0) {
            this.fetchStreamEnd();
        } else if (cursor.column === 0 && character === "%") {
            this.fetchDirective();
        } else if (cursor.atDocumentIndicator()) {
            this.fetchDocumentIndicator(character === "-" ? "document-start" : "document-end");
        } else if (character === "[") {
            this.fetchFlowCollectionStart("flow-sequence-start");
        } else if (character === "{") {
            this.fetchFlowCollectionStart("flow-mapping-start");
        } else if (character === "]") {
            this.fetchFlowCollectionEnd("flow-sequence-end");
        } else if (character === "}") {
            this.fetchFlowCollectionEnd("flow-mapping-end");
        } else if (character === ",") {
            this.fetchFlowEntry();
        } else if (character === "-" && cursor.isBlankOrEnd(1)) {
            this.fetchBlockEntry();
        } else if (character === "?" && (this.flowLevel > 0 || cursor.isBlankOrEnd(1))) {
            this.fetchKey();
        } else if (character === ":" && (this.flowLevel > 0 || cursor.isBlankOrEnd(1))) {
            this.fetchValue();
        } else if (character === "*") {
            this.fetchAnchor("alias");
        } else if (character === "&") {
            this.fetchAnchor("anchor");
        } else if (character === "!") {
            this.fetchWithSimpleKey(() => scanTag(cursor));
        } else if ((character === "|" || character === ">") && this.flowLevel === 0) {
            this.fetchBlockScalar(character === "|");
        } else if (character === "'" || character === '"') {
            this.fetchWithSimpleKey(() => new FlowScalarScanner(cursor, character === "'").scan());
        } else if (this.mayStartPlainScalar(character)) {
            this.fetchPlainScalar();
        } else {
            throw cursor.error("found character that cannot start any token", cursor.mark());
        }
    }

    private mayStartPlainScalar(character: string): boolean {
        const { cursor } = this;
        if (character === "-") {
            return !cursor.isBlank(1);
        }
        if (character === "?" || character === ":") {
            return this.flowLevel === 0 && !cursor.isBlankOrEnd(1);
        }
        return !cursor.isBlankOrEnd(0) && !",[]{}#&*!|>'\"%@`".includes(character);
    }

    private skipToNextToken(): void {
        const { cursor } = this;
        for (;;) {
            cursor.need(1);
            if (cursor.column === 0 && cursor.bufferBeginsWithMark()) {
                cursor.skip();
            }
            cursor.need(1);
            const tabs = () => this.flowLevel > 0 || !this.simpleKeyAllowed;
            while (cursor.character() === " " || (cursor.character() === "\t" && tabs())) {
                cursor.skip();
                cursor.need(1);
            }
            cursor.skipComment();
            if (!cursor.isBreak(0)) {
                return;
            }
            cursor.need(2);
            cursor.skipBreak();
            if (this.flowLevel === 0) {
                this.simpleKeyAllowed = true;
            }
        }
    }

    private append(kind: TokenKind, start: Mark, end: Mark): void {
        this.tokens.push({ kind, start, end });
    }

    /** The next character or so, as a token. */
    private appendIndicator(kind: TokenKind, length: number): void {
        const start = this.cursor.mark();
        for (let i = 0; i < length; i++) {
            this.cursor.skip();
        }
        this.append(kind, start, this.cursor.mark());
    }

    private isValid(key: SimpleKey): boolean {
        if (!key.possible) {
            return false;
        }
        if (key.mark.line < this.cursor.line || key.mark.index + 1024 < this.cursor.index) {
            this.giveUpKey(key);
            return false;
        }
        return true;
    }

    private giveUpKey(key: SimpleKey): void {
        if (key.required) {
            throw this.cursor.error("could not find expected ':'", key.mark);
        }
        key.possible = false;
    }

    private saveSimpleKey(): void {
        const required = this.flowLevel === 0 && this.indent === this.cursor.column;
        if (this.simpleKeyAllowed) {
            const tokenNumber = this.taken + this.tokens.length;
            this.removeSimpleKey();
            this.simpleKeys[this.simpleKeys.length - 1] = {
                possible: true,
                required,
                tokenNumber,
                mark: this.cursor.mark(),
            };
            this.simpleKeysByToken.set(tokenNumber, this.simpleKeys.length - 1);
        }
    }

    private removeSimpleKey(): void {
        const key = this.simpleKeys.at(-1)!;
        if (key.possible) {
            this.giveUpKey(key);
            this.simpleKeysByToken.delete(key.tokenNumber);
        }
    }

    /** Enters a block collection that begins at a column, if it is further in than the one around it. */
    private rollIndent(column: number, tokenNumber: number | undefined, kind: TokenKind, mark: Mark): void {
        if (this.flowLevel > 0 || this.indent >= column) {
            return;
        }
        this.indents.push(this.indent);
        this.indent = column;
        if (this.indents.length > deepest) {
            throw this.cursor.error(`exceeded max depth of ${deepest}`, this.simpleKeys.at(-1)!.mark);
        }
        const index = tokenNumber === undefined ? this.tokens.length : tokenNumber - this.taken;
        this.tokens.splice(index, 0, { kind, start: mark, end: mark });
    }

    private unrollIndent(column: number): void {
        if (this.flowLevel > 0) {
            return;
        }
        while (this.indent > column) {
            this.append("block-end", this.cursor.mark(), this.cursor.mark());
            this.indent = this.indents.pop()!;
        }
    }

    private fetchStreamEnd(): void {
        this.cursor.forceNewLine();
        this.leaveBlocks();
        this.append("stream-end", this.cursor.mark(), this.cursor.mark());
    }

    private leaveBlocks(): void {
        this.unrollIndent(-1);
        this.removeSimpleKey();
        this.simpleKeyAllowed = false;
    }

    private fetchDirective(): void {
        this.leaveBlocks();
        this.tokens.push(scanDirective(this.cursor));
    }

    private fetchDocumentIndicator(kind: TokenKind): void {
        this.leaveBlocks();
        this.appendIndicator(kind, 3);
    }

    private fetchFlowCollectionStart(kind: TokenKind): void {
        this.saveSimpleKey();
        const tokenNumber = this.taken + this.tokens.length;
        this.simpleKeys.push({ possible: false, required: false, tokenNumber, mark: this.cursor.mark() });
        this.flowLevel++;
        if (this.flowLevel > deepest) {
            throw this.cursor.error(`exceeded max depth of ${deepest}`, this.cursor.mark());
        }
        this.simpleKeyAllowed = true;
        this.appendIndicator(kind, 1);
    }

    private fetchFlowCollectionEnd(kind: TokenKind): void {
        this.removeSimpleKey();
        if (this.flowLevel > 0) {
            this.flowLevel--;
            this.simpleKeysByToken.delete(this.simpleKeys.pop()!.tokenNumber);
        }
        this.simpleKeyAllowed = false;
        this.appendIndicator(kind, 1);
    }

    private fetchFlowEntry(): void {
        this.removeSimpleKey();
        this.simpleKeyAllowed = true;
        this.appendIndicator("flow-entry", 1);
    }

    private fetchBlockEntry(): void {
        this.startBlock("block-sequence-start", "block sequence entries are not allowed in this context");
        this.removeSimpleKey();
        this.simpleKeyAllowed = true;
        this.appendIndicator("block-entry", 1);
    }

    private fetchKey(): void {
        this.startBlock("block-mapping-start", "mapping keys are not allowed in this context");
        this.removeSimpleKey();
        this.simpleKeyAllowed = this.flowLevel === 0;
        this.appendIndicator("key", 1);
    }

    private startBlock(kind: TokenKind, problem: string): void {
        if (this.flowLevel > 0) {
            return;
        }
        if (!this.simpleKeyAllowed) {
            throw this.cursor.error(problem, this.cursor.mark());
        }
        this.rollIndent(this.cursor.column, undefined, kind, this.cursor.mark());
    }

    private fetchValue(): void {
        const key = this.simpleKeys.at(-1)!;
        if (this.isValid(key)) {
            this.tokens.splice(key.tokenNumber - this.taken, 0, { kind: "key", start: key.mark, end: key.mark });
            this.rollIndent(key.mark.column, key.tokenNumber, "block-mapping-start", key.mark);
            key.possible = false;
            this.simpleKeysByToken.delete(key.tokenNumber);
            this.simpleKeyAllowed = false;
        } else {
            this.startBlock("block-mapping-start", "mapping values are not allowed in this context");
            this.simpleKeyAllowed = this.flowLevel === 0;
        }
        this.appendIndicator("value", 1);
    }

    private fetchWithSimpleKey(scan: () => Token): void {
        this.saveSimpleKey();
        this.simpleKeyAllowed = false;
        this.tokens.push(scan());
    }

    private fetchAnchor(kind: "alias" | "anchor"): void {
        this.fetchWithSimpleKey(() => {
            const { cursor } = this;
            const start = cursor.mark();
            cursor.skip();
            const value = cursor.readWord();
            if (value === "" || !(cursor.isBlankOrEnd(0) || "?:,]}%@`".includes(cursor.character()))) {
                throw cursor.error("did not find expected alphabetic or numeric character", start);
            }
            return { kind, start, end: cursor.mark(), value };
        });
    }

    private fetchBlockScalar(literal: boolean): void {
        this.removeSimpleKey();
        this.simpleKeyAllowed = true;
        this.tokens.push(new BlockScalarScanner(this.cursor, literal, this.indent).scan());
    }

    private fetchPlainScalar(): void {
        this.fetchWithSimpleKey(() => {
            const scanner = new PlainScalarScanner(this.cursor, this.indent + 1, this.flowLevel > 0);
            const token = scanner.scan();
            this.simpleKeyAllowed = scanner.endedOnNewLine;
            return token;
        });
    }
}
