import type { Attributes } from "./evaluate";
import type { KubernetesMinor } from "./kubernetes";
import { painter } from "./paint";

/** A place in a text; both count from 1. */
export interface Position {
    line: number;
    column: number;
}

/** Something worth saying about a policy. */
export interface Finding {
    /** What kind of finding it is, for programs: `unknown-field`, `level-required`…. */
    code: string;
    /** An `error` keeps the policy from being used. */
    severity: "error" | "warning";
    /** Where, such as `rules[3].resources[0].group`; `""` is the whole policy. */
    path: string;
    /** Counted from 1. Absent when the policy was not a text. */
    line?: number;
    /** Counted from 1, in characters. Absent when the policy was not a text. */
    column?: number;
    /** What was found; the API server's own words where it has some. */
    message: string;
    /** Why that is so, or what it leads to. */
    reason?: string;
    /** What to do. */
    fix?: string;
    /** Other places that have to do with it, such as the rule that shadows this one. */
    related?: readonly string[];
    /** A request that shows it. */
    example?: Attributes;
    /** The minor versions it is about, both included. Absent when it is about all that were asked for. */
    kubernetes?: { from: KubernetesMinor; to: KubernetesMinor };
}

/** A finding whose place is still an offset in the text, in UTF-16 units. */
export interface Remark extends Omit<Finding, "line" | "column"> {
    offset?: number | undefined;
}

/** An error, without its place. */
export function error(code: string, path: string, message: string, more: Partial<Remark> = {}): Remark {
    return { code, severity: "error", path, message, ...more };
}

/** A warning, without its place. */
export function warning(code: string, path: string, message: string, more: Partial<Remark> = {}): Remark {
    return { code, severity: "warning", path, message, ...more };
}

/** What {@link formatFinding} needs to show where a finding is. */
export interface FindingSource {
    /** The file's name as the reader knows it. */
    file: string;
    /** The file's text. Default: no excerpt is shown. */
    text?: string;
    /** Whether to write with a terminal's colours. Default false. */
    colours?: boolean;
}

/**
 * A finding as compilers write theirs, without a newline at the end:
 *
 * ```text
 * policy.yaml:5:3: error: unknown field "rules[0].verb"
 *   5 |   verb: [delete]
 *     |   ^
 *   reason: …
 *   fix: …
 * ```
 */
export function formatFinding(finding: Finding, { file, text, colours = false }: FindingSource): string {
    const { line, column, severity, message, reason, fix } = finding;
    const place = line === undefined || column === undefined ? [file] : [file, line, column];
    const paint = painter(colours);
    const colour = severity === "error" ? "red" : "yellow";
    const lines = [`${paint("bold", `${place.join(":")}:`)} ${paint(colour, `${severity}:`)} ${printable(message)}`];
    if (text !== undefined && line !== undefined && column !== undefined) {
        lines.push(...excerpt(text, line, column, (caret) => paint(colour, caret)));
    }
    if (reason !== undefined) {
        lines.push(`  ${paint("dim", "reason:")} ${printable(reason)}`);
    }
    if (fix !== undefined) {
        lines.push(`  ${paint("green", "fix:")} ${printable(fix)}`);
    }
    return lines.join("\n");
}

const excerptWidth = 100;

function excerpt(text: string, line: number, column: number, paint: (caret: string) => string): string[] {
    const source = Array.from(text.split("\n")[line - 1]?.replace(/\r$/, "") ?? "");
    const start = Math.max(0, column - excerptWidth + 20);
    const shown = source.slice(start, start + excerptWidth);
    const beforeCaret = shown.slice(0, column - 1 - start).map((character) => (character === "\t" ? "\t" : " "));
    const number = String(line);
    return [
        `  ${number} | ${printable(shown.join(""))}`,
        `  ${" ".repeat(number.length)} | ${beforeCaret.join("")}${paint("^")}`,
    ].map((row) => row.trimEnd());
}

/** Takes the control characters out, which could rewrite a terminal. */
function printable(text: string): string {
    return text.replace(/[^\P{Cc}\t]/gu, "\u{fffd}");
}

/** The position of an offset in a text; columns count characters, not UTF-16 units. */
export function positionAt(text: string, offset: number): Position {
    const before = text.slice(0, offset);
    const lineStart = before.lastIndexOf("\n") + 1;
    return { line: before.split("\n").length, column: Array.from(before.slice(lineStart)).length + 1 };
}
