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
const sample = 1024 * 1024;

/** Measures a log. */
export async function measureLog(events: AsyncIterable<AuditEvent> | Iterable<AuditEvent>): Promise<LogRate> {
    const meter = new LogMeter();
    for await (const event of events) {
        meter.add(event);
    }
    return meter.result();
}

/** Measures a log, event by event. */
export class LogMeter {
    private readonly lines: string[] = [];
    private sampled = 0;
    private events = 0;
    private bytes = 0;
    private from = Infinity;
    private to = -Infinity;

    add(event: AuditEvent): void {
        this.events++;
        this.bytes += lineSize(event);
        const time = Date.parse(event.stageTimestamp);
        this.from = Math.min(this.from, time);
        this.to = Math.max(this.to, time);
        if (this.sampled < sample) {
            const line = `${JSON.stringify(event)}\n`;
            this.sampled += line.length;
            this.lines.push(line);
        }
    }

    result(): LogRate {
        const { events, bytes, from, to } = this;
        const text = Buffer.from(this.lines.join(""));
        const compressedShare = text.length === 0 ? 1 : gzipSync(text).length / text.length;
        if (events === 0) {
            return { events, bytes, compressedShare };
        }
        const time = (at: number) => new Date(at).toISOString();
        return {
            events,
            bytes,
            window: { from: time(from), to: time(to), seconds: (to - from) / 1000 },
            compressedShare,
        };
    }
}
