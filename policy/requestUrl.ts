import { decodeBytes } from "./goBytes";

/** A URL's parts as the API server's HTTP library has them. */
export interface RequestUrl {
    /** The path, with its escapes resolved. */
    path: string;
    /** The values of every query parameter, in their order. */
    query: ReadonlyMap<string, readonly string[]>;
}

/**
 * Takes apart the URL of a request line, as Go's `net/url` does: nothing is normalised, a `#` is an ordinary character,
 * and query parameters with a broken escape or a `;` are dropped. Bytes that are not UTF-8 are halves of surrogate pairs,
 * so that no policy's text is equal to them.
 *
 * @param url - a path with its query; or an absolute URL, whose host is not looked at
 * @throws Error where Go's HTTP server answers 400
 */
export function parseRequestUrl(url: string): RequestUrl {
    if (/[\0-\x20\x7f]/.test(url)) {
        throw new Error(`parse ${JSON.stringify(url)}: a URL has no spaces or control characters`);
    }
    if (url === "*") {
        return { path: "*", query: new Map() };
    }
    const [, scheme, rest = ""] = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(.*)$/s.exec(url) ?? [];
    const { before, after } = cut(rest, "?");
    if (!before.startsWith("/")) {
        if (scheme === undefined) {
            throw new Error(`parse ${JSON.stringify(url)}: invalid URI for request`);
        }
        return { path: "", query: parseQuery(after) };
    }
    const authority = scheme === undefined ? "" : (/^\/\/[^/]*/.exec(before)?.[0] ?? "");
    const path = unescape(before.slice(authority.length));
    if (path === undefined) {
        throw new Error(`parse ${JSON.stringify(url)}: invalid URL escape`);
    }
    return { path, query: parseQuery(after) };
}

function parseQuery(query: string): Map<string, string[]> {
    const values = new Map<string, string[]>();
    for (const parameter of query.split("&")) {
        const { before, after } = cut(parameter, "=");
        const key = unescape(before.replaceAll("+", " "));
        const value = unescape(after.replaceAll("+", " "));
        if (parameter !== "" && !parameter.includes(";") && key !== undefined && value !== undefined) {
            values.set(key, [...(values.get(key) ?? []), value]);
        }
    }
    return values;
}

function cut(text: string, separator: string): { before: string; after: string } {
    const at = text.indexOf(separator);
    return at === -1 ? { before: text, after: "" } : { before: text.slice(0, at), after: text.slice(at + 1) };
}

/** Resolves `%41`; nothing when a `%` is not followed by two hexadecimal digits. */
function unescape(text: string): string | undefined {
    if (!text.includes("%")) {
        return text;
    }
    if (/%(?![0-9A-Fa-f]{2})/.test(text)) {
        return undefined;
    }
    return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (escapes) =>
        decodeBytes(Buffer.from(escapes.replaceAll("%", ""), "hex")),
    );
}
