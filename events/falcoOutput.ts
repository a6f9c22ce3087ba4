/** What an alert says about the request, or the process, that it is about. What it does not say is absent. */
export interface AlertFields {
    readonly auditID?: string;
    readonly stage?: string;
    readonly user?: string;
    readonly verb?: string;
    readonly uri?: string;
    readonly namespace?: string;
    readonly resource?: string;
    readonly subresource?: string;
    /** The name of the object. */
    readonly name?: string;
    /** The name of the pod, where the alert is about one. */
    readonly pod?: string;
    /** The HTTP status of the answer. */
    readonly code?: string;
}

/** Falco's fields, in the order in which they are believed. Source: falcosecurity/plugins, `plugins/k8saudit`. */
const fields: readonly (readonly [field: string, meaning: keyof AlertFields])[] = [
    ["ka.auditid", "auditID"],
    ["ka.stage", "stage"],
    ["ka.user.name", "user"],
    ["ka.verb", "verb"],
    ["ka.uri", "uri"],
    ["ka.target.namespace", "namespace"],
    ["ka.target.resource", "resource"],
    ["ka.target.subresource", "subresource"],
    ["ka.target.name", "name"],
    ["ka.resp.name", "name"],
    ["ka.req.configmap.name", "name"],
    ["ka.target.pod.name", "pod"],
    ["ka.response.code", "code"],
    ["k8s.pod.name", "pod"],
    ["k8s.ns.name", "namespace"],
    ["user.name", "user"],
];

/** What the rules call those fields in their texts. */
const words: Readonly<Record<string, keyof AlertFields>> = {
    auditid: "auditID",
    ka_auditid: "auditID",
    audit_id: "auditID",
    user: "user",
    verb: "verb",
    uri: "uri",
    resource: "resource",
    resp: "code",
    pod: "name",
    service: "name",
    configmap: "name",
    deployment: "name",
    serviceaccount: "name",
    role: "name",
    binding: "name",
    secret: "name",
    node: "name",
    ingress: "name",
    k8s_ns: "namespace",
    k8s_ns_name: "namespace",
    k8s_pod_name: "pod",
    user_name: "user",
};

const verbs = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];

/**
 * What an alert says, from its fields or, where it has none of them, from the end of its text: `… (user=alice verb=get)`.
 *
 * @param message - what the rule says
 * @param outputFields - the fields of the alert's JSON, by Falco's names
 */
export function fieldsOfOutput(message: string, outputFields: Readonly<Record<string, unknown>>): AlertFields {
    const found: Record<string, string> = {};
    const put = (meaning: keyof AlertFields, value: unknown) => {
        if ((typeof value === "string" || typeof value === "number") && value !== "" && value !== "<NA>") {
            found[meaning] ??= String(value);
        }
    };
    for (const [field, meaning] of fields) {
        put(meaning, outputFields[field]);
    }
    if (Object.keys(found).length === 0) {
        readWords(message, put);
    }
    if (found.resource === "pods" && found.name !== undefined) {
        put("pod", found.name);
    }
    return found;
}

function readWords(message: string, put: (meaning: keyof AlertFields, value: string) => void): void {
    const list = /\(([^()]*=.*)\)\)?\s*$/s.exec(message)?.[1] ?? "";
    const pairs = [...list.matchAll(/(?:^|\s)([a-z_0-9]+)=(.*?)(?=\s[a-z_0-9]+=|$)/gs)].map(
        ([, word = "", value = ""]) => [word, value.trim()] as const,
    );
    // "Namespace created (user=… ns=…)" is about the namespace itself.
    const about = pairs.find(([word]) => word === "resource")?.[1];
    for (const [word, value] of pairs) {
        if (word === "action") {
            put(verbs.includes(value) ? "verb" : "subresource", value);
        } else if (word === "target") {
            const [name = "", resource = ""] = value.split("/");
            put("name", name);
            put("resource", resource);
        } else if (word === "ns" || word === "namespace") {
            put(about === "namespaces" ? "name" : "namespace", value);
        } else if (word in words) {
            put(words[word]!, value);
        }
        if (word === "pod" && !pairs.some(([other]) => other === "resource")) {
            put("pod", value);
        }
    }
}

/** How the texts of the plugin's rules begin that are not their names. Source: `plugins/k8saudit/rules/k8s_audit_rules.yaml`. */
const openings: readonly (readonly [opening: string, rule: string])[] = [
    ["K8s Operation performed by user not in allowed list of users", "Disallowed K8s User"],
    ["Pod started with container not in allowed list", "Create Disallowed Pod"],
    ["Pod started with privileged container", "Create Privileged Pod"],
    ["Pod started with sensitive mount", "Create Sensitive Mount Pod"],
    ["Pod started using host network", "Create HostNetwork Pod"],
    ["Pod started using host pid namespace", "Create HostPid Pod"],
    ["Pod started using host ipc namespace", "Create HostIPC Pod"],
    ["NodePort Service Created", "Create NodePort Service"],
    ["K8s configmap with private credential", "Create/Modify Configmap With Private Credentials"],
    ["Request by anonymous user allowed", "Anonymous Request Allowed"],
    ["Attach/Exec to pod", "Attach/Exec Pod"],
    ["Portforward to pod", "port-forward"],
    ["Ephemeral container is created in pod", "EphemeralContainers Created"],
    ["Disallowed namespace created", "Create Disallowed Namespace"],
    ["Pod created in kube namespace", "Pod Created in Kube Namespace"],
    ["Service account created in kube namespace", "Service Account Created in Kube Namespace"],
    ["System ClusterRole/Role modified or deleted", "System ClusterRole Modified/Deleted"],
    ["Cluster Role Binding to cluster-admin role", "Attach to cluster-admin Role"],
    ["Created Role/ClusterRole with wildcard", "ClusterRole With Wildcard Created"],
    ["Created Role/ClusterRole with write privileges", "ClusterRole With Write Privileges Created"],
    ["Created Role/ClusterRole with pod exec privileges", "ClusterRole With Pod Exec Created"],
    ["K8s Audit Event received", "All K8s Audit Events"],
    ["K8s Operation performed by full admin user", "Full K8s Administrative Access"],
    ["K8s Ingress Without TLS Cert Created", "Ingress Object without TLS Certificate Created"],
    ["Node not in allowed list successfully joined the cluster", "Untrusted Node Successfully Joined the Cluster"],
    [
        "Node not in allowed list tried unsuccessfully to join the cluster",
        "Untrusted Node Unsuccessfully Tried to Join the Cluster",
    ],
];

/** The texts that begin with their rule's name. */
const named = /^K8s (?:\w+ (?:Created|Deleted)|Secret Get (?:Successfully|Unsuccessfully Tried)) \(/;

/** The rule of the plugin `k8saudit` that writes such a text. */
export function ruleOfOutput(message: string): string | undefined {
    if (named.test(message)) {
        return message.slice(0, message.indexOf(" ("));
    }
    return openings.find(([opening]) => message.startsWith(opening))?.[1];
}
