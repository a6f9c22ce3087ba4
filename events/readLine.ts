import { isUtf8 } from "node:buffer";
import { isLegacyLine } from "./legacyFormat";
import { salvage } from "./salvage";
import { unwrapEvents, type EventSink } from "./unwrap";

/** What collectors and CloudWatch's exports put before an event: a time, and the CRI's stream and tag of a whole line. */
const PREFIX = /^\d{4}-\d\d-\d\dT[0-9:.]+(Z|[+-]\d\d:\d\d) ((stdout|stderr) F )?$/;

/**
 * Reads the events of one line of a log, which may be damaged: everything whole in it goes to the sink as an event, and
 * what is not becomes one damage. An empty line is nothing.
 *
 * @param line - without its newline
 */
export function readLine(line: Buffer, sink: EventSink): void {
    const text = line.toString("utf8");
    if (text.trim() === "") {
        return;
    }
    let value: unknown;
    try {
        value = JSON.parse(text);
    } catch {
        readDamagedLine(text, sink);
        return;
    }
    unwrapEvents(value, sink);
    if (text.includes("\ufffd") && !isUtf8(line)) {
        sink.damaged("bytes that are not UTF-8 were replaced");
    }
}

function readDamagedLine(text: string, sink: EventSink): void {
    const { values, before, lost } = salvage(text);
    for (const value of values) {
        unwrapEvents(value, sink);
    }
    const reason = values.length === 0 ? describe(text) : describeRest(before, lost);
    if (reason !== undefined) {
        sink.damaged(reason);
    }
}

function describe(text: string): string {
    if (isLegacyLine(text)) {
        return "the legacy format (--audit-log-format=legacy) has too little to be read; json has everything";
    }
    if (/^\0+$/.test(text)) {
        return `nothing but ${text.length} NUL bytes`;
    }
    if (text.startsWith("{")) {
        return text.endsWith("}") ? "an event that is no valid JSON" : "the line is cut";
    }
    return "no JSON";
}

function describeRest(before: string, lost: boolean): string | undefined {
    if (before.trim() === "" || PREFIX.test(before)) {
        return lost ? "the line goes on behind a whole event" : undefined;
    }
    return /^\0+$/.test(before)
        ? `${before.length} NUL bytes before a whole event`
        : "the rest of another event before a whole one";
}
