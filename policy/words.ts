import type { Attributes, Decision } from "./evaluate";

/** Whether two decisions record the same of a request. */
export function recordsTheSame(one: Omit<Decision, "rule">, other: Omit<Decision, "rule">): boolean {
    return describeEffect(one) === describeEffect(other);
}

/** What is recorded, in words: `Request without RequestReceived, managed fields`. */
export function describeEffect(decision: Omit<Decision, "rule">): string {
    const omitted = omissionsOf(decision);
    return omitted.length === 0 ? decision.level : `${decision.level} without ${omitted.join(", ")}`;
}

/** What is left out of records, where it matters. */
export function omissionsOf({ level, omitStages, omitManagedFields }: Omit<Decision, "rule">): string[] {
    const bodies = level === "Request" || level === "RequestResponse";
    return level === "None" ? [] : [...omitStages, ...(omitManagedFields && bodies ? ["managed fields"] : [])];
}

/** A request in a few words: `get pods/log web in default by jane, system:masters`. */
export function describeRequest({ user, groups = [], verb, isResource, path = "", ...resource }: Attributes): string {
    const by = user === undefined ? "" : ` by ${[user, ...groups].join(", ")}`;
    if (!isResource) {
        return `${verb} ${path}${by}`;
    }
    const { apiGroup = "", namespace = "", name = "", subresource = "" } = resource;
    const group = apiGroup === "" ? "" : `.${apiGroup}`;
    const kind = `${resource.resource ?? ""}${group}${subresource === "" ? "" : `/${subresource}`}`;
    return `${verb} ${kind}${name === "" ? "" : ` ${name}`}${namespace === "" ? "" : ` in ${namespace}`}${by}`;
}
