/** Rules by their paths: `rules[1] and rules[3]`. */
export function nameRules(indices: readonly number[]): string {
    return enumerate(indices.map((index) => `rules[${index}]`));
}

/** `a, b and c`. */
export function enumerate(words: readonly string[]): string {
    return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
