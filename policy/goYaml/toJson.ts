import { compareBytes, replaceStrayBytes } from "../goBytes";
import type { MapEntry, Value } from "../value";
import { formatFloat, GoMap, GoNumber, goSyntax, type GoItem, type GoValue } from "./goValue";
import type { Node } from "./parser";

/** What keeps a YAML value from being JSON. */
export class NotJsonError extends Error {
    /** @param offset - where in the text it is, in UTF-16 units */
    constructor(
        message: string,
        readonly offset: number,
    ) {
        super(message);
    }
}

/**
 * Turns what a YAML text holds into JSON, the form in which the API server reads a policy: keys become texts, and are
 * sorted.
 *
 * @throws NotJsonError in the API server's words
 */
export function toJson(item: GoItem): Value {
    checkKeys(item.value);
    return convert(item);
}

/** Keys are looked at before anything is converted. */
function checkKeys(value: GoValue): void {
    if (value instanceof GoMap) {
        for (const { key, item } of value.all()) {
            keyText(key, item.value);
            checkKeys(item.value);
        }
    } else if (Array.isArray(value)) {
        (value as readonly GoItem[]).forEach((item) => {
            checkKeys(item.value);
        });
    }
}

function convert({ value, node }: GoItem): Value {
    const { offset } = node;
    if (value === null) {
        return { kind: "null", value, offset };
    }
    if (typeof value === "string") {
        return { kind: "string", value: replaceStrayBytes(value), offset };
    }
    if (typeof value === "boolean") {
        return { kind: "boolean", value, offset, ...sourceOf(node) };
    }
    if (value instanceof GoNumber) {
        if (typeof value.value === "number" && !Number.isFinite(value.value)) {
            throw new NotJsonError(`json: unsupported value: ${formatFloat(value.value, 64)}`, offset);
        }
        return { kind: "number", value: String(value.value), offset, ...sourceOf(node) };
    }
    if (value instanceof GoMap) {
        return { kind: "map", entries: convertEntries(value), offset };
    }
    return { kind: "list", items: value.map(convert), offset };
}

function sourceOf(node: Node): { source?: string } {
    return node.kind === "scalar" && node.tag === "" ? { source: node.value } : {};
}

/** Keys that become the same text are one, the last of them. */
function convertEntries(map: GoMap): MapEntry[] {
    const texts = new Map(map.all().map((entry) => [keyText(entry.key, entry.item.value), entry]));
    const sorted = [...texts].sort(([a], [b]) => compareBytes(a, b));
    return sorted.map(([text, { key, item }]) => ({
        key: replaceStrayBytes(text),
        keyOffset: key.node.offset,
        value: convert(item),
    }));
}

function keyText({ value: key, node }: GoItem, value: GoValue): string {
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
    const message = `unsupported map key of type: ${type}, key: ${top(key)}, value: ${top(value)}`;
    throw new NotJsonError(message, node.offset);
}

function top(value: GoValue): string {
    return value === null ? "<nil>" : goSyntax(value);
}
