import { decodeJson } from "./goJson/decode";
import { JsonNumber, JsonObject, type Json } from "./goJson/json";
import { GoJsonError, parseJson } from "./goJson/parse";
import { policyType, unversionedPolicyType, type GoStruct } from "./goJson/types";
import { decodeLenientUtf8 } from "./goBytes";
import { decodeYaml } from "./goYaml/decode";
import { GoYamlError } from "./goYaml/error";
import { NotJsonError, toJson } from "./goYaml/toJson";
import { checkHeader, group } from "./header";
import { embeddedNameSince, smallKeyErrorSince, strictDecodingSince, type KubernetesMinor } from "./kubernetes";
import { aggregateMessage, validatePolicy, type UnvalidatedPolicy, type Violation } from "./validate";

/** What the API server makes of a policy file. */
export interface LoadedPolicy {
    /** What it refuses to start with, without the file's name; absent when it starts. */
    error?: string;
    /** What kind of error it is, for programs. */
    code?: string;
    /** What it logs of things that it ignores. */
    log?: string;
    /** What it has read, also when its validator has something against it. */
    content?: UnvalidatedPolicy;
    /** What its validator has against it. */
    violations: Violation[];
}

/**
 * Loads a policy file as the API server of a minor version does (k8s.io/apiserver, `pkg/audit/policy/reader.go`): the
 * same texts are accepted, the same things ignored, and the errors are in its words.
 *
 * What is left out of the words: the name of the scheme in which a kind is not registered, and the part of a time that
 * could not be read. Where Go goes over a mapping in random order, the first problem is taken.
 */
export function loadPolicy(bytes: Uint8Array, version: KubernetesMinor): LoadedPolicy {
    try {
        return decodePolicy(bytes, version);
    } catch (problem) {
        if (problem instanceof Refusal) {
            return { error: problem.message, code: problem.code, violations: [] };
        }
        if (problem instanceof RangeError) {
            return { error: "failed decoding: it is nested too deeply", code: "nesting", violations: [] };
        }
        throw problem;
    }
}

class Refusal extends Error {
    constructor(
        readonly code: string,
        message: string,
    ) {
        super(message);
    }
}

function decodePolicy(bytes: Uint8Array, version: KubernetesMinor): LoadedPolicy {
    const { json, duplicates } = readDocument(bytes, version);
    const header = readHeader(json);
    if (/^[^/]+\/$/.test(header.apiVersion) && header.apiVersion !== `${group}/`) {
        const text = decodeLenientUtf8(bytes);
        throw new Refusal("api-version", `failed decoding: Object 'apiVersion' is missing in '${text}'`);
    }
    const [problem] = checkHeader(header, new Map());
    if (problem?.message.startsWith("unknown group version field") === true) {
        const { log } = decodeContent(json, unversionedPolicyType, duplicates, version);
        return { error: problem.message, code: problem.code, ...log, violations: [] };
    }
    if (problem) {
        throw new Refusal(problem.code, problem.message);
    }
    const { data, log } = decodeContent(json, policyType, duplicates, version);
    const content: UnvalidatedPolicy = { rules: [], ...data };
    const violations = validatePolicy(content, version);
    if (violations.length > 0) {
        return { error: aggregateMessage(violations), code: "validation", ...log, content, violations };
    }
    if (content.rules.length === 0) {
        return { error: "loaded illegal policy with 0 rules", code: "no-rules", ...log, content, violations };
    }
    return { ...log, content, violations };
}

const embedded = /(Go struct field \w+\.)(?=[a-z])/;

function decodeContent(
    json: Json,
    type: GoStruct,
    duplicates: readonly string[],
    version: KubernetesMinor,
): { data: object; log: Pick<LoadedPolicy, "log"> } {
    const { data, error, strictErrors } = decodeJson(json, type);
    if (error !== undefined) {
        // Without a version, the metadata's fields are the policy's own.
        const words = version >= embeddedNameSince ? error.replace(embedded, "$1ObjectMeta.") : error;
        throw new Refusal("wrong-type", `failed decoding: ${type === unversionedPolicyType ? words : error}`);
    }
    const ofYaml = duplicates.length > 0 ? [`yaml: unmarshal errors:\n  ${duplicates.join("\n  ")}`] : [];
    const ignored = [...ofYaml, ...strictErrors].join(", ");
    const log = `Audit policy contains errors, falling back to lenient decoding: strict decoding error: ${ignored}`;
    return { data, log: version >= strictDecodingSince && ignored !== "" ? { log } : {} };
}

function readDocument(bytes: Uint8Array, version: KubernetesMinor): { json: Json; duplicates: readonly string[] } {
    if (looksLikeJson(bytes)) {
        return { json: readJson(bytes), duplicates: [] };
    }
    try {
        const { value, duplicates } = decodeYaml(bytes);
        return { json: toJson(value), duplicates };
    } catch (problem) {
        if (problem instanceof GoYamlError || problem instanceof NotJsonError) {
            const words =
                version >= smallKeyErrorSince
                    ? problem.message
                    : problem.message.replace(/^unsupported map/, "Unsupported map");
            throw new Refusal("yaml-syntax", `failed decoding: ${words}`);
        }
        throw problem;
    }
}

function looksLikeJson(bytes: Uint8Array): boolean {
    const text = decodeLenientUtf8(bytes.subarray(0, bytes.indexOf(0x7b) + 1));
    return /^[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*\{$/.test(text);
}

function readJson(bytes: Uint8Array): Json {
    try {
        return parseJson(bytes);
    } catch (problem) {
        if (problem instanceof GoJsonError) {
            throw new Refusal("json-syntax", unreadableHeader(problem.message));
        }
        throw problem;
    }
}

function unreadableHeader(problem: string): string {
    return `failed decoding: couldn't get version/kind; json parse error: ${problem}`;
}

const headerType = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`;

/** The version and the kind, whose names may be written in any letter case; the last ones count. */
function readHeader(json: Json): { apiVersion: string; kind: string } {
    const header = { apiVersion: "", kind: "" };
    if (json !== null && !(json instanceof JsonObject)) {
        const problem = `json: cannot unmarshal ${kindOf(json)} into Go value of type ${headerType}`;
        throw new Refusal("wrong-type", unreadableHeader(problem));
    }
    let problem: string | undefined;
    for (const [key, value] of json?.entries ?? []) {
        const name = (["apiVersion", "kind"] as const).find((field) => fold(field) === fold(key));
        if (name === undefined || value === null) {
            continue;
        }
        if (typeof value === "string") {
            header[name] = value;
        } else {
            problem ??= `json: cannot unmarshal ${kindOf(value)} into Go struct field .${name} of type string`;
        }
    }
    if (problem !== undefined) {
        throw new Refusal("wrong-type", unreadableHeader(problem));
    }
    return header;
}

function kindOf(json: Exclude<Json, null>): string {
    if (typeof json === "object") {
        return json instanceof JsonNumber ? "number" : json instanceof JsonObject ? "object" : "array";
    }
    return typeof json === "boolean" ? "bool" : "string";
}

/** A field's name as Go compares it: two characters beyond ASCII are letters, too. */
function fold(name: string): string {
    return name
        .replaceAll("\u017f", "s")
        .replaceAll("\u212a", "k")
        .replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
