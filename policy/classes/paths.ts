import { pathMatches } from "../evaluate";
import { classify, rulesWhere, type ValueClass } from "./dimension";
import type { Condition } from "./space";

/**
 * The paths that rules do not tell apart: one that a rule names, or all that begin with a prefix and neither are named nor
 * begin with a longer prefix. The empty prefix is always there.
 */
export interface PathValue {
    /** The path, or one with the prefix. */
    path: string;
    prefix?: string;
}

/** The classes of paths; requests about resources are no part of them. */
export function classifyPaths(rules: readonly Condition[]): ValueClass<PathValue>[] {
    const urls = new Set(rules.flatMap(({ nonResourceURLs = [] }) => nonResourceURLs));
    const prefixes = new Set([
        "",
        ...[...urls].filter((url) => url.endsWith("*")).map((url) => url.replace(/\*+$/, "")),
    ]);
    const named = new Set([...urls].filter((url) => !url.endsWith("*")));
    const values: PathValue[] = [
        ...[...named].map((path) => ({ path })),
        ...[...prefixes].map((prefix) => ({ path: examplePath(prefix, prefixes, named), prefix })),
    ];
    return classify(values.map((value) => [value, rulesWhere(rules, (rule) => acceptsPath(rule, value.path))]));
}

function acceptsPath({ namespaces, resources, nonResourceURLs }: Condition, path: string): boolean {
    if (namespaces?.length || resources?.length) {
        return false;
    }
    return !nonResourceURLs?.length || nonResourceURLs.some((url) => pathMatches(path, url));
}

/** A path with the prefix that is not named and has no longer prefix of those given; the most natural one that there is. */
function examplePath(prefix: string, prefixes: ReadonlySet<string>, named: ReadonlySet<string>): string {
    const free = (path: string) =>
        !named.has(path) && ![...prefixes].some((other) => other.length > prefix.length && path.startsWith(other));
    const natural = prefix === "" ? ["/version", "/other", ""] : [prefix.endsWith("/") ? `${prefix}x` : prefix, prefix];
    const found = natural.find(free);
    if (found !== undefined) {
        return found;
    }
    for (let code = "a".charCodeAt(0); ; code++) {
        const path = prefix + String.fromCharCode(code);
        if (free(path)) {
            return path;
        }
    }
}
