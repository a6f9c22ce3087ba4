/** Values as Go programs print them, which is how the API server quotes a policy in its error messages. */

const named: Readonly<Record<string, string>> = {
    "\x07": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
    '"': '\\"',
    "\\": "\\\\",
};

/** A text as `%q` prints it. */
export function goQuote(text: string): string {
    return `"${Array.from(text, quoteCharacter).join("")}"`;
}

function quoteCharacter(character: string): string {
    if (named[character] !== undefined) {
        return named[character];
    }
    if (/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character)) {
        return character;
    }
    const code = character.codePointAt(0)!;
    if (code < 0x80 || (code >= 0xdc80 && code <= 0xdcff)) {
        return `\\x${hex(code & 0xff, 2)}`; // beyond ASCII, a byte that is not UTF-8, as `decodeBytes` gives it
    }
    return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

/** A list of texts as `%#v` prints it. */
export function goStrings(texts: readonly string[]): string {
    return `[]string{${texts.map(goQuote).join(", ")}}`;
}

/** A value as `json.Marshal` prints it: like `JSON.stringify`, with a few characters escaped that HTML and JavaScript mind. */
export function goJson(value: string | readonly string[]): string {
    return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => `\\u${hex(character.charCodeAt(0), 4)}`);
}

function hex(code: number, digits: number): string {
    return code.toString(16).padStart(digits, "0");
}
