import { goQuote } from "../goText";
import { isDate } from "../goYaml/resolve";
import type { GoSlice, GoStringMap, GoStruct, GoType } from "../policyType";
import { isInt64 } from "../selectors";
import { joinPath, type ListValue, type MapValue, type Value } from "../value";

/** What decoding gives. */
export interface DecodedJson {
    /** What fits the type: fields that are null or absent are absent. */
    data: Readonly<Record<string, unknown>>;
    /** What does not fit, and what the API server passes over; in its order. */
    problems: readonly Problem[];
    /** Where each field and list item is in the text, by its path. */
    offsets: ReadonlyMap<string, number>;
}

/** Something that does not fit a type. */
export type Problem = {
    path: string;
    offset: number;
    /** In Go's words, where it has some. */
    message: string;
} & (
    | { kind: "wrong-type"; value: Value; type: GoType }
    | { kind: "unknown-field"; name: string; enclosing: readonly Enclosing[] }
    | { kind: "duplicate-field" | "null-item" }
);

/** An object on the way to the field at hand. */
export interface Enclosing {
    type: GoStruct;
    path: string;
}

/**
 * Decodes JSON into a Go type as the API server does: field names in their exact case only, unknown fields passed over,
 * the last of several fields of a name laid over those before it.
 */
export function decodeJson(json: Value, type: GoStruct): DecodedJson {
    const decoder = new Decoder();
    const slot: Slot = {};
    try {
        decoder.decode(json, type, slot, { enclosing: [], fields: [], path: "" });
    } catch (problem) {
        if (!(problem instanceof Fatal)) {
            throw problem;
        }
    }
    const { problems, offsets } = decoder;
    return { data: (plain(slot) ?? {}) as DecodedJson["data"], problems, offsets };
}

/** What ends decoding at once. */
class Fatal extends Error {}

/** A Go variable. Decoding into one that was decoded into before keeps what the new value does not replace. */
interface Slot {
    scalar?: unknown;
    /** A slice's array: slots beyond the slice's length keep what they had. */
    items?: Slot[];
    length?: number;
    fields?: Map<string, Slot>;
}

function plain({ scalar, items, length, fields }: Slot): unknown {
    if (items) {
        return items.slice(0, length).map(plain);
    }
    if (fields) {
        const entries = [...fields].map(([name, slot]) => [name, plain(slot)] as const);
        return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
    }
    return scalar;
}

/** Where decoding is. */
interface Place {
    enclosing: readonly Enclosing[];
    fields: readonly string[];
    path: string;
}

class Decoder {
    readonly problems: Problem[] = [];
    readonly offsets = new Map<string, number>();

    decode(json: Value, type: GoType, slot: Slot, place: Place): void {
        this.offsets.set(place.path, json.offset);
        if (type.kind === "any") {
            return;
        }
        if (type.kind === "struct") {
            slot.fields ??= new Map();
        }
        if (json.kind === "null") {
            this.decodeNull(type, slot);
        } else if (type.kind === "struct" && json.kind === "map") {
            this.decodeStruct(json, type, slot.fields!, place);
        } else if (type.kind === "map" && json.kind === "map") {
            this.decodeMap(json, type, slot, place);
        } else if (type.kind === "slice" && json.kind === "list") {
            this.decodeSlice(json, type, slot, place);
        } else {
            this.decodeScalar(json, type, slot, place);
        }
    }

    private decodeNull(type: GoType, slot: Slot): void {
        if (type.kind === "slice" || type.kind === "map") {
            delete slot.items;
            delete slot.fields;
        } else if (type.kind === "bool" && type.name === "*bool") {
            delete slot.scalar;
        }
    }

    private decodeStruct(json: MapValue, type: GoStruct, fields: Map<string, Slot>, place: Place): void {
        const seen = new Set<string>();
        const enclosing = [...place.enclosing, { type, path: place.path }];
        for (const { key: name, keyOffset: offset, value } of json.entries) {
            const field = Object.hasOwn(type.fields, name) ? type.fields[name] : undefined;
            const path = joinPath(place.path, name);
            if (!field) {
                const message = `unknown field ${goQuote(path)}`;
                this.problems.push({ kind: "unknown-field", path, offset, message, name, enclosing });
                continue;
            }
            this.checkDuplicate(seen, name, path, offset);
            this.decode(value, field, slotIn(fields, name), { enclosing, fields: [...place.fields, name], path });
        }
    }

