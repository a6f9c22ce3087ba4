import type { LocatedEvent } from "../readEvents";
import { microseconds } from "../time";
import { Timeline } from "../views/timeline";
import { evidenceOf, mostEvidence, type Evidence } from "./evidence";

/** The requests of a stretch of time. */
export interface ActivityBucket {
    /** Its beginning, in microseconds since 1970. */
    readonly start: number;
    readonly count: number;
    readonly failed: number;
    /** The first of the failed ones, or else of all. */
    readonly evidence: readonly Evidence[];
}

/** Requests over time. */
export interface Activity {
    /** The length of each bucket. */
    readonly seconds: number;
    readonly buckets: readonly ActivityBucket[];
}

/** So many stretches of time have requests to show before they are put together. */
const mostStretches = 400;

interface Sample {
    readonly time: number;
    readonly failed: boolean;
    readonly evidence: Evidence;
}

/** Counts requests over time, and keeps some of each time. */
export class ActivityCounter {
    private readonly timeline = new Timeline();
    private samples = new Map<number, Sample[]>();
    private stretch = 1_000_000;

    add(located: LocatedEvent): void {
        const { event } = located;
        this.timeline.add(event);
        const time = microseconds(event.stageTimestamp);
        const failed = (event.responseStatus?.code ?? 0) >= 400;
        this.keep(time, failed, () => ({ time, failed, evidence: evidenceOf(located) }));
        while (this.samples.size > mostStretches) {
            this.stretch *= 2;
            const all = [...this.samples.values()].flat();
            this.samples = new Map();
            all.forEach((sample) => {
                this.keep(sample.time, sample.failed, () => sample);
            });
        }
    }

    /** @param most - how many buckets there may be */
    result(most: number): Activity {
        const { seconds, buckets } = this.timeline.buckets(most);
        const samples = [...this.samples.values()].flat();
        return {
            seconds,
            buckets: buckets.map((bucket) => {
                const end = bucket.start + seconds * 1_000_000;
                const within = samples.filter(({ time }) => time >= bucket.start && time < end);
                const shown = within.sort(
                    (one, other) => Number(other.failed) - Number(one.failed) || one.time - other.time,
                );
                return { ...bucket, evidence: shown.slice(0, mostEvidence).map(({ evidence }) => evidence) };
            }),
        };
    }

    /** @param sample - asked for only where there is room for it */
    private keep(time: number, failed: boolean, sample: () => Sample): void {
        const key = Math.floor(time / this.stretch);
        const kept = this.samples.get(key);
        if (kept === undefined) {
            this.samples.set(key, [sample()]);
        } else if (kept.filter((one) => one.failed === failed).length < mostEvidence) {
            kept.push(sample());
        }
    }
}
