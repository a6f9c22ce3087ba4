import type { Remark } from "./finding";
import type { Problem } from "./goJson/decode";
import type { GoType } from "./policyType";
import { explainUnknownField } from "./unknownField";
import type { Value } from "./value";

/** Puts a severity and advice to what the API server's decoder has to say. */
export function explainProblem(problem: Problem): Remark {
    const { path, offset, message } = problem;
    switch (problem.kind) {
        case "wrong-type": {
            const advice = explainWrongType(problem.value, problem.type, path);
            const words = `failed decoding: ${message}`;
            return { code: "wrong-type", severity: "error", path, message: words, offset, ...advice };
        }
        case "unknown-field": {
            const advice = explainUnknownField(problem.name, problem.enclosing);
            return { code: "unknown-field", severity: "error", path, message, offset, ...advice };
        }
        case "duplicate-field":
            return explainDuplicate({ path, offset, message });
        case "null-item":
            return {
                code: "null-item",
                severity: "warning",
                path,
                message,
                offset,
                reason: 'The API server reads an empty item as the text "".',
                fix: 'Write "" if that is meant; else remove the item.',
            };
    }
}

/** Puts advice to a key that occurs twice. */
export function explainDuplicate(found: Pick<Remark, "path" | "offset" | "message">): Remark {
    return {
        code: "duplicate-key",
        severity: "error",
        ...found,
        reason: "The API server silently uses the last of them.",
        fix: "Remove or merge one of them.",
    };
}

const words = {
    string: "a text",
    number: "a number",
    boolean: "a truth value",
    null: "empty",
    list: "a list",
    map: "a mapping",
} as const;

const wanted = {
    string: "a text",
    bool: "a truth value",
    int64: "a whole number",
    time: "a time",
    any: "anything",
    slice: "a list",
    map: "a mapping",
    struct: "a mapping",
} as const;

/** Why a value does not fit a type, and what was probably meant. */
export function explainWrongType(value: Value, type: GoType, path: string): Pick<Remark, "reason" | "fix"> {
    const found = `${path === "" ? "The document" : path} is ${words[value.kind]} where ${wanted[type.kind]} is needed`;
    const source = "source" in value && type.kind === "string" ? value.source : undefined;
    if (source !== undefined) {
        return {
            reason: `${found}: unquoted, ${source} is not a text in YAML 1.1, which the API server reads.`,
            fix: `Quote it: "${source}".`,
        };
    }
    return { reason: `${found}.`, ...fixForWrongType(value, type, path) };
}

function fixForWrongType(value: Value, type: GoType, path: string): Pick<Remark, "fix"> {
    if (value.kind !== "string") {
        return {};
    }
    const text = JSON.stringify(value.value);
    if (type.kind === "slice" && type.of.kind === "string") {
        return { fix: `Write it as a list: ${path.split(".").at(-1)!}: [${text}].` };
    }
    if (type.kind === "bool") {
        return { fix: "Write true or false, without quotes." };
    }
    return type.name === "v1.GroupResources"
        ? { fix: `Write it with its API group: {group: "", resources: [${text}]}.` }
        : {};
}
