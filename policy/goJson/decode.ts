import { goQuote } from "../goText";
import { isInt64 } from "../selectors";
import { isDate } from "../goYaml/resolve";
import { JsonNumber, JsonObject, type Json } from "./json";
import type { GoSlice, GoStringMap, GoStruct, GoType } from "./types";

/** What decoding gives. */
export interface DecodedJson {
    /** What fits the type: fields that are null or absent are absent. */
    data: Readonly<Record<string, unknown>>;
    /** The first thing that does not fit, in Go's words. */
    error?: string;
    /** The unknown and duplicate fields, in Go's words. */
    strictErrors: string[];
}

/**
 * Decodes JSON into a Go type as the API server does: field names in their exact case only, unknown fields passed over,
 * the last of several fields of a name laid over those before it.
 */
export function decodeJson(json: Json, type: GoStruct): DecodedJson {
    const decoder = new Decoder();
    try {
        const slot: Slot = {};
        decoder.decode(json, type, slot, { struct: undefined, fields: [], path: "" });
        const { error, strictErrors } = decoder;
        return {
            data: (plain(slot) ?? {}) as DecodedJson["data"],
            ...(error !== undefined && { error }),
            strictErrors,
        };
    } catch (problem) {
        if (problem instanceof Fatal) {
            return { data: {}, error: problem.message, strictErrors: [] };
        }
        throw problem;
    }
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
    struct: string | undefined;
    fields: readonly string[];
    path: string;
}

const mostStrictErrors = 100;

class Decoder {
    error: string | undefined;
    readonly strictErrors: string[] = [];

    decode(json: Json, type: GoType, slot: Slot, place: Place): void {
        if (type.kind === "any") {
            return;
        }
        if (type.kind === "struct") {
            slot.fields ??= new Map();
        }
        if (json === null) {
            this.decodeNull(type, slot);
        } else if (type.kind === "struct" && json instanceof JsonObject) {
            this.decodeStruct(json, type, slot.fields!, place);
        } else if (type.kind === "map" && json instanceof JsonObject) {
            this.decodeMap(json, type, slot, place);
        } else if (type.kind === "slice" && Array.isArray(json)) {
            this.decodeSlice(json as readonly Json[], type, slot, place);
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

    private decodeStruct(json: JsonObject, type: GoStruct, fields: Map<string, Slot>, place: Place): void {
        const seen = new Set<string>();
        for (const [key, value] of json.entries) {
            const field = Object.hasOwn(type.fields, key) ? type.fields[key] : undefined;
            const path = join(place.path, key);
            if (!field) {
                this.strict("unknown field", path);
                continue;
            }
            this.checkDuplicate(seen, key, path);
            const inside = { struct: type.name.replace(/^.*\./, ""), fields: [...place.fields, key], path };
            this.decode(value, field, slotIn(fields, key), inside);
        }
    }

    private decodeMap(json: JsonObject, type: GoStringMap, slot: Slot, place: Place): void {
        slot.fields ??= new Map();
        const seen = new Set<string>();
        for (const [key, value] of json.entries) {
            this.checkDuplicate(seen, key, join(place.path, key));
            const element: Slot = { scalar: "" };
            this.decode(value, type.of, element, place);
            slot.fields.set(key, element);
        }
    }

    private decodeSlice(json: readonly Json[], type: GoSlice, slot: Slot, place: Place): void {
        const items = json.length === 0 ? [] : (slot.items ?? []);
        json.forEach((item, i) => {
            items[i] ??= type.of.kind === "struct" ? { fields: new Map() } : { scalar: "" };
            this.decode(item, type.of, items[i], { ...place, path: `${place.path}[${i}]` });
        });
        slot.items = items;
        slot.length = json.length;
    }

    private decodeScalar(json: Exclude<Json, null>, type: GoType, slot: Slot, place: Place): void {
        if (type.kind === "time") {
            this.decodeTime(json, place);
        } else if (type.kind === "string" && typeof json === "string") {
            slot.scalar = json;
        } else if (type.kind === "bool" && typeof json === "boolean") {
            slot.scalar = json;
        } else if (type.kind === "int64" && json instanceof JsonNumber) {
            if (!isInt64(json.text)) {
                this.wrongType(`number ${json.text}`, type.name, place);
            }
        } else {
            this.wrongType(kindOf(json), type.name.replace(/^\*/, ""), place);
        }
    }

    private decodeTime(json: Exclude<Json, null>, place: Place): void {
        if (typeof json !== "string") {
            throw new Fatal(typeMessage(kindOf(json), "string", place));
        }
        if (!isRfc3339(json)) {
            const layout = '"2006-01-02T15:04:05Z07:00"';
            throw new Fatal(`parsing time ${goQuote(json)} as ${layout}: it is no such time`);
        }
    }

    private wrongType(got: string, type: string, place: Place): void {
        this.error ??= typeMessage(got, type, place);
    }

    private checkDuplicate(seen: Set<string>, key: string, path: string): void {
        if (seen.has(key)) {
            this.strict("duplicate field", path);
        }
        seen.add(key);
    }

    private strict(what: string, path: string): void {
        const message = `${what} ${goQuote(path)}`;
        if (this.strictErrors.length < mostStrictErrors && !this.strictErrors.includes(message)) {
            this.strictErrors.push(message);
        }
    }
}

function slotIn(fields: Map<string, Slot>, key: string): Slot {
    const slot = fields.get(key) ?? {};
    fields.set(key, slot);
    return slot;
}

function kindOf(json: Exclude<Json, null>): string {
    if (json instanceof JsonNumber) {
        return "number";
    }
    if (json instanceof JsonObject) {
        return "object";
    }
    return { string: "string", boolean: "bool", object: "array" }[typeof json as "string" | "boolean" | "object"];
}

function typeMessage(got: string, type: string, { struct, fields }: Place): string {
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

function join(path: string, key: string): string {
    return path === "" ? key : `${path}.${key}`;
}
