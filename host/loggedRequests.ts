import { evaluate, type Attributes, type Decision } from "../policy/evaluate";
import { resolveRequest } from "../policy/requestInfo";
import type { Level, Policy } from "../policy/types";
import { isLogged, USERS, type KubeletClient, type User } from "./proof";

/** Who can make a request on a host, in the order in which it is tried. */
export type Client = "kubectl" | "kubelet-client" | "anonymous";

/** A request that the policy logs, whoever of its client's possible users makes it. */
export interface LoggedRequest {
    readonly client: Client;
    /** Of a GET, with its query. */
    readonly path: string;
    /** What the policy says of it, by user: mostly one. */
    readonly levels: readonly Level[];
}

/** No object has this name: asking for it gives an event and shows nothing, whatever the level. */
const ABSENT = "kube-audit-verify";

/** What anybody may ask comes first; what would look like an intruder in a log, last. */
const HARMLESS = [
    "/version",
    "/readyz",
    "/api/v1/namespaces/default",
    `/api/v1/namespaces/default/pods/${ABSENT}`,
    `/api/v1/namespaces/default/configmaps/${ABSENT}`,
    `/apis/apps/v1/namespaces/default/deployments/${ABSENT}`,
    `/apis/rbac.authorization.k8s.io/v1/clusterroles/${ABSENT}`,
    `/api/v1/namespaces/default/secrets/${ABSENT}`,
];

/** The paths that are tried, for messages. */
export const HARMLESS_PATHS = HARMLESS.join(", ");

/**
 * Finds, for each client, the first harmless request that a policy logs.
 *
 * @param policy - a valid policy
 * @param kubeletClient - whom the API server's own client certificate belongs to; of an unknown user all is taken into account
 * that the policy says of anybody
 * @param path - asked for in place of what is tried otherwise
 * @throws Error where the path is none
 */
export function loggedRequests(policy: Policy, kubeletClient: KubeletClient, path?: string): LoggedRequest[] {
    const candidates = path === undefined ? HARMLESS : [path];
    return Object.entries(USERS).flatMap(([client, kubeadmUsers]) => {
        const users = client === "kubelet-client" && kubeletClient !== "kubeadm" ? [kubeletClient] : kubeadmUsers;
        for (const candidate of candidates) {
            const request = resolveRequest({ method: "GET", url: candidate });
            const decisions = users.flatMap((user) =>
                user === "unknown" ? decisionsForAnybody(policy, request) : [decide(policy, request, user)],
            );
            if (decisions.every(isLogged)) {
                const levels = [...new Set(decisions.map(({ level }) => level))];
                return [{ client: client as Client, path: candidate, levels }];
            }
        }
        return [];
    });
}

function decide(policy: Policy, request: Attributes, user: User): Decision {
    return evaluate(policy, { ...request, ...user });
}

/** What a policy says of a request, for some user each. */
function decisionsForAnybody(policy: Policy, request: Attributes): Decision[] {
    const decisions: Decision[] = [];
    for (const { users, userGroups, ...rule } of policy.rules) {
        const decision = evaluate({ ...policy, rules: [rule] }, request);
        if (decision.rule !== undefined) {
            decisions.push(decision);
            if (!users?.length && !userGroups?.length) {
                return decisions;
            }
        }
    }
    return [...decisions, evaluate({ ...policy, rules: [] }, request)];
}
