/** Choices that follow from a seed alone. */
export class Random {
    private state: number;

    constructor(seed: number) {
        this.state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 0;
    }

    /** A number from 0 up to, but not including, 1. */
    fraction(): number {
        this.state = (this.state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    }

    /** A whole number from 0 to `count` - 1. */
    below(count: number): number {
        return Math.floor(this.fraction() * count);
    }

    /** True in so many of a hundred cases. */
    percent(cases: number): boolean {
        return this.fraction() * 100 < cases;
    }

    pick<T>(options: readonly T[]): T {
        return options[this.below(options.length)]!;
    }

    /** `most` items at most, made one by one. */
    some<T>(most: number, make: () => T): T[] {
        return Array.from({ length: this.below(most + 1) }, make);
    }
}
