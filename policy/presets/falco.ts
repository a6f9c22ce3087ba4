import { ignore, record } from "../builder";
import { healthChecks } from "../namedRequests";
import { core, group, secrets } from "../requests";
import { definePreset } from "./preset";

/** What the 48 rules of Falco's plugin `k8saudit` (0.18) read, at the level at which they read it, and nothing else. */
export const falco = definePreset({
    name: "falco",
    description:
        "What Falco's rules for Kubernetes audit events need, at the level they need it, and nothing that none of them reads.",
    parameters: [],
    settings: { omitStages: ["RequestReceived"], omitManagedFields: true },
    rules: () => [
        ["No rule looks at these.", ignore(healthChecks())],
        [
            "Attach/Exec Pod and port-forward. The former waits for ResponseStarted.",
            record(core("pods/exec", "pods/attach", "pods/portforward")).at("Metadata"),
        ],
        ["Looked into for credentials.", record("create", "update", "patch").of(core("configmaps")).at("Request")],
        [
            "The rules read what the new pod, service, ingress, role or binding looks like.",
            record("create")
                .of(
                    core("pods", "services"),
                    group("networking.k8s.io", "ingresses"),
                    group("rbac.authorization.k8s.io", "roles", "clusterroles", "clusterrolebindings"),
                )
                .at("Request"),
        ],
        [
            "EphemeralContainers Created quotes the image.",
            record("create", "update", "patch").of(core("pods/ephemeralcontainers")).at("Request"),
        ],
        ["The two rules about reading secrets. Never with bodies.", record("get").of(secrets()).at("Metadata")],
        [
            "The rules that only count that something was created or deleted, whoever did it.",
            record("create", "delete")
                .of(
                    core("services", "configmaps", "namespaces", "serviceaccounts", "nodes"),
                    group("apps", "deployments"),
                    group("rbac.authorization.k8s.io"),
                )
                .at("Metadata"),
        ],
        [
            "System ClusterRole Modified/Deleted.",
            record("update", "patch")
                .of(group("rbac.authorization.k8s.io", "roles", "clusterroles"))
                .at("Metadata"),
        ],
        [
            "Of the cluster's own users no rule reads anything else.",
            ignore().byGroup("system:serviceaccounts", "system:nodes"),
        ],
        [
            "Nor of these.",
            ignore().by(
                "system:apiserver",
                "system:kube-controller-manager",
                "system:kube-scheduler",
                "system:cloud-controller-manager",
                "system:kube-proxy",
            ),
        ],
        [
            "The rules about who makes a request: nobody known, somebody not allowed, an administrator.",
            record().at("Metadata"),
        ],
    ],
});
