import { pathMatches, type Attributes } from "../evaluate";

/** Texts: either only these, or all but these. */
export type TextSet = { only: readonly string[] } | { allBut: readonly string[] };

/** Requests, as the product of what their attributes may be. A request is in it with a resource or with a path. */
export interface RequestClass {
    /** The users; `allBut` includes requests without one. */
    users: TextSet;
    /** For each list, the user is in one of its groups. */
    inGroups: readonly (readonly string[])[];
    /** The user is in none of these groups. */
    notInGroups: readonly string[];
    verbs: TextSet;
    /** Requests about resources. Absent: none. */
    resources?: { namespaces: TextSet; targets: TargetSet };
    /** Requests about other URLs. Absent: none. */
    urls?: UrlSet;
}

/** What requests are about: what is in one of the first products and in none of the second. */
export interface TargetSet {
    only: readonly TargetClass[];
    allBut: readonly TargetClass[];
}

/** A product of what requests are about. */
export interface TargetClass {
    apiGroups: TextSet;
    resources: TextSet;
    /** `""` is the resource itself. */
    subresources: TextSet;
    names: TextSet;
}

/**
 * Paths by patterns, as in a policy's `nonResourceURLs`. Of all the patterns that match a path, a plain one or else the
 * longest decides; a path that none matches is not in the set.
 */
export interface UrlSet {
    only: readonly string[];
    allBut: readonly string[];
}

/** Whether a request is in a class. */
export function isInClass(attributes: Attributes, requests: RequestClass): boolean {
    const { user, groups = [], verb, isResource, path = "" } = attributes;
    const { users, inGroups, notInGroups, verbs, resources, urls } = requests;
    const memberships = user === undefined ? [] : groups;
    const identified = user === undefined ? "allBut" in users : isInTexts(user, users);
    if (!identified || !isInTexts(verb, verbs)) {
        return false;
    }
    if (
        notInGroups.some((group) => memberships.includes(group)) ||
        !inGroups.every((list) => list.some((group) => memberships.includes(group)))
    ) {
        return false;
    }
    return isResource
        ? resources !== undefined &&
              isInTexts(attributes.namespace ?? "", resources.namespaces) &&
              isInTargets(attributes, resources.targets)
        : urls !== undefined && isInUrls(path, urls);
}

function isInTexts(text: string, set: TextSet): boolean {
    return "only" in set ? set.only.includes(text) : !set.allBut.includes(text);
}

function isInTargets(attributes: Attributes, set: TargetSet): boolean {
    const { apiGroup = "", resource = "", subresource = "", name = "" } = attributes;
    const isIn = ({ apiGroups, resources, subresources, names }: TargetClass) =>
        isInTexts(apiGroup, apiGroups) &&
        isInTexts(resource, resources) &&
        isInTexts(subresource, subresources) &&
        isInTexts(name, names);
    return set.only.some(isIn) && !set.allBut.some(isIn);
}

function isInUrls(path: string, { only, allBut }: UrlSet): boolean {
    const rank = (url: string) => (url.endsWith("*") ? url.length : Infinity);
    const best = (urls: readonly string[]) =>
        Math.max(-1, ...urls.filter((url) => pathMatches(path, url)).map((url) => rank(url)));
    return best(only) > best(allBut);
}
