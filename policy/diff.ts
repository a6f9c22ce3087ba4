import { describeClass } from "./classes/describe";
import { onlyRule, rulesBetween, type RuleSet, type Text, type ValueClass } from "./classes/dimension";
import type { PathValue } from "./classes/paths";
import type { RequestClass } from "./classes/requestClass";
import { narrow, RequestSpace, type Dimension, type Part } from "./classes/space";
import { summarizePaths, TargetTree, summarizeTexts } from "./classes/summarize";
import type { Target } from "./classes/targets";
import { haveSameActions, mergeRegions, type Region } from "./diff/region";
import { describeEffect, describeRequest, omissionsOf } from "./words";
import { decisionOf, evaluate, type Attributes, type Decision } from "./evaluate";
import { newestMinor, type KubernetesMinor } from "./kubernetes";
import type { Policy } from "./types";

/** Requests with which two policies do different things. */
export interface PolicyDifference {
    /** In words: `delete of pods in namespace prod by anybody: None → RequestResponse`. */
    description: string;
    requests: RequestClass;
    /** Whether all requests of the class change in this way; if not, earlier rules decide some of them. */
    entire: boolean;
    /** What becomes of the example; the other requests that change do so in the same way, though maybe by another rule. */
    before: Decision;
    after: Decision;
    /** A request of the class that changes. */
    example: Attributes;
}

/** What {@link diffPolicies} can be told. */
export interface DiffOptions {
    /** Whose API server decides. Default: the newest known. */
    kubernetes?: KubernetesMinor | undefined;
}

/**
 * Says for which requests two policies make a difference in what is recorded: in the level, in the stages that are omitted
 * or, where there are bodies, in the managed fields.
 *
 * Each class has a request that changes, its example. No request outside the classes changes.
 *
 * @param before - a valid policy
 * @param after - a valid policy
 * @returns empty when the policies record the same of every request
 */
export function diffPolicies(
    before: Policy,
    after: Policy,
    { kubernetes = newestMinor }: DiffOptions = {},
): PolicyDifference[] {
    return new Comparison(before, after, kubernetes).differences();
}

/** The differences as text, one a line and an example below each; without a newline at the end. */
export function formatDifferences(differences: readonly PolicyDifference[]): string {
    return differences
        .map(({ description, example }) => `${description}\n    such as: ${describeRequest(example)}`)
        .join("\n");
}

class Comparison {
    private readonly space: RequestSpace;
    private readonly targets: TargetTree;

    constructor(
        private readonly before: Policy,
        private readonly after: Policy,
        private readonly version: KubernetesMinor,
    ) {
        this.space = new RequestSpace([...before.rules, ...after.rules], version);
        const dimension = this.space.resources.find(({ attribute }) => attribute === "target")!;
        this.targets = new TargetTree(dimension.classes as ValueClass<Target>[]);
    }

    differences(): PolicyDifference[] {
        const merged = mergeRegions(this.regions());
        return this.withUrls(merged).map(({ region, requests }) => this.describe(region, requests));
    }

    private regions(): Region[] {
        const rulesBefore = deciders(this.before, 0, this.space);
        const rulesAfter = deciders(this.after, this.before.rules.length, this.space);
        return rulesAfter.flatMap((after) =>
            [this.space.resources, this.space.urls].flatMap((whole) => {
                const part = narrow(whole, after.rule);
                return rulesBefore
                    .filter((before) => before.effect !== after.effect)
                    .flatMap((before) => this.regionOf(part, before, after));
            }),
        );
    }

    private regionOf(part: Part, before: Decider, after: Decider): Region[] {
        const wanted = before.rule | after.rule;
        const unwanted = before.earlier | after.earlier;
        const point = this.space.findIn(part, { wanted, unwanted });
        if (!point) {
            return [];
        }
        const reach = this.space.reach(part, { wanted, unwanted });
        const { notInGroups } = reach;
        const inGroups = [before, after].flatMap(({ userGroups }) =>
            userGroups.length === 0 ? [] : [userGroups.filter((group) => !notInGroups.includes(group)).sort()],
        );
        return [
            {
                effect: `${before.effect} → ${after.effect}`,
                dimensions: reach.part.map(({ attribute, classes }) => ({ attribute, chosen: new Set(classes) })),
                inGroups: distinct(inGroups),
                notInGroups,
                entire: this.space.matching(reach.part, unwanted, notInGroups) === 0n,
                point,
            },
        ];
    }

