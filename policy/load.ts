import { error as errorRemark, type Remark } from "./finding";
import { decodeBytes, replaceStrayBytes } from "./goBytes";
import { decodeJson, goKinds, type DecodedJson, type Problem } from "./goJson/decode";
import type { Comment } from "./goYaml/cursor";
import { checkHeader, group } from "./header";
import { embeddedNameSince, smallKeyErrorSince, strictDecodingSince, type KubernetesMinor } from "./kubernetes";
import { nearestOffset } from "./locate";
import { policyType, text, unversionedPolicyType } from "./policyType";
import { explainDuplicate, explainProblem, explainWrongType } from "./problem";
import { readText, unreadableHeader, UnreadableError, type Reading } from "./read";
import { adviseOnSyntax } from "./syntaxAdvice";
import { aggregateMessage, validatePolicy, type UnvalidatedPolicy, type Violation } from "./validate";
import type { Value } from "./value";

/** What the API server makes of a policy file, and what is to be said besides. */
export interface LoadedPolicy {
    /** What it refuses to start with, without the file's name; absent when it starts. */
    error?: string;
    /** The same with its place and advice, unless it is what the validator says. */
    refusal?: Remark;
    /** What it logs of things that it ignores. */
    log?: string;
    /** What it has read, also when its validator has something against it. */
    content?: UnvalidatedPolicy;
    /** What its validator has against it. */
    violations: Violation[];
    /**
     * What is wrong before it comes to the validator, the API server's reason to refuse first, and what it would ignore
     * silently. Their offsets count after a byte order mark.
     */
    remarks: Remark[];
    /** The text as it was read; absent when it could not be. */
    document?: PolicyDocument;
}

/** A policy's text as it was read. Offsets are in UTF-16 units after a byte order mark. */
export interface PolicyDocument {
    value: Value;
    /** Where each field and list item that is known is, by its path. */
    offsets: ReadonlyMap<string, number>;
    comments: readonly Comment[];
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
        return decodePolicy(readText(bytes), bytes, version);
    } catch (problem) {
        if (problem instanceof UnreadableError) {
            return unreadable(problem, bytes, version);
        }
        if (problem instanceof RangeError) {
            const message = "failed decoding: it is nested too deeply";
            return refusedAtOnce(errorRemark("nesting", "", message, { offset: 0 }));
        }
        throw problem;
    }
}

function unreadable(
    { code, message, offset }: UnreadableError,
    bytes: Uint8Array,
    version: KubernetesMinor,
): LoadedPolicy {
    const words = version >= smallKeyErrorSince ? message : message.replace(/ unsupported map/, " Unsupported map");
    const advice = adviseOnSyntax(code, words, withoutMark(bytes).charAt(offset));
    return refusedAtOnce(errorRemark(code, "", words, { offset, ...advice }));
}

function withoutMark(bytes: Uint8Array): string {
    return decodeBytes(bytes).replace(/^\ufeff/, "");
}

function refusedAtOnce(refusal: Remark): LoadedPolicy {
    return { ...refusedWith(refusal), violations: [], remarks: [refusal] };
}

function decodePolicy(reading: Reading, bytes: Uint8Array, version: KubernetesMinor): LoadedPolicy {
    const { value, duplicates, oddities, comments } = reading;
    const decoded = decodeJson(value, policyType);
    const ofHeader = findHeaderProblems(value, decoded.offsets, bytes);
    const told = ({ kind, path }: Problem) => kind === "wrong-type" && ofHeader.some((other) => other.path === path);
    const loaded = ofHeader[0] ? refused(ofHeader[0], reading, version) : concluded(decoded, reading, version);
    return {
        ...loaded,
        remarks: [
            ...ofHeader,
            ...decoded.problems.filter((problem) => !told(problem)).map(explainProblem),
            ...duplicates.map(({ message, ...place }) =>
                explainDuplicate({ ...place, message: message.replace(/^line \d+: /, "") }),
            ),
            ...oddities,
        ],
        document: { value, offsets: decoded.offsets, comments },
    };
}

type Outcome = Omit<LoadedPolicy, "remarks" | "document">;

function refused(problem: Remark, { value, duplicates }: Reading, version: KubernetesMinor): Outcome {
    if (!problem.message.startsWith("unknown group version field")) {
        return { ...refusedWith(problem), violations: [] };
    }
    // Before such a policy is refused, it is decoded, and what the decoder says comes first.
    const decoded = decodeJson(value, unversionedPolicyType);
    const wrong = wrongTypeIn(decoded);
    if (wrong) {
        // Without a version, the metadata's fields are the policy's own.
        const embedded = /(Go struct field \w+\.)(?=[a-z])/;
        const message = version >= embeddedNameSince ? wrong.message.replace(embedded, "$1ObjectMeta.") : wrong.message;
        return { ...refusedWith({ ...wrong, message }), violations: [] };
    }
    return { ...refusedWith(problem), ...logOf(decoded, duplicates, version), violations: [] };
}

