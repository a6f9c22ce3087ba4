import type { AuditEvent } from "../event";
import { microseconds } from "../time";

const SECOND = 1_000_000;

/** The lengths of a bucket, in seconds. */
const LENGTHS = [1, 5, 10, 30, 60, 300, 600, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86400, 7 * 86400, 28 * 86400];

/** So many seconds are told apart before they are put together. */
const MOST_BUCKETS = 20_000;

/** The events in a stretch of time. */
export interface Bucket {
    /** Its beginning, in microseconds since 1970. */
    readonly start: number;
    readonly count: number;
    /** Those with a status from 400 on. */
    readonly failed: number;
}

/** What a {@link Timeline} has counted: by the number of the bucket, whose length is the one with this index. */
export interface TimelineState {
    readonly length: number;
    readonly counts: readonly (readonly [bucket: number, counts: readonly [count: number, failed: number]])[];
}

/** Counts events over time. */
export class Timeline {
    #length = 0;
    #counts = new Map<number, readonly [count: number, failed: number]>();

    add(event: AuditEvent): void {
        const time = microseconds(event.stageTimestamp);
        if (Number.isNaN(time)) {
            return;
        }
        this.#count(
            Math.floor(time / (LENGTHS[this.#length]! * SECOND)),
            1,
            (event.responseStatus?.code ?? 0) >= 400 ? 1 : 0,
        );
        if (this.#counts.size > MOST_BUCKETS) {
            this.#coarsen();
        }
    }

    /** What was counted, as data. */
    state(): TimelineState {
        return { length: this.#length, counts: [...this.#counts] };
    }

    /** Adds what another timeline has counted. */
    merge({ length, counts }: TimelineState): void {
        while (this.#length < length) {
            this.#coarsen();
        }
        for (const [bucket, [count, failed]] of counts) {
            this.#count(Math.floor((bucket * LENGTHS[length]!) / LENGTHS[this.#length]!), count, failed);
        }
    }

    /** @param most - how many buckets there may be; their length is the least that gives no more */
    buckets(most: number): { readonly seconds: number; readonly buckets: Bucket[] } {
        while (this.#span() > most && this.#length < LENGTHS.length - 1) {
            this.#coarsen();
        }
        const seconds = LENGTHS[this.#length]!;
        const [first] = this.#bounds();
        const buckets = Array.from({ length: this.#counts.size === 0 ? 0 : this.#span() }, (_, index) => {
            const [count, failed] = this.#counts.get(first + index) ?? [0, 0];
            return { start: (first + index) * seconds * SECOND, count, failed };
        });
        return { seconds, buckets };
    }

    #count(bucket: number, count: number, failed: number): void {
        const [before, failedBefore] = this.#counts.get(bucket) ?? [0, 0];
        this.#counts.set(bucket, [before + count, failedBefore + failed]);
    }

    #coarsen(): void {
        if (this.#length === LENGTHS.length - 1) {
            return;
        }
        const old = this.#counts;
        const length = LENGTHS[this.#length]!;
        this.#length++;
        this.#counts = new Map();
        for (const [bucket, [count, failed]] of old) {
            this.#count(Math.floor((bucket * length) / LENGTHS[this.#length]!), count, failed);
        }
    }

    #bounds(): [number, number] {
        let [least, most] = [Infinity, -Infinity];
        for (const bucket of this.#counts.keys()) {
            least = Math.min(least, bucket);
            most = Math.max(most, bucket);
        }
        return [least, most];
    }

    #span(): number {
        const [least, most] = this.#bounds();
        return most - least + 1;
    }
}

/** The plot: a line for each bucket, its bar in eighths of a character. */
export function plotTimeline(timeline: Timeline, width = 50, most = 40): string {
    const { seconds, buckets } = timeline.buckets(most);
    const highest = Math.max(1, ...buckets.map(({ count }) => count));
    const digits = String(highest).length;
    return buckets
        .map(({ start, count, failed }) => {
            const time = new Date(start / 1000).toISOString();
            const label =
                seconds >= 86400
                    ? time.slice(0, 10)
                    : seconds >= 60
                      ? `${time.slice(0, 16)}Z`
                      : `${time.slice(0, 19)}Z`;
            const rest = failed > 0 ? `  ${failed} failed` : "";
            return (
                `${label}  ${String(count).padStart(digits)}  ${bar(count / highest, width)}${rest}`.trimEnd() + "\n"
            );
        })
        .join("");
}

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

function bar(share: number, width: number): string {
    const eighths = Math.round(share * width * 8);
    return "█".repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]!;
}
