import { warning, type Remark } from "../finding";
import type { PolicyDocument } from "../load";
import { suggest } from "../suggest";
import { joinPath, type Value } from "../value";
import { lintRules } from "./rules";

/** A comment that silences findings. */
interface Silence {
    /** Where the comment starts. */
    offset: number;
    /** The line that it is about, counted from 0. */
    line: number;
    codes: string[];
    reason: string;
}

/**
 * Leaves out the findings that comments of the text silence, and says which comments do not do what they seem to.
 *
 * @param text - without a byte order mark
 */
export function silence(remarks: readonly Remark[], text: string, { value, comments }: PolicyDocument): Remark[] {
    const silences = findSilences(text, comments);
    if (silences.length === 0) {
        return [...remarks];
    }
    const starts = startsOf(value);
    const lines = lineStarts(text);
    const used = new Set<string>();
    const left = remarks.filter((remark) => {
        const by = silences.flatMap((one, index) =>
            one.codes.includes(remark.code) && isAbout(remark, pathAt(one.line, starts, lines)) ? [index] : [],
        );
        by.forEach((index) => used.add(`${index} ${remark.code}`));
        return by.every((index) => silences[index]!.reason === "");
    });
    return [...left, ...silences.flatMap((one, index) => complaints(one, (code) => used.has(`${index} ${code}`)))];
}

function complaints({ offset, codes, reason }: Silence, isUsed: (code: string) => boolean): Remark[] {
    const example = "Write it like # kube-audit: ignore unreachable-rule -- kept for the auditors.";
    if (codes.length === 0) {
        return [warning("silence-syntax", "", "the comment names no finding", { offset, fix: example })];
    }
    return codes.flatMap((code) => {
        if (!Object.hasOwn(lintRules, code)) {
            const meant = suggest(code, Object.keys(lintRules));
            const fix = meant === undefined ? example : `Did you mean ${meant}?`;
            return [warning("silence-syntax", "", `there is no finding ${JSON.stringify(code)}`, { offset, fix })];
        }
        if (!isUsed(code)) {
            return [
                warning("unused-silence", "", `the comment silences no ${code}`, {
                    offset,
                    reason: "It is about the rule, field or item that begins on its line or on the next one.",
                    fix: "Remove it.",
                }),
            ];
        }
        return reason === ""
            ? [
                  warning("silence-without-reason", "", `the comment gives no reason to ignore ${code}`, {
                      offset,
                      reason: "Without one it silences nothing.",
                      fix: example,
                  }),
              ]
            : [];
    });
}

function findSilences(text: string, comments: PolicyDocument["comments"]): Silence[] {
    const silences: Silence[] = [];
    for (const { offset, text: comment } of comments) {
        const match = /^#\s*kube-audit:\s*(?:ignore\b(.*?)(?:\s--\s*(.*?))?\s*$)?/.exec(comment);
        if (match) {
            const codes = (match[1] ?? "").split(/[\s,]+/).filter((code) => code !== "");
            silences.push({ offset, line: lineOf(text, offset), codes, reason: match[2] ?? "" });
        }
    }
    return silences;
}

/** The line that a comment is about: its own, if there is something before it, or else the next that has something. */
function lineOf(text: string, offset: number): number {
    const lines = text.split("\n");
    const own = text.slice(0, offset).split("\n").length - 1;
    const before = text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset);
    if (before.trim() !== "") {
        return own;
    }
    const next = lines.findIndex((line, index) => index > own && !/^\s*(#|$)/.test(line));
    return next === -1 ? own : next;
}

interface Start {
    path: string;
    offset: number;
}

/** Where each field, by its key, and each item starts; outer ones before inner ones. */
function startsOf(value: Value, path = "", start = value.offset): Start[] {
    const own = path === "" ? [] : [{ path, offset: start }];
    if (value.kind === "map") {
        const inner = value.entries.flatMap((entry) =>
            startsOf(entry.value, joinPath(path, entry.key), entry.keyOffset),
        );
        return [...own, ...inner];
    }
    if (value.kind === "list") {
        return [...own, ...value.items.flatMap((item, i) => startsOf(item, `${path}[${i}]`))];
    }
    return own;
}

/** The outermost field or item that starts on a line. */
function pathAt(line: number, starts: readonly Start[], lines: readonly number[]): string | undefined {
    const from = lines[line] ?? Infinity;
    const to = lines[line + 1] ?? Infinity;
    return starts.find(({ offset }) => offset >= from && offset < to)?.path;
}

function isAbout({ path }: Remark, outer: string | undefined): boolean {
    return outer !== undefined && (path === outer || path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`));
}

function lineStarts(text: string): number[] {
    return [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
}
