import { decodeBytes } from "./goBytes";
import { GoJsonError, parseJson } from "./goJson/parse";
import type { Comment } from "./goYaml/cursor";
import { decodeYaml, type DecodedYaml, type DuplicateKey } from "./goYaml/decode";
import { GoYamlError } from "./goYaml/error";
import { NotJsonError, toJson } from "./goYaml/toJson";
import { error, type Remark } from "./finding";
import type { Value } from "./value";

/** A policy's text as the API server reads it. */
export interface Reading {
    value: Value;
    /** The keys of a YAML text that were set already; the last of several counts. */
    duplicates: readonly DuplicateKey[];
    /** What the API server passes over without a word, or reads as few others do. */
    oddities: readonly Remark[];
    /** None in JSON. */
    comments: readonly Comment[];
}

/** A text that the API server cannot read. */
export class UnreadableError extends Error {
    /**
     * @param message - in the API server's words
     * @param offset - where in the text it is, in UTF-16 units after a byte order mark
     */
    constructor(
        readonly code: "yaml-syntax" | "json-syntax",
        message: string,
        readonly offset: number,
    ) {
        super(message);
    }
}

/** How the API server begins to tell what it has against JSON. */
export const unreadableHeader = "failed decoding: couldn't get version/kind; json parse error";

/**
 * Reads a policy's text, YAML or JSON, as the API server does.
 *
 * @throws UnreadableError
 */
export function readText(bytes: Uint8Array): Reading {
    if (looksLikeJson(bytes)) {
        return { value: readJson(bytes), duplicates: [], oddities: [], comments: [] };
    }
    try {
        const yaml = decodeYaml(bytes);
        const value: Value = yaml.root ? toJson(yaml.root) : { kind: "null", value: null, offset: 0 };
        return { value, duplicates: yaml.duplicates, oddities: odditiesOf(yaml, bytes), comments: yaml.comments };
    } catch (problem) {
        if (problem instanceof GoYamlError || problem instanceof NotJsonError) {
            throw new UnreadableError("yaml-syntax", `failed decoding: ${problem.message}`, problem.offset);
        }
        throw problem;
    }
}

/** Whether the API server reads a text as JSON: when its first character that is not white space is a brace. */
export function looksLikeJson(bytes: Uint8Array): boolean {
    const text = decodeBytes(bytes.subarray(0, bytes.indexOf(0x7b) + 1));
    return /^[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*\{$/.test(text);
}

function readJson(bytes: Uint8Array): Value {
    try {
        return parseJson(bytes);
    } catch (problem) {
        if (problem instanceof GoJsonError) {
            throw new UnreadableError("json-syntax", `${unreadableHeader}: ${problem.message}`, problem.offset);
        }
        throw problem;
    }
}

function odditiesOf({ rest, directives, tags }: DecodedYaml, bytes: Uint8Array): Remark[] {
    const documents =
        rest === undefined
            ? []
            : [
                  error("several-documents", "", "there is more than one document", {
                      offset: rest,
                      reason: "The API server reads the first document and silently ignores the others.",
                      fix: "Leave one document in the file.",
                  }),
              ];
    return [
        ...documents,
        ...directives.map((offset) =>
            error("yaml-directive", "", "a directive is of no use in a policy", {
                offset,
                reason: "The API server reads YAML 1.1 and refuses a file that says it is another version.",
                fix: "Remove the line.",
            }),
        ),
        ...tags.map(({ path, offset, tag }) =>
            error("yaml-tag", path, `the tag ${tag} is of no use in a policy`, { offset, fix: "Remove the tag." }),
        ),
        ...findDoubtfulCharacter(decodeBytes(bytes).replace(/^\ufeff/, "")),
    ];
}

/** Finds a character that the API server takes for something else than most. */
function findDoubtfulCharacter(text: string): Remark[] {
    const found = /\r(?!\n)|[\x85\u2028\u2029\ufeff]/u.exec(text);
    if (!found) {
        return [];
    }
    const code = found[0].charCodeAt(0).toString(16).padStart(4, "0").toUpperCase();
    return [
        error("yaml-syntax", "", `the character U+${code} is not read the same by every YAML reader`, {
            offset: found.index,
            fix: "End lines with a line feed; write the character as an escape in double quotes.",
        }),
    ];
}