    private decodeMap(json: MapValue, type: GoStringMap, slot: Slot, place: Place): void {
        slot.fields ??= new Map();
        const seen = new Set<string>();
        for (const { key, keyOffset, value } of json.entries) {
            const path = joinPath(place.path, key);
            this.checkDuplicate(seen, key, path, keyOffset);
            const element: Slot = { scalar: "" };
            this.decode(value, type.of, element, { ...place, path });
            slot.fields.set(key, element);
        }
    }

    private decodeSlice(json: ListValue, type: GoSlice, slot: Slot, place: Place): void {
        const items = json.items.length === 0 ? [] : (slot.items ?? []);
        json.items.forEach((item, i) => {
            const path = `${place.path}[${i}]`;
            if (item.kind === "null" && type.of.kind === "string") {
                this.problems.push({ kind: "null-item", path, offset: item.offset, message: `${path} is empty` });
            }
            items[i] ??= type.of.kind === "struct" ? { fields: new Map() } : { scalar: "" };
            this.decode(item, type.of, items[i], { ...place, path });
        });
        slot.items = items;
        slot.length = json.items.length;
    }

    private decodeScalar(json: Value, type: GoType, slot: Slot, place: Place): void {
        if (type.kind === "time") {
            this.decodeTime(json, type, place);
        } else if (type.kind === "string" && json.kind === "string") {
            slot.scalar = json.value;
        } else if (type.kind === "bool" && json.kind === "boolean") {
            slot.scalar = json.value;
        } else if (type.kind === "int64" && json.kind === "number") {
            const digits = String(json.value);
            if (!isInt64(digits)) {
                this.wrongType(json, type, place, typeMessage(`number ${digits}`, type.name, place));
            }
        } else {
            const message = typeMessage(goKinds[json.kind], type.name.replace(/^\*/, ""), place);
            this.wrongType(json, type, place, message);
        }
    }

    private decodeTime(json: Value, type: GoType, place: Place): void {
        if (json.kind !== "string") {
            this.wrongType(json, type, place, typeMessage(goKinds[json.kind], "string", place));
            throw new Fatal();
        }
        const text = String(json.value);
        if (!isRfc3339(text)) {
            const layout = '"2006-01-02T15:04:05Z07:00"';
            const message = `parsing time ${goQuote(text)} as ${layout}: it is no such time`;
            this.wrongType(json, type, place, message);
            throw new Fatal();
        }
    }

    private wrongType(value: Value, type: GoType, { path }: Place, message: string): void {
        this.problems.push({ kind: "wrong-type", path, offset: value.offset, message, value, type });
    }

    private checkDuplicate(seen: Set<string>, key: string, path: string, offset: number): void {
        if (seen.has(key)) {
            this.problems.push({ kind: "duplicate-field", path, offset, message: `duplicate field ${goQuote(path)}` });
        }
        seen.add(key);
    }
}

function slotIn(fields: Map<string, Slot>, key: string): Slot {
    const slot = fields.get(key) ?? {};
    fields.set(key, slot);
    return slot;
}

/** What Go calls the kinds of JSON. */
export const goKinds = {
    string: "string",
    number: "number",
    boolean: "bool",
    null: "null",
    list: "array",
    map: "object",
} as const;

function typeMessage(got: string, type: string, { enclosing, fields }: Place): string {
    const struct = enclosing.at(-1)?.type.name.replace(/^.*\./, "");
    return struct === undefined
        ? `json: cannot unmarshal ${got} into Go value of type ${type}`
        : `json: cannot unmarshal ${got} into Go struct field ${struct}.${fields.join(".")} of type ${type}`;
}

/** Whether a text is a time as `time.Parse(time.RFC3339, …)` takes it. */
function isRfc3339(text: string): boolean {
    const match =
        /^(\d{4})-(\d\d)-(\d\d)T(\d{1,2}):(\d\d):(\d\d)(?:[.,]\d+)?(?:Z|[-+](\d\d):(\d\d))$/.exec(text) ?? undefined;
    const [year = 0, month = 0, day = 0, hour = 24, minute = 0, second = 0, zoneHour = 0, zoneMinute = 0] =
        match?.slice(1).map((part?: string) => Number(part ?? 0)) ?? [];
    return isDate(year, month, day) && hour < 24 && minute < 60 && second < 60 && zoneHour <= 24 && zoneMinute <= 60;
}
