/**
 * A document as both of its forms are read into: the text of a file, where everything has an offset, and a plain
 * JavaScript object, where nothing has.
 */
export type Value = Scalar | ListValue | MapValue;

interface Located {
    /** Where it starts in the text, in UTF-16 units. Absent when there is no text. */
    offset?: number;
}

/** A text, number, truth value or null. */
export interface Scalar extends Located {
    kind: "string" | "number" | "boolean" | "null";
    value: string | number | boolean | null;
    /** The characters that were resolved to a number, a truth value or null, such as `yes`. */
    source?: string;
}

/** A list. */
export interface ListValue extends Located {
    kind: "list";
    items: Value[];
}

/** A mapping; each key occurs once. */
export interface MapValue extends Located {
    kind: "map";
    entries: MapEntry[];
}

/** One entry of a {@link MapValue}. */
export interface MapEntry {
    key: string;
    /** Where the key starts in the text, in UTF-16 units. Absent when there is no text. */
    keyOffset?: number;
    value: Value;
}

/**
 * The value of a plain JavaScript object. Entries that are `undefined` are left out, as `JSON.stringify` does.
 *
 * @throws TypeError on a function, symbol, bigint or cycle, which no document can hold
 */
export function valueOf(data: unknown, ancestors: readonly object[] = []): Value {
    if (data === null) {
        return { kind: "null", value: null };
    }
    switch (typeof data) {
        case "string":
            return { kind: "string", value: data };
        case "number":
            return { kind: "number", value: data };
        case "boolean":
            return { kind: "boolean", value: data };
        case "object":
            break;
        default:
            throw new TypeError(`a policy cannot hold a ${typeof data}`);
    }
    if (ancestors.includes(data)) {
        throw new TypeError("a policy cannot contain itself");
    }
    const inside = [...ancestors, data];
    if (Array.isArray(data)) {
        return { kind: "list", items: data.map((item: unknown) => valueOf(item ?? null, inside)) };
    }
    const entries = Object.entries(data).filter(([, value]) => value !== undefined);
    return { kind: "map", entries: entries.map(([key, value]) => ({ key, value: valueOf(value, inside) })) };
}

/** The plain JavaScript data of a value. */
export function dataOf(value: Value): unknown {
    switch (value.kind) {
        case "list":
            return value.items.map(dataOf);
        case "map":
            return Object.fromEntries(value.entries.map((entry) => [entry.key, dataOf(entry.value)]));
        default:
            return value.value;
    }
}
