import { formatTime, printable } from "../describe";
import type { AuditEvent } from "../event";
import type { FieldName } from "../query/fields";
import { Counter, type Count } from "./counter";

/** What is counted, by the name under which the summary has it. */
const COUNTED = {
    users: ["user"],
    verbs: ["verb"],
    resources: ["resource"],
    namespaces: ["namespace"],
    statuses: ["status"],
    levels: ["level"],
    stages: ["stage"],
    forbidden: ["user", "verb", "resource"],
} as const satisfies Readonly<Record<string, readonly FieldName[]>>;

type Counted = keyof typeof COUNTED;

const NAMES = Object.keys(COUNTED) as Counted[];

interface Totals {
    readonly events: number;
    /** Told by the stages that end a request. */
    readonly requests: number;
    /** Events with a status from 400 on. */
    readonly failed: number;
    /** The first and the last stage's time; absent without events. */
    readonly from?: string;
    readonly to?: string;
}

/** What there is in logs, at one look. `forbidden` has user, verb and resource of what was refused with 401 or 403. */
export type Summary = Totals & Readonly<Record<Counted, readonly Count[]>>;

/** What a {@link Summarizer} has counted. */
export type SummaryState = Totals & { readonly counts: Readonly<Record<Counted, readonly Count[]>> };

/** Counts for a {@link Summary}; it looks at events at the depth `texts`. */
export class Summarizer {
    #events = 0;
    #requests = 0;
    #failed = 0;
    #from: string | undefined;
    #to: string | undefined;
    readonly #counters = Object.fromEntries(NAMES.map((name) => [name, new Counter(COUNTED[name])])) as Record<
        Counted,
        Counter
    >;

    add(event: AuditEvent): void {
        const { stageTimestamp, stage } = event;
        const code = event.responseStatus?.code ?? 0;
        this.#events++;
        this.#requests += stage === "ResponseComplete" || stage === "Panic" ? 1 : 0;
        this.#failed += code >= 400 ? 1 : 0;
        this.#stretch(stageTimestamp, stageTimestamp);
        for (const name of NAMES) {
            const isMeant = name === "forbidden" ? code === 401 || code === 403 : name !== "statuses" || code > 0;
            if (isMeant) {
                this.#counters[name].add(event);
            }
        }
    }

    summary(limit = 10): Summary {
        const lists = NAMES.map((name) => [name, this.#counters[name].top(limit)]);
        return { ...this.#totals(), ...(Object.fromEntries(lists) as Record<Counted, Count[]>) };
    }

    /** What was counted, as data. */
    state(): SummaryState {
        const counts = NAMES.map((name) => [name, this.#counters[name].state()]);
        return { ...this.#totals(), counts: Object.fromEntries(counts) as SummaryState["counts"] };
    }

    /** Adds what another one has counted. */
    merge({ events, requests, failed, from, to, counts }: SummaryState): void {
        this.#events += events;
        this.#requests += requests;
        this.#failed += failed;
        if (from !== undefined && to !== undefined) {
            this.#stretch(from, to);
        }
        for (const name of NAMES) {
            this.#counters[name].merge(counts[name]);
        }
    }

    #stretch(from: string, to: string): void {
        this.#from = this.#from === undefined || from < this.#from ? from : this.#from;
        this.#to = this.#to === undefined || to > this.#to ? to : this.#to;
    }

    #totals(): Totals {
        const times = this.#from === undefined ? {} : { from: this.#from, to: this.#to };
        return { events: this.#events, requests: this.#requests, failed: this.#failed, ...times };
    }
}

/** The summary for people. */
export function formatSummary(summary: Summary): string {
    const { events, requests, from = "", to = "", failed } = summary;
    const head = `${events} events, ${requests} requests ended, ${failed} events of failures\n${formatTime(from)} to ${formatTime(to)}\n`;
    const title = (name: Counted) => (name === "forbidden" ? "unauthorized and forbidden" : name);
    return head + NAMES.map((name) => formatCounts(title(name), summary[name])).join("");
}

function formatCounts(title: string, counts: readonly Count[]): string {
    const width = Math.max(...counts.map(({ count }) => String(count).length));
    const lines = counts.map(({ values, count }) => {
        const value = values.map((text) => (text === "" ? "-" : printable(text))).join("  ");
        return `  ${String(count).padStart(width)}  ${value}\n`;
    });
    return counts.length === 0 ? "" : `\n${title}\n${lines.join("")}`;
}
