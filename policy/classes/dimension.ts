/** A set of rules, one bit each. */
export type RuleSet = bigint;

/** Values of one attribute of a request that the same rules accept. */
export interface ValueClass<V> {
    rules: RuleSet;
    values: V[];
}

/** A text that rules name, or `undefined` for all the texts that none of them names. */
export type Text = string | undefined;

/** The set of one rule. */
export function onlyRule(index: number): RuleSet {
    return 1n << BigInt(index);
}

/** The set of the rules from one index up to, and without, another. */
export function rulesBetween(from: number, to: number): RuleSet {
    return ((1n << BigInt(to - from)) - 1n) << BigInt(from);
}

/** The set of the rules for which something holds. */
export function rulesWhere<R>(rules: readonly R[], holds: (rule: R) => boolean): RuleSet {
    return rules.reduce((set, rule, index) => (holds(rule) ? set | onlyRule(index) : set), 0n);
}

/** Puts values that the same rules accept together. */
export function classify<V>(values: Iterable<readonly [V, RuleSet]>): ValueClass<V>[] {
    const classes = new Map<RuleSet, ValueClass<V>>();
    for (const [value, rules] of values) {
        const same = classes.get(rules);
        if (same) {
            same.values.push(value);
        } else {
            classes.set(rules, { rules, values: [value] });
        }
    }
    return [...classes.values()];
}

/** The classes of an attribute that each rule restricts to a list of texts, an empty list being no restriction. */
export function classifyTexts(lists: readonly (readonly string[] | undefined)[]): ValueClass<Text>[] {
    const { byText, unrestricted } = rulesByText(lists);
    const named = [...byText].map(([text, rules]) => [text, rules | unrestricted] as const);
    return classify<Text>([...named, [undefined, unrestricted]]);
}

/** The rules that name each text, and those that name none. */
export function rulesByText(lists: readonly (readonly string[] | undefined)[]): {
    byText: Map<string, RuleSet>;
    unrestricted: RuleSet;
} {
    const byText = new Map<string, RuleSet>();
    lists.forEach((list, index) => {
        for (const text of list ?? []) {
            add(byText, text, onlyRule(index));
        }
    });
    return { byText, unrestricted: rulesWhere(lists, (list) => !list?.length) };
}

/** Adds rules to those that a map has for a key. */
export function add<K>(map: Map<K, RuleSet>, key: K, rules: RuleSet): void {
    map.set(key, (map.get(key) ?? 0n) | rules);
}
