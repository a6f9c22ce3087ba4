import { createHash } from "node:crypto";

/** What every line that we add ends in, before a carriage return if the file has those. */
export const MANAGED_SUFFIX = " # managed-by: kube-apiserver-audit";

/** What stands at the start of every line of theirs that we put out of use; the line follows byte for byte. */
export const DISPLACED_PREFIX = "# displaced-by: kube-apiserver-audit: ";

/** Comments out lines of theirs, `first` to `last`, counted from 1. */
export interface DisplaceOperation {
    readonly kind: "displace";
    readonly first: number;
    readonly last: number;
}

/** Adds lines of ours after line `after`, counted from 1, of the stripped text. */
export interface InsertOperation {
    readonly kind: "insert";
    readonly after: number;
    /** Without the managed suffix and without line ends: both are added where the edit is applied. */
    readonly lines: readonly string[];
    /** The path of a list in flow style whose content these lines repeat in block style. */
    readonly copies?: string;
}

export type EditOperation = DisplaceOperation | InsertOperation;

/**
 * What turns one stripped text into one patched text. A manifest can hold secrets, and an edit is shown in previews: so
 * it names their lines by number. Only an insertion that {@link InsertOperation.copies} something holds content of
 * theirs.
 */
export interface ManifestEdit {
    /** SHA-256, hexadecimal, of the only text that this edit is for. */
    readonly strippedSha256: string;
    /** SHA-256, hexadecimal, of the text that it must give. */
    readonly patchedSha256: string;
    /** By line number; what goes after the same line, in the order in which it stands there. */
    readonly operations: readonly EditOperation[];
}

/**
 * Removes every managed line and restores every displaced one.
 *
 * @param manifest - the file's text, any line ending
 * @returns the text as it was before the patch, byte for byte; a text without marks is returned as it is
 */
export function stripManifest(manifest: string): string {
    return manifest.split("\n").map(restore).filter(isTheirs).join("\n");
}

/** Whether a text has marks of ours. */
export function isMarked(manifest: string): boolean {
    return stripManifest(manifest) !== manifest;
}

/** A line displaced twice cannot come from here, but somebody may have made one, and no mark may be left behind. */
function restore(line: string): string {
    let start = 0;
    while (line.startsWith(DISPLACED_PREFIX, start)) {
        start += DISPLACED_PREFIX.length;
    }
    return line.slice(start);
}

function isTheirs(line: string): boolean {
    return !line.endsWith(MANAGED_SUFFIX) && !line.endsWith(`${MANAGED_SUFFIX}\r`);
}

/** Carries out operations on a stripped text; the host does the same in awk. */
export function applyOperations(stripped: string, operations: readonly EditOperation[]): string {
    const displaced = new Set<number>();
    const inserted = new Map<number, string[]>();
    for (const operation of operations) {
        if (operation.kind === "insert") {
            inserted.set(operation.after, [...(inserted.get(operation.after) ?? []), ...operation.lines]);
            continue;
        }
        for (let line = operation.first; line <= operation.last; line++) {
            displaced.add(line);
        }
    }
    const patched = stripped.split("\n").flatMap((line, index) => {
        const ending = line.endsWith("\r") ? `${MANAGED_SUFFIX}\r` : MANAGED_SUFFIX;
        return [
            displaced.has(index + 1) ? DISPLACED_PREFIX + line : line,
            ...(inserted.get(index + 1) ?? []).map((ours) => ours + ending),
        ];
    });
    return patched.join("\n");
}

/**
 * Carries out an edit.
 *
 * @throws Error when the text is not the one that the edit is for
 */
export function applyEdit(stripped: string, edit: ManifestEdit): string {
    if (sha256(stripped) !== edit.strippedSha256) {
        throw new Error(
            `The edit is for the text with SHA-256 ${edit.strippedSha256}, not for this one. Plan it again.`,
        );
    }
    return applyOperations(stripped, edit.operations);
}

/**
 * Writes an edit's operations as plain text for `edit_manifest` in `manifest.sh`: `displace FIRST LAST`, and
 * `after LINE` followed by the lines to insert, each behind a `+`.
 *
 * @returns one line each, without line ends
 */
export function renderEdit(edit: ManifestEdit): string[] {
    return edit.operations.flatMap((operation) =>
        operation.kind === "displace"
            ? [`displace ${operation.first} ${operation.last}`]
            : [`after ${operation.after}`, ...operation.lines.map((line) => `+${line}`)],
    );
}

/** SHA-256 of a text's UTF-8 bytes, hexadecimal. */
export function sha256(text: string): string {
    return createHash("sha256").update(text, "utf8").digest("hex");
}
