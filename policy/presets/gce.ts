import { ignore, record } from "../builder";
import { core, group, readVerbs, type Resources } from "../requests";
import { definePreset } from "./preset";

/**
 * Equal in effect to the policy that kubernetes/kubernetes writes for control planes on GCE (`cluster/gce/gci`), of
 * which those of GKE, kubespray and EKS's guide are relatives. Kept as it is, with its two gaps: events of the group
 * `events.k8s.io` and leases reach the last rule.
 */
export const gce = definePreset({
    name: "gce",
    description:
        "Equal in effect to the policy of Kubernetes' own scripts for GCE: bodies of the built-in groups, responses to " +
        "changes only. Events of the group events.k8s.io and leases are recorded, as there.",
    parameters: [],
    settings: { omitStages: ["RequestReceived"] },
    rules: () => [
        [
            "kube-proxy on every node watches these.",
            ignore("watch")
                .by("system:kube-proxy")
                .of(core("endpoints", "services", "services/status")),
        ],
        [
            "An ingress controller that came through the insecure port, which exists no more.",
            ignore("get").by("system:unsecured").in("kube-system").of(core("configmaps")),
        ],
        ["Kubelets with their former user.", ignore("get").by("kubelet").of(core("nodes", "nodes/status"))],
        ["Kubelets with their node's user.", ignore("get").byGroup("system:nodes").of(core("nodes", "nodes/status"))],
        [
            "Leader election by endpoints.",
            ignore("get", "update")
                .by("system:kube-controller-manager", "system:cloud-controller-manager", "system:kube-scheduler")
                .by("system:serviceaccount:kube-system:endpoint-controller")
                .in("kube-system")
                .of(core("endpoints")),
        ],
        [
            "The API server looks up namespaces for every request in one.",
            ignore("get")
                .by("system:apiserver")
                .of(core("namespaces", "namespaces/status", "namespaces/finalize")),
        ],
        [
            "The autoscaler's leader election and status.",
            ignore("get", "update").by("cluster-autoscaler").in("kube-system").of(core("configmaps", "endpoints")),
        ],
        [
            "The horizontal pod autoscaler's measurements.",
            ignore("get", "list")
                .by("system:kube-controller-manager", "system:cloud-controller-manager")
                .of(group("metrics.k8s.io")),
        ],
        [
            "Health, version, and the description of the API as it was once served.",
            ignore().to("/healthz*", "/version", "/swagger*"),
        ],
        [
            "Events, for their number; the core group alone.",
            ignore(core("events")),
            { "one-events-group": "as in the policy that this one equals" },
        ],
        [
            "What kubelets and the node problem detector report: without the answer.",
            record("update", "patch")
                .by("kubelet", "system:node-problem-detector")
                .by("system:serviceaccount:kube-system:node-problem-detector")
                .of(core("nodes/status", "pods/status"))
                .at("Request"),
        ],
        [
            "The same from nodes.",
            record("update", "patch").byGroup("system:nodes").of(core("nodes/status", "pods/status")).at("Request"),
        ],
        [
            "A deleted namespace is emptied kind by kind; the answers are long.",
            record("deletecollection").by("system:serviceaccount:kube-system:namespace-controller").at("Request"),
        ],
        [
            "What holds credentials, and what may.",
            record(core("secrets", "configmaps", "serviceaccounts/token"))
                .of(group("authentication.k8s.io", "tokenreviews"))
                .at("Metadata"),
        ],
        [
            "Answers to reads are long, and say what the cluster holds anyway.",
            record(...readVerbs)
                .of(...builtInGroups())
                .at("Request"),
        ],
        [
            "Changes with everything.",
            record()
                .of(...builtInGroups())
                .at("RequestResponse"),
            { "sensitive-body": "as in the policy that this one equals" },
        ],
        [
            "Other groups, of which nothing is known.",
            record().at("Metadata"),
            { "node-leases": "as in the policy that this one equals" },
        ],
    ],
});

function builtInGroups(): [Resources, ...Resources[]] {
    return [
        group(""),
        group("admissionregistration.k8s.io"),
        group("apiextensions.k8s.io"),
        group("apiregistration.k8s.io"),
        group("apps"),
        group("authentication.k8s.io"),
        group("authorization.k8s.io"),
        group("autoscaling"),
        group("batch"),
        group("certificates.k8s.io"),
        group("extensions"),
        group("metrics.k8s.io"),
        group("networking.k8s.io"),
        group("node.k8s.io"),
        group("policy"),
        group("rbac.authorization.k8s.io"),
        group("scheduling.k8s.io"),
        group("storage.k8s.io"),
    ];
}
