import { compareBytes } from "./goBytes";

/**
 * What a field selector asks the object's name to be, as the API server parses it.
 *
 * @returns the name; `undefined` when the selector asks for none
 * @throws Error when it is no field selector
 */
export function selectedName(fieldSelector: string): string | undefined {
    const terms = fieldSelector.match(/(?:\\[^]|[^\\,]|\\$)+/g) ?? [];
    const names: string[] = [];
    for (const term of terms.sort(compareBytes)) {
        const [, field, operator, value = ""] = /^([^]*?)(!=|==|=)([^]*)$/.exec(term) ?? [];
        if (operator === undefined) {
            throw new Error(`invalid selector: '${fieldSelector}'; can't understand '${term}'`);
        }
        const name = unescapeValue(value);
        if (field === "metadata.name" && operator !== "!=") {
            names.push(name);
        }
    }
    return names[0];
}

function unescapeValue(value: string): string {
    if (!/^(?:\\[\\,=]|[^\\,=])*$/.test(value)) {
        throw new Error(`invalid field selector: ${value} has an unescaped or wrongly escaped character`);
    }
    return value.replace(/\\(.)/g, "$1");
}

/** Whether a text is a label selector, as the API server parses it; the empty text is one. */
export function isLabelSelector(text: string): boolean {
    try {
        new LabelSelectorParser(scanLabelSelector(text)).parse();
        return true;
    } catch (problem) {
        if (problem instanceof NoSelector) {
            return false;
        }
        throw problem;
    }
}

class NoSelector extends Error {}

const end = "";

/** The operators, brackets, commas and words of a label selector, and the end. */
function scanLabelSelector(text: string): string[] {
    const tokens = text.match(/[ \t\r\n]+|[!=]=\0?|[=!(),<>]\0?|[^ \t\r\n=!(),<>\0]+\0?|\0/g) ?? [];
    const words = tokens.filter((token) => !/^[ \t\r\n]/.test(token));
    const nul = words.indexOf("\0");
    return [...(nul === -1 ? words : words.slice(0, nul)).map((word) => word.replace("\0", "")), end];
}

class LabelSelectorParser {
    private position = 0;

    constructor(private readonly tokens: readonly string[]) {}

    parse(): void {
        if (this.next() === end) {
            return;
        }
        do {
            this.parseRequirement();
        } while (this.accept(","));
        this.expect(this.next() === end);
    }

    private parseRequirement(): void {
        const negated = this.accept("!");
        this.expect(isQualifiedName(this.takeWord()));
        if (negated || this.next() === end || this.next() === ",") {
            return;
        }
        const operator = this.take();
        this.expect(["=", "==", "!=", ">", "<", "in", "notin"].includes(operator));
        if (operator === "in" || operator === "notin") {
            this.parseValues();
            return;
        }
        const value = this.next() === end || this.next() === "," ? "" : this.takeWord();
        this.expect(isLabelValue(value));
        this.expect(!["<", ">"].includes(operator) || isInt64(value));
    }

    /** A list in brackets; an item may be missing anywhere. */
    private parseValues(): void {
        this.expect(this.accept("("));
        let separated = true;
        while (!this.accept(")")) {
            if (this.accept(",")) {
                separated = true;
            } else {
                this.expect(separated && isLabelValue(this.takeWord()));
                separated = false;
            }
        }
    }

    private next(): string {
        return this.tokens[this.position]!;
    }

    private take(): string {
        const token = this.next();
        this.position++;
        return token;
    }

    private takeWord(): string {
        this.expect(this.next() !== end && !/^[=!(),<>]/.test(this.next()));
        return this.take();
    }

    private accept(token: string): boolean {
        const found = this.next() === token;
        this.position += found ? 1 : 0;
        return found;
    }

    private expect(condition: boolean): void {
        if (!condition) {
            throw new NoSelector();
        }
    }
}

function isQualifiedName(key: string): boolean {
    const [, prefix, name = ""] = /^(?:([^/]*)\/)?([^/]*)$/.exec(key) ?? [];
    const isSubdomain = (text: string) =>
        text.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(text);
    return name !== "" && isLabelValue(name) && (prefix === undefined || isSubdomain(prefix));
}

function isLabelValue(value: string): boolean {
    return value.length <= 63 && /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/.test(value);
}

/** Whether a text is a decimal number of 64 bits, as Go's `strconv.ParseInt` reads it. */
export function isInt64(text: string): boolean {
    return (
        /^[+-]?[0-9]+$/.test(text) && BigInt.asIntN(64, BigInt(text.replace("+", ""))) === BigInt(text.replace("+", ""))
    );
}
