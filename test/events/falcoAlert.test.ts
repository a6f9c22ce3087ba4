import assert from "node:assert/strict";
import { readAlert, type FalcoAlert } from "../../events/falcoAlert";
import { fieldsOfOutput, ruleOfOutput } from "../../events/falcoOutput";

const at = Date.UTC(2026, 0, 1, 10, 0, 0) * 1000;
const midday = 10 * 3600 * 1_000_000;

const privileged =
    "Pod started with privileged container (user=alice pod=web-1 resource=pods ns=shop images=nginx:1.29)";
const fields = { user: "alice", name: "web-1", resource: "pods", namespace: "shop", pod: "web-1" };
const json = {
    hostname: "cp-1",
    output: `10:00:00.123456000: Warning ${privileged}`,
    output_fields: {
        "evt.time": 1767261600123456000,
        "ka.auditid": "6f1c",
        "ka.req.pod.containers.image": "(nginx:1.29)",
        "ka.resp.name": "web-1",
        "ka.target.namespace": "shop",
        "ka.target.resource": "pods",
        "ka.user.name": "alice",
    },
    priority: "Warning",
    rule: "Create Privileged Pod",
    source: "k8s_audit",
    tags: ["k8s"],
    time: "2026-01-01T10:00:00.123456000Z",
};
const common = { priority: "Warning", rule: "Create Privileged Pod", message: privileged } as const;
const ofJson = { ...common, ...fields, auditID: "6f1c", time: at + 123_456, source: "k8s_audit", hostname: "cp-1" };

const lines: [what: string, line: string, alert: FalcoAlert | undefined][] = [
    ["JSON", JSON.stringify(json), ofJson],
    ["JSON in a journal", `Jan 01 10:00:00 node falco[123]: ${JSON.stringify(json)}`, ofJson],
    ["JSON in a JSON journal", JSON.stringify({ MESSAGE: JSON.stringify(json), _HOSTNAME: "node" }), ofJson],
    [
        "JSON without fields",
        JSON.stringify({ ...json, output_fields: undefined }),
        { ...common, ...fields, time: at + 123_456, source: "k8s_audit", hostname: "cp-1" },
    ],
    [
        "JSON with the message apart",
        JSON.stringify({ ...json, output: undefined, message: "Pod started", output_fields: {} }),
        {
            priority: "Warning",
            rule: "Create Privileged Pod",
            message: "Pod started",
            time: at + 123_456,
            source: "k8s_audit",
            hostname: "cp-1",
        },
    ],
    ["text", `10:00:00.123456000: Warning ${privileged}`, { ...common, ...fields, timeOfDay: midday + 123_456 }],
    [
        "text with times as ISO 8601",
        `2026-01-01T12:00:00.123456000+0200: Warning ${privileged}`,
        { ...common, ...fields, time: at + 123_456 },
    ],
    [
        "text in a journal",
        `Jan  1 10:00:00 cp-1 falco[123]: 10:00:00.123456000: Warning ${privileged}`,
        { ...common, ...fields, timeOfDay: midday + 123_456, day: { month: 1, day: 1 }, hostname: "cp-1" },
    ],
    [
        "text in a journal with ISO dates",
        `2026-01-01T10:00:00+0000 cp-1 falco[123]: 10:00:00.123456000: Warning ${privileged}`,
        { ...common, ...fields, timeOfDay: midday + 123_456, day: { month: 1, day: 1 }, hostname: "cp-1" },
    ],
    [
        "text in a JSON journal",
        JSON.stringify({ MESSAGE: `10:00:00.123456000: Warning ${privileged}`, _HOSTNAME: "node" }),
        { ...common, ...fields, timeOfDay: midday + 123_456, hostname: "node" },
    ],
    [
        "a rule that nobody knows",
        "10:00:00.000000000: Info Something (user=alice)",
        { priority: "Informational", timeOfDay: midday, user: "alice", message: "Something (user=alice)" },
    ],
    [
        "an alert about a process",
        JSON.stringify({
            output: "10:00:00.5: Notice A shell (user=root)",
            output_fields: { "k8s.ns.name": "shop", "k8s.pod.name": "web-1", "user.name": "root", "proc.pid": 7 },
            priority: "Notice",
            rule: "Terminal shell in container",
            source: "syscall",
            time: "2026-01-01T10:00:00.500000000Z",
        }),
        {
            priority: "Notice",
            rule: "Terminal shell in container",
            source: "syscall",
            time: at + 500_000,
            namespace: "shop",
            pod: "web-1",
            user: "root",
            message: "A shell (user=root)",
        },
    ],
    [
        "Falco's own message",
        "Thu Jan  1 10:00:00 2026: Loading rules from file /etc/falco/k8s_audit_rules.yaml",
        undefined,
    ],
    ["Falco's own message in JSON", '{"level":"info","message":"Falco version: 0.41.0"}', undefined],
    ["damaged JSON", JSON.stringify(json).slice(0, 100), undefined],
    ["nothing", "", undefined],
];

