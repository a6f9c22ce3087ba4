import { builtinResources, type BuiltinResource } from "../builtinResources";
import { parsePattern } from "../classes/targets";
import { warning, type Remark } from "../finding";
import { anyGroupSince, type KubernetesMinor } from "../kubernetes";
import { suggest } from "../suggest";
import type { GroupResources, PolicyRule } from "../types";
import type { LintContext } from "./context";
import { enumerate } from "./words";

/** A pattern for resources, and where it is. */
interface Place {
    pattern: string;
    path: string;
    rule: PolicyRule;
    entry: GroupResources;
    kubernetes: KubernetesMinor | undefined;
}

/** Patterns for resources that match nothing, less than it seems, or more. Groups that are not built in are not judged. */
export function lintResources({ policy, kubernetes }: LintContext): Remark[] {
    return policy.rules.flatMap((rule, index) =>
        (rule.resources ?? []).flatMap((entry, k) => {
            const path = `rules[${index}].resources[${k}]`;
            const places = (entry.resources ?? []).map((pattern, j) => ({
                pattern,
                path: `${path}.resources[${j}]`,
                rule,
                entry,
                kubernetes,
            }));
            return [
                ...lintGroup(entry, path, kubernetes),
                ...places.flatMap(lintPattern),
                ...lintNames(rule, entry, path),
            ];
        }),
    );
}

/** Without a version, `checkPolicy` has said already which ones refuse it. */
function lintGroup({ group }: GroupResources, path: string, kubernetes: KubernetesMinor | undefined): Remark[] {
    if (group !== "*" || kubernetes === undefined) {
        return [];
    }
    return [
        warning("any-group", `${path}.group`, `"*" is every group from Kubernetes 1.${anyGroupSince} on alone`, {
            reason: "An API server that an upgrade has not reached, or that a rollback brings back, does not start with it.",
            fix: "List the groups, or leave resources out to match all of them.",
        }),
    ];
}

function lintPattern(place: Place): Remark[] {
    const { pattern, path, entry } = place;
    const parsed = parsePattern(pattern);
    const [resource = "", subresource] = pattern.split("/");
    const partial = [resource, subresource ?? ""].some((part) => part.includes("*") && part !== "*");
    if (!parsed || resource === "" || partial) {
        return [impossible(place)];
    }
    const { group = "" } = entry;
    const ofGroup = builtinResources().filter((known) => known.group === group);
    if (ofGroup.length === 0) {
        return /[A-Z]/.test(pattern) ? [impossible(place)] : [];
    }
    const unknown =
        parsed.resource !== "*" && !serves(place, (known) => known.resource === parsed.resource)
            ? unknownResource(place, ofGroup)
            : unknownSubresource(place, parsed.resource, parsed.subresource);
    if (unknown) {
        return [unknown];
    }
    return [
        ...lintScope(place, ofGroup, parsed.resource),
        ...(parsed.subresource === "*" && parsed.resource !== "*" && !entry.resources!.includes(parsed.resource)
            ? [
                  warning(
                      "whole-resource",
                      path,
                      `${JSON.stringify(pattern)} also matches ${parsed.resource} themselves`,
                      {
                          reason: "That is what the API server does, other than its documentation says.",
                          fix: `List the subresources one by one, or add ${JSON.stringify(parsed.resource)} to say that it is meant.`,
                      },
                  ),
              ]
            : []),
    ];
}

function impossible({ pattern, path }: Place): Remark {
    return warning("impossible-resource", path, `${JSON.stringify(pattern)} matches no resource`, {
        reason: "A pattern is *, a resource, a resource/subresource, a resource/* or a */subresource, all in lower case.",
        fix: fixForImpossible(pattern),
    });
}

function fixForImpossible(pattern: string): string {
    if (pattern === "*/*") {
        return 'Write "*", which includes subresources.';
    }
    const lower = pattern.toLowerCase();
    const [resource] = lower.split("/");
    const meant = builtinResources().find((known) => isCalled(known, resource!));
    if (lower !== pattern && meant) {
        return `Did you mean ${lower.replace(resource!, meant.resource)}?`;
    }
    return "Write the resources one by one.";
}

function isCalled({ resource, subresource, kind, shortNames }: BuiltinResource, name: string): boolean {
    return subresource === "" && [resource, kind.toLowerCase(), ...shortNames].includes(name);
}

/** Whether the API server serves such a resource in the entry's group. */
function serves({ entry: { group = "" }, kubernetes }: Place, accepts: (known: BuiltinResource) => boolean): boolean {
    return builtinResources(kubernetes).some((known) => known.group === group && accepts(known));
}

