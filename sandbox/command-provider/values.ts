/** A property value as the engine sends it: JSON, in which a secret is an object with a signature. */
export type Value = null | boolean | number | string | Value[] | ValueMap;
export interface ValueMap {
    [name: string]: Value;
}

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** What stands for a value that a preview does not know yet. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export function isMap(value: Value | undefined): value is ValueMap {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isSecret(value: Value | undefined): value is { [SIGNATURE]: string; value: Value } {
    return isMap(value) && value[SIGNATURE] === SECRET;
}

export function secret(value: Value): Value {
    return isSecret(value) ? value : { [SIGNATURE]: SECRET, value };
}

/** The same value with nothing secret in it, at any depth. */
export function reveal(value: Value): Value {
    if (isSecret(value)) {
        return reveal(value.value);
    }
    if (Array.isArray(value)) {
        return value.map(reveal);
    }
    return isMap(value) ? mapValues(value, reveal) : value;
}

export function mapValues(map: ValueMap, change: (value: Value) => Value): ValueMap {
    return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, change(value)]));
}

export type ChangeKind = "add" | "delete" | "update";

/**
 * The smallest places in which two property maps differ, by their path: `stdin`, `environment.A`, `triggers[0]`.
 *
 * A secret is one place; a secret and a plain value differ even where they say the same.
 */
export function changes(olds: ValueMap, news: ValueMap): Map<string, ChangeKind> {
    const found = new Map<string, ChangeKind>();
    compareMaps("", olds, news, found);
    return found;
}

function compareMaps(path: string, olds: ValueMap, news: ValueMap, found: Map<string, ChangeKind>): void {
    for (const name of new Set([...Object.keys(olds), ...Object.keys(news)])) {
        compare(path === "" ? name : `${path}.${name}`, olds[name], news[name], found);
    }
}

function compare(path: string, old: Value | undefined, now: Value | undefined, found: Map<string, ChangeKind>): void {
    if (Array.isArray(old) && Array.isArray(now)) {
        for (let i = 0; i < Math.max(old.length, now.length); i++) {
            compare(`${path}[${i}]`, old[i], now[i], found);
        }
    } else if (isMap(old) && isMap(now) && !isSecret(old) && !isSecret(now)) {
        compareMaps(path, old, now, found);
    } else if (JSON.stringify(sorted(old ?? null)) !== JSON.stringify(sorted(now ?? null))) {
        found.set(path, (old ?? null) === null ? "add" : (now ?? null) === null ? "delete" : "update");
    }
}

function sorted(value: Value): Value {
    if (Array.isArray(value)) {
        return value.map(sorted);
    }
    if (!isMap(value)) {
        return value;
    }
    const map: ValueMap = value;
    return Object.fromEntries(
        Object.keys(map)
            .sort()
            .map((name) => [name, sorted(map[name] ?? null)]),
    );
}
