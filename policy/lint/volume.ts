import { diffPolicies } from "../diff";
import { warning, type Remark } from "../finding";
import type { GroupResources, Policy, PolicyRule } from "../types";
import { parsePattern } from "../classes/targets";
import { decidingRules, isReached, type LintContext } from "./context";

/** What fills the log with little use. */
export function lintVolume(context: LintContext): Remark[] {
    return [...lintBodiesOfEverything(context), ...lintLeases(context), ...lintEvents(context)];
}

function lintBodiesOfEverything(context: LintContext): Remark[] {
    return context.policy.rules.flatMap((rule, index) => {
        const reads = !rule.verbs?.length || rule.verbs.some((verb) => verb === "get" || verb === "list");
        return rule.level === "RequestResponse" && isForEverything(rule) && reads && isReached(context, index)
            ? [
                  warning(
                      "bodies-of-reads",
                      `rules[${index}].level`,
                      `rules[${index}] records the bodies of all that is read`,
                      {
                          reason: "A list of objects is recorded whole, each time anyone or any controller asks for it.",
                          fix: "Give get, list and watch a rule of their own with level: Metadata.",
                      },
                  ),
              ]
            : [];
    });
}

function isForEverything({ users, userGroups, namespaces, resources, nonResourceURLs }: PolicyRule): boolean {
    return [users, userGroups, namespaces, resources, nonResourceURLs].every((list) => !list?.length);
}

function lintLeases(context: LintContext): Remark[] {
    return decidingRules(context, "nodeLeases")
        .filter(({ index }) => {
            const { level, users, namespaces, resources } = context.policy.rules[index]!;
            return level !== "None" && [users, namespaces, resources].every((list) => !list?.length);
        })
        .map(({ index, example }) =>
            warning("node-leases", `rules[${index}]`, `rules[${index}] records the heartbeat of every node`, {
                reason: "Each kubelet renews its lease of coordination.k8s.io every 10 seconds.",
                fix: `Put a rule before it with level: None for leases of coordination.k8s.io in namespace kube-node-lease by members of system:nodes.`,
                example,
            }),
        );
}

const eventGroups = ["", "events.k8s.io"];

/** The same events are served in two API groups; a rule for one alone is surely meant for both. */
function lintEvents({ policy, kubernetes }: LintContext): Remark[] {
    const mention = firstMentionOfOne(policy.rules);
    if (!mention) {
        return [];
    }
    const [core, other] = eventGroups.map((group) => aboutEvents(policy, group));
    const [difference] = diffPolicies(core!, other!, { kubernetes });
    const missing = eventGroups.find((group) => group !== mention.group)!;
    return difference
        ? [
              warning("one-events-group", mention.path, "the two API groups of events are treated differently", {
                  reason: `The same events are served as events and as events.events.k8s.io: ${difference.before.level} for the one and ${difference.after.level} for the other.`,
                  fix: `Add {group: ${JSON.stringify(missing)}, resources: ["events"]} to ${mention.path.replace(/\[\d+\]$/, "")}.`,
              }),
          ]
        : [];
}

function firstMentionOfOne(rules: readonly PolicyRule[]): { path: string; group: string } | undefined {
    for (const [index, { resources = [] }] of rules.entries()) {
        const mentions = resources.flatMap(({ group = "", resources: patterns = [] }, k) =>
            patterns.some((pattern) => parsePattern(pattern)?.resource === "events") && eventGroups.includes(group)
                ? [{ path: `rules[${index}].resources[${k}]`, group }]
                : [],
        );
        if (new Set(mentions.map(({ group }) => group)).size === 1) {
            return mentions[0];
        }
    }
    return undefined;
}

/** A policy as it is for the events of one group, which the result calls the core group's. */
function aboutEvents(policy: Policy, apiGroup: string): Policy {
    const rules = policy.rules.flatMap((rule): PolicyRule[] => {
        if (!rule.resources?.length) {
            return rule.nonResourceURLs?.length ? [] : [rule];
        }
        const entries = rule.resources.filter((entry) => matchesEvents(entry, apiGroup));
        const resources = entries.map(({ resourceNames = [] }) => ({ resources: ["events"], resourceNames }));
        return resources.length === 0 ? [] : [{ ...rule, resources }];
    });
    return { ...policy, rules };
}

function matchesEvents({ group = "", resources = [] }: GroupResources, apiGroup: string): boolean {
    const matches = (pattern: string) => ["*", "events", "events/*"].includes(pattern);
    return (group === apiGroup || group === "*") && (resources.length === 0 || resources.some(matches));
}
