import { formatTime, printable } from "../describe";
import type { AuditEvent } from "../event";
import { Counter, type Count } from "./counter";

/** What there is in logs, at one look. */
export interface Summary {
    readonly events: number;
    /** By audit ID, told by the stages that end a request. */
    readonly requests: number;
    /** The first and the last stage's time; absent without events. */
    readonly from?: string;
    readonly to?: string;
    readonly failed: number;
    readonly users: readonly Count[];
    readonly verbs: readonly Count[];
    readonly resources: readonly Count[];
    readonly namespaces: readonly Count[];
    readonly statuses: readonly Count[];
    readonly levels: readonly Count[];
    readonly stages: readonly Count[];
    /** User, verb and resource of what was refused. */
    readonly forbidden: readonly Count[];
}

/** Counts for a {@link Summary}; it looks at events at the depth `texts`. */
export class Summarizer {
    #events = 0;
    #requests = 0;
    #failed = 0;
    #from: string | undefined;
    #to: string | undefined;
    readonly #users = new Counter(["user"]);
    readonly #verbs = new Counter(["verb"]);
    readonly #resources = new Counter(["resource"]);
    readonly #namespaces = new Counter(["namespace"]);
    readonly #statuses = new Counter(["status"]);
    readonly #levels = new Counter(["level"]);
    readonly #stages = new Counter(["stage"]);
    readonly #forbidden = new Counter(["user", "verb", "resource"]);

    add(event: AuditEvent): void {
        const { stageTimestamp, stage } = event;
        this.#events++;
        this.#requests += stage === "ResponseComplete" || stage === "Panic" ? 1 : 0;
        this.#from = this.#from === undefined || stageTimestamp < this.#from ? stageTimestamp : this.#from;
        this.#to = this.#to === undefined || stageTimestamp > this.#to ? stageTimestamp : this.#to;
        this.#failed += (event.responseStatus?.code ?? 0) >= 400 ? 1 : 0;
        for (const counter of [
            this.#users,
            this.#verbs,
            this.#resources,
            this.#namespaces,
            this.#levels,
            this.#stages,
        ]) {
            counter.add(event);
        }
        const code = event.responseStatus?.code;
        if (code !== undefined) {
            this.#statuses.add(event);
        }
        if (code === 401 || code === 403) {
            this.#forbidden.add(event);
        }
    }

    summary(limit = 10): Summary {
        return {
            events: this.#events,
            requests: this.#requests,
            ...(this.#from !== undefined && { from: this.#from, to: this.#to }),
            failed: this.#failed,
            users: this.#users.top(limit),
            verbs: this.#verbs.top(limit),
            resources: this.#resources.top(limit),
            namespaces: this.#namespaces.top(limit),
            statuses: this.#statuses.top(limit),
            levels: this.#levels.top(limit),
            stages: this.#stages.top(limit),
            forbidden: this.#forbidden.top(limit),
        };
    }
}

/** The summary for people. */
export function formatSummary(summary: Summary): string {
    const { events, requests, from = "", to = "", failed } = summary;
    const lists: [string, readonly Count[]][] = [
        ["users", summary.users],
        ["verbs", summary.verbs],
        ["resources", summary.resources],
        ["namespaces", summary.namespaces],
        ["statuses", summary.statuses],
        ["levels", summary.levels],
        ["stages", summary.stages],
        ["unauthorized and forbidden", summary.forbidden],
    ];
    const head = `${events} events, ${requests} requests ended, ${failed} events of failures\n${formatTime(from)} to ${formatTime(to)}\n`;
    return head + lists.map(([title, counts]) => formatCounts(title, counts)).join("");
}

function formatCounts(title: string, counts: readonly Count[]): string {
    const width = Math.max(...counts.map(({ count }) => String(count).length));
    const lines = counts.map(({ values, count }) => {
        const value = values.map((text) => (text === "" ? "-" : printable(text))).join("  ");
        return `  ${String(count).padStart(width)}  ${value}\n`;
    });
    return counts.length === 0 ? "" : `\n${title}\n${lines.join("")}`;
}
