import type { AuditEvent } from "../event";
import { deepest } from "../query/evaluate";
import { FIELDS, valuesOf, type Field, type FieldName } from "../query/fields";
import type { Depth } from "../scanner";

/** How many events have the same values. */
export interface Count {
    readonly values: readonly string[];
    readonly count: number;
}

/** Between the values of a key. A value with it in it would only be shown wrongly. */
const SEPARATOR = "\0";

/** Counts events by the values of some fields. Of a list, each item counts. */
export class Counter {
    readonly #fields: readonly FieldName[];
    readonly #reads: readonly Field["read"][];
    readonly #counts = new Map<string, { count: number }>();

    constructor(fields: readonly FieldName[]) {
        this.#fields = fields;
        this.#reads = fields.map((field) => FIELDS[field].read);
    }

    /** What has to be read of events. */
    get depth(): Depth {
        return deepest(this.#fields.map((field) => FIELDS[field].depth));
    }

    /** How many different values there are. */
    get size(): number {
        return this.#counts.size;
    }

    add(event: AuditEvent): void {
        let key = "";
        for (let i = 0; i < this.#reads.length; i++) {
            const value = this.#reads[i]!(event);
            if (typeof value === "object") {
                this.#addLists(event);
                return;
            }
            key = i === 0 ? String(value ?? "") : key + SEPARATOR + String(value ?? "");
        }
        this.#count(key, 1);
    }

    /** The most frequent first; of equally frequent ones, in the order of their values. */
    top(limit = Infinity): Count[] {
        return this.state()
            .sort(([key, count], [otherKey, other]) => other - count || (key < otherKey ? -1 : 1))
            .slice(0, limit)
            .map(([key, count]) => ({ values: key.split(SEPARATOR), count }));
    }

    /** What was counted, as data. */
    state(): [string, number][] {
        return [...this.#counts].map(([key, { count }]) => [key, count]);
    }

    /** Adds what another counter of the same fields has counted. */
    merge(state: readonly [string, number][]): void {
        for (const [key, count] of state) {
            this.#count(key, count);
        }
    }

    #addLists(event: AuditEvent): void {
        let keys = [""];
        this.#fields.forEach((field, index) => {
            const values = valuesOf(event, field);
            const all = values.length === 0 ? [""] : values;
            keys = keys.flatMap((key) => all.map((value) => `${key}${index === 0 ? "" : SEPARATOR}${value}`));
        });
        keys.forEach((key) => {
            this.#count(key, 1);
        });
    }

    #count(key: string, count: number): void {
        const counted = this.#counts.get(key);
        if (counted === undefined) {
            this.#counts.set(key, { count });
        } else {
            counted.count += count;
        }
    }
}
