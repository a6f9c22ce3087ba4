import { isDeepStrictEqual } from "node:util";
import { isMap, isScalar, isSeq, parseDocument, Scalar, visit, type Document, type ScalarTag, type Tags } from "yaml";
import { checkPolicy } from "./check";
import { policyType, type GoStruct, type GoType } from "./policyType";
import { looksLikeJson } from "./read";
import { isPlain, quote } from "./render";

/**
 * Writes a policy in one form: fields in the order of their documentation, two spaces a level, quotes only where they
 * are needed. Comments stay with what they are about, and a list stays on one line or on several, as it was. What
 * {@link renderPolicy} writes has this form already, and so has what this function has given.
 *
 * @param text - YAML or JSON that {@link checkPolicy} finds no error in; JSON stays JSON
 * @returns the same policy, with a newline at its end
 * @throws FormatError where another form would mean something else
 */
export function formatPolicy(text: string): string {
    const formatted = looksLikeJson(Buffer.from(text)) ? formatJson(text) : formatYaml(text);
    if (!isDeepStrictEqual(checkPolicy(formatted).policy, checkPolicy(text).policy)) {
        throw new FormatError();
    }
    return formatted;
}

/** A text that the API server reads as few others do, so that it had better be left as it is. */
export class FormatError extends Error {
    constructor() {
        super("cannot be formatted without a change of what it means to the API server");
    }
}

function formatJson(text: string): string {
    return `${JSON.stringify(orderJson(JSON.parse(text), policyType), undefined, 2)}\n`;
}

function formatYaml(text: string): string {
    const document = parseDocument(text, {
        version: "1.1",
        schema: "failsafe",
        merge: false,
        logLevel: "silent",
        customTags: (tags) => tags.map(escapingMore),
    });
    if (document.errors.length > 0) {
        throw new FormatError();
    }
    arrange(document.contents, policyType, !repeatsItself(document));
    const options = { indent: 2, lineWidth: 0, minContentWidth: 0, flowCollectionPadding: false };
    return document.toString(options).replace(/^\n+/, "");
}

/** A text in double quotes gets the escapes that the API server's reader needs, which are more than YAML's. */
function escapingMore(tag: Tags[number]): Tags[number] {
    if (typeof tag === "string" || tag.tag !== "tag:yaml.org,2002:str" || tag.collection !== undefined) {
        return tag;
    }
    const text: ScalarTag = tag;
    return {
        ...text,
        stringify: (item, ...rest) =>
            item.type === Scalar.QUOTE_DOUBLE ? quote(String(item.value)) : text.stringify!(item, ...rest),
    };
}

/** Something that is meant more than once has to stay behind the place where it is defined. */
function repeatsItself(document: Document): boolean {
    let found = false;
    visit(document, { Alias: () => ((found = true), visit.BREAK) });
    return found;
}

function arrange(node: unknown, type: GoType, mayMove: boolean): void {
    if (isMap(node) && type.kind === "struct") {
        for (const { key, value } of node.items) {
            simplify(key);
            const field = isScalar(key) ? type.fields[String(key.value)] : undefined;
            if (field !== undefined) {
                arrange(value, field, mayMove);
            }
        }
        if (mayMove) {
            const order = Object.keys(type.fields);
            const rank = ({ key }: { key: unknown }) => order.indexOf(isScalar(key) ? String(key.value) : "");
            node.items.sort((a, b) => rank(a) - rank(b));
        }
    } else if (isSeq(node) && type.kind === "slice") {
        node.items.forEach((item) => {
            arrange(item, type.of, mayMove);
        });
    } else {
        simplify(node);
    }
}

/** Takes away the quotes that a text does not need, and doubles the others. */
function simplify(node: unknown): void {
    if (isScalar(node) && typeof node.value === "string" && node.type?.startsWith("QUOTE_") === true) {
        node.type = isPlain(node.value) ? Scalar.PLAIN : Scalar.QUOTE_DOUBLE;
    }
}

function orderJson(value: unknown, type: GoType): unknown {
    if (Array.isArray(value) && type.kind === "slice") {
        return value.map((item) => orderJson(item, type.of));
    }
    if (type.kind !== "struct" || typeof value !== "object" || value === null) {
        return value;
    }
    return orderFields(value as Record<string, unknown>, type);
}

function orderFields(object: Record<string, unknown>, type: GoStruct): Record<string, unknown> {
    const fields = Object.entries(type.fields).filter(([name]) => Object.hasOwn(object, name));
    return Object.fromEntries(fields.map(([name, field]) => [name, orderJson(object[name], field)]));
}
