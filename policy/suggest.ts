/**
 * The name that was probably meant by a misspelt one.
 *
 * @param known - the names that exist
 * @returns `undefined` when none is near enough
 */
export function suggest(name: string, known: readonly string[]): string | undefined {
    const folded = fold(name);
    const limit = Math.max(1, Math.floor(name.length / 4));
    const ranked = known
        .map((candidate) => ({ candidate, distance: distance(folded, fold(candidate)) }))
        .filter((entry) => entry.distance <= limit)
        .sort((a, b) => a.distance - b.distance);
    return ranked[0]?.candidate;
}

/** Letter case, dashes and underscores are what people vary most. */
function fold(name: string): string {
    return name.toLowerCase().replace(/[-_]/g, "");
}

/** How many characters have to be inserted, removed, replaced or swapped with their neighbour. */
function distance(a: string, b: string): number {
    let beforeLast: number[] = [];
    let last = Array.from({ length: b.length + 1 }, (_, j) => j);
    for (let i = 1; i <= a.length; i++) {
        const row = [i];
        for (let j = 1; j <= b.length; j++) {
            const replace = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
            const swap =
                i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? beforeLast[j - 2]! + 1 : Infinity;
            row.push(Math.min(last[j]! + 1, row[j - 1]! + 1, replace, swap));
        }
        beforeLast = last;
        last = row;
    }
    return last[b.length]!;
}
