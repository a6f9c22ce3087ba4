import { anyGroupSince, type KubernetesMinor } from "../kubernetes";
import type { GroupResources } from "../types";
import { add, classify, onlyRule, rulesWhere, type RuleSet, type Text, type ValueClass } from "./dimension";
import type { Condition } from "./space";

/**
 * What a request about a resource is about. In each part, `undefined` is every text that no rule
 * names there, given the parts before it. API
 * groups, resources and subresources are never `*` and the latter two have no slash: patterns that could only match such
 * ones match nothing.
 */
export interface Target {
    apiGroup: Text;
    resource: Text;
    /** `""` is the resource itself. */
    subresource: Text;
    name: Text;
}

/** The target that is most like what a cluster has. */
export function likeliestTarget(targets: readonly Target[]): Target {
    const doubt = ({ apiGroup, resource, subresource }: Target) =>
        (subresource === undefined ? 4 : 0) + (apiGroup === undefined ? 2 : 0) + (resource === undefined ? 1 : 0);
    return targets.reduce((best, target) => (doubt(target) < doubt(best) ? target : best));
}

/** What rules say about the resources of one API group. */
interface GroupIndex {
    anyName: PatternIndex;
    /** The patterns of the entries that name objects, by object. */
    byName: Map<string, PatternIndex>;
    resources: Set<string>;
    /** The subresources named with a resource; those of `*` + `/scale` are under `*`. */
    subresources: Map<string, Set<string>>;
}

/** The rules by what they match. */
interface PatternIndex {
    everything: RuleSet;
    /** `pods/*`, which is the resource and its subresources. */
    wholeResource: Map<string, RuleSet>;
    /** `pods` and `pods/log`. */
    exact: Map<string, RuleSet>;
    /** `*` + `/log`, by subresource. */
    subresource: Map<string, RuleSet>;
}

/** The classes of what requests about resources are about. */
export function classifyTargets(rules: readonly Condition[], version: KubernetesMinor): ValueClass<Target>[] {
    const hasAnyGroup = version >= anyGroupSince;
    const entries = rules.flatMap(({ resources = [] }, rule) =>
        resources.map((entry) => ({ entry, rule: onlyRule(rule) })),
    );
    const named = new Set(entries.map(({ entry: { group = "" } }) => group).filter((group) => group !== "*"));
    const always = rulesWhere(
        rules,
        ({ resources, namespaces, nonResourceURLs }) =>
            !resources?.length && (Boolean(namespaces?.length) || !nonResourceURLs?.length),
    );
    const values: (readonly [Target, RuleSet])[] = [];
    for (const apiGroup of [...named, undefined]) {
        const index = newGroupIndex();
        for (const { entry, rule } of entries) {
            const { group = "" } = entry;
            if (group === apiGroup || (group === "*" && hasAnyGroup)) {
                addEntry(index, entry, rule);
            }
        }
        addTargets(values, apiGroup, index, always);
    }
    return classify(values);
}

function newGroupIndex(): GroupIndex {
    return { anyName: newPatternIndex(), byName: new Map(), resources: new Set(), subresources: new Map() };
}

function newPatternIndex(): PatternIndex {
    return { everything: 0n, wholeResource: new Map(), exact: new Map(), subresource: new Map() };
}

function addEntry(index: GroupIndex, { resources = [], resourceNames = [] }: GroupResources, rule: RuleSet): void {
    if (resources.length === 0) {
        index.anyName.everything |= rule;
        return;
    }
    const patterns = resources.map(parsePattern).filter((pattern) => pattern !== undefined);
    for (const { resource, subresource } of patterns) {
        if (resource !== "*") {
            index.resources.add(resource);
        }
        if (subresource !== "*") {
            index.subresources.set(resource, (index.subresources.get(resource) ?? new Set()).add(subresource));
        }
    }
    for (const patternIndex of resourceNames.length === 0
        ? [index.anyName]
        : resourceNames.map((name) => ofName(index, name))) {
        for (const pattern of patterns) {
            addPattern(patternIndex, pattern, rule);
        }
    }
}

function ofName({ byName }: GroupIndex, name: string): PatternIndex {
    const known = byName.get(name) ?? newPatternIndex();
    byName.set(name, known);
    return known;
}

/** A pattern for resources taken apart; `*` is anything. */
export interface ResourcePattern {
    resource: string;
    /** `""` is the resource itself. */
    subresource: string;
}

/** Takes a pattern for resources apart; `undefined` when it matches nothing, as `*` + `/*` and `a/b/c` do. */
export function parsePattern(pattern: string): ResourcePattern | undefined {
    if (pattern === "*") {
        return { resource: "*", subresource: "*" };
    }
    const [resource = "", subresource, ...more] = pattern.split("/");
    if (subresource === undefined) {
        return { resource, subresource: "" };
    }
    return more.length > 0 || subresource === "" || (resource === "*" && subresource === "*")
        ? undefined
        : { resource, subresource };
}

function addPattern(index: PatternIndex, { resource, subresource }: ResourcePattern, rule: RuleSet): void {
    if (resource === "*" && subresource === "*") {
        index.everything |= rule;
    } else if (resource === "*") {
        add(index.subresource, subresource, rule);
    } else if (subresource === "*") {
        add(index.wholeResource, resource, rule);
    } else {
        add(index.exact, join(resource, subresource), rule);
    }
}

function addTargets(values: (readonly [Target, RuleSet])[], apiGroup: Text, index: GroupIndex, always: RuleSet): void {
    const ofAny = index.subresources.get("*") ?? [];
    const names = [...index.byName];
    for (const resource of [...index.resources, undefined]) {
        const own = resource === undefined ? [] : (index.subresources.get(resource) ?? []);
        for (const subresource of [...new Set(["", ...own, ...ofAny]), undefined]) {
            const anyName = always | rulesFor(index.anyName, resource, subresource);
            values.push([{ apiGroup, resource, subresource, name: undefined }, anyName]);
            for (const [name, patterns] of names) {
                const ofName = rulesFor(patterns, resource, subresource);
                if (ofName !== 0n) {
                    values.push([{ apiGroup, resource, subresource, name }, anyName | ofName]);
                }
            }
        }
    }
}

function rulesFor(index: PatternIndex, resource: Text, subresource: Text): RuleSet {
    const { everything, wholeResource, exact, subresource: bySubresource } = index;
    const ofResource = resource === undefined ? undefined : wholeResource.get(resource);
    const ofBoth =
        resource === undefined || subresource === undefined ? undefined : exact.get(join(resource, subresource));
    const ofSubresource = subresource === undefined ? undefined : bySubresource.get(subresource);
    return everything | (ofResource ?? 0n) | (ofBoth ?? 0n) | (ofSubresource ?? 0n);
}

function join(resource: string, subresource: string): string {
    return subresource === "" ? resource : `${resource}/${subresource}`;
}
