/** A key's share of a sum. */
export interface Share<Key> {
    readonly key: Key;
    /** At most this much. */
    readonly value: number;
    /** So much of the value may never have been: 0 as long as there were no more keys than are kept. */
    readonly surplus: number;
}

/**
 * Sums values by key in bounded memory.
 *
 * Exact for as many keys as it keeps. Beyond, the smaller half is forgotten; a key that comes (again) later is credited
 * with as much as a forgotten one may have had, and says so. So a key with a large share is never missed.
 */
export class HeavyHitters<Key> {
    private entries = new Map<string, { key: Key; value: number; surplus: number }>();
    private largestForgotten = 0;

    /** @param capacity - how many keys are kept at least; at most twice as many are */
    constructor(private readonly capacity: number) {}

    /**
     * @param name - the same for equal keys
     * @returns the key that is kept: the first one of that name
     */
    add(name: string, key: Key, value: number): Key {
        const entry = this.entries.get(name);
        if (entry) {
            entry.value += value;
            return entry.key;
        }
        if (this.entries.size >= 2 * this.capacity) {
            this.forget();
        }
        this.entries.set(name, { key, value: this.largestForgotten + value, surplus: this.largestForgotten });
        return key;
    }

    /** Those with the largest sums, the largest first, equal ones in the order of their names. */
    top(count: number): Share<Key>[] {
        return this.ranked()
            .slice(0, count)
            .map(([, share]) => share);
    }

    private ranked() {
        return [...this.entries].sort(
            ([oneName, one], [otherName, other]) => other.value - one.value || (oneName < otherName ? -1 : 1),
        );
    }

    private forget(): void {
        const ranked = this.ranked();
        this.largestForgotten = ranked[this.capacity]?.[1].value ?? 0;
        this.entries = new Map(ranked.slice(0, this.capacity));
    }
}
