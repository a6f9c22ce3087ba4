import type { Text, ValueClass } from "./dimension";
import type { PathValue } from "./paths";
import type { TargetClass, TargetSet, TextSet, UrlSet } from "./requestClass";
import type { Target } from "./targets";

/** The texts of some classes of all. */
export function summarizeTexts(all: readonly ValueClass<Text>[], chosen: ReadonlySet<ValueClass<Text>>): TextSet {
    const inside = all.filter((one) => chosen.has(one)).flatMap(({ values }) => values);
    const outside = all.filter((one) => !chosen.has(one)).flatMap(({ values }) => values);
    return textSet(inside, outside);
}

function textSet(inside: readonly Text[], outside: readonly Text[]): TextSet {
    return inside.includes(undefined) ? { allBut: known(outside) } : { only: known(inside) };
}

function known(texts: readonly Text[]): string[] {
    return texts.filter((text) => text !== undefined).sort();
}

type Leaf = ValueClass<Target>;
type OfSubresource = Map<Text, Leaf>;
type OfResource = Map<Text, OfSubresource>;
type OfGroup = Map<Text, OfResource>;

const any: TextSet = { allBut: [] };

/** All targets, by API group, resource, subresource and name. */
export class TargetTree {
    private readonly groups = new Map<Text, OfGroup>();

    constructor(all: readonly Leaf[]) {
        for (const leaf of all) {
            for (const { apiGroup, resource, subresource, name } of leaf.values) {
                const ofGroup = getOrAdd(this.groups, apiGroup, () => new Map() as OfGroup);
                const ofResource = getOrAdd(ofGroup, resource, () => new Map() as OfResource);
                getOrAdd(ofResource, subresource, () => new Map() as OfSubresource).set(name, leaf);
            }
        }
    }

    /** The targets of some classes: single products, whole API groups, and what of these groups is not in it. */
    summarize(chosen: ReadonlySet<Leaf>): TargetSet {
        const isWhole = (group: OfGroup) => chosen.has(group.get(undefined)!.get(undefined)!.get(undefined)!);
        const groups = [...this.groups];
        const namesOf = (whole: boolean) =>
            groups.filter(([, group]) => isWhole(group) === whole).map(([name]) => name);
        const single = this.products((group) => (isWhole(group) ? never : (leaf) => chosen.has(leaf)));
        const wholeGroups = {
            apiGroups: textSet(namesOf(true), namesOf(false)),
            resources: any,
            subresources: any,
            names: any,
        };
        return {
            only: namesOf(true).length === 0 ? single : [...single, wholeGroups],
            allBut: this.products((group) => (isWhole(group) ? (leaf) => !chosen.has(leaf) : never)),
        };
    }

    private products(insideOf: (group: OfGroup) => (leaf: Leaf) => boolean): TargetClass[] {
        const split = splitBy(this.groups, (group) => productsOfGroup(group, insideOf(group)));
        return split.map(({ texts, rest }) => ({ apiGroups: texts, ...rest }));
    }
}

function never(): boolean {
    return false;
}

function productsOfGroup(group: OfGroup, inside: (leaf: Leaf) => boolean): Omit<TargetClass, "apiGroups">[] {
    if (inside === never) {
        return [];
    }
    const split = splitBy(group, (resource) => productsOfResource(resource, inside));
    return split.map(({ texts, rest }) => ({ resources: texts, ...rest }));
}

function productsOfResource(
    resource: OfResource,
    inside: (leaf: Leaf) => boolean,
): Pick<TargetClass, "subresources" | "names">[] {
    const split = splitBy(resource, (subresource) => {
        const names = (wanted: boolean) =>
            [...subresource].filter(([, leaf]) => inside(leaf) === wanted).map(([name]) => name);
        const within = names(true);
        return within.length === 0 ? [] : [{ names: textSet(within, names(false)) }];
    });
    return split.map(({ texts, rest }) => ({ subresources: texts, ...rest }));
}

/** Puts the texts that come with the same rest together. */
function splitBy<Branch, Rest>(
    branches: ReadonlyMap<Text, Branch>,
    summarize: (branch: Branch) => readonly Rest[],
): { texts: TextSet; rest: Rest }[] {
    const byRest = new Map<string, { rest: Rest; inside: Set<Text> }>();
    for (const [text, branch] of branches) {
        for (const rest of summarize(branch)) {
            getOrAdd(byRest, JSON.stringify(rest), () => ({ rest, inside: new Set<Text>() })).inside.add(text);
        }
    }
    return [...byRest.values()].map(({ rest, inside }) => ({
        texts: textSet(
            [...inside],
            [...branches.keys()].filter((text) => !inside.has(text)),
        ),
        rest,
    }));
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
    const value = map.get(key) ?? make();
    map.set(key, value);
    return value;
}

/** The paths of some classes of all, in the fewest patterns. */
export function summarizePaths(
    all: readonly ValueClass<PathValue>[],
    chosen: ReadonlySet<ValueClass<PathValue>>,
): UrlSet {
    const flagged = all.flatMap((one) => one.values.map((value) => ({ value, inside: chosen.has(one) })));
    const prefixes = flagged
        .filter(({ value }) => value.prefix !== undefined)
        .sort((a, b) => b.value.prefix!.length - a.value.prefix!.length);
    const needed = flagged.filter(({ value, inside }) => {
        const around = prefixes.find((other) => isAround(other.value.prefix!, value));
        return (around?.inside ?? false) !== inside;
    });
    const patterns = (inside: boolean) =>
        needed
            .filter((one) => one.inside === inside)
            .map(({ value }) => (value.prefix === undefined ? value.path : `${value.prefix}*`))
            .sort();
    return { only: patterns(true), allBut: patterns(false) };
}

function isAround(prefix: string, { path, prefix: own }: PathValue): boolean {
    return own === undefined ? path.startsWith(prefix) : own.length > prefix.length && own.startsWith(prefix);
}
