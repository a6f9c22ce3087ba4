import { diffPolicies } from "../policy/diff";
import type { KubernetesMinor } from "../policy/kubernetes";
import type { Policy } from "../policy/types";

/**
 * The requests that a policy would record and of which a log that was recorded with another one has nothing, in words: no
 * replay of that log can count them.
 */
export function unrecordedRequests(recordedWith: Policy, policy: Policy, kubernetes?: KubernetesMinor): string[] {
    return diffPolicies(recordedWith, policy, { kubernetes })
        .filter(({ before, after }) => before.level === "None" && after.level !== "None")
        .map(({ description }) => description);
}