function refusedWith(refusal: Remark): Pick<LoadedPolicy, "error" | "refusal"> {
    return { error: refusal.message, refusal };
}

function concluded(decoded: DecodedJson, { duplicates }: Reading, version: KubernetesMinor): Outcome {
    const wrong = wrongTypeIn(decoded);
    if (wrong) {
        return { ...refusedWith(wrong), violations: [] };
    }
    const log = logOf(decoded, duplicates, version);
    const content: UnvalidatedPolicy = { rules: [], ...decoded.data };
    const violations = validatePolicy(content, version);
    if (violations.length > 0) {
        return { error: aggregateMessage(violations), ...log, content, violations };
    }
    return {
        ...(content.rules.length === 0 && refusedWith({ ...noRules, offset: nearestOffset("rules", decoded.offsets) })),
        ...log,
        content,
        violations,
    };
}

/** A policy without rules is valid, and refused nevertheless. */
export const noRules = errorRemark("no-rules", "rules", "loaded illegal policy with 0 rules", {
    fix: "Add a rule; - level: Metadata alone records all requests without their bodies.",
});

/** The error that decoding ends with: that of a time, which ends it at once, or else the first. */
function wrongTypeIn({ problems }: DecodedJson): Remark | undefined {
    const wrong = problems.filter((problem) => problem.kind === "wrong-type");
    const [first] = [...wrong.filter(({ type }) => type.kind === "time"), ...wrong];
    return first && explainProblem(first);
}

const mostStrictErrors = 100;

function logOf(
    { problems }: DecodedJson,
    duplicates: Reading["duplicates"],
    version: KubernetesMinor,
): Pick<LoadedPolicy, "log"> {
    const ofYaml =
        duplicates.length > 0
            ? [`yaml: unmarshal errors:\n  ${duplicates.map(({ message }) => message).join("\n  ")}`]
            : [];
    const ignored = problems.filter(({ kind }) => kind === "unknown-field" || kind === "duplicate-field");
    const ofFields = [...new Set(ignored.map(({ message }) => message))].slice(0, mostStrictErrors);
    const log = `Audit policy contains errors, falling back to lenient decoding: strict decoding error: `;
    const words = [...ofYaml, ...ofFields].join(", ");
    return version >= strictDecodingSince && words !== "" ? { log: log + words } : {};
}

/** What is wrong with what the file says it is. */
function findHeaderProblems(value: Value, offsets: ReadonlyMap<string, number>, bytes: Uint8Array): Remark[] {
    const { header, problems } = readHeader(value);
    if (problems.length > 0) {
        return problems;
    }
    if (/^[^/]+\/$/.test(header.apiVersion) && header.apiVersion !== `${group}/`) {
        const content = replaceStrayBytes(decodeBytes(bytes));
        const message = `failed decoding: Object 'apiVersion' is missing in '${content}'`;
        return [errorRemark("api-version", "apiVersion", message, { offset: offsets.get("apiVersion") })];
    }
    return checkHeader(header, offsets);
}

const headerType = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`;

/** The version and the kind, whose names may be written in any letter case; the last ones count. */
function readHeader(value: Value): { header: { apiVersion: string; kind: string }; problems: Remark[] } {
    const header = { apiVersion: "", kind: "" };
    if (value.kind !== "map") {
        return { header, problems: value.kind === "null" ? [] : [wrongHeader(value, "", policyType, headerType)] };
    }
    const problems = value.entries.flatMap((entry) => {
        const name = (["apiVersion", "kind"] as const).find((field) => fold(field) === fold(entry.key));
        if (name === undefined || entry.value.kind === "null") {
            return [];
        }
        if (entry.value.kind === "string") {
            header[name] = String(entry.value.value);
            return [];
        }
        return [wrongHeader(entry.value, name, text, "string")];
    });
    return { header, problems };
}

function wrongHeader(value: Value, path: string, type: Parameters<typeof explainWrongType>[1], name: string): Remark {
    const into = path === "" ? "Go value" : `Go struct field .${path}`;
    const message = `${unreadableHeader}: json: cannot unmarshal ${goKinds[value.kind]} into ${into} of type ${name}`;
    const advice = explainWrongType(value, type, path);
    return { code: "wrong-type", severity: "error", path, message, offset: value.offset, ...advice };
}

/** A field's name as Go compares it: two characters beyond ASCII are letters, too. */
function fold(name: string): string {
    return name
        .replaceAll("\u017f", "s")
        .replaceAll("\u212a", "k")
        .replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
