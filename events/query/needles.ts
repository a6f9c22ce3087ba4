import type { Prefilter } from "../scanner";
import { FIELDS } from "./fields";
import { statusRange, type Filter } from "./filter";

/** Texts of which each wanted line has at least one, in the API server's own form. */
export type Needles = readonly string[];

/** A look at more lines than this share would cost more than it saves. */
const TOO_MANY = 0.4;

/** What Go's `encoding/json` writes as it is. */
const PLAIN = /^[A-Za-z0-9 _.:/@(),;=~$!?#%+*-]*$/;

/** What to search for to find the events that a filter lets through; undefined where there is no such text. */
export function needlesOf({ field, wanted }: Filter): Needles | undefined {
    const { before } = { before: undefined, ...FIELDS[field] };
    if (before === undefined || wanted.length === 0) {
        return undefined;
    }
    const needles = wanted.map((value) => needle(field, before, value));
    return needles.every((text) => text !== undefined) ? needles : undefined;
}

function needle(field: Filter["field"], before: string, value: string): string | undefined {
    if (field === "status") {
        return statusNeedle(before, value);
    }
    if (!PLAIN.test(value) || (field === "sourceIP" && value.includes("/"))) {
        return undefined;
    }
    const [start = "", ...others] = value.split("*");
    return start === "" ? undefined : `${before}${start}${others.length === 0 ? '"' : ""}`;
}

function statusNeedle(before: string, value: string): string | undefined {
    const [least, most] = statusRange(value) ?? [0, 0];
    if (least === most) {
        return `${before}${least}`;
    }
    return Math.floor(least / 100) === Math.floor(most / 100) ? `${before}${Math.floor(least / 100)}` : undefined;
}

/** Finds the lines that have one text of each group, by the group that fewest lines of the first block have. */
export class NeedleSearch implements Prefilter {
    readonly #groups: readonly (readonly Buffer[])[];
    /** The group that is searched for; empty where a search does not pay. */
    #needles: readonly Buffer[] | undefined;
    #block: Buffer = Buffer.alloc(0);
    #next: number[] = [];

    /** @param needles - of each group, every wanted line has one text */
    constructor(readonly needles: readonly Needles[]) {
        this.#groups = needles.map((group) => group.map((text) => Buffer.from(text)));
    }

    begin(block: Buffer): void {
        this.#block = block;
        this.#needles ??= this.#choose(block);
        this.#next = this.#needles.map(() => -1);
    }

    canMatch(start: number, end: number): boolean {
        const needles = this.#needles!;
        if (needles.length === 0) {
            return true;
        }
        let found = false;
        for (let i = 0; i < needles.length; i++) {
            if (this.#next[i]! < start) {
                const index = this.#block.indexOf(needles[i]!, start);
                this.#next[i] = index < 0 ? Infinity : index;
            }
            found ||= this.#next[i]! < end;
        }
        return found;
    }

    #choose(block: Buffer): readonly Buffer[] {
        const sample = block.subarray(0, 1 << 18);
        const lines = count(sample, Buffer.from("\n")) || 1;
        const hits = this.#groups.map((needles) => needles.reduce((sum, text) => sum + count(sample, text), 0));
        const least = Math.min(...hits);
        return least / lines > TOO_MANY ? [] : (this.#groups[hits.indexOf(least)] ?? []);
    }
}

function count(block: Buffer, needle: Buffer): number {
    let found = 0;
    for (let at = block.indexOf(needle); at >= 0; at = block.indexOf(needle, at + 1)) {
        found++;
    }
    return found;
}