    /** Makes one of all the requests about resources and all those about other URLs, where both change in the same way. */
    private withUrls(regions: readonly Region[]): { region: Region; requests: RequestClass }[] {
        const joined = new Set<Region>();
        return regions.flatMap((region) => {
            const requests = this.requestsOf(region);
            const other = regions.find(
                (candidate) =>
                    candidate.effect === region.effect &&
                    this.isEverything(region) &&
                    this.isEverything(candidate) &&
                    haveSameActions(region, candidate) &&
                    candidate !== region,
            );
            if (other) {
                joined.add(region);
                const both = { ...region, entire: region.entire && other.entire };
                return joined.has(other)
                    ? []
                    : [{ region: both, requests: { ...requests, ...this.requestsOf(other) } }];
            }
            return [{ region, requests }];
        });
    }

    /** Whether a region has all subjects: all that requests can be about. */
    private isEverything({ dimensions }: Region): boolean {
        const part = this.partOf(dimensions);
        return dimensions.every(({ chosen }, i) => i < 2 || chosen.size === part[i]!.classes.length);
    }

    private partOf(dimensions: Region["dimensions"]): Part {
        return dimensions.some(({ attribute }) => attribute === "path") ? this.space.urls : this.space.resources;
    }

    private requestsOf({ dimensions, inGroups, notInGroups }: Region): RequestClass {
        const part = this.partOf(dimensions);
        const of = <V>(attribute: Dimension["attribute"]) => ({
            all: (part.find((dimension) => dimension.attribute === attribute)?.classes ??
                []) as readonly ValueClass<V>[],
            chosen: dimensions.find((dimension) => dimension.attribute === attribute)?.chosen as ReadonlySet<
                ValueClass<V>
            >,
        });
        const texts = (attribute: Dimension["attribute"]) => {
            const { all, chosen } = of<Text>(attribute);
            return summarizeTexts(all, chosen);
        };
        const common = { users: texts("user"), inGroups, notInGroups, verbs: texts("verb") };
        if (part === this.space.urls) {
            const { all, chosen } = of<PathValue>("path");
            return { ...common, urls: summarizePaths(all, chosen) };
        }
        const { chosen } = of<Target>("target");
        return { ...common, resources: { namespaces: texts("namespace"), targets: this.targets.summarize(chosen) } };
    }

    private describe({ entire, point }: Region, requests: RequestClass): PolicyDifference {
        const example = this.space.exampleOf(point);
        const before = evaluate(this.before, example, this.version);
        const after = evaluate(this.after, example, this.version);
        const unless = entire ? "" : ", unless an earlier rule decides";
        const description = `${describeClass(requests)}${unless}: ${describeChange(before, after)}`;
        return { description, requests, entire, before, after, example };
    }
}

/** What decides about requests: a rule, or that none matches. */
interface Decider {
    effect: string;
    /** No rule, if none has to match. */
    rule: RuleSet;
    userGroups: readonly string[];
    /** The rules that must not match. */
    earlier: RuleSet;
}

/** Those that decide about any request; the policy's first rule has an index of its own in the space. */
function deciders(policy: Policy, first: number, space: RequestSpace): Decider[] {
    const all = [...policy.rules, undefined].map((rule, index) => ({
        effect: describeEffect(decisionOf(policy, rule && index)),
        rule: rule ? onlyRule(first + index) : 0n,
        userGroups: rule?.userGroups ?? [],
        earlier: rulesBetween(first, first + index),
    }));
    return all.filter(({ rule, earlier }) => space.find({ wanted: rule, unwanted: earlier }));
}

function distinct<T>(values: readonly T[]): T[] {
    return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

/** A change in words; what both leave out is not mentioned. */
function describeChange(before: Decision, after: Decision): string {
    const sameWithout = omissionsOf(before).join() === omissionsOf(after).join();
    return sameWithout ? `${before.level} → ${after.level}` : `${describeEffect(before)} → ${describeEffect(after)}`;
}
