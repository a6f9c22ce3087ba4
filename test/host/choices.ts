import fc from "fast-check";

/**
 * Decisions read off a tape of bytes. A property that generates a tape can build anything from it, quickly, and
 * fast-check shrinks it towards zeros: so decision 0 should be the simplest.
 */
export class Choices {
    private position = 0;

    constructor(private readonly tape: Uint8Array) {}

    /** A number from 0 to `count` - 1. */
    below(count: number): number {
        return (this.tape[this.position++] ?? 0) % count;
    }

    pick<T>(options: readonly T[]): T {
        return options[this.below(options.length)]!;
    }

    /** True in one of `outOf` cases. */
    seldom(outOf: number): boolean {
        return this.below(outOf) === outOf - 1;
    }

    /** `count` items at most, made one by one. */
    some<T>(count: number, make: () => T): T[] {
        return Array.from({ length: this.below(count + 1) }, make);
    }

    /** The items in another order, sometimes. */
    shuffled<T>(items: readonly T[]): T[] {
        const rest = [...items];
        return this.seldom(3) ? items.map(() => rest.splice(this.below(rest.length), 1)[0]!) : rest;
    }
}

/** Tapes long enough for one manifest and its settings. */
export const tapes = (): fc.Arbitrary<Uint8Array> => fc.noBias(fc.uint8Array({ minLength: 400, maxLength: 400 }));
