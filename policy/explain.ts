import { evaluate, resourceMatches, type Attributes, type Decision } from "./evaluate";
import { anyGroupSince, newestMinor, type KubernetesMinor } from "./kubernetes";
import type { GroupResources, Policy, PolicyRule } from "./types";

/** Why a rule did not decide about a request. */
export interface Mismatch {
    /** The first field that does not match, in the order in which the API server looks, such as `rules[2].verbs`. */
    path: string;
    /** Such as `the verb get is not among delete`. */
    reason: string;
}

/** A decision with its reasons. */
export interface Explanation {
    decision: Decision;
    /** One for each rule before the one that decided; for every rule where none did. */
    mismatches: Mismatch[];
}

/**
 * Says which rule decides about a request, and why those before it do not.
 *
 * @param policy - a valid policy
 * @param version - whose rules; default: the newest known
 */
export function explain(policy: Policy, attributes: Attributes, version: KubernetesMinor = newestMinor): Explanation {
    const decision = evaluate(policy, attributes, version);
    const mismatches = policy.rules.slice(0, decision.rule).map((rule, index) => {
        const [field, reason] = mismatch(rule, attributes, version);
        return { path: `rules[${index}].${field}`, reason };
    });
    return { decision, mismatches };
}

function mismatch(rule: PolicyRule, attributes: Attributes, version: KubernetesMinor): [keyof PolicyRule, string] {
    const { user, groups = [], verb, namespace = "", path = "", isResource } = attributes;
    const { users = [], userGroups = [], verbs = [], namespaces = [], resources = [], nonResourceURLs = [] } = rule;
    if (user === undefined && (users.length > 0 || userGroups.length > 0)) {
        return [users.length > 0 ? "users" : "userGroups", "the request has no user: its authentication failed"];
    }
    if (users.length > 0 && !users.includes(user!)) {
        return ["users", `the user ${show(user!)} is not among ${list(users)}`];
    }
    if (userGroups.length > 0 && !groups.some((group) => userGroups.includes(group))) {
        const found = groups.length === 0 ? "the user is in no group" : `the user is in ${list(groups)}`;
        return ["userGroups", `${found}, and not in ${list(userGroups)}`];
    }
    if (verbs.length > 0 && !verbs.includes(verb)) {
        return ["verbs", `the verb ${show(verb)} is not among ${list(verbs)}`];
    }
    if (namespaces.length === 0 && resources.length === 0) {
        const found = isResource ? "the request is about a resource" : `the path is ${show(path)}`;
        return ["nonResourceURLs", `${found}, and not ${list(nonResourceURLs)}`];
    }
    if (!isResource) {
        return [namespaces.length > 0 ? "namespaces" : "resources", "the request is not about a resource"];
    }
    if (namespaces.length > 0 && !namespaces.includes(namespace)) {
        const found = namespace === "" ? "the request has no namespace" : `the namespace is ${show(namespace)}`;
        return ["namespaces", `${found}, and not ${list(namespaces)}`];
    }
    return ["resources", resourcesMismatch(resources, attributes, version)];
}

/** Says how near the nearest entry comes: to the API group, to the resource, or to all but the object's name. */
function resourcesMismatch(
    entries: readonly GroupResources[],
    attributes: Attributes,
    version: KubernetesMinor,
): string {
    const { apiGroup = "", resource = "", subresource = "", name = "" } = attributes;
    const ofGroup = entries.filter(
        ({ group = "" }) => group === apiGroup || (group === "*" && version >= anyGroupSince),
    );
    if (ofGroup.length === 0) {
        const groups = entries.map(({ group = "" }) => groupName(group));
        return `the resource is of ${groupName(apiGroup)}, and not of ${[...new Set(groups)].join(" or ")}`;
    }
    const ofResource = ofGroup.filter(({ resources = [] }) =>
        resources.some((pattern) => resourceMatches(pattern, resource, subresource)),
    );
    if (ofResource.length === 0) {
        const combined = subresource === "" ? resource : `${resource}/${subresource}`;
        return `the resource ${show(combined)} is not among ${list(ofGroup.flatMap(({ resources = [] }) => resources))}`;
    }
    const found = name === "" ? "the request names no object" : `the name is ${show(name)}`;
    return `${found}, and not ${list(ofResource.flatMap(({ resourceNames = [] }) => resourceNames))}`;
}

function groupName(group: string): string {
    return group === "" ? "the core API group" : `the API group ${show(group)}`;
}

function list(values: readonly string[]): string {
    return values.map(show).join(", ");
}

/** Without quotes where that cannot be misread. */
function show(value: string): string {
    return /^[\w./:*@-]+$/.test(value) ? value : JSON.stringify(value);
}
