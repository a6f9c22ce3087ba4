import { apiVersion, kind } from "./header";
import { resolvePlainScalar } from "./plainScalar";
import { policyShape, type ObjectShape, type Shape } from "./shape";
import type { Policy } from "./types";

/**
 * The text of the policy file.
 *
 * A text is given back as it is, with a newline at its end. A policy is written with one value a line and its fields in
 * the order of their documentation, so that two policies differ in the lines of the rules that differ. Fields that are
 * undefined and lists that are empty are left out.
 *
 * @param policy - a policy that {@link checkPolicy} has nothing against
 */
export function renderPolicy(policy: Policy | string): string {
    if (typeof policy === "string") {
        return policy === "" || policy.endsWith("\n") ? policy : `${policy}\n`;
    }
    return renderFields({ ...policy, apiVersion, kind }, policyShape, "").join("\n") + "\n";
}

function renderFields(object: object, shape: ObjectShape, indent: string): string[] {
    const data = object as Record<string, unknown>;
    return Object.entries(shape.fields).flatMap(([name, field]) => renderField(name, data[name], field, indent));
}

function renderField(name: string, value: unknown, shape: Shape, indent: string): string[] {
    if (value === undefined || value === null) {
        return [];
    }
    const deeper = `${indent}  `;
    const lines = isScalar(value) ? [] : renderCollection(value, shape, deeper);
    if (isScalar(value)) {
        return [`${indent}${name}: ${renderScalar(value)}`];
    }
    return lines.length === 0 ? [] : [`${indent}${name}:`, ...lines];
}

function renderCollection(value: unknown, shape: Shape, indent: string): string[] {
    switch (shape.kind) {
        case "list":
            return (value as unknown[]).flatMap((item) => renderItem(item, shape.of, indent));
        case "object":
            return renderFields(value as object, shape, indent);
        case "textMap":
            return Object.entries(value as Record<string, string>).map(
                ([key, text]) => `${indent}${renderScalar(key)}: ${renderScalar(text)}`,
            );
        default:
            return [];
    }
}

function renderItem(item: unknown, shape: Shape, indent: string): string[] {
    if (shape.kind !== "object") {
        return [`${indent}- ${renderScalar(item as string)}`];
    }
    const [first, ...rest] = renderFields(item as object, shape, `${indent}  `);
    return first === undefined ? [`${indent}- {}`] : [`${indent}- ${first.trimStart()}`, ...rest];
}

function isScalar(value: unknown): value is string | number | boolean {
    return typeof value !== "object";
}

/** A text without quotes where no YAML reader could take it for something else. */
function renderScalar(value: string | number | boolean): string {
    if (typeof value !== "string") {
        return String(value);
    }
    const plain =
        /^[A-Za-z/][\w./:@-]*$/.test(value) && !value.endsWith(":") && resolvePlainScalar(value).kind === "string";
    return plain ? value : quote(value);
}

function quote(text: string): string {
    return JSON.stringify(text).replace(
        /[\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff]/g,
        (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
}
