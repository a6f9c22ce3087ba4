import type { Remark } from "./finding";

/** What to do about a text that cannot be read, by what the API server says of it. */
const fixes: readonly [words: RegExp, fix: string][] = [
    [/tab character/, "Use spaces."],
    [/control characters/, "Remove the character, or write it as an escape in double quotes."],
    [/did not find expected ',' or/, "Between brackets, quote what holds ? or :, and put a space after a key's colon."],
    [/mapping values are not allowed/, "Quote a text that holds a colon and a space, or mend the indentation."],
    [
        /alphabetic or numeric character/,
        "Use only letters, digits, _ and - in an anchor; quote a text that begins with & or *.",
    ],
    [/invalid Unicode character escape code/, "Write the character itself."],
];

/**
 * What to do about a text that cannot be read.
 *
 * @param message - in the API server's words
 * @param character - what is at the place
 */
export function adviseOnSyntax(
    code: "yaml-syntax" | "json-syntax",
    message: string,
    character: string,
): Pick<Remark, "reason" | "fix"> {
    if (code === "json-syntax") {
        return { reason: "The API server reads a file that begins with { as JSON." };
    }
    const fix = character === "\t" ? "Use spaces." : fixes.find(([words]) => words.test(message))?.[1];
    return fix === undefined ? {} : { fix };
}
