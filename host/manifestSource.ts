import { LineCounter, isMap, parseAllDocuments, type Document, type YAMLMap } from "yaml";

/** A manifest that is not what it should be, or cannot be edited safely: what was found, where, and what to do. */
export class ManifestError extends Error {
    override name = "ManifestError";
}

/** A manifest's text, its nodes with their places in it, and its value as the kubelet sees it. */
export interface ManifestSource {
    readonly text: string;
    readonly document: Document.Parsed;
    readonly root: YAMLMap.Parsed;
    readonly value: Readonly<Record<string, unknown>>;
    /** The line, counted from 1, of a place in the text. */
    lineAt(offset: number): number;
    /** What stands in the line before a place in the text. */
    prefixAt(offset: number): string;
}

/** Characters that YAML readers disagree about: what is a line to one is part of a comment to another. */
const UNCERTAIN_LINE_END = /\r(?!\n)|[\u0085\u2028\u2029]/;

/**
 * Parses a manifest of one document, as YAML 1.1 (like the kubelet): JSON is YAML, too.
 *
 * @throws ManifestError when it is not one well-formed document with a mapping in it
 */
export function readManifest(text: string): ManifestSource {
    if (latest?.text !== text) {
        latest = parseManifest(text);
        remember(latest);
    }
    return latest;
}

/**
 * A manifest's value alone, see {@link readManifest}. Those read last are remembered: parsing is most of what a preview
 * of many hosts costs here, and what a patch of a host in sync gives is what was read from it before.
 */
export function readManifestValue(text: string): ManifestSource["value"] {
    return values.get(text) ?? readManifest(text).value;
}

let latest: ManifestSource | undefined;
const values = new Map<string, ManifestSource["value"]>();
const REMEMBERED = 128;

function remember({ text, value }: ManifestSource): void {
    values.set(text, value);
    for (const oldest of values.keys()) {
        if (values.size <= REMEMBERED) {
            return;
        }
        values.delete(oldest);
    }
}

function parseManifest(text: string): ManifestSource {
    checkCharacters(text);
    const lines = new LineCounter();
    const documents = parse(text, lines);
    if (documents.length !== 1) {
        const found = documents.length === 0 ? "is empty" : `holds ${documents.length} YAML documents`;
        throw new ManifestError(
            `The manifest ${found}; the kubelet reads exactly one. Leave one document in the file.`,
        );
    }
    const document = documents[0]!;
    const root = document.contents;
    if (!isMap(root)) {
        throw new ManifestError("The manifest is not a mapping of keys to values. Put a pod into the file.");
    }
    return {
        text,
        document,
        root,
        value: toValue(document),
        lineAt: (offset) => lines.linePos(offset).line,
        prefixAt: (offset) => text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset),
    };
}

/** Whether a text starts like JSON: such a manifest has no place for comments, so none for marks. */
export function isJson(text: string): boolean {
    return /^\uFEFF?\s*\{/.test(text);
}

function checkCharacters(text: string): void {
    const line = (index: number) => text.slice(0, index).split("\n").length;
    const nul = text.indexOf("\0");
    if (nul >= 0) {
        throw new ManifestError(`The manifest has a NUL byte in line ${line(nul)}. Restore the file, it is damaged.`);
    }
    const undecodable = text.indexOf("\uFFFD");
    if (undecodable >= 0) {
        throw new ManifestError(
            `The manifest has bytes that are not UTF-8 in line ${line(undecodable)}. Save the file as UTF-8.`,
        );
    }
    const uncertain = UNCERTAIN_LINE_END.exec(text);
    if (uncertain) {
        const code = uncertain[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
        throw new ManifestError(
            `The manifest has the character U+${code} in line ${line(uncertain.index)}, which only some YAML readers take for a line end. End lines with LF or CRLF.`,
        );
    }
}

/** The parser's own messages are used without the excerpt that it can add: a line can hold a secret. */
function parse(text: string, lines: LineCounter): Document.Parsed[] {
    const options = { version: "1.1", lineCounter: lines, prettyErrors: false, keepSourceTokens: true } as const;
    const documents = parseAllDocuments(text, options);
    const parsed = Array.isArray(documents) ? documents : [];
    const error = parsed.flatMap((document) => document.errors)[0];
    if (error) {
        const { line, col } = lines.linePos(error.pos[0]);
        throw new ManifestError(
            `The manifest is not valid YAML in line ${line}, column ${col}: ${error.message}. Mend it.`,
        );
    }
    return parsed;
}

function toValue(document: Document.Parsed): Record<string, unknown> {
    try {
        return document.toJS() as Record<string, unknown>;
    } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new ManifestError(`The manifest's aliases cannot be resolved: ${reason}. Write out what they stand for.`);
    }
}
