import { asFields } from "./apiServerContainer";

/** Words that are no text to one YAML version or the other. */
const RESERVED = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];

/**
 * Writes one item of a list in block style, as kubeadm would, without the list's indentation.
 *
 * @param value - a parsed value: text, or a mapping
 */
export function renderItem(value: unknown): string[] {
    const [first, ...rest] = valueLines(value);
    return [`- ${first!}`, ...rest.map((line) => `  ${line}`)];
}

/** Writes a text as one YAML scalar on one line: plain where every reader takes it for that text, else double-quoted. */
export function yamlScalar(text: string): string {
    const isFlagOrPath = /^(--?[A-Za-z]|\/)[A-Za-z0-9._/@%+=,:~-]*$/.test(text) && !text.endsWith(":");
    const isWord = /^[A-Za-z][A-Za-z0-9-]*$/.test(text) && !RESERVED.includes(text.toLowerCase());
    return isFlagOrPath || isWord ? text : quoted(text);
}

function valueLines(value: unknown): string[] {
    const entries = Object.entries(asFields(value));
    if (entries.length === 0) {
        return [typeof value === "string" ? yamlScalar(value) : quoted(value)];
    }
    return entries.flatMap(([key, field]) => {
        const nested = valueLines(field);
        return Object.keys(asFields(field)).length > 0
            ? [`${yamlScalar(key)}:`, ...nested.map((line) => `  ${line}`)]
            : [`${yamlScalar(key)}: ${nested[0]!}`];
    });
}

/** JSON is YAML, except for the characters that older YAML readers take for line ends or refuse. */
function quoted(value: unknown): string {
    return JSON.stringify(value).replace(
        /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
        (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
}
