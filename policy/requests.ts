/** Descriptions of requests, to be given to `record` and `ignore`: a rule without its level. */

/** At least one. */
export type OneOrMore<T> = readonly [T, ...T[]];

/** The verbs of requests about resources. */
export type ResourceVerb = "get" | "list" | "watch" | "create" | "update" | "patch" | "delete" | "deletecollection";

/** The verbs of requests about paths: the HTTP methods. */
export type PathVerb = "get" | "head" | "post" | "put" | "patch" | "delete" | "options";

/** Everything in a group, or kinds of it, or some objects of those kinds. */
export type ResourceSelection =
    | { readonly group: string; readonly resources?: undefined; readonly resourceNames?: undefined }
    | { readonly group: string; readonly resources: OneOrMore<string>; readonly resourceNames?: OneOrMore<string> };

/** A path such as `/healthz`; `*` may be its last character, or all of it. */
export type Url = "*" | `/${string}`;

/** Requests by who makes them and with which verb, whatever they are about. */
export interface CallerRequests {
    readonly users?: OneOrMore<string>;
    readonly userGroups?: OneOrMore<string>;
    readonly verbs?: OneOrMore<ResourceVerb | PathVerb>;
}

/** Requests about resources. */
export interface ResourceRequests extends CallerRequests {
    readonly resources: OneOrMore<ResourceSelection>;
    readonly namespaces?: OneOrMore<string>;
    readonly nonResourceURLs?: undefined;
}

/** Requests about paths. */
export interface PathRequests extends CallerRequests {
    readonly nonResourceURLs: OneOrMore<Url>;
    readonly resources?: undefined;
    readonly namespaces?: undefined;
}

/** Requests about resources of these kinds, by anybody and with any verb. */
export interface Resources {
    readonly resources: OneOrMore<ResourceSelection>;
}

/** Resources that are kinds, and not whole groups: only such can be narrowed to names. */
export interface Kinds {
    readonly resources: OneOrMore<{ readonly group: string; readonly resources: OneOrMore<string> }>;
}

/** A group's name as the API server wants it: in lower case, without a version; `*` is for 1.36 and later alone. */
type GroupName<Name extends string> = string extends Name
    ? Name
    : Name extends "*" | `${string}/${string}`
      ? never
      : Name extends Lowercase<Name>
        ? Name
        : never;

/** The verbs that change nothing. */
export const readVerbs = ["get", "list", "watch"] as const;

/** The verbs that change something. */
export const changeVerbs = ["create", "update", "patch", "delete", "deletecollection"] as const;

/** Resources that are in no namespace, as a namespace: `in(noNamespace)`. */
export const noNamespace = "";

/**
 * Kinds of an API group, or with no kind everything in it.
 *
 * @param name - such as `apps`, without a version; `""` is the core group
 * @param kinds - plural names such as `deployments`; `deployments/scale` is a subresource
 */
export function group<const Name extends string>(name: GroupName<Name>): Resources;
export function group<const Name extends string>(name: GroupName<Name>, ...kinds: OneOrMore<string>): Kinds;
export function group(name: string, ...kinds: string[]): Resources {
    const [first, ...others] = kinds;
    return { resources: [first === undefined ? { group: name } : { group: name, resources: [first, ...others] }] };
}

/** Kinds of the core group: `core("pods", "pods/log")`. */
export function core(...kinds: OneOrMore<string>): Kinds {
    return group("", ...kinds);
}

/** Only the objects of these names. A list or a watch has a name only when its field selector asks for one. */
export function named(kinds: Kinds, ...names: OneOrMore<string>): Resources {
    const [first, ...others] = kinds.resources;
    return {
        resources: [{ ...first, resourceNames: names }, ...others.map((one) => ({ ...one, resourceNames: names }))],
    };
}

/** Pods, or those of these names; not their subresources such as `pods/log`. */
export function pods(...names: string[]): Resources {
    return namedIfAny(core("pods"), names);
}

/** Secrets, or those of these names. */
export function secrets(...names: string[]): Resources {
    return namedIfAny(core("secrets"), names);
}

/** ConfigMaps, or those of these names. */
export function configMaps(...names: string[]): Resources {
    return namedIfAny(core("configmaps"), names);
}

/** Deployments, or those of these names. */
export function deployments(...names: string[]): Resources {
    return namedIfAny(group("apps", "deployments"), names);
}

/** Leases, by which nodes say that they live and leaders that they lead. */
export function leases(...names: string[]): Resources {
    return namedIfAny(group("coordination.k8s.io", "leases"), names);
}

function namedIfAny(kinds: Kinds, names: readonly string[]): Resources {
    const [first, ...others] = names;
    return first === undefined ? kinds : named(kinds, first, ...others);
}
