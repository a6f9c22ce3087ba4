/** Sets of rules as the bits of an integer: bit 0 is the first rule. */

/** How many rules a set can hold. */
export const bits = 32;

/** The first rule of a set that is not empty. */
export function lowestBit(rules: number): number {
    return 31 - Math.clz32(rules & -rules);
}

/** One of a rule's conditions, for a block of rules: which of them a text satisfies. */
export class Choice {
    /** For each text that any rule names, the rules that it satisfies; absent when none names any. */
    private readonly named: Map<string, number> | undefined;
    /** The rules that every other text satisfies. */
    readonly others: number;

    /**
     * @param lists - what each rule names; a rule that names nothing takes every text
     * @param never - the rules that no text satisfies. Default: none
     */
    constructor(lists: readonly (readonly string[] | undefined)[], never: readonly boolean[] = []) {
        this.others = lists.reduce((rules, list, i) => (list?.length || never[i] ? rules : rules | (1 << i)), 0);
        const named = new Map<string, number>();
        lists.forEach((list, i) => {
            for (const text of list ?? []) {
                named.set(text, (named.get(text) ?? this.others) | (1 << i));
            }
        });
        this.named = named.size > 0 ? named : undefined;
    }

    of(text: string): number {
        if (this.named === undefined) {
            return this.others;
        }
        const rules = this.named.get(text);
        return rules === undefined ? this.others : rules;
    }

    /** The rules that any of several texts satisfies. */
    ofAny(texts: readonly string[] | undefined): number {
        let rules = this.others;
        if (this.named !== undefined && texts !== undefined) {
            for (let i = 0; i < texts.length; i++) {
                rules |= this.of(texts[i]!);
            }
        }
        return rules;
    }
}
