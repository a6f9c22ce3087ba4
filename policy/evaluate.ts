import { anyGroupSince, newestMinor, type KubernetesMinor } from "./kubernetes";
import { stages, type GroupResources, type Level, type Policy, type PolicyRule, type Stage } from "./types";

/** What the API server knows of a request when it looks for the rule that matches. Texts that do not apply are `""`. */
export interface Attributes {
    /** The authenticated user, before any impersonation; absent when authentication failed. */
    user?: string | undefined;
    /** The user's groups. Default: none. */
    groups?: readonly string[];
    /** `get`, `list`…; for a request that is not about a resource the HTTP method in lower case. */
    verb: string;
    namespace?: string;
    apiGroup?: string;
    /** The plural name, such as `pods`. */
    resource?: string;
    subresource?: string;
    /** The object's name; for a list or watch, the one its field selector asks for. */
    name?: string;
    /** The URL's path. */
    path?: string;
    /** Whether the request is about a resource: `/api/v1/pods` is, `/api/v1` and `/healthz` are not. */
    isResource: boolean;
}

/** What the API server does with a request. */
export interface Decision {
    /** How much it records; `None` is nothing. */
    level: Level;
    /** The index of the rule that decided; `undefined` when none matched. */
    rule: number | undefined;
    /** The stages not recorded, each once, in the order in which they happen. */
    omitStages: readonly Stage[];
    omitManagedFields: boolean;
}

/**
 * Finds what a policy says about a request, as the API server does: the first rule that matches decides.
 *
 * @param policy - a valid policy
 * @param version - whose rules; default: the newest known
 */
export function evaluate(policy: Policy, attributes: Attributes, version: KubernetesMinor = newestMinor): Decision {
    const index = policy.rules.findIndex((rule) => ruleMatches(rule, attributes, version));
    return decisionOf(policy, index === -1 ? undefined : index);
}

/** What a policy does with the requests that one of its rules decides, or that none matches. */
export function decisionOf(policy: Policy, index: number | undefined): Decision {
    const rule = index === undefined ? undefined : policy.rules[index];
    return {
        level: rule?.level ?? "None",
        rule: index,
        omitStages: union(policy.omitStages, rule?.omitStages),
        omitManagedFields: rule?.omitManagedFields ?? policy.omitManagedFields ?? false,
    };
}

function union(ofPolicy: readonly Stage[] = [], ofRule: readonly Stage[] = []): Stage[] {
    return stages.filter((stage) => ofPolicy.includes(stage) || ofRule.includes(stage));
}

function ruleMatches(rule: PolicyRule, attributes: Attributes, version: KubernetesMinor): boolean {
    const { user, groups = [], verb } = attributes;
    if (rule.users?.length && (user === undefined || !rule.users.includes(user))) {
        return false;
    }
    if (rule.userGroups?.length && (user === undefined || !groups.some((group) => rule.userGroups!.includes(group)))) {
        return false;
    }
    if (rule.verbs?.length && !rule.verbs.includes(verb)) {
        return false;
    }
    if (rule.namespaces?.length || rule.resources?.length) {
        return ruleMatchesResource(rule, attributes, version);
    }
    if (rule.nonResourceURLs?.length) {
        return !attributes.isResource && rule.nonResourceURLs.some((url) => pathMatches(attributes.path ?? "", url));
    }
    return true;
}

/** Whether a path is one that a rule names, or begins as one with a `*` at its end does. */
export function pathMatches(path: string, url: string): boolean {
    return url === "*" || url === path || (url.endsWith("*") && path.startsWith(url.replace(/\*+$/, "")));
}

function ruleMatchesResource(rule: PolicyRule, attributes: Attributes, version: KubernetesMinor): boolean {
    if (!attributes.isResource) {
        return false;
    }
    if (rule.namespaces?.length && !rule.namespaces.includes(attributes.namespace ?? "")) {
        return false;
    }
    if (!rule.resources?.length) {
        return true;
    }
    return rule.resources.some((entry) => groupResourcesMatch(entry, attributes, version));
}

function groupResourcesMatch(entry: GroupResources, attributes: Attributes, version: KubernetesMinor): boolean {
    const { apiGroup = "", resource = "", subresource = "", name = "" } = attributes;
    const { group = "", resources = [], resourceNames = [] } = entry;
    if (group !== apiGroup && !(group === "*" && version >= anyGroupSince)) {
        return false;
    }
    if (resources.length === 0) {
        return true;
    }
    if (resourceNames.length > 0 && !resourceNames.includes(name)) {
        return false;
    }
    return resources.some((pattern) => resourceMatches(pattern, resource, subresource));
}

/** Whether an entry of `resources` names a resource. `pods/*` matches plain `pods`, too; `*` + `/*` matches nothing. Both are the API server's own behaviour. */
export function resourceMatches(pattern: string, resource: string, subresource: string): boolean {
    const combined = subresource === "" ? resource : `${resource}/${subresource}`;
    return (
        pattern === combined ||
        pattern === "*" ||
        (subresource !== "" && pattern === `*/${subresource}`) ||
        pattern === `${resource}/*`
    );
}
