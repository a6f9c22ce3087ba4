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
    /** By the number of the next value. */
    readonly next: Branch[];
}

/** Numbers the values of a field as they come, since many an event's value is one that came before. */
class Values {
    readonly #numbers = new Map<string, number>();
    readonly all: string[] = [];

    numberOf(value: string): number {
        const number = this.#numbers.get(value);
        if (number !== undefined) {
            return number;
        }
        const own = copy(value);
        this.#numbers.set(own, this.all.length);
        return this.all.push(own) - 1;
    }
}

/** Counts events by the values of some fields. Of a list, each item counts. */
export class Counter {
    readonly #fields: readonly FieldName[];
    readonly #reads: readonly Field["read"][];
    readonly #values: readonly Values[];
    readonly #root = newBranch();
    #size = 0;

    constructor(fields: readonly FieldName[]) {
        this.#fields = fields;
        this.#reads = fields.map((field) => FIELDS[field].read);
        this.#values = fields.map(() => new Values());
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
        for (let field = 0; field < this.#reads.length; field++) {
            const value = this.#reads[field]!(event);
            if (typeof value === "object") {
                this.#addLists(event);
                return;
            }
            branch = this.#follow(branch, field, typeof value === "string" ? value : String(value ?? ""));
        }
        this.#count(branch, 1);
    }

    /** The most frequent first; of equally frequent ones, in the order of their values. */
    top(limit = Infinity): Count[] {
        return this.state()
            .sort((one, other) => other.count - one.count || compareValues(one.values, other.values))
            .slice(0, limit);
    }

    /** What was counted, as data. */
    state(): Count[] {
        const counts: Count[] = [];
        this.#collect(this.#root, [], counts);
        return counts;
    }

    /** Adds what another counter of the same fields has counted. */
    merge(state: readonly Count[]): void {
        for (const { values, count } of state) {
            const branch = values.reduce((at, value, field) => this.#follow(at, field, value), this.#root);
            this.#count(branch, count);
        }
    }

    #addLists(event: AuditEvent): void {
        let branches = [this.#root];
        for (const [index, field] of this.#fields.entries()) {
            const found = valuesOf(event, field);
            const values = found.length === 0 ? [""] : found;
            branches = branches.flatMap((branch) => values.map((value) => this.#follow(branch, index, String(value))));
        }
        for (const branch of branches) {
            this.#count(branch, 1);
        }
    }

    #follow(branch: Branch, field: number, value: string): Branch {
        const number = this.#values[field]!.numberOf(value);
        return (branch.next[number] ??= newBranch());
    }

    #count(branch: Branch, count: number): void {
        this.#size += branch.count === 0 ? 1 : 0;
        branch.count += count;
    }

    #collect({ count, next }: Branch, values: readonly string[], counts: Count[]): void {
        if (count > 0) {
            counts.push({ values, count });
        }
        next.forEach((branch, number) => {
            this.#collect(branch, [...values, this.#values[values.length]!.all[number]!], counts);
        });
    }
}

function newBranch(): Branch {
    return { count: 0, next: [] };
}

/** A text of its own: one that is a part of a line keeps all of the line in memory. */
function copy(text: string): string {
    return JSON.parse(JSON.stringify(text)) as string;
}

function compareValues(one: readonly string[], other: readonly string[]): number {
    const index = one.findIndex((value, field) => value !== other[field]);
    return one[index]! < other[index]! ? -1 : 1;
}
