import { checkPolicy } from "../policy/check";
import { diffPolicies, formatDifferences } from "../policy/diff";
import { newestMinor, type KubernetesMinor } from "../policy/kubernetes";
import { judge, readFlags } from "../policy/verdicts";
import type { InForce } from "./inForce";
import { manifestSettings } from "./kubeadmManifest";
import type { Wish } from "./wish";

/** More classes of requests than these are counted instead of named. */
const MOST_DIFFERENCES = 12;

/**
 * What a change does: for which requests something else will be recorded, and which frameworks change their verdict.
 *
 * @returns messages for people, none where both are the same
 */
export function describeChange(old: InForce, wish: Wish, kubernetes: KubernetesMinor = newestMinor): string[] {
    const policy = checkPolicy(old.policyText, { kubernetes }).policy;
    return policy === undefined
        ? []
        : [
              ...(old.policyText === wish.policyText ? [] : [describeDifferences(policy, wish, kubernetes)]),
              ...describeVerdicts({ policy, flags: readFlags(old.flags) }, wish, kubernetes),
          ];
}

function describeDifferences(policy: Wish["policy"], wish: Wish, kubernetes: KubernetesMinor): string {
    const differences = diffPolicies(policy, wish.policy, { kubernetes });
    if (differences.length === 0) {
        return "The changed policy records the same of every request.";
    }
    const more = differences.length - MOST_DIFFERENCES;
    return [
        "The changed policy records something else of these requests:",
        formatDifferences(differences.slice(0, MOST_DIFFERENCES)),
        ...(more > 0 ? [`and of ${more} more classes; see them with kube-audit policy diff.`] : []),
    ].join("\n");
}

function describeVerdicts(old: Parameters<typeof judge>[0], wish: Wish, kubernetes: KubernetesMinor): string[] {
    const before = judge(old, { kubernetes });
    const after = judge({ policy: wish.policy, flags: readFlags(flagsOf(wish)) }, { kubernetes });
    const changes = after.flatMap(({ framework, id, title, result, reason }, index) => {
        const earlier = before[index]!.result;
        return earlier === result ? [] : [`${framework} ${id} (${title}): ${earlier} → ${result}: ${reason}`];
    });
    return changes.length === 0 ? [] : [["Verdicts change:", ...changes].join("\n")];
}

function flagsOf({ settings }: Wish): readonly string[] {
    return manifestSettings(settings).flags;
}
