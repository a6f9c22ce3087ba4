import { QueryError } from "./errors";

/** A condition on an event, as data. */
export type Expression =
    | { readonly kind: "and" | "or"; readonly parts: readonly Expression[] }
    | { readonly kind: "not"; readonly part: Expression }
    | { readonly kind: "exists"; readonly path: Path }
    | { readonly kind: "compare"; readonly path: Path; readonly operator: Operator; readonly values: readonly Value[] };

/** A field's name, or the members that lead to a value in the event. */
export type Path = readonly string[];

export type Value = string | number | boolean;

export const operators = ["==", "!=", "=~", "!~", "<=", ">=", "<", ">", "in"] as const;
export type Operator = (typeof operators)[number];

interface Token {
    readonly kind: "text" | "number" | "word" | "sign" | "end";
    readonly text: string;
    readonly offset: number;
}

const TOKEN =
    /\s*(?:("(?:[^"\\]|\\.)*"|'[^']*')|(-?\d+(?:\.\d+)?(?:ms|s|m|h)?(?![\w.-]))|([A-Za-z_@][\w/@-]*)|(==|!=|=~|!~|<=|>=|&&|\|\||[<>!()[\].,]))/y;

/**
 * Reads a condition: `verb == "delete" && (user =~ "^system:" || status >= 400)`.
 *
 * - A field's name, or a path into the event: `objectRef.uid`, `requestObject.spec.replicas`,
 *   `annotations["example.com/why"]`; of a list any item will do.
 * - `==`, `!=`, `<`, `<=`, `>`, `>=`, `in (…, …)`; `=~` and `!~` with a regular expression; a path alone asks whether
 *   it is there.
 * - `&&` or `and`, `||` or `or`, `!` or `not`, parentheses.
 * - Texts in quotes, numbers, durations such as `500ms` and `2s`, which are milliseconds, `true` and `false`.
 *
 * @throws QueryError that shows the place
 */
export function parseWhere(text: string): Expression {
    const parser = new Parser(text);
    const expression = parser.readOr();
    parser.expectEnd();
    return expression;
}

class Parser {
    #token: Token;
    #next = 0;

    constructor(private readonly text: string) {
        this.#token = this.#read();
    }

    readOr(): Expression {
        return this.#readChain("or", ["||", "or"], () => this.#readAnd());
    }

    expectEnd(): void {
        if (this.#token.kind !== "end") {
            throw this.#error("expected && or ||");
        }
    }

    #readAnd(): Expression {
        return this.#readChain("and", ["&&", "and"], () => this.#readNot());
    }

    #readChain(kind: "and" | "or", joints: readonly string[], readPart: () => Expression): Expression {
        const parts = [readPart()];
        while (this.#takes(...joints)) {
            parts.push(readPart());
        }
        return parts.length === 1 ? parts[0]! : { kind, parts };
    }

    #readNot(): Expression {
        if (this.#takes("!", "not")) {
            return { kind: "not", part: this.#readNot() };
        }
        if (this.#takes("(")) {
            const inner = this.readOr();
            this.#expect(")");
            return inner;
        }
        return this.#readComparison();
    }

    #readComparison(): Expression {
        const path = this.#readPath();
        const operator = operators.find((name) => this.#takes(name));
        if (operator === undefined) {
            return { kind: "exists", path };
        }
        const start = this.#token.offset;
        const values = operator === "in" ? this.#readValues() : [this.#readValue()];
        if (operator === "=~" || operator === "!~") {
            this.#checkPattern(values[0]!, start);
        }
        return { kind: "compare", path, operator, values };
    }

    #checkPattern(value: Value, offset: number): void {
        try {
            new RegExp(String(value));
        } catch (error) {
            throw this.#error((error as Error).message, offset);
        }
    }

    #readPath(): Path {
        if (!this.#is("word")) {
            throw this.#error("expected the name of a field");
        }
        const path = [this.#take()];
        for (;;) {
            if (this.#takes(".")) {
                if (!this.#is("word")) {
                    throw this.#error("expected a name behind the dot");
                }
                path.push(this.#take());
            } else if (this.#takes("[")) {
                if (!this.#is("text") && !this.#is("number")) {
                    throw this.#error("expected a name in quotes, or a number");
                }
                path.push(String(this.#readValue()));
                this.#expect("]");
            } else {
                return path;
            }
        }
    }

    #readValues(): Value[] {
        this.#expect("(");
        const values = [this.#readValue()];
        while (this.#takes(",")) {
            values.push(this.#readValue());
        }
        this.#expect(")");
        return values;
    }

    #readValue(): Value {
        const { kind, text } = this.#token;
        if (kind === "text") {
            this.#take();
            return text.startsWith('"') ? text.slice(1, -1).replace(/\\(["\\])/g, "$1") : text.slice(1, -1);
        }
        if (kind === "number") {
            this.#take();
            return milliseconds(text);
        }
        if (kind === "word" && (text === "true" || text === "false")) {
            this.#take();
            return text === "true";
        }
        throw this.#error("expected a text in quotes, a number, true or false");
    }

    #is(kind: Token["kind"]): boolean {
        return this.#token.kind === kind;
    }

    #takes(...texts: string[]): boolean {
        const { kind, text } = this.#token;
        const isSo = (kind === "word" || kind === "sign") && texts.includes(text);
        if (isSo) {
            this.#take();
        }
        return isSo;
    }

    #expect(text: string): void {
        if (!this.#takes(text)) {
            throw this.#error(`expected ${text}`);
        }
    }

    #take(): string {
        const { text } = this.#token;
        this.#token = this.#read();
        return text;
    }

    #read(): Token {
        TOKEN.lastIndex = this.#next;
        const match = TOKEN.exec(this.text);
        if (match === null) {
            const offset = this.#next + /^\s*/.exec(this.text.slice(this.#next))![0].length;
            if (offset < this.text.length) {
                throw this.#error("this cannot be read", offset);
            }
            return { kind: "end", text: "", offset };
        }
        this.#next = TOKEN.lastIndex;
        const [, quoted, number, word, sign] = match;
        const text = quoted ?? number ?? word ?? sign ?? "";
        const kind =
            quoted !== undefined ? "text" : number !== undefined ? "number" : word !== undefined ? "word" : "sign";
        return { kind, text, offset: this.#next - text.length };
    }

    #error(message: string, offset = this.#token.offset): QueryError {
        return new QueryError(`${message}\n  ${this.text}\n  ${" ".repeat(offset)}^`);
    }
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function milliseconds(text: string): number {
    const [, number, unit] = /^(-?[\d.]+)([a-z]*)$/.exec(text)!;
    return Number(number) * (UNITS[unit!] ?? 1);
}
