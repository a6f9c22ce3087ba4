import { compareBytes } from "../goBytes";
import { JsonNumber, JsonObject, type Json } from "../goJson/json";
import { formatFloat, GoMap, GoNumber, goSyntax, type GoValue } from "./goValue";

/** What keeps a YAML value from being JSON. */
export class NotJsonError extends Error {}

/**
 * Turns what a YAML text holds into JSON, the form in which the API server reads a policy: keys become texts, and are
 * sorted.
 *
 * @throws NotJsonError in the API server's words
 */
export function toJson(value: GoValue): Json {
    checkKeys(value);
    return convert(value);
}

/** Keys are looked at before anything is converted. */
function checkKeys(value: GoValue): void {
    if (value instanceof GoMap) {
        for (const entry of value.all()) {
            keyText(entry.key, entry.value);
            checkKeys(entry.value);
        }
    } else if (Array.isArray(value)) {
        value.forEach(checkKeys);
    }
}

function convert(value: GoValue): Json {
    if (value instanceof GoMap) {
        const texts = new Map(value.all().map((entry) => [keyText(entry.key, entry.value), entry.value]));
        const sorted = [...texts].sort(([a], [b]) => compareBytes(a, b));
        return new JsonObject(sorted.map(([key, content]) => [key, convert(content)]));
    }
    if (value instanceof GoNumber) {
        if (typeof value.value === "number" && !Number.isFinite(value.value)) {
            throw new NotJsonError(`json: unsupported value: ${formatFloat(value.value, 64)}`);
        }
        return new JsonNumber(String(value.value));
    }
    return value === null || typeof value !== "object" ? value : value.map(convert);
}

function keyText(key: GoValue, value: GoValue): string {
    if (typeof key === "string") {
        return key;
    }
    if (typeof key === "boolean") {
        return String(key);
    }
    if (key instanceof GoNumber && key.type === "int") {
        return String(key.value);
    }
    if (key instanceof GoNumber && key.type === "float64") {
        const text = formatFloat(Number(key.value), 32);
        return { "+Inf": ".inf", "-Inf": "-.inf", NaN: ".nan" }[text] ?? text;
    }
    const type = key === null ? "%!s(<nil>)" : "uint64";
    throw new NotJsonError(`unsupported map key of type: ${type}, key: ${top(key)}, value: ${top(value)}`);
}

function top(value: GoValue): string {
    return value === null ? "<nil>" : goSyntax(value);
}
