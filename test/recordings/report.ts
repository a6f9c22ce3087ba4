import { isDeepStrictEqual } from "node:util";

/** So many differences of one kind are shown. */
const MOST_SHOWN = 10;

/** Says of each thing that was compared whether it holds. */
export class Report {
    private failures = 0;

    same(what: string, found: unknown, expected: unknown): void {
        const holds = isDeepStrictEqual(found, expected);
        const text = expected === undefined ? "nothing" : JSON.stringify(expected);
        this.say(holds, what, holds ? text : `${JSON.stringify(found)}, and not ${text}`);
    }

    within(what: string, found: number, least: number, most: number): void {
        const rounded = [found, least, most].map((value) => Number(value.toPrecision(7)));
        this.say(least <= found && found <= most, what, `${rounded[0]!}, from ${rounded[1]!} to ${rounded[2]!}`);
    }

    /** @param share - such as 0.05 */
    near(what: string, found: number, expected: number, share: number): void {
        const off = found / expected - 1;
        const text = `${Number(found.toPrecision(5))} for ${Number(expected.toPrecision(5))}`;
        this.say(Math.abs(off) <= share, what, `${text}, ${(off * 100).toFixed(2)} % off`);
    }

    /** In any order; each as often. */
    sameLists(what: string, found: readonly string[], expected: readonly string[]): void {
        const missing = without(expected, found);
        const surplus = without(found, expected);
        const holds = missing.length + surplus.length === 0;
        this.say(
            holds,
            what,
            `${found.length}${holds ? "" : `; ${missing.length} missing, ${surplus.length} too many`}`,
        );
        missing.slice(0, MOST_SHOWN).forEach((one) => {
            this.note(`missing   ${one}`);
        });
        surplus.slice(0, MOST_SHOWN).forEach((one) => {
            this.note(`too many  ${one}`);
        });
    }

    note(text: string): void {
        console.log(`        ${text}`);
    }

    /** @returns whether everything held */
    finish(): boolean {
        console.log(this.failures === 0 ? "holds" : `${this.failures} do not hold`);
        return this.failures === 0;
    }

    private say(holds: boolean, what: string, text: string): void {
        this.failures += holds ? 0 : 1;
        console.log(`${holds ? "ok     " : "FAILED "} ${what}: ${text}`);
    }
}

function without(list: readonly string[], others: readonly string[]): string[] {
    const counts = new Map<string, number>();
    others.forEach((one) => counts.set(one, (counts.get(one) ?? 0) + 1));
    return list.filter((one) => {
        const left = counts.get(one) ?? 0;
        counts.set(one, left - 1);
        return left <= 0;
    });
}
