import type { AuditEvent } from "../event";
import { deepest } from "../query/evaluate";
import { FIELDS, valuesOf, type Field, type FieldName } from "../query/fields";
import type { Depth } from "../scanner";

/** How many events have the same values. */
export interface Count {
    readonly values: readonly string[];
    readonly count: number;
}

/** Events whose first values are the same. */
interface Branch {
    /** Of those that have no further values. */
    count: number;
    /** By the next value. */
    readonly next: Map<string, Branch>;
}

/** Counts events by the values of some fields. Of a list, each item counts. */
export class Counter {
    readonly #fields: readonly FieldName[];
    readonly #reads: readonly Field["read"][];
    readonly #root = newBranch();
    #size = 0;

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
        return this.#size;
    }

    add(event: AuditEvent): void {
        let branch = this.#root;
        for (const read of this.#reads) {
            const value = read(event);
            if (typeof value === "object") {
                this.#addLists(event);
                return;
            }
            branch = follow(branch, String(value ?? ""));
        }
        this.#count(branch, 1);
    }

    /** The most frequent first; of equally frequent ones, in the order of their values. */
    top(limit = Infinity): Count[] {
        return this.state()
            .sort((one, other) => other.count - one.count || (joined(one) < joined(other) ? -1 : 1))
            .slice(0, limit);
    }

    /** What was counted, as data. */
    state(): Count[] {
        return countsBelow(this.#root, []);
    }

    /** Adds what another counter of the same fields has counted. */
    merge(state: readonly Count[]): void {
        for (const { values, count } of state) {
            this.#count(values.reduce(follow, this.#root), count);
        }
    }

    #addLists(event: AuditEvent): void {
        let branches = [this.#root];
        for (const field of this.#fields) {
            const found = valuesOf(event, field);
            const values = found.length === 0 ? [""] : found;
            branches = branches.flatMap((branch) => values.map((value) => follow(branch, String(value))));
        }
        for (const branch of branches) {
            this.#count(branch, 1);
        }
    }

    #count(branch: Branch, count: number): void {
        this.#size += branch.count === 0 ? 1 : 0;
        branch.count += count;
    }
}

function newBranch(): Branch {
    return { count: 0, next: new Map() };
}

function follow(branch: Branch, value: string): Branch {
    let found = branch.next.get(value);
    if (found === undefined) {
        found = newBranch();
        branch.next.set(copy(value), found);
    }
    return found;
}

/** A text of its own: one that is a part of a line keeps all of the line in memory. */
function copy(text: string): string {
    return JSON.parse(JSON.stringify(text)) as string;
}

function countsBelow({ count, next }: Branch, values: readonly string[]): Count[] {
    const below = [...next].flatMap(([value, branch]) => countsBelow(branch, [...values, value]));
    return count === 0 ? below : [{ values, count }, ...below];
}

function joined({ values }: Count): string {
    return values.join("\0");
}
