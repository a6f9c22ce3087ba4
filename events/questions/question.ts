import type { AuditEvent } from "../event";
import type { JoinedRequest } from "../joinStages";
import type { Query } from "../query/query";
import type { Depth } from "../scanner";

/** Something that people ask of audit logs: which events it takes, and what they say. */
export interface Question {
    readonly query: Query;
    readonly depth: Depth;
    add(request: JoinedRequest): void;
    answer(): Answer;
}

/** What is found, as a table. */
export interface Answer {
    /** The keys of the rows, in their order; the titles are the keys in capitals. */
    readonly columns: readonly string[];
    readonly rows: readonly Row[];
    /** The answer in a sentence, where one can be given. */
    readonly sentence?: string;
}

export type Row = Readonly<Record<string, string | number>>;

/** The stage that says most of a request: the last one. */
export function lastStage({ stages }: JoinedRequest): AuditEvent {
    return stages.at(-1)!.event;
}

/** Whether the API server did what was asked, or began to. */
export function succeeded(event: AuditEvent): boolean {
    const code = event.responseStatus?.code;
    return event.stage !== "Panic" && code !== undefined && code < 400;
}

/** The rows in the order of a column with times. */
export function byTime(rows: readonly Row[], column = "time"): Row[] {
    return [...rows].sort((a, b) => (a[column]! < b[column]! ? -1 : a[column]! > b[column]! ? 1 : 0));
}

/** Rows that are alike, counted, with the first and the last time. */
export class Groups {
    readonly #rows = new Map<string, { row: Row; count: number; first: string; last: string }>();

    add(row: Row, time: string): void {
        const key = JSON.stringify(row);
        const group = this.#rows.get(key) ?? { row, count: 0, first: time, last: time };
        group.count++;
        group.first = time < group.first ? time : group.first;
        group.last = time > group.last ? time : group.last;
        this.#rows.set(key, group);
    }

    /** The most frequent first. */
    rows(): Row[] {
        return [...this.#rows.values()]
            .sort((a, b) => b.count - a.count || (a.first < b.first ? -1 : 1))
            .map(({ row, count, first, last }) => ({ count, ...row, first, last }));
    }
}
