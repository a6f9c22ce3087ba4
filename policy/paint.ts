/** Puts a text in a colour, or leaves it as it is. */
export type Paint = (colour: Colour, text: string) => string;

const codes = { red: 31, green: 32, yellow: 33, blue: 34, cyan: 36, bold: 1, dim: 2 } as const;

/** What a text can be put in, by the terminal's own palette. */
export type Colour = keyof typeof codes;

/**
 * The paint for an output.
 *
 * @param colours - whether it can show colours: a terminal, as a rule; elsewhere they would be characters in the text
 */
export function painter(colours: boolean): Paint {
    return colours ? (colour, text) => `\x1b[${codes[colour]}m${text}\x1b[0m` : (_, text) => text;
}
