import { parseAllDocuments, type Document } from "yaml";
import { error, type Remark } from "./finding";
import type { Value } from "./value";
import { convertYaml } from "./convertYaml";

/** What reading a text gives: its value, unless it could not be read at all, and what is wrong with it. */
export interface Reading {
    value?: Value;
    remarks: Remark[];
}

/**
 * Reads a YAML text as the API server does, in YAML 1.1. Rarities that YAML readers disagree on, and what the API server
 * silently ignores, are errors: further documents, duplicate keys, tags, unusual line breaks.
 *
 * @param text - without NUL
 */
export function readYaml(text: string): Reading {
    const forbidden = findForbiddenCharacter(text);
    return forbidden ? { remarks: [forbidden] } : composeYaml(text);
}

/** Reads a YAML text in which there are no characters that YAML readers disagree on. */
export function composeYaml(text: string): Reading {
    try {
        return compose(text);
    } catch (problem) {
        const message = problem instanceof RangeError ? "it is nested too deeply" : (problem as Error).message;
        return { remarks: [syntaxError(message, 0)] };
    }
}

function compose(text: string): Reading {
    const remarks: Remark[] = [];
    const documents = parseAllDocuments(text, {
        version: "1.1",
        schema: "failsafe",
        merge: false,
        uniqueKeys: false,
        prettyErrors: false,
        logLevel: "silent",
    });
    const [document, second] = "empty" in documents ? [] : (documents as Document.Parsed[]);
    if (!document) {
        return { value: { kind: "null", value: null, offset: 0, source: "" }, remarks };
    }
    const warnings = document.warnings.filter(({ code }) => code !== "TAG_RESOLVE_FAILED");
    const [problem] = [...document.errors, ...warnings];
    if (problem) {
        return { remarks: [syntaxError(problem.message, problem.pos[0])] };
    }
    if (second) {
        remarks.push(
            error("several-documents", "", "there is more than one document", {
                offset: startOfSecond(text, document, second),
                reason: "The API server reads the first document and silently ignores the others.",
                fix: "Leave one document in the file.",
            }),
        );
    }
    const directive = /^%.*$/m.exec(text.slice(0, document.contents?.range[0]));
    if (directive) {
        remarks.push(
            error("yaml-directive", "", `the directive ${directive[0]} is of no use in a policy`, {
                offset: directive.index,
                reason: "The API server reads YAML 1.1 and refuses a file that says it is another version.",
                fix: "Remove the line.",
            }),
        );
    }
    const value = convertYaml(document, text, remarks);
    return { value, remarks };
}

function startOfSecond(text: string, first: Document.Parsed, second: Document.Parsed): number {
    const marker = text.indexOf("---", first.range[1]);
    return marker === -1 ? second.range[0] : marker;
}

function syntaxError(message: string, offset: number): Remark {
    return error("yaml-syntax", "", `not valid YAML: ${message}`, { offset });
}

/** Finds a character that the API server's YAML reader refuses, or takes for something else than others do. */
function findForbiddenCharacter(text: string): Remark | undefined {
    const control = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.exec(text);
    if (control) {
        return error("yaml-syntax", "", "failed decoding: yaml: control characters are not allowed", {
            offset: control.index,
            fix: "Remove the character, or write it as an escape in double quotes.",
        });
    }
    const tab = /^[ ]*\t/m.exec(text);
    if (tab) {
        return error("yaml-syntax", "", "a tab is used for indentation", {
            offset: tab.index + tab[0].length - 1,
            fix: "Use spaces.",
        });
    }
    const doubtful = /\r(?!\n)|[\x85\u2028\u2029\ufeff]/u.exec(text);
    if (doubtful) {
        const code = doubtful[0].charCodeAt(0).toString(16).padStart(4, "0").toUpperCase();
        return error("yaml-syntax", "", `the character U+${code} is not read the same by every YAML reader`, {
            offset: doubtful.index,
            fix: "End lines with a line feed; write the character as an escape in double quotes.",
        });
    }
    return undefined;
}
