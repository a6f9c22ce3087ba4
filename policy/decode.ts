import { error, type Remark } from "./finding";
import type { ListShape, ObjectShape, ScalarShape, Shape } from "./shape";
import { explainUnknownField } from "./unknownField";
import type { ListValue, MapValue, Scalar, Value } from "./value";

/** What decoding gives. */
export interface Decoded {
    /**
     * Plain data of the shape asked for, where the API server's conversions have been made: null is the empty text in a
     * list of texts, the empty object in a list of objects, and absent elsewhere. Unknown fields are left out.
     */
    data: unknown;
    /** Wrong types and unknown fields. */
    remarks: Remark[];
    /** Where each field and list item is, by its path. */
    offsets: ReadonlyMap<string, number>;
}

/** An object on the way to the field at hand. */
export interface Enclosing {
    shape: ObjectShape;
    path: string;
}

/** Checks a document against the shape of a policy, as the API server's decoder does, and says all that is wrong. */
export function decode(value: Value, shape: ObjectShape): Decoded {
    const decoder = new Decoder();
    return { data: decoder.decode(value, shape, "", []), remarks: decoder.remarks, offsets: decoder.offsets };
}

class Decoder {
    readonly remarks: Remark[] = [];
    readonly offsets = new Map<string, number>();

    decode(value: Value, shape: Shape, path: string, enclosing: readonly Enclosing[]): unknown {
        if (value.offset !== undefined) {
            this.offsets.set(path, value.offset);
        }
        if (value.kind === "null") {
            return undefined;
        }
        if (shape.kind === "list" && value.kind === "list") {
            return this.decodeList(value, shape, path, enclosing);
        }
        if (shape.kind === "object" && value.kind === "map") {
            return this.decodeObject(value, shape, path, enclosing);
        }
        if (shape.kind === "textMap" && value.kind === "map") {
            return this.decodeTextMap(value, path, enclosing);
        }
        if (shape.kind === value.kind) {
            return (value as Scalar).value;
        }
        this.remarks.push(wrongType(value, shape, path, enclosing));
        return undefined;
    }

    private decodeList(list: ListValue, shape: ListShape, path: string, enclosing: readonly Enclosing[]): unknown[] {
        return list.items.map((item, i) => {
            const itemPath = `${path}[${i}]`;
            const empty = shape.of.kind === "object" ? {} : "";
            if (item.kind === "null" && empty === "") {
                this.remarks.push({
                    code: "null-item",
                    severity: "warning",
                    path: itemPath,
                    message: `${itemPath} is empty`,
                    reason: 'The API server reads an empty item as the text "".',
                    fix: 'Write "" if that is meant; else remove the item.',
                    offset: item.offset,
                });
            }
            return this.decode(item, shape.of, itemPath, enclosing) ?? empty;
        });
    }

    private decodeObject(map: MapValue, shape: ObjectShape, path: string, enclosing: readonly Enclosing[]): unknown {
        const inside = [...enclosing, { shape, path }];
        const data: Record<string, unknown> = {};
        for (const { key, keyOffset, value } of map.entries) {
            const field = Object.hasOwn(shape.fields, key) ? shape.fields[key] : undefined;
            if (!field) {
                this.remarks.push(
                    error("unknown-field", join(path, key), `unknown field "${join(path, key)}"`, {
                        offset: keyOffset,
                        ...explainUnknownField(key, inside),
                    }),
                );
                continue;
            }
            const decoded = this.decode(value, field, join(path, key), inside);
            if (decoded !== undefined) {
                data[key] = decoded;
            }
        }
        return data;
    }

    private decodeTextMap(map: MapValue, path: string, enclosing: readonly Enclosing[]): Record<string, string> {
        const text: ScalarShape = { kind: "string", goType: "string" };
        const entries = map.entries.map(({ key, value }): [string, string] => {
            const decoded = this.decode(value, text, join(path, key), [...enclosing]);
            return [key, typeof decoded === "string" ? decoded : ""];
        });
        return Object.fromEntries(entries);
    }
}

const goKinds = { string: "string", number: "number", boolean: "bool", list: "array", map: "object" } as const;

const words = {
    string: "a text",
    number: "a number",
    boolean: "a truth value",
    list: "a list",
    map: "a mapping",
    object: "a mapping",
    textMap: "a mapping",
} as const;

function wrongType(value: Value, shape: Shape, path: string, enclosing: readonly Enclosing[]): Remark {
    const kind = value.kind === "null" ? "string" : value.kind;
    return error("wrong-type", path, goMessage(goKinds[kind], shape, path, enclosing), {
        offset: value.offset,
        reason: reasonForWrongType(value, kind, shape, path),
        ...fixForWrongType(value, shape, path),
    });
}

function goMessage(got: string, shape: Shape, path: string, enclosing: readonly Enclosing[]): string {
    if (enclosing.length === 0) {
        const type = `struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`;
        return `failed decoding: couldn't get version/kind; json parse error: json: cannot unmarshal ${got} into Go value of type ${type}`;
    }
    if (path === "apiVersion" || path === "kind") {
        return `failed decoding: couldn't get version/kind; json parse error: json: cannot unmarshal ${got} into Go struct field .${path} of type string`;
    }
    const struct = enclosing.at(-1)!.shape.goType.replace(/^v1\./, "");
    const field = path.replaceAll(/\[\d+\]/g, "").replace(/^(metadata\.(?:labels|annotations))\..*/, "$1");
    return `failed decoding: json: cannot unmarshal ${got} into Go struct field ${struct}.${field} of type ${shape.goType}`;
}

function reasonForWrongType(value: Value, kind: keyof typeof words, shape: Shape, path: string): string {
    const found = `${path === "" ? "The document" : path} is ${words[kind]} where ${words[shape.kind]} is needed`;
    return "source" in value && value.source !== undefined && shape.kind === "string"
        ? `${found}: unquoted, ${value.source} is not a text in YAML 1.1, which the API server reads.`
        : `${found}.`;
}

function fixForWrongType(value: Value, shape: Shape, path: string): Partial<Remark> {
    const field = path.split(".").at(-1)!;
    if (shape.kind === "string" && "source" in value && value.source !== undefined) {
        return { fix: `Quote it: "${value.source}".` };
    }
    if (shape.kind === "list" && shape.of.kind === "string" && value.kind === "string") {
        return { fix: `Write it as a list: ${field}: [${JSON.stringify(value.value)}].` };
    }
    if (shape.kind === "boolean" && value.kind === "string") {
        return { fix: "Write true or false, without quotes." };
    }
    if (shape.goType === "v1.GroupResources" && value.kind === "string") {
        return { fix: `Write it with its API group: {group: "", resources: [${JSON.stringify(value.value)}]}.` };
    }
    return {};
}

function join(path: string, key: string): string {
    return path === "" ? key : `${path}.${key}`;
}
