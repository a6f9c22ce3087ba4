/** What is known of a number: it lies between the two. `max` is `Infinity` where nothing bounds it, which JSON writes as `null`. */
export interface Bounds {
    readonly min: number;
    readonly max: number;
}

/** A number that is known. */
export function exactly(value: number): Bounds {
    return { min: value, max: value };
}

/** Bounds of the sum of two numbers. */
export function plus(one: Bounds, other: Bounds): Bounds {
    return { min: one.min + other.min, max: one.max + other.max };
}
