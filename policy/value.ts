/** A document as JSON has it, and where in the text it was read everything is. */
export type Value = Scalar | ListValue | MapValue;

interface Located {
    /** Where it starts in the text, in UTF-16 units. */
    offset: number;
}

/** A text, number, truth value or null. */
export interface Scalar extends Located {
    kind: "string" | "number" | "boolean" | "null";
    /** A number is given by its digits. */
    value: string | boolean | null;
    /** The unquoted characters of a YAML text that mean it, such as `yes`. */
    source?: string;
}

/** A list. */
export interface ListValue extends Located {
    kind: "list";
    items: readonly Value[];
}

/** A mapping. In JSON keys may repeat. */
export interface MapValue extends Located {
    kind: "map";
    entries: readonly MapEntry[];
}

/** One entry of a {@link MapValue}. */
export interface MapEntry {
    key: string;
    /** Where the key starts in the text, in UTF-16 units. */
    keyOffset: number;
    value: Value;
}

/** Where something in an object is, such as `rules[0].users`. */
export function joinPath(path: string, key: string): string {
    return path === "" ? key : `${path}.${key}`;
}
