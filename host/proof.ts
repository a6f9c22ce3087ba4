import { evaluate, type Attributes, type Decision } from "../policy/evaluate";
import type { KubernetesMinor } from "../policy/kubernetes";
import type { Policy } from "../policy/types";
import type { LogSettings } from "./settings";

/**
 * How the runner may prove that events arrive: for each way it can ask the API server, the path of a harmless request
 * that the policy says is logged for the user it comes from; or, for `none`, why no such proof is possible.
 */
export interface Proof {
    readonly client: "kubectl" | "kubelet-client" | "anonymous" | "none";
    readonly value: string;
}

const REQUESTS: readonly Attributes[] = [
    { verb: "get", path: "/version", isResource: false },
    { verb: "get", path: "/readyz", isResource: false },
    {
        verb: "get",
        path: "/api/v1/namespaces/default",
        isResource: true,
        resource: "namespaces",
        name: "default",
        namespace: "default",
    },
];

/** Who makes a request. */
export type User = Pick<Attributes, "user" | "groups">;

/** A user, those whom kubeadm makes, or nobody who is known here. */
export type KubeletClient = User | "kubeadm" | "unknown";

/** Who the runner is to the API server, by client. Before Kubernetes 1.29 kubeadm put its users into system:masters. */
export const USERS: Readonly<Record<string, readonly User[]>> = {
    kubectl: ["kubeadm:cluster-admins", "system:masters"].map((group) => ({
        user: "kubernetes-admin",
        groups: [group, "system:authenticated"],
    })),
    "kubelet-client": ["kubeadm:cluster-admins", "system:masters"].map((group) => ({
        user: "kube-apiserver-kubelet-client",
        groups: [group, "system:authenticated"],
    })),
    anonymous: [{ user: "system:anonymous", groups: ["system:unauthenticated"] }],
};

/** The longest wait for an event that a batching back end may hold back, in seconds. */
const LONGEST_HOLD = 30;

/**
 * Finds, for every client, the first request that the policy logs whoever of its possible users makes it.
 *
 * @param kubeletClient - whom the API server's own client certificate belongs to
 */
export function proofs(
    policy: Policy,
    log: LogSettings,
    version: KubernetesMinor | undefined,
    kubeletClient: KubeletClient = "kubeadm",
): Proof[] {
    if (log.path === "-") {
        return [{ client: "none", value: "the log goes to the API server's standard output." }];
    }
    if (log.mode === "batch" && durationSeconds(log.batch?.maxWait ?? "0s") > LONGEST_HOLD) {
        return [
            { client: "none", value: `a batch may be held back longer than ${LONGEST_HOLD} s (log.batch.maxWait).` },
        ];
    }
    const found: Proof[] = [];
    for (const [client, kubeadmUsers] of Object.entries(USERS)) {
        const given = client === "kubelet-client" && kubeletClient !== "kubeadm";
        const users = !given ? kubeadmUsers : kubeletClient === "unknown" ? [] : [kubeletClient];
        // Who is not logged in, or not known, is refused every resource, and a refused request proves no health.
        const mayAsk = REQUESTS.filter(({ isResource }) => !(client === "anonymous" || given) || !isResource);
        const request = mayAsk.find(
            (candidate) =>
                users.length > 0 &&
                users.every((user) => isLogged(evaluate(policy, { ...candidate, ...user }, version))),
        );
        if (request?.path !== undefined) {
            found.push({ client: client as Proof["client"], value: request.path });
        }
    }
    found.push({
        client: "none",
        value: "the policy logs none of the harmless requests GET /version, /readyz and /api/v1/namespaces/default.",
    });
    return found;
}

/** Short requests are recorded when they are received and when they are complete, never in between. */
export function isLogged({ level, omitStages }: Decision): boolean {
    return level !== "None" && !(omitStages.includes("RequestReceived") && omitStages.includes("ResponseComplete"));
}

/** The seconds of a valid Go duration such as `1m30s`. */
function durationSeconds(duration: string): number {
    const units: Readonly<Record<string, number>> = { h: 3.6e12, m: 6e10, s: 1e9, ms: 1e6, us: 1e3, µs: 1e3, ns: 1 };
    const nanoseconds = [...duration.matchAll(/([\d.]+)(h|ms|m|s|us|µs|ns)/g)].reduce(
        (sum, [, amount, unit]) => sum + Number(amount) * units[unit!]!,
        0,
    );
    return nanoseconds / 1e9;
}
