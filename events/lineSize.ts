import type { AuditEvent } from "./event";

/** What Go writes as an escape and JavaScript does not, and by how many bytes the escape is longer in UTF-8. */
const escapes: readonly (readonly [character: string, longer: number])[] = [
    ["<", 5],
    [">", 5],
    ["&", 5],
    ["\u2028", 3],
    ["\u2029", 3],
];

/**
 * The bytes that an event takes in the log, its newline included.
 *
 * Exact for every event read from a log, but for a patch in a spelling that JavaScript does not have, such as `1.0` or `\/`: it is
 * recorded as it was sent. Other bodies are recorded as Go writes them.
 */
export function lineSize(event: AuditEvent): number {
    const text = JSON.stringify(event);
    const escaped = escapes.reduce((sum, [character, longer]) => sum + longer * count(text, character), 0);
    return Buffer.byteLength(text) + escaped + 1;
}

function count(text: string, character: string): number {
    let found = 0;
    for (let at = text.indexOf(character); at !== -1; at = text.indexOf(character, at + 1)) {
        found++;
    }
    return found;
}