function unknownResource(place: Place, ofGroup: readonly BuiltinResource[]): Remark {
    const { path, kubernetes, entry } = place;
    const [resource = ""] = place.pattern.split("/");
    const group = entry.group ? `group ${entry.group}` : "the core group";
    const elsewhere = [
        ...new Set(builtinResources(kubernetes).flatMap((known) => (known.resource === resource ? [known.group] : []))),
    ];
    const otherVersions = ofGroup.find((known) => known.resource === resource)?.minors;
    return warning("unknown-resource", path, `${group} has no resource ${JSON.stringify(resource)}`, {
        ...(otherVersions && {
            reason: `Kubernetes 1.${kubernetes} does not serve it; ${describeMinors(otherVersions)} does.`,
        }),
        fix: fixForUnknown(resource, ofGroup, elsewhere, Boolean(otherVersions)),
    });
}

function fixForUnknown(
    resource: string,
    ofGroup: readonly BuiltinResource[],
    elsewhere: readonly string[],
    wasServed: boolean,
): string {
    if (elsewhere.length > 0) {
        const groups = elsewhere.map((group) => (group === "" ? '""' : group));
        return `Write it under group: ${enumerate(groups)}.`;
    }
    if (wasServed) {
        return "Remove it.";
    }
    const called = ofGroup.find((known) => isCalled(known, resource.toLowerCase()));
    if (called) {
        return `Did you mean ${called.resource}?`;
    }
    const meant = suggest(resource, [...new Set(ofGroup.map((known) => known.resource))]);
    return meant === undefined ? "Correct the name or the group." : `Did you mean ${meant}?`;
}

function describeMinors(minors: BuiltinResource["minors"]): string {
    return minors.map(([from, to]) => (from === to ? `1.${from}` : `1.${from} to 1.${to}`)).join(", ");
}

function unknownSubresource(place: Place, resource: string, subresource: string): Remark | undefined {
    const { group = "" } = place.entry;
    const ofResource = (known: BuiltinResource) => resource === "*" || known.resource === resource;
    if (subresource === "" || subresource === "*") {
        return undefined;
    }
    if (serves(place, (known) => ofResource(known) && known.subresource === subresource)) {
        return undefined;
    }
    const known = builtinResources(place.kubernetes).filter((one) => one.group === group && ofResource(one));
    const names = [...new Set(known.map((one) => one.subresource).filter((name) => name !== ""))];
    const meant = suggest(subresource, names);
    const what = resource === "*" ? "no resource of the group has" : `${resource} have`;
    return warning(
        "unknown-subresource",
        place.path,
        resource === "*"
            ? `${what} a subresource ${JSON.stringify(subresource)}`
            : `${what} no subresource ${JSON.stringify(subresource)}`,
        {
            fix:
                meant !== undefined
                    ? `Did you mean ${meant}?`
                    : names.length > 0
                      ? `The subresources are ${enumerate(names)}.`
                      : "Remove it.",
        },
    );
}

/** A request about a namespace itself is the exception: it has that namespace. */
function lintScope({ path, rule, pattern }: Place, ofGroup: readonly BuiltinResource[], resource: string): Remark[] {
    const { namespaces = [] } = rule;
    const same = ofGroup.filter((known) => known.resource === resource);
    const isNamespace = same.some(({ group }) => group === "") && resource === "namespaces";
    if (namespaces.length === 0 || namespaces.includes("") || same.length === 0 || isNamespace) {
        return [];
    }
    return same.some(({ namespaced }) => namespaced)
        ? []
        : [
              warning("cluster-resource", path, `${JSON.stringify(pattern)} is not in any namespace`, {
                  reason: "The rule has namespaces, so it never matches requests about it.",
                  fix: 'Give it a rule without namespaces, or add "" to them.',
              }),
          ];
}

const verbsWithoutName = ["create", "deletecollection"];

function lintNames(rule: PolicyRule, { resources = [], resourceNames = [] }: GroupResources, path: string): Remark[] {
    const withSubresource = resources.some((pattern) => pattern.includes("/") || pattern === "*");
    const nameless = (rule.verbs ?? []).filter((verb) => verbsWithoutName.includes(verb));
    if (resourceNames.length === 0 || withSubresource || nameless.length === 0 || resourceNames.includes("")) {
        return [];
    }
    return [
        warning("names-without-request", `${path}.resourceNames`, `${enumerate(nameless)} requests name no object`, {
            reason: "The name of a new object is in the body alone, and a collection has none, so resourceNames never match them.",
            fix: `Give ${enumerate(nameless)} a rule without resourceNames.`,
        }),
    ];
}
