import type { KubernetesMinor } from "../kubernetes";
import type { Policy } from "../types";
import { fail, pass, type Judgement } from "./framework";
import { byRule, decide, inWords, requestsOf, type RequestClass } from "./requestClass";

const everyVerb = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];

/** Source: recommendation 3.2.2 in every benchmark since 1.5. */
const concerns: { requests: RequestClass; only?: "Metadata"; recorded?: boolean }[] = [
    { requests: { verbs: everyVerb, kinds: ["secrets"] }, only: "Metadata", recorded: true },
    { requests: { verbs: everyVerb, kinds: ["configmaps"] }, only: "Metadata" },
    { requests: { verbs: ["create"], kinds: ["authentication.k8s.io/tokenreviews"] }, only: "Metadata" },
    {
        requests: {
            verbs: ["create", "update", "patch", "delete", "deletecollection"],
            kinds: ["pods", "apps/deployments"],
        },
        recorded: true,
    },
    {
        requests: {
            verbs: ["get", "create"],
            kinds: ["pods:exec", "pods:portforward", "pods:proxy", "services:proxy"],
        },
        recorded: true,
    },
];

/**
 * CIS 3.2.2, which kube-bench leaves to a person: Secrets, ConfigMaps and TokenReviews at Metadata at most, Secrets at
 * that; changes of Pods and Deployments, exec, port-forward and the proxies at any level.
 */
export function keySecurityConcerns(policy: Policy, kubernetes: KubernetesMinor): Judgement {
    for (const { requests, only, recorded } of concerns) {
        for (const decision of decide(requestsOf(requests, policy), policy, kubernetes)) {
            const { level, request } = decision;
            if (only && (level === "Request" || level === "RequestResponse")) {
                return fail(
                    `${inWords(request)} is recorded at ${level} (${byRule(decision)}), with bodies; ${only} is the most.`,
                );
            }
            if (recorded && level === "None") {
                return fail(`${inWords(request)} is not recorded (${byRule(decision)}).`);
            }
        }
    }
    return pass(
        "Secrets, ConfigMaps and TokenReviews without bodies; changes of Pods and Deployments, and sessions, are recorded.",
    );
}
