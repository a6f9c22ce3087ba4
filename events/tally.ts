import type { AuditEvent } from "./event";
import type { FieldName } from "./query/fields";
import type { Depth } from "./scanner";
import { Counter, type Count } from "./views/counter";
import { Summarizer, type SummaryState } from "./views/summary";
import { Timeline, type TimelineState } from "./views/timeline";

/** What is counted of events, as data that another thread can be given. */
export type TallySpec =
    | { readonly kind: "counter"; readonly by: readonly FieldName[] }
    | { readonly kind: "timeline" }
    | { readonly kind: "summary" };

/** Counts events in any order, in parts that can be put together. */
export class Tally {
    readonly counter: Counter;
    readonly timeline = new Timeline();
    readonly summarizer = new Summarizer();
    /** The one of them that is wanted. */
    readonly #used: Counter | Timeline | Summarizer;
    /** How many events there were. */
    events = 0;

    constructor(private readonly spec: TallySpec) {
        this.counter = new Counter(spec.kind === "counter" ? spec.by : []);
        this.#used = this[spec.kind === "summary" ? "summarizer" : spec.kind];
    }

    /** What has to be read of events. */
    get depth(): Depth {
        return this.spec.kind === "counter" ? this.counter.depth : "texts";
    }

    add(event: AuditEvent): void {
        this.events++;
        this.#used.add(event);
    }

    /** What was counted, as data. */
    state(): TallyState {
        return { events: this.events, state: this.#used.state() };
    }

    merge({ events, state }: TallyState): void {
        this.events += events;
        switch (this.spec.kind) {
            case "counter":
                this.counter.merge(state as Count[]);
                break;
            case "timeline":
                this.timeline.merge(state as TimelineState);
                break;
            case "summary":
                this.summarizer.merge(state as SummaryState);
        }
    }
}

/** What a {@link Tally} has counted. */
export interface TallyState {
    readonly events: number;
    readonly state: unknown;
}
