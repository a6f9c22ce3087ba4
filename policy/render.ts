import { apiVersion, kind } from "./header";
import { resolveScalar } from "./goYaml/resolve";
import { policyRuleType, policyType, type GoStruct, type GoType } from "./policyType";
import type { Policy } from "./types";

/** What {@link renderPolicy} writes as comments. Long lines are broken, other line breaks stay. */
export interface PolicyComments {
    /** At the beginning of the file. */
    head?: string;
    /** Above each rule, by its index. */
    rules?: readonly string[];
}

/**
 * The text of the policy file.
 *
 * A text is given back as it is, with a newline at its end. A policy is written with one value a line and its fields in
 * the order of their documentation, so that two policies differ in the lines of the rules that differ. Fields that are
 * undefined and lists that are empty are left out.
 *
 * @param policy - a policy that {@link checkPolicy} has nothing against
 * @param comments - only for a policy that is not a text
 */
export function renderPolicy(policy: Policy | string, comments: PolicyComments = {}): string {
    if (typeof policy === "string") {
        return policy === "" || policy.endsWith("\n") ? policy : `${policy}\n`;
    }
    const { rules, ...settings } = policy;
    const lines = [
        ...renderComment(comments.head, ""),
        ...renderFields({ ...settings, apiVersion, kind }, policyType, ""),
        ...(rules.length > 0 ? ["rules:"] : []),
        ...rules.flatMap((rule, index) => [
            ...renderComment(comments.rules?.[index], "  "),
            ...renderItem(rule, policyRuleType, "  "),
        ]),
    ];
    return `${lines.join("\n")}\n`;
}

const commentWidth = 100;

function renderComment(text = "", indent: string): string[] {
    return text.split("\n").flatMap((paragraph) => {
        const lines: string[] = [];
        for (const word of paragraph.split(/[\s\p{Cc}]+/u).filter((part) => part !== "")) {
            const last = lines.at(-1);
            if (last !== undefined && last.length + 1 + word.length <= commentWidth) {
                lines[lines.length - 1] = `${last} ${word}`;
            } else {
                lines.push(`${indent}# ${word}`);
            }
        }
        return lines;
    });
}

function renderFields(object: object, type: GoStruct, indent: string): string[] {
    const data = object as Record<string, unknown>;
    return Object.entries(type.fields).flatMap(([name, field]) => renderField(name, data[name], field, indent));
}

function renderField(name: string, value: unknown, type: GoType, indent: string): string[] {
    if (value === undefined || value === null) {
        return [];
    }
    const deeper = `${indent}  `;
    const lines = isScalar(value) ? [] : renderCollection(value, type, deeper);
    if (isScalar(value)) {
        return [`${indent}${name}: ${renderScalar(value)}`];
    }
    return lines.length === 0 ? [] : [`${indent}${name}:`, ...lines];
}

function renderCollection(value: unknown, type: GoType, indent: string): string[] {
    switch (type.kind) {
        case "slice":
            return (value as unknown[]).flatMap((item) => renderItem(item, type.of, indent));
        case "struct":
            return renderFields(value as object, type, indent);
        case "map":
            return Object.entries(value as Record<string, string>).map(
                ([key, text]) => `${indent}${renderScalar(key)}: ${renderScalar(text)}`,
            );
        default:
            return [];
    }
}

function renderItem(item: unknown, type: GoType, indent: string): string[] {
    if (type.kind !== "struct") {
        return [`${indent}- ${renderScalar(item as string)}`];
    }
    const [first, ...rest] = renderFields(item as object, type, `${indent}  `);
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
    return isPlain(value) ? value : quote(value);
}

/** Whether a text needs no quotes: no YAML reader could take it for something else. */
export function isPlain(text: string): boolean {
    return /^[A-Za-z/][\w./:@-]*$/.test(text) && !text.endsWith(":") && typeof resolveScalar("", text) === "string";
}

/** A text in double quotes that every YAML reader takes for it. */
export function quote(text: string): string {
    return JSON.stringify(text).replace(
        /[\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff]/g,
        (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
}