describe("readAlert", () => {
    for (const [what, line, alert] of lines) {
        it(`reads ${what}`, () => {
            assert.deepEqual(readAlert(line), alert);
        });
    }
});

/** A text of each of the plugin's rules, as its formats give them, and what it says. */
const texts: [rule: string, text: string, said: object][] = [
    [
        "Disallowed K8s User",
        "K8s Operation performed by user not in allowed list of users (user=eve target=db/secrets verb=get uri=/api/v1/namespaces/shop/secrets/db resp=200)",
        {
            user: "eve",
            name: "db",
            resource: "secrets",
            verb: "get",
            uri: "/api/v1/namespaces/shop/secrets/db",
            code: "200",
        },
    ],
    [
        "Create Sensitive Mount Pod",
        'Pod started with sensitive mount (user=eve pod=web ns=shop resource=pods images=(a b) volumes=[{"hostPath":{"path":"/etc"}}])',
        { user: "eve", name: "web", pod: "web", namespace: "shop", resource: "pods" },
    ],
    [
        "Create/Modify Configmap With Private Credentials",
        "K8s configmap with private credential (user=eve verb=create resource=configmaps configmap=app)",
        { user: "eve", verb: "create", resource: "configmaps", name: "app" },
    ],
    [
        "Anonymous Request Allowed",
        "Request by anonymous user allowed (user=system:anonymous verb=get uri=/version reason=RBAC: allowed by ClusterRoleBinding))",
        { user: "system:anonymous", verb: "get", uri: "/version" },
    ],
    [
        "Attach/Exec Pod",
        "Attach/Exec to pod (user=eve pod=web resource=pods ns=shop action=exec command=sh)",
        { user: "eve", name: "web", pod: "web", resource: "pods", namespace: "shop", subresource: "exec" },
    ],
    [
        "port-forward",
        "Portforward to pod (user=eve pod=web ns=shop action=portforward )",
        { user: "eve", name: "web", pod: "web", namespace: "shop", subresource: "portforward" },
    ],
    [
        "Create Disallowed Namespace",
        "Disallowed namespace created (user=eve ns=lab resource=namespaces)",
        { user: "eve", name: "lab", resource: "namespaces" },
    ],
    [
        "System ClusterRole Modified/Deleted",
        "System ClusterRole/Role modified or deleted (user=eve role=system:node resource=clusterroles ns=<NA> action=delete)",
        { user: "eve", name: "system:node", resource: "clusterroles", verb: "delete" },
    ],
    [
        "K8s Namespace Deleted",
        "K8s Namespace Deleted (user=eve namespace=lab resource=namespaces resp=200 decision=allow reason=<NA>)",
        { user: "eve", name: "lab", resource: "namespaces", code: "200" },
    ],
    [
        "K8s Secret Get Successfully",
        "K8s Secret Get Successfully (user=eve secret=db ns=shop resource=secrets resp=200 decision=allow reason=)",
        { user: "eve", name: "db", namespace: "shop", resource: "secrets", code: "200" },
    ],
    [
        "K8s RoleBinding Created",
        "K8s RoleBinding Created (user=eve binding=b ns=shop resource=rolebindings subjects=[] role=admin resp=201 decision=allow reason=)",
        { user: "eve", name: "b", namespace: "shop", resource: "rolebindings", code: "201" },
    ],
    [
        "Ingress Object without TLS Certificate Created",
        "K8s Ingress Without TLS Cert Created (user=eve ingress=web namespace=shop resource=ingresses)",
        { user: "eve", name: "web", namespace: "shop", resource: "ingresses" },
    ],
    [
        "Untrusted Node Successfully Joined the Cluster",
        "Node not in allowed list successfully joined the cluster (user=system:node:x node=x resource=nodes)",
        { user: "system:node:x", name: "x", resource: "nodes" },
    ],
];

describe("fieldsOfOutput and ruleOfOutput", () => {
    for (const [rule, text, said] of texts) {
        it(`read the text of ${rule}`, () => {
            assert.deepEqual([ruleOfOutput(text), fieldsOfOutput(text, {})], [rule, said]);
        });
    }
});
