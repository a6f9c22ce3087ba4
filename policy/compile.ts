import type { Attributes, Decision } from "./evaluate";
import { anyGroupSince, newestMinor, type KubernetesMinor } from "./kubernetes";
import { ResourceTable } from "./resourceTable";
import { RuleScan } from "./ruleScan";
import { bits, Choice, lowestBit } from "./ruleSet";
import { stages, type Policy, type PolicyRule } from "./types";

/**
 * Prepares a policy for millions of evaluations. The function it returns says the same as `evaluate` of every request,
 * with a handful of look-ups where there are many rules.
 *
 * Its decisions are shared between calls and frozen.
 *
 * @param policy - a valid policy
 * @param version - whose rules; default: the newest known
 */
export function compilePolicy(
    policy: Policy,
    version: KubernetesMinor = newestMinor,
): (attributes: Attributes) => Decision {
    const decisions = policy.rules.map((_, index) => decide(policy, index));
    const always = policy.rules.findIndex(matchesEverything);
    const unmatched = always === -1 ? decide(policy, undefined) : decisions[always]!;
    const reachable = always === -1 ? policy.rules : policy.rules.slice(0, always);
    const starIsAnyGroup = version >= anyGroupSince;
    if (reachable.length <= few) {
        const scans = reachable.map((rule) => new RuleScan(rule, starIsAnyGroup));
        return (attributes) => {
            for (let i = 0; i < scans.length; i++) {
                if (scans[i]!.matches(attributes)) {
                    return decisions[i]!;
                }
            }
            return unmatched;
        };
    }
    const blocks = blocksOf(reachable).map((rules) => new Block(rules, starIsAnyGroup));
    const [first] = blocks;
    if (first && blocks.length === 1) {
        return (attributes) => {
            const matching = first.match(attributes);
            return matching === 0 ? unmatched : decisions[lowestBit(matching)]!;
        };
    }
    return (attributes) => {
        for (let i = 0; i < blocks.length; i++) {
            const matching = blocks[i]!.match(attributes);
            if (matching !== 0) {
                return decisions[i * bits + lowestBit(matching)]!;
            }
        }
        return unmatched;
    };
}

/** So many rules are asked one after another in less time than the look-ups take. */
const few = 8;

/** No rule behind such a one decides anything. */
function matchesEverything(rule: PolicyRule): boolean {
    const { users, userGroups, verbs, resources, namespaces, nonResourceURLs } = rule;
    return [users, userGroups, verbs, resources, namespaces, nonResourceURLs].every((list) => !list?.length);
}

function decide(policy: Policy, index: number | undefined): Decision {
    const rule = index === undefined ? undefined : policy.rules[index];
    const omitted = [...(policy.omitStages ?? []), ...(rule?.omitStages ?? [])];
    return Object.freeze({
        level: rule?.level ?? "None",
        rule: index,
        omitStages: Object.freeze(stages.filter((stage) => omitted.includes(stage))),
        omitManagedFields: rule?.omitManagedFields ?? policy.omitManagedFields ?? false,
    });
}

function blocksOf(rules: readonly PolicyRule[]): PolicyRule[][] {
    const count = Math.ceil(rules.length / bits);
    return Array.from({ length: count }, (_, i) => rules.slice(i * bits, (i + 1) * bits));
}

/** As many rules as a set of them has bits. */
class Block {
    private readonly users: Choice;
    private readonly userGroups: Choice;
    private readonly verbs: Choice;
    private readonly namespaces: Choice;
    private readonly resources: ResourceTable;
    private readonly urls: Choice;
    private readonly urlPrefixes: readonly { prefix: string; rule: number }[];

    constructor(rules: readonly PolicyRule[], starIsAnyGroup: boolean) {
        const aboutResources = rules.map((rule) => Boolean(rule.namespaces?.length || rule.resources?.length));
        const urls = rules.map((rule, i) => (aboutResources[i] ? undefined : rule.nonResourceURLs));
        this.users = new Choice(rules.map((rule) => rule.users));
        this.userGroups = new Choice(rules.map((rule) => rule.userGroups));
        this.verbs = new Choice(rules.map((rule) => rule.verbs));
        this.namespaces = new Choice(rules.map((rule) => rule.namespaces));
        this.resources = new ResourceTable(
            rules.map((rule, i) => (urls[i]?.length ? "none" : (rule.resources ?? []))),
            starIsAnyGroup,
        );
        this.urls = new Choice(urls, aboutResources);
        this.urlPrefixes = urls.flatMap((specs = [], i) =>
            specs
                .filter((spec) => spec.endsWith("*"))
                .map((spec) => ({ prefix: spec.replace(/\*+$/, ""), rule: 1 << i })),
        );
    }

    /** The rules that match a request, as a set. */
    match(attributes: Attributes): number {
        const { user } = attributes;
        const ofUser =
            user === undefined
                ? this.users.others & this.userGroups.others
                : this.users.of(user) & this.userGroups.ofAny(attributes.groups);
        const matching = ofUser & this.verbs.of(attributes.verb);
        if (matching === 0) {
            return 0;
        }
        return attributes.isResource
            ? matching & this.namespaces.of(attributes.namespace ?? "") & this.resources.match(attributes)
            : matching & this.matchUrl(attributes.path ?? "");
    }

    private matchUrl(path: string): number {
        let matching = this.urls.of(path);
        for (const { prefix, rule } of this.urlPrefixes) {
            if (path.startsWith(prefix)) {
                matching |= rule;
            }
        }
        return matching;
    }
}
