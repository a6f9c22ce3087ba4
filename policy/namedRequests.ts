import type { CallerRequests, PathRequests, ResourceRequests, Resources } from "./requests";

/**
 * What holds credentials, or hands them out. Requests about these should never be recorded with bodies.
 *
 * Secrets; `serviceaccounts/token`, whose answer is a token; TokenReviews, whose request is one; and signing requests for
 * certificates with their subresources. ConfigMaps are not among them: they are not meant for credentials, and Falco
 * looks into their changes for those that are there nevertheless.
 */
export function secretsAndTokens(): Resources {
    return {
        resources: [
            { group: "", resources: ["secrets", "serviceaccounts/token"] },
            { group: "authentication.k8s.io", resources: ["tokenreviews"] },
            {
                group: "certificates.k8s.io",
                resources: [
                    "certificatesigningrequests",
                    "certificatesigningrequests/approval",
                    "certificatesigningrequests/status",
                    "podcertificaterequests",
                    "podcertificaterequests/status",
                ],
            },
        ],
    };
}

/**
 * `/healthz`, `/livez` and `/readyz`, which kubelets and load balancers ask every few seconds. Single checks such as
 * `/readyz/etcd` are not among them: people ask for those.
 */
export function healthChecks(): PathRequests {
    return { nonResourceURLs: ["/healthz", "/livez", "/readyz"] };
}

/** What clients ask to learn which resources there are: `/api`, `/apis`, what is below them, `/openapi` and `/version`. */
export function discovery(): PathRequests {
    return { nonResourceURLs: ["/api", "/api/*", "/apis", "/apis/*", "/openapi/*", "/version"] };
}

/** Event objects, in both groups that serve them: the core group and `events.k8s.io`. */
export function events(): Resources {
    return {
        resources: [
            { group: "", resources: ["events"] },
            { group: "events.k8s.io", resources: ["events"] },
        ],
    };
}

/** Nodes saying that they live: their leases in `kube-node-lease` and their status, read and written by nodes alone. */
export function nodeHeartbeats(): ResourceRequests {
    return {
        userGroups: ["system:nodes"],
        verbs: ["get", "create", "update", "patch"],
        resources: [
            { group: "coordination.k8s.io", resources: ["leases"] },
            { group: "", resources: ["nodes/status"] },
        ],
        namespaces: ["kube-node-lease", ""],
    };
}

/** The control plane's own components renewing their leases. */
export function leaderElection(): ResourceRequests {
    return {
        users: controlPlaneUsers,
        verbs: ["get", "create", "update", "patch"],
        resources: [{ group: "coordination.k8s.io", resources: ["leases"] }],
    };
}

/** The control plane's own components, and kube-proxy, reading anything at all: secrets too, if no earlier rule has them. */
export function controllerNoise(): CallerRequests {
    return { users: [...controlPlaneUsers, "system:kube-proxy"], verbs: ["get", "list", "watch"] };
}

/**
 * Ways into a container, a node or a service by way of the API server: exec, attach, port-forward and the proxies of
 * pods, services and nodes. What happens in a session is never recorded; of an exec the command is, in the URL.
 */
export function interactiveSessions(): Resources {
    return {
        resources: [
            {
                group: "",
                resources: [
                    "pods/exec",
                    "pods/attach",
                    "pods/portforward",
                    "pods/proxy",
                    "services/proxy",
                    "nodes/proxy",
                ],
            },
        ],
    };
}

/** Who may do what: roles, cluster roles and their bindings. */
export function accessControl(): Resources {
    return { resources: [{ group: "rbac.authorization.k8s.io" }] };
}

const controlPlaneUsers = [
    "system:apiserver",
    "system:kube-controller-manager",
    "system:kube-scheduler",
    "system:cloud-controller-manager",
] as const;
