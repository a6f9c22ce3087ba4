import type { AuditEvent, ObjectReference, ResponseStatus } from "../../events/event";
import type { Policy } from "../../policy/types";
import { record, type ServedRequest } from "./modelServer";

type Made = Omit<ServedRequest, "auditID" | "at">;

/** A status as the API server writes it. */
const status = (more: ResponseStatus): ResponseStatus => ({ metadata: {}, ...more }) as ResponseStatus;

const ok = status({ code: 200 });
const created = status({ code: 201 });

const people = {
    node: { username: "system:node:worker-1", groups: ["system:nodes", "system:authenticated"] },
    controller: { username: "system:kube-controller-manager", groups: ["system:authenticated"] },
    operator: {
        username: "system:serviceaccount:shop:operator",
        groups: ["system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated"],
    },
    alice: { username: "alice", groups: ["dev", "system:authenticated"] },
    mallory: { username: "mallory", groups: ["system:authenticated"] },
};

interface Words {
    who: keyof typeof people | undefined;
    verb: string;
    /** Such as `/api/v1/namespaces/shop/pods/web`. */
    uri: string;
    about?: ObjectReference;
    learned?: ObjectReference;
    status?: ResponseStatus;
    sent?: unknown;
    answered?: unknown;
    long?: boolean;
}

function made({ who, verb, uri, about, learned, status: answer = ok, sent, answered, long = false }: Words): Made {
    return {
        verb,
        requestURI: uri,
        ...(who && { user: people[who] }),
        ...(about && { objectRef: { apiVersion: "v1", ...about } }),
        ...(learned && { learned }),
        status: answer,
        longRunning: long,
        ...(who && { end: "ResponseComplete" as const }),
        ...(sent !== undefined && { requestObject: sent }),
        ...(answered !== undefined && { responseObject: answered }),
    };
}

const object = (kind: string, name: string, namespace: string, rest: object = {}) => ({
    kind,
    apiVersion: "v1",
    metadata: {
        name,
        namespace,
        uid: "6f1c3a52-8d0e-4c8e-9a57-0f6f6f0a1b2c",
        managedFields: [{ manager: "kubectl", operation: "Update", fieldsV1: { "f:spec": { "f:replicas": {} } } }],
    },
    ...rest,
});

const lease = object("Lease", "worker-1", "kube-node-lease", { spec: { holderIdentity: "worker-1" } });
const pod = object("Pod", "web-1", "shop", { spec: { containers: [{ name: "web", image: "nginx:1.29" }] } });
const deployment = object("Deployment", "web", "shop", { spec: { replicas: 3 } });
const binding = object("ClusterRoleBinding", "mallory-admin", "", {
    roleRef: { kind: "ClusterRole", name: "cluster-admin" },
});
const failure = (reason: string, code: number, message: string) =>
    status({
        status: "Failure",
        message,
        reason,
        code,
    });

