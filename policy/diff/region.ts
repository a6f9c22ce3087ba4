import type { ValueClass } from "../classes/dimension";
import type { Dimension, Point } from "../classes/space";

/** Requests of one kind that change in one way, as the smallest product that they are all in. */
export interface Region {
    /** What becomes of them: `None → Metadata`. */
    effect: string;
    /** The chosen classes of each attribute. */
    dimensions: readonly ChosenClasses[];
    inGroups: readonly (readonly string[])[];
    notInGroups: readonly string[];
    /** Whether everything in it changes in this way. */
    entire: boolean;
    /** A request that changes. */
    point: Point;
}

/** Some of an attribute's classes. */
export interface ChosenClasses {
    attribute: Dimension["attribute"];
    chosen: ReadonlySet<ValueClass<unknown>>;
}

/** Puts regions together that change in the same way and together are a product again, or lie in one another. */
export function mergeRegions(regions: readonly Region[]): Region[] {
    return regions.reduce<Region[]>(add, []);
}

function add(merged: readonly Region[], region: Region): Region[] {
    for (const other of merged) {
        const union = unite(other, region);
        if (union) {
            return add(
                merged.filter((one) => one !== other),
                union,
            );
        }
    }
    return [...merged, region];
}

function unite(one: Region, other: Region): Region | undefined {
    if (one.effect !== other.effect || !sameAttributes(one, other) || !sameGroups(one, other)) {
        return undefined;
    }
    const differing = one.dimensions.flatMap(({ chosen }, i) =>
        isEqual(chosen, other.dimensions[i]!.chosen) ? [] : [i],
    );
    if (contains(one, other)) {
        return one;
    }
    if (contains(other, one)) {
        return other;
    }
    const [position, ...more] = differing;
    if (position === undefined || more.length > 0 || one.entire !== other.entire) {
        return undefined;
    }
    const dimensions = one.dimensions.map(({ attribute, chosen }, i) =>
        i === position
            ? { attribute, chosen: new Set([...chosen, ...other.dimensions[i]!.chosen]) }
            : { attribute, chosen },
    );
    return { ...one, dimensions };
}

function contains(outer: Region, inner: Region): boolean {
    return inner.dimensions.every(({ chosen }, i) => isSubset(chosen, outer.dimensions[i]!.chosen));
}

/** Whether two regions are about the same users and verbs. */
export function haveSameActions(one: Region, other: Region): boolean {
    return (
        sameGroups(one, other) && [0, 1].every((i) => isEqual(one.dimensions[i]!.chosen, other.dimensions[i]!.chosen))
    );
}

function sameAttributes(one: Region, other: Region): boolean {
    return one.dimensions.length === other.dimensions.length;
}

function sameGroups(one: Region, other: Region): boolean {
    const key = ({ inGroups, notInGroups }: Region) => JSON.stringify([inGroups, notInGroups]);
    return key(one) === key(other);
}

function isEqual(one: ReadonlySet<unknown>, other: ReadonlySet<unknown>): boolean {
    return one.size === other.size && isSubset(one, other);
}

function isSubset(inner: ReadonlySet<unknown>, outer: ReadonlySet<unknown>): boolean {
    return [...inner].every((item) => outer.has(item));
}
