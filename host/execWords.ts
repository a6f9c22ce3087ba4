/** The words of a systemd command line, split and unquoted as extract_first_word does, and put together again. */

/** One word of a command line. */
export interface ExecWord {
    /** As it is written, with its quotes and escapes. */
    readonly raw: string;
    /** Without them. Specifiers and variables are as they were. */
    readonly text: string;
    /** Where it begins in the command line. */
    readonly start: number;
}

/** A line that systemd ignores because it cannot be split. */
export class ExecWordsError extends Error {}

const ESCAPES: Readonly<Record<string, string>> = {
    a: "\x07",
    b: "\b",
    f: "\f",
    n: "\n",
    r: "\r",
    t: "\t",
    v: "\v",
    s: " ",
    "\\": "\\",
    '"': '"',
    "'": "'",
};

/**
 * Splits at white space outside of quotes.
 *
 * @throws ExecWordsError where a quote is not closed
 */
export function splitExecWords(line: string): ExecWord[] {
    const words: ExecWord[] = [];
    let position = 0;
    while ((position = skipBlanks(line, position)) < line.length) {
        const start = position;
        let text = "";
        let quote = "";
        while (position < line.length && (quote !== "" || !isBlank(line[position]!))) {
            const character = line[position]!;
            if (character === "\\") {
                const escape = readEscape(line, position + 1);
                text += escape.text;
                position += 1 + escape.length;
                continue;
            }
            position++;
            if (quote === "" && (character === '"' || character === "'")) {
                quote = character;
            } else if (character === quote) {
                quote = "";
            } else {
                text += character;
            }
        }
        if (quote !== "") {
            throw new ExecWordsError(`the quote ${quote} is not closed`);
        }
        words.push({ raw: line.slice(start, position), text, start });
    }
    return words;
}

function skipBlanks(line: string, position: number): number {
    while (position < line.length && isBlank(line[position]!)) {
        position++;
    }
    return position;
}

function isBlank(character: string): boolean {
    return " \t\n\r".includes(character);
}

/** What stands behind a backslash. An escape that is not known stays as it is, as systemd only warns of it. */
function readEscape(line: string, position: number): { text: string; length: number } {
    const code = /^(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2}))/.exec(
        line.slice(position, position + 9),
    );
    if (code !== null) {
        const [all, byte, short, long, octal] = code;
        const value = octal === undefined ? parseInt((byte ?? short ?? long)!, 16) : parseInt(octal, 8);
        if (value > 0 && value <= 0x10ffff) {
            return { text: String.fromCodePoint(value), length: all.length };
        }
    }
    const character = line[position] ?? "";
    return { text: ESCAPES[character] ?? `\\${character}`, length: character.length };
}

/**
 * Writes a word so that the started program sees it as it is: no specifier, no variable, no quote of it counts.
 *
 * @param expandsVariables - false where the command line has the prefix `:`
 */
export function quoteExecWord(text: string, expandsVariables = true): string {
    const literal = text.replaceAll("%", "%%");
    const plain = expandsVariables ? literal.replaceAll("$", "$$$$") : literal;
    return /^[\w%+,./:=@$-]+$/.test(plain) ? plain : `"${plain.replace(/[\\"]/g, "\\$&")}"`;
}
