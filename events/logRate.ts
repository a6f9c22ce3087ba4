import { gzipSync } from "node:zlib";
import type { AuditEvent } from "./event";
import { lineSize } from "./lineSize";

/** How fast a log grew. */
export interface LogRate {
    readonly events: number;
    readonly bytes: number;
    /** The time of its first and of its last event; absent where there is none. */
    readonly window?: { readonly from: string; readonly to: string; readonly seconds: number };
    /** The size of its beginning when compressed, as a share of the uncompressed size; 1 where there is none. */
    readonly compressedShare: number;
}

/** So much of a log is compressed to see how well that works, in characters. */
const sample = 4 * 1024 * 1024;

/** Measures a log. */
export async function measureLog(events: AsyncIterable<AuditEvent> | Iterable<AuditEvent>): Promise<LogRate> {
    const lines: string[] = [];
    let [count, bytes, sampled, from, to] = [0, 0, 0, Infinity, -Infinity];
    for await (const event of events) {
        count++;
        bytes += lineSize(event);
        const time = Date.parse(event.stageTimestamp);
        [from, to] = [Math.min(from, time), Math.max(to, time)];
        if (sampled < sample) {
            const line = `${JSON.stringify(event)}\n`;
            sampled += line.length;
            lines.push(line);
        }
    }
    const text = Buffer.from(lines.join(""));
    const compressedShare = text.length === 0 ? 1 : gzipSync(text).length / text.length;
    if (count === 0) {
        return { events: count, bytes, compressedShare };
    }
    const time = (at: number) => new Date(at).toISOString();
    const window = { from: time(from), to: time(to), seconds: (to - from) / 1000 };
    return { events: count, bytes, window, compressedShare };
}
