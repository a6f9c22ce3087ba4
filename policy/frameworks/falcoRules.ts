import type { Stage } from "../types";
import { isOutsider, type RequestClass } from "./requestClass";

/** What a Falco rule has to see. */
export interface FalcoRule {
    /** Falco's own name. */
    name: string;
    /** What it reports, in our words. */
    title: string;
    requests: RequestClass | "anything by outsiders" | "anything by the anonymous" | "anything by administrators";
    /** Whether its condition reads the request's body. */
    readsBody?: true;
    /** The stage that it waits for; `any` is any. Default: ResponseComplete. */
    stage?: Stage | "any";
}

const roles = ["rbac.authorization.k8s.io/roles", "rbac.authorization.k8s.io/clusterroles"];
const kubeNamespaces = ["kube-system", "kube-public"];

/**
 * The rules of `plugins/k8saudit/rules/k8s_audit_rules.yaml` in falcosecurity/plugins (0.18, August 2026), in its order
 * and without the one that reports every event, which is off unless somebody turns it on.
 */
export function falcoRules(): FalcoRule[] {
    return [
        {
            name: "Disallowed K8s User",
            title: "A user nobody has allowed does anything",
            requests: "anything by outsiders",
        },
        podCreation("Create Disallowed Pod", "A pod with an image nobody has allowed; off until somebody lists images"),
        podCreation("Create Privileged Pod", "A privileged pod"),
        podCreation("Create Sensitive Mount Pod", "A pod with a sensitive directory of its host"),
        podCreation("Create HostNetwork Pod", "A pod in its host's network"),
        podCreation("Create HostPid Pod", "A pod among its host's processes"),
        podCreation("Create HostIPC Pod", "A pod with its host's shared memory"),
        {
            name: "Create NodePort Service",
            title: "A service on a port of every node",
            requests: { verbs: ["create"], kinds: ["services"] },
            readsBody: true,
        },
        {
            name: "Create/Modify Configmap With Private Credentials",
            title: "A ConfigMap with something like a password",
            requests: { verbs: ["create", "update", "patch"], kinds: ["configmaps"] },
            readsBody: true,
        },
        {
            name: "Anonymous Request Allowed",
            title: "A request without a user that was allowed",
            requests: "anything by the anonymous",
        },
        {
            name: "Attach/Exec Pod",
            title: "A session in a container, when it begins",
            requests: { verbs: ["create", "get"], kinds: ["pods:exec", "pods:attach"] },
            stage: "ResponseStarted",
        },
        {
            name: "port-forward",
            title: "A port of a pod, forwarded",
            requests: { verbs: ["create", "get"], kinds: ["pods:portforward"] },
            stage: "any",
        },
        {
            name: "EphemeralContainers Created",
            title: "A container added to a running pod",
            requests: { verbs: ["update", "patch"], kinds: ["pods:ephemeralcontainers"] },
        },
        {
            name: "Create Disallowed Namespace",
            title: "A namespace nobody has allowed",
            requests: { verbs: ["create"], kinds: ["namespaces"] },
        },
        {
            ...podCreation("Pod Created in Kube Namespace", "A pod in a namespace of the cluster itself"),
            requests: { verbs: ["create"], kinds: ["pods"], namespaces: kubeNamespaces },
        },
        {
            name: "Service Account Created in Kube Namespace",
            title: "A service account in a namespace of the cluster itself",
            requests: { verbs: ["create"], kinds: ["serviceaccounts"], namespaces: kubeNamespaces },
        },
        {
            name: "System ClusterRole Modified/Deleted",
            title: "A role of the cluster itself, changed or deleted",
            requests: { verbs: ["create", "update", "patch", "delete"], kinds: roles, name: "system:node" },
        },
        {
            name: "Attach to cluster-admin Role",
            title: "Somebody becomes administrator of the cluster",
            requests: { verbs: ["create"], kinds: ["rbac.authorization.k8s.io/clusterrolebindings"] },
            readsBody: true,
        },
        roleCreation("ClusterRole With Wildcard Created", "A role for every kind or verb"),
        roleCreation("ClusterRole With Write Privileges Created", "A role that may change something"),
        roleCreation("ClusterRole With Pod Exec Created", "A role that may open sessions in containers"),
        ...lifecycle("K8s Deployment", "A deployment", "apps/deployments"),
        ...lifecycle("K8s Service", "A service", "services"),
        ...lifecycle("K8s ConfigMap", "A ConfigMap", "configmaps"),
        created("K8s Namespace", "A namespace", "namespaces"),
        deleted("K8s Namespace", "A namespace", "namespaces", { who: isOutsider }),
        ...lifecycle("K8s Serviceaccount", "A service account", "serviceaccounts"),
        ...lifecycle("K8s Role", "A role", "rbac.authorization.k8s.io/roles"),
        ...lifecycle("K8s ClusterRole", "A cluster role", "rbac.authorization.k8s.io/clusterroles"),
        ...lifecycle("K8s RoleBinding", "A role binding", "rbac.authorization.k8s.io/rolebindings"),
        ...lifecycle(
            "K8s ClusterRoleBinding",
            "A cluster role binding",
            "rbac.authorization.k8s.io/clusterrolebindings",
        ),
        created("K8s Secret", "A secret", "secrets", { who: isOutsider, exceptNamespaces: ["kube-system"] }),
        deleted("K8s Secret", "A secret", "secrets", { who: isOutsider, exceptNamespaces: ["kube-system"] }),
        {
            name: "K8s Secret Get Successfully",
            title: "A secret was read",
            requests: { verbs: ["get"], kinds: ["secrets"] },
        },
        {
            name: "K8s Secret Get Unsuccessfully Tried",
            title: "Somebody tried to read a secret",
            requests: { verbs: ["get"], kinds: ["secrets"] },
        },
        {
            name: "Full K8s Administrative Access",
            title: "An administrator does anything; off until somebody turns it on",
            requests: "anything by administrators",
        },
        {
            name: "Ingress Object without TLS Certificate Created",
            title: "An ingress without a certificate",
            requests: { verbs: ["create"], kinds: ["networking.k8s.io/ingresses"] },
            readsBody: true,
        },
        {
            name: "Untrusted Node Successfully Joined the Cluster",
            title: "A node nobody has allowed; off until somebody lists nodes",
            requests: { verbs: ["create"], kinds: ["nodes"] },
        },
        {
            name: "Untrusted Node Unsuccessfully Tried to Join the Cluster",
            title: "A node nobody has allowed was refused; off until somebody lists nodes",
            requests: { verbs: ["create"], kinds: ["nodes"] },
        },
    ];
}

function podCreation(name: string, title: string): FalcoRule {
    return { name, title, requests: { verbs: ["create"], kinds: ["pods"] }, readsBody: true };
}

function roleCreation(name: string, title: string): FalcoRule {
    return { name, title, requests: { verbs: ["create"], kinds: roles }, readsBody: true };
}

function lifecycle(name: string, title: string, kind: string): FalcoRule[] {
    return [created(name, title, kind), deleted(name, title, kind)];
}

function created(name: string, title: string, kind: string, by: Partial<RequestClass> = {}): FalcoRule {
    return {
        name: `${name} Created`,
        title: `${title} was created`,
        requests: { verbs: ["create"], kinds: [kind], ...by },
    };
}

function deleted(name: string, title: string, kind: string, by: Partial<RequestClass> = {}): FalcoRule {
    return {
        name: `${name} Deleted`,
        title: `${title} was deleted`,
        requests: { verbs: ["delete"], kinds: [kind], ...by },
    };
}