const requests = {
    heartbeat: made({
        who: "node",
        verb: "update",
        uri: "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/worker-1?timeout=10s",
        about: { resource: "leases", namespace: "kube-node-lease", name: "worker-1", apiGroup: "coordination.k8s.io" },
        sent: lease,
        answered: lease,
    }),
    health: made({ who: "controller", verb: "get", uri: "/readyz" }),
    watch: made({
        who: "controller",
        verb: "watch",
        uri: "/api/v1/pods?allowWatchBookmarks=true&watch=true",
        about: { resource: "pods" },
        long: true,
    }),
    listPods: made({
        who: "operator",
        verb: "list",
        uri: "/api/v1/namespaces/shop/pods?limit=500",
        about: { resource: "pods", namespace: "shop" },
        answered: { kind: "PodList", apiVersion: "v1", metadata: {}, items: [pod, pod, pod] },
    }),
    readSecret: made({
        who: "operator",
        verb: "get",
        uri: "/api/v1/namespaces/shop/secrets/db",
        about: { resource: "secrets", namespace: "shop", name: "db" },
        answered: object("Secret", "db", "shop", { data: { password: "aHVudGVyMg==" } }),
    }),
    scale: made({
        who: "alice",
        verb: "patch",
        uri: "/apis/apps/v1/namespaces/shop/deployments/web?fieldManager=kubectl",
        about: { resource: "deployments", namespace: "shop", name: "web", apiGroup: "apps" },
        sent: { spec: { replicas: 3 } },
        answered: deployment,
    }),
    createPod: made({
        who: "operator",
        verb: "create",
        uri: "/api/v1/namespaces/shop/pods",
        about: { resource: "pods", namespace: "shop" },
        learned: { name: "web-1" },
        status: created,
        sent: pod,
        answered: pod,
    }),
    deletePod: made({
        who: "alice",
        verb: "delete",
        uri: "/api/v1/namespaces/shop/pods/web-1",
        about: { resource: "pods", namespace: "shop", name: "web-1" },
        sent: { kind: "DeleteOptions", apiVersion: "v1" },
        answered: pod,
    }),
    exec: made({
        who: "alice",
        verb: "create",
        uri: "/api/v1/namespaces/shop/pods/web-1/exec?command=sh&container=web&stdin=true&tty=true",
        about: { resource: "pods", namespace: "shop", name: "web-1", subresource: "exec" },
        status: status({ code: 101 }),
        long: true,
    }),
    token: made({
        who: "node",
        verb: "create",
        uri: "/api/v1/namespaces/shop/serviceaccounts/operator/token",
        about: { resource: "serviceaccounts", namespace: "shop", name: "operator", subresource: "token" },
        status: created,
        sent: { kind: "TokenRequest" },
        answered: { kind: "TokenRequest", status: { token: "ey" } },
    }),
    bind: made({
        who: "mallory",
        verb: "create",
        uri: "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
        about: { resource: "clusterrolebindings", apiGroup: "rbac.authorization.k8s.io" },
        learned: { name: "mallory-admin" },
        status: created,
        sent: binding,
        answered: binding,
    }),
    forbidden: made({
        who: "mallory",
        verb: "list",
        uri: "/api/v1/namespaces/kube-system/secrets",
        about: { resource: "secrets", namespace: "kube-system" },
        status: failure("Forbidden", 403, 'secrets is forbidden: User "mallory" cannot list resource "secrets"'),
        answered: {
            kind: "Status",
            apiVersion: "v1",
            ...failure("Forbidden", 403, 'secrets is forbidden: User "mallory" cannot list resource "secrets"'),
        },
    }),
    unauthenticated: made({
        who: undefined,
        verb: "get",
        uri: "/api/v1/namespaces/kube-system/secrets/<script>alert(1)</script>",
        about: { resource: "secrets", namespace: "kube-system", name: "<script>alert(1)</script>" },
        status: failure("Unauthorized", 401, "Unauthorized"),
        answered: { kind: "Status", apiVersion: "v1", ...failure("Unauthorized", 401, "Unauthorized") },
    }),
} satisfies Record<string, Made>;

/** What happens in an hour, by the second at which it first does, and how often it is repeated after how many seconds. */
const hour: readonly (readonly [request: keyof typeof requests, first: number, every?: number])[] = [
    ["heartbeat", 0, 10],
    ["health", 5, 10],
    ["listPods", 7, 60],
    ["watch", 11, 300],
    ["readSecret", 31, 600],
    ["scale", 305],
    ["createPod", 308],
    ["token", 309],
    ["unauthenticated", 1201],
    ["forbidden", 1210, 900],
    ["exec", 1800],
    ["deletePod", 2403],
    ["bind", 3100],
];

/** One hour of a small cluster's log, recorded with a policy: the same every time. */
export function sampleLog(policy: Policy): AuditEvent[] {
    const served = hour.flatMap(([name, first, every = 3600]): ServedRequest[] =>
        Array.from({ length: Math.ceil((3600 - first) / every) }, (_, time) => ({
            ...requests[name],
            auditID: `${name}-${time}`,
            at: first + time * every,
        })),
    );
    return served.sort((one, other) => one.at - other.at).flatMap((request) => record(request, policy));
}
