import type { GroupResources, Policy, PolicyRule } from "../policy/types";

const groups = [
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "apps",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "extensions",
    "metrics.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
];
const knownGroups: GroupResources[] = [{ group: "" }, ...groups.map((group) => ({ group }))];

const bookkeeping: PolicyRule[] = [
    {
        level: "None",
        users: ["system:kube-proxy"],
        verbs: ["watch"],
        resources: [
            { group: "", resources: ["endpoints", "services", "services/status"] },
            { group: "discovery.k8s.io", resources: ["endpointslices"] },
        ],
    },
    {
        level: "None",
        users: ["system:unsecured"],
        namespaces: ["kube-system"],
        verbs: ["get"],
        resources: [{ group: "", resources: ["configmaps"] }],
    },
    {
        level: "None",
        users: ["kubelet"],
        verbs: ["get"],
        resources: [{ group: "", resources: ["nodes", "nodes/status"] }],
    },
    {
        level: "None",
        userGroups: ["system:nodes"],
        verbs: ["get"],
        resources: [{ group: "", resources: ["nodes", "nodes/status"] }],
    },
    {
        level: "None",
        users: [
            "system:kube-controller-manager",
            "system:kube-scheduler",
            "system:serviceaccount:kube-system:endpoint-controller",
        ],
        verbs: ["get", "update"],
        namespaces: ["kube-system"],
        resources: [{ group: "", resources: ["endpoints"] }],
    },
    {
        level: "None",
        users: ["system:apiserver"],
        verbs: ["get"],
        resources: [{ group: "", resources: ["namespaces", "namespaces/status", "namespaces/finalize"] }],
    },
    {
        level: "None",
        users: ["cluster-autoscaler"],
        verbs: ["get", "update"],
        namespaces: ["kube-system"],
        resources: [{ group: "", resources: ["configmaps", "endpoints"] }],
    },
    {
        level: "None",
        users: ["system:kube-controller-manager"],
        verbs: ["get", "list"],
        resources: [{ group: "metrics.k8s.io" }],
    },
    { level: "None", nonResourceURLs: ["/healthz*", "/version", "/swagger*", "/readyz*", "/livez*"] },
    { level: "None", resources: [{ group: "", resources: ["events"] }] },
];

const changes: PolicyRule[] = [
    {
        level: "Request",
        users: ["kubelet", "system:node-problem-detector"],
        verbs: ["update", "patch"],
        resources: [{ group: "", resources: ["nodes/status", "pods/status"] }],
        omitStages: ["RequestReceived"],
    },
    {
        level: "Request",
        userGroups: ["system:nodes"],
        verbs: ["update", "patch"],
        resources: [{ group: "", resources: ["nodes/status", "pods/status"] }],
        omitStages: ["RequestReceived"],
    },
    {
        level: "Request",
        users: ["system:serviceaccount:kube-system:namespace-controller"],
        verbs: ["deletecollection"],
        omitStages: ["RequestReceived"],
    },
    {
        level: "Metadata",
        resources: [
            { group: "", resources: ["secrets", "configmaps", "serviceaccounts/token"] },
            { group: "authentication.k8s.io", resources: ["tokenreviews"] },
        ],
        omitStages: ["RequestReceived"],
    },
    { level: "Request", verbs: ["get", "list", "watch"], resources: knownGroups, omitStages: ["RequestReceived"] },
    { level: "RequestResponse", resources: knownGroups, omitStages: ["RequestReceived"] },
    { level: "Metadata", omitStages: ["RequestReceived"] },
];

/** A policy with as many rules, and rules of the kinds, as large managed clusters have. */
export const clusterPolicy: Policy = { rules: [...bookkeeping, ...changes] };
