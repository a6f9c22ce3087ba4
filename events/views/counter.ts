import type { AuditEvent } from "../event";
import { FIELDS, valuesOf, type FieldName } from "../query/fields";
import { deepest } from "../query/evaluate";
import type { Depth } from "../scanner";

/** How many events have the same values. */
export interface Count {
    readonly values: readonly string[];
    readonly count: number;
}

/** Between the values of a key; no value of an event has it, since JSON texts of the API server are escaped. */
const SEPARATOR = "\0";

/** Counts events by the values of some fields. Of a list, each item counts. */
export class Counter {
    readonly #fields: readonly FieldName[];
    readonly #counts = new Map<string, number>();

    constructor(fields: readonly FieldName[]) {
        this.#fields = fields;
    }

    /** What has to be read of events. */
    get depth(): Depth {
        return deepest(this.#fields.map((field) => FIELDS[field].depth));
    }

    add(event: AuditEvent): void {
        let keys = [""];
        for (const [index, field] of this.#fields.entries()) {
            const values = valuesOf(event, field);
            const prefix = index === 0 ? "" : SEPARATOR;
            keys =
                values.length === 1
                    ? keys.map((key) => `${key}${prefix}${values[0]!}`)
                    : keys.flatMap((key) =>
                          (values.length === 0 ? [""] : values).map((value) => `${key}${prefix}${value}`),
                      );
        }
        for (const key of keys) {
            this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
        }
    }

    /** The most frequent first; of equally frequent ones, in the order of their values. */
    top(limit = Infinity): Count[] {
        return [...this.#counts]
            .sort(([key, count], [otherKey, other]) => other - count || (key < otherKey ? -1 : 1))
            .slice(0, limit)
            .map(([key, count]) => ({ values: key.split(SEPARATOR), count }));
    }

    /** How many different values there are. */
    get size(): number {
        return this.#counts.size;
    }
}
