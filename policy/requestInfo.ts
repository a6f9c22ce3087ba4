import type { Attributes } from "./evaluate";
import { parseRequestUrl, type RequestUrl } from "./requestUrl";
import { isInt64, isLabelSelector, selectedName } from "./selectors";

/** A request as a client sends it. */
export interface RawRequest {
    /** The HTTP method, such as `GET`; case-sensitive, as HTTP is. */
    method: string;
    /** The path with its query, such as `/api/v1/pods?watch=1`. */
    url: string;
    /** The authenticated user, before any impersonation; absent when authentication failed. */
    user?: string | undefined;
    /** The user's groups. Default: none. */
    groups?: readonly string[];
}

/** What the path and the method say, in the words of {@link Attributes}. */
type RequestInfo = Required<Omit<Attributes, "user" | "groups">>;

const verbs: Readonly<Record<string, string>> = {
    POST: "create",
    GET: "get",
    HEAD: "get",
    PUT: "update",
    PATCH: "patch",
    DELETE: "delete",
};

/**
 * Finds out what a request is about, as the API server does (k8s.io/apiserver, `pkg/endpoints/request/requestinfo.go`)
 * before it looks for the audit rule that matches. A byte that is not UTF-8 becomes half a surrogate pair, U+DC80 to
 * U+DCFF, so that no policy's text is equal to it.
 *
 * @throws Error when the API server answers 400 or 500 at once, so that the request is never audited
 */
export function resolveRequest({ method, url, user, groups }: RawRequest): Attributes {
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(method)) {
        throw new Error(`invalid method ${JSON.stringify(method)}`);
    }
    const attributes: Attributes = resolve(method, url);
    if (user !== undefined) {
        attributes.user = user;
    }
    if (groups) {
        attributes.groups = groups;
    }
    return attributes;
}

function resolve(method: string, url: string): RequestInfo {
    const target = method === "CONNECT" && !url.startsWith("/") ? `http://${url}` : url;
    const { path, query } = parseRequestUrl(target);
    const [prefix, ...parts] = path.replace(/^\/+|\/+$/g, "").split("/");
    const beforeResource = prefix === "api" ? 1 : 2;
    const isResource = (prefix === "api" || prefix === "apis") && parts.length > beforeResource;
    const { verb, namespace, resource, subresource, name } = isResource
        ? resolveResource(method, parts.slice(beforeResource), query, url)
        : { ...noResource, verb: method.toLowerCase() };
    const apiGroup = isResource && prefix === "apis" ? parts[0]! : "";
    return { verb, namespace, apiGroup, resource, subresource, name, path, isResource };
}

type ResourceInfo = Pick<RequestInfo, "verb" | "namespace" | "resource" | "subresource" | "name">;

const noResource = { namespace: "", resource: "", subresource: "", name: "" };

/** @param parts - the path after the version, at least one part */
function resolveResource(
    method: string,
    parts: readonly string[],
    query: RequestUrl["query"],
    url: string,
): ResourceInfo {
    const special = parts[0] === "watch" || parts[0] === "proxy" ? parts[0] : undefined;
    if (special !== undefined && parts.length < 2) {
        throw new Error(`unable to determine kind and namespace from url, ${url}`);
    }
    const verb = special ?? (Object.hasOwn(verbs, method) ? verbs[method]! : "");
    const { namespace, inside } = enterNamespace(special === undefined ? parts : parts.slice(1));
    const [resource = "", name = "", subresource = ""] = inside;
    const info = { verb, namespace, resource, subresource: verb === "proxy" ? "" : subresource, name };
    if (name === "" && verb === "get") {
        return { ...info, ...resolveList(query) };
    }
    return name === "" && verb === "delete" ? { ...info, verb: "deletecollection" } : info;
}

/** `namespaces/x/pods` is about pods in x; `namespaces/x` and its subresources are about x itself. */
function enterNamespace(parts: readonly string[]): { namespace: string; inside: readonly string[] } {
    if (parts[0] !== "namespaces") {
        return { namespace: "", inside: parts };
    }
    const within = parts.length > 2 && parts[2] !== "status" && parts[2] !== "finalize";
    return { namespace: parts[1] ?? "", inside: within ? parts.slice(2) : parts };
}

/** A `get` without a name is a list or a watch; its field selector may ask for a name. */
function resolveList(query: RequestUrl["query"]): Pick<RequestInfo, "verb" | "name"> {
    const first = (parameter: string) => query.get(parameter)?.[0];
    const watch = first("watch");
    let name: string | undefined;
    try {
        name = selectedName(first("fieldSelector") ?? "");
        checkListOptions(first);
    } catch {
        const watching = watch !== undefined && !["false", "0"].includes(watch.toLowerCase());
        return { verb: watching ? "watch" : "list", name: "" };
    }
    const watching = watch !== undefined && watch !== "0" && !/^fal[s\u017f]e$/i.test(watch);
    const possible = name !== undefined && name !== "." && name !== ".." && !/[/%]/.test(name);
    return { verb: watching ? "watch" : "list", name: possible ? name! : "" };
}

/** @throws Error when a parameter of a list cannot be read, for which the API server ignores its selectors, too */
function checkListOptions(first: (parameter: string) => string | undefined): void {
    if (!isLabelSelector(first("labelSelector") ?? "")) {
        throw new Error("no label selector");
    }
    for (const parameter of ["timeoutSeconds", "limit"]) {
        if (!isInt64(first(parameter) ?? "0")) {
            throw new Error(`${parameter} is no number`);
        }
    }
}
