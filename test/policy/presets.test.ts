import assert from "node:assert/strict";
import { checkPolicy } from "../../policy/check";
import { evaluate, type Attributes } from "../../policy/evaluate";
import { newestMinor, oldestMinor } from "../../policy/kubernetes";
import { lintPolicy } from "../../policy/lint";
import { presets, type Preset } from "../../policy/presets";
import { type Level, type Stage } from "../../policy/types";
import { request } from "./request";

type Name = keyof typeof presets;

/** A request, its level, the index of the rule that decides, and the stages omitted on top of the policy's own. */
type Row = [request: string, level: Level, rule: number | undefined, ...stages: Stage[]];

const tables: Record<Name, Row[]> = {
    recommended: [
        ["create alice :pods/exec in default named web", "Metadata", 0],
        ["get system:serviceaccount:kube-system:metrics-server :nodes/proxy named n1", "Metadata", 0],
        ["get system:kube-controller-manager :secrets in default named db", "Metadata", 1],
        ["watch system:node:n1 :secrets in default named db", "Metadata", 1],
        ["create system:node:n1 :serviceaccounts/token in default named default", "Metadata", 1],
        ["create system:node:n1 authentication.k8s.io:tokenreviews", "Metadata", 1],
        ["create system:node:n1 certificates.k8s.io:certificatesigningrequests", "Metadata", 1],
        ["get system:anonymous /livez", "None", 2],
        ["get system:anonymous /version", "Metadata", 16],
        ["get alice /apis/apps/v1", "Metadata", 16],
        ["get system:serviceaccount:default:app /apis/apps/v1", "None", 3],
        ["get alice /readyz/etcd", "Metadata", 16],
        ["get nobody /healthz", "None", 2],
        ["create system:node:n1 events.k8s.io:events in default", "None", 4],
        ["patch system:serviceaccount:kube-system:replicaset-controller :events in default", "None", 4],
        ["create system:kube-scheduler events.k8s.io:events in default", "None", 5],
        ["list alice :events in default", "Metadata", 16],
        ["create system:anonymous :events in default", "Request", 14],
        ["create alice events.k8s.io:events in default", "Request", 14],
        ["update system:node:n1 coordination.k8s.io:leases in kube-node-lease named n1", "None", 6],
        ["patch system:node:n1 :nodes/status named n1", "None", 6],
        ["update system:kube-scheduler coordination.k8s.io:leases in kube-system named kube-scheduler", "None", 7],
        [
            "update system:serviceaccount:ingress:controller coordination.k8s.io:leases in ingress named leader",
            "None",
            8,
        ],
        [
            "delete system:serviceaccount:ingress:controller coordination.k8s.io:leases in ingress named leader",
            "Metadata",
            16,
        ],
        ["watch system:kube-proxy discovery.k8s.io:endpointslices", "None", 9],
        ["list system:apiserver admissionregistration.k8s.io:validatingwebhookconfigurations", "None", 9],
        ["get system:node:n1 :pods in default named web", "None", 10],
        ["list system:node:n1 :pods", "Metadata", 16],
        ["watch system:serviceaccount:kube-system:coredns discovery.k8s.io:endpointslices", "None", 11],
        ["watch system:serviceaccount:default:app :pods in default", "Metadata", 15, "ResponseStarted"],
        ["patch system:node:n1 :pods/status in default named web", "Metadata", 12],
        [
            "update system:serviceaccount:kube-system:endpoint-controller :endpoints in default named web",
            "Metadata",
            12,
        ],
        [
            "update system:serviceaccount:kube-system:deployment-controller apps:deployments/status in default named web",
            "Metadata",
            12,
        ],
        [
            "update system:serviceaccount:kube-system:horizontal-pod-autoscaler autoscaling:horizontalpodautoscalers/status in default",
            "Metadata",
            12,
        ],
        ["create alice rbac.authorization.k8s.io:clusterrolebindings", "RequestResponse", 13],
        ["list alice rbac.authorization.k8s.io:clusterroles", "Metadata", 16],
        ["create alice :pods in default", "Request", 14],
        ["create system:node:n1 :pods in kube-system", "Request", 14],
        ["delete alice :pods in default named web", "Request", 14],
        ["patch alice :pods/ephemeralcontainers in default named web", "Request", 14],
        ["update alice apps:deployments/scale in default named web", "Request", 14],
        ["update alice :configmaps in default named settings", "Request", 14],
        ["get alice :configmaps in default named settings", "Metadata", 16],
        ["create alice networking.k8s.io:ingresses in default", "Request", 14],
        ["deletecollection system:serviceaccount:kube-system:namespace-controller batch:jobs in old", "Request", 14],
        ["create alice apiextensions.k8s.io:customresourcedefinitions", "Metadata", 16],
        ["create alice example.com:databases in default", "Metadata", 16],
        ["watch alice :pods in default", "Metadata", 15, "ResponseStarted"],
        ["watch nobody :pods in default", "Metadata", 16],
        ["list nobody :secrets", "Metadata", 1],
        ["get alice :pods/log in default named web", "Metadata", 16],
        ["create alice authorization.k8s.io:selfsubjectaccessreviews", "Metadata", 16],
        ["get alice /metrics", "Metadata", 16],
    ],
    minimal: [
        ["create alice :pods/exec in default named web", "Metadata", 0],
        ["get alice :secrets in default named db", "Metadata", 1],
        ["delete alice :secrets in default named db", "Metadata", 1],
        ["create system:node:n1 :events in default", "None", 2],
        ["create alice events.k8s.io:events in default", "None", 2],
        ["update system:node:n1 coordination.k8s.io:leases in kube-node-lease named n1", "None", 3],
        ["delete alice coordination.k8s.io:leases in default named x", "None", 3],
        ["create system:node:n1 authentication.k8s.io:tokenreviews", "None", 4],
        ["create alice authorization.k8s.io:selfsubjectaccessreviews", "None", 4],
        ["patch system:node:n1 :pods/status in default named web", "None", 5],
        ["patch alice :pods/status in default named web", "Metadata", 6],
        [
            "update system:serviceaccount:kube-system:endpointslice-controller discovery.k8s.io:endpointslices in default named web",
            "None",
            5,
        ],
        ["delete alice :pods in default named web", "Metadata", 6],
        ["create nobody :pods in default", "Metadata", 6],
        ["create system:node:n1 :serviceaccounts/token in default named default", "Metadata", 6],
        ["patch alice apps:deployments in default named web", "Metadata", 6],
        ["deletecollection alice example.com:databases in default", "Metadata", 6],
        ["get alice :pods in default named web", "None", undefined],
        ["watch system:kube-proxy :services", "None", undefined],
        ["get alice /healthz", "None", undefined],
    ],
    metadata: [
        ["get alice :secrets in default named db", "Metadata", 0],
        ["create system:node:n1 :events in default", "Metadata", 0],
        ["get system:anonymous /livez", "Metadata", 0],
        ["list nobody :pods", "Metadata", 0],
    ],
    podDeletions: [
        ["delete alice :pods in prod-namespace named webapp-pod", "RequestResponse", 0],
        ["delete alice :pods in prod-namespace named other", "None", undefined],
        ["delete alice :pods in default named webapp-pod", "None", undefined],
        ["get alice :pods in prod-namespace named webapp-pod", "None", undefined],
        ["create alice :pods/eviction in prod-namespace named webapp-pod", "RequestResponse", 1],
        ["create alice :pods/eviction in prod-namespace named other", "None", undefined],
        ["deletecollection alice :pods in prod-namespace", "Request", 2],
        ["deletecollection alice :pods in default", "None", undefined],
        ["delete alice :namespaces in prod-namespace named prod-namespace", "None", undefined],
    ],
    cis: [
        ["get alice :secrets in default named db", "Metadata", 0],
        ["update alice :configmaps in default named settings", "Metadata", 0],
        ["create system:node:n1 authentication.k8s.io:tokenreviews", "Metadata", 0],
        ["create alice :pods/exec in default named web", "Metadata", 1],
        ["create alice :pods/portforward in default named web", "Metadata", 1],
        ["get alice :pods/proxy in default named web", "Metadata", 1],
        ["get alice :services/proxy in default named web", "Metadata", 1],
        ["create alice :pods in default", "Request", 2],
        ["patch alice apps:deployments in default named web", "Request", 2],
        ["get alice :pods in default named web", "Metadata", 3],
        ["list alice apps:deployments", "Metadata", 3],
        ["get system:anonymous /readyz", "None", 4],
        ["update system:node:n1 coordination.k8s.io:leases in kube-node-lease named n1", "None", 5],
        [
            "update system:kube-controller-manager coordination.k8s.io:leases in kube-system named kube-controller-manager",
            "None",
            6,
        ],
        ["create system:node:n1 :events in default", "None", 7],
        ["create system:serviceaccount:kube-system:job-controller events.k8s.io:events in default", "None", 7],
        ["list alice events.k8s.io:events", "Metadata", 8],
        ["create alice batch:jobs in default", "Metadata", 8],
        ["get alice /version", "Metadata", 8],
        ["list nobody :pods", "Metadata", 3],
    ],
    stig: [
        ["get alice :secrets in default named db", "RequestResponse", 0],
        ["get system:anonymous /livez", "RequestResponse", 0],
        ["create system:node:n1 :events in default", "RequestResponse", 0],
        ["list nobody :pods", "RequestResponse", 0],
    ],
    falco: [
        ["get system:anonymous /livez", "None", 0],
        ["create alice :pods/exec in default named web", "Metadata", 1],
        ["get alice :pods/attach in default named web", "Metadata", 1],
        ["create system:serviceaccount:default:app :pods/portforward in default named web", "Metadata", 1],
        ["update system:serviceaccount:default:app :configmaps in default named settings", "Request", 2],
        ["create system:node:n1 :pods in kube-system", "Request", 3],
        ["create alice :services in default", "Request", 3],
        ["create alice networking.k8s.io:ingresses in default", "Request", 3],
        ["create alice rbac.authorization.k8s.io:roles in default", "Request", 3],
        ["patch alice :pods/ephemeralcontainers in default named web", "Request", 4],
        ["get system:node:n1 :secrets in default named db", "Metadata", 5],
        ["list system:node:n1 :secrets in default", "None", 8],
        ["create alice :secrets in default", "Metadata", 10],
        ["create system:serviceaccount:kube-system:service-account-controller :serviceaccounts in new", "Metadata", 6],
        ["delete alice apps:deployments in default named web", "Metadata", 6],
        ["create system:node:n1 :nodes", "Metadata", 6],
        ["delete alice rbac.authorization.k8s.io:clusterrolebindings named x", "Metadata", 6],
        [
            "patch system:serviceaccount:default:app rbac.authorization.k8s.io:clusterroles named system:node",
            "Metadata",
            7,
        ],
        ["update system:node:n1 coordination.k8s.io:leases in kube-node-lease named n1", "None", 8],
        ["create system:serviceaccount:default:app events.k8s.io:events in default", "None", 8],
        ["watch system:kube-proxy :services", "None", 9],
        ["list alice :pods", "Metadata", 10],
        ["get system:anonymous :pods in default named web", "Metadata", 10],
        ["get alice /version", "Metadata", 10],
        ["list nobody :pods", "Metadata", 10],
    ],
    gce: [
        ["watch system:kube-proxy :services", "None", 0],
        ["watch system:kube-proxy :services/status in default", "None", 0],
        ["watch system:kube-proxy :nodes", "Request", 14],
        ["get system:unsecured :configmaps in kube-system named ingress-uid", "None", 1],
        ["get system:unsecured :configmaps in default named x", "Metadata", 13],
        ["get kubelet :nodes named n1", "None", 2],
        ["get system:node:n1 :nodes/status named n1", "None", 3],
        ["get system:node:n1 :secrets in default named db", "Metadata", 13],
        ["update system:kube-scheduler :endpoints in kube-system named kube-scheduler", "None", 4],
        ["update system:kube-scheduler :endpoints in default named web", "RequestResponse", 15],
        ["get system:serviceaccount:kube-system:endpoint-controller :endpoints in kube-system named web", "None", 4],
        ["get system:apiserver :namespaces/finalize in default named default", "None", 5],
        ["get alice :namespaces in default named default", "Request", 14],
        ["update cluster-autoscaler :configmaps in kube-system named status", "None", 6],
        ["update cluster-autoscaler :configmaps in default named status", "Metadata", 13],
        ["list system:kube-controller-manager metrics.k8s.io:pods", "None", 7],
        ["list alice metrics.k8s.io:pods", "Request", 14],
        ["get system:anonymous /healthz/etcd", "None", 8],
        ["post alice /swagger-2.0.0.pb-v1.gz", "None", 8],
        ["get alice /openapi/v2", "Metadata", 16],
        ["get alice /livez", "Metadata", 16],
        ["create system:node:n1 :events in default", "None", 9],
        ["create system:node:n1 events.k8s.io:events in default", "Metadata", 16],
        ["patch kubelet :nodes/status named n1", "Request", 10],
        ["patch system:serviceaccount:kube-system:node-problem-detector :nodes/status named n1", "Request", 10],
        ["update system:node:n1 :pods/status in default named web", "Request", 11],
        ["patch alice :pods/status in default named web", "RequestResponse", 15],
        ["deletecollection system:serviceaccount:kube-system:namespace-controller :pods in old", "Request", 12],
        ["deletecollection alice :pods in old", "RequestResponse", 15],
        ["create alice :secrets in default", "Metadata", 13],
        ["list alice :configmaps in default", "Metadata", 13],
        ["create alice :serviceaccounts/token in default named default", "Metadata", 13],
        ["create system:node:n1 authentication.k8s.io:tokenreviews", "Metadata", 13],
        ["get alice :pods in default named web", "Request", 14],
        ["watch alice rbac.authorization.k8s.io:clusterroles", "Request", 14],
        ["create alice apps:deployments in default", "RequestResponse", 15],
        ["delete alice :pods in default named web", "RequestResponse", 15],
        ["create alice :pods/exec in default named web", "RequestResponse", 15],
        ["update system:node:n1 coordination.k8s.io:leases in kube-node-lease named n1", "Metadata", 16],
        ["create alice example.com:foos/baz in default", "Metadata", 16],
        ["create alice discovery.k8s.io:endpointslices in default", "Metadata", 16],
    ],
    openshiftDefault: [
        ["get alice /apis/apps/v1", "None", 0],
        ["get system:anonymous /livez", "None", 0],
        ["get nobody /version", "Metadata", 3],
        ["get alice /healthz/etcd", "Metadata", 3],
        ["update system:apiserver apiserver.openshift.io:apirequestcounts/status named pods.v1", "None", 1],
        ["update alice apiserver.openshift.io:apirequestcounts named pods.v1", "Metadata", 3],
        ["create alice user.openshift.io:identities", "RequestResponse", 2],
        ["delete alice oauth.openshift.io:oauthaccesstokens named x", "RequestResponse", 2],
        ["get alice oauth.openshift.io:oauthaccesstokens named x", "Metadata", 3],
        ["deletecollection alice user.openshift.io:identities", "Metadata", 3],
        ["create alice :secrets in default", "Metadata", 3],
        ["create system:node:n1 :events in default", "Metadata", 3],
    ],
    openshiftWriteRequestBodies: [
        ["get alice /apis", "None", 0],
        ["get system:apiserver apiserver.openshift.io:apirequestcounts named pods.v1", "None", 1],
        ["create alice :secrets in default", "Metadata", 2],
        ["create alice :serviceaccounts/token in default named default", "Metadata", 2],
        ["create alice :configmaps in default", "RequestResponse", 3],
        ["create alice route.openshift.io:routes in default", "Metadata", 2],
        ["create alice route.openshift.io:routes/custom-host in default", "RequestResponse", 3],
        ["create alice oauth.openshift.io:oauthclients", "Metadata", 2],
        ["create alice authentication.k8s.io:tokenreviews", "Metadata", 2],
        ["update alice machineconfiguration.openshift.io:machineconfigs named x", "Metadata", 2],
        ["deletecollection alice :pods in default", "RequestResponse", 3],
        ["create alice :pods/exec in default named web", "RequestResponse", 3],
        ["get alice :pods in default named web", "Metadata", 4],
    ],
    openshiftAllRequestBodies: [
        ["get alice /apis", "None", 0],
        ["get system:apiserver apiserver.openshift.io:apirequestcounts named pods.v1", "None", 1],
        ["get alice :secrets in default named db", "Metadata", 2],
        ["get alice route.openshift.io:routes/status in default named web", "Metadata", 2],
        ["get alice :pods in default named web", "RequestResponse", 3],
        ["delete alice :pods in default named web", "RequestResponse", 3],
        ["get alice /metrics", "RequestResponse", 3],
    ],
};

const values: Partial<Record<Name, string[]>> = { podDeletions: ["prod-namespace", "webapp-pod"] };
const all = (Object.entries(presets) as [Name, Preset][]).map(([key, preset]) => ({
    key,
    preset,
    values: values[key] ?? [],
    policy: preset.policy(...(values[key] ?? [])),
}));
const minors = Array.from({ length: newestMinor - oldestMinor + 1 }, (_, index) => oldestMinor + index);

describe("presets", () => {
    for (const { key, preset, values, policy } of all) {
        describe(preset.name, () => {
            it("decides as its table says", () => {
                const decided = tables[key].map(([text]): Row => {
                    const { level, rule, omitStages } = evaluate(policy, request(text));
                    return [text, level, rule, ...omitStages.filter((stage) => !policy.omitStages?.includes(stage))];
                });
                assert.deepEqual(decided, tables[key]);
            });

            it("has no rule that its table leaves out", () => {
                const rules = new Set(tables[key].flatMap(([, , rule]) => rule ?? []));
                assert.deepEqual(
                    [...rules].sort((a, b) => a - b),
                    [...policy.rules.keys()],
                );
            });

            it("is accepted by every version, without a remark", () => {
                const found = minors.flatMap((kubernetes) => checkPolicy(policy, { kubernetes }).findings);
                assert.deepEqual(found, []);
            });

            it("is rendered with a reason for every rule", () => {
                const text = preset.render(...values);
                assert.deepEqual(checkPolicy(text), {
                    policy: { apiVersion: "audit.k8s.io/v1", kind: "Policy", ...policy },
                    findings: [],
                });
                const commented = text
                    .split("\n")
                    .filter((line, i, lines) => /^ {2}- level/.test(line) && /^ {2}#/.test(lines[i - 1]!));
                assert.equal(commented.length, policy.rules.length);
                assert.ok(text.split("\n").every((line) => line.length <= 100));
            });
        });
    }

    it("have names that the command line can tell apart", () => {
        assert.deepEqual(
            all.map(({ preset }) => [preset.name, ...preset.parameters].join(" ")),
            [
                "recommended",
                "minimal",
                "metadata",
                "pod-deletions namespace name",
                "cis",
                "stig",
                "falco",
                "gce",
                "openshift-default",
                "openshift-write-request-bodies",
                "openshift-all-request-bodies",
            ],
        );
    });

    it("are rendered as a file that reads by itself", () => {
        assert.equal(
            presets.podDeletions.render("prod-namespace", "webapp-pod"),
            `# Who deleted one pod, in every way there is, with what was sent and answered; nothing else.
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages:
  - RequestReceived
rules:
  # kubectl delete pod.
  - level: RequestResponse
    verbs:
      - delete
    resources:
      - group: ""
        resources:
          - pods
        resourceNames:
          - webapp-pod
    namespaces:
      - prod-namespace
  # An eviction, as by kubectl drain, deletes the pod too.
  - level: RequestResponse
    verbs:
      - create
    resources:
      - group: ""
        resources:
          - pods/eviction
        resourceNames:
          - webapp-pod
    namespaces:
      - prod-namespace
  # Deleting many at once names none of them. The answer has all of them and can be large: only the
  # request.
  - level: Request
    verbs:
      - deletecollection
    resources:
      - group: ""
        resources:
          - pods
    namespaces:
      - prod-namespace
`,
        );
    });

    for (const { preset, values } of all) {
        it(`give the linter nothing to find, or say why: ${preset.name}`, () => {
            assert.deepEqual(lintPolicy(preset.render(...values)), []);
        });
    }

    it("tell the linter what is on purpose", () => {
        assert.equal(
            presets.stig.render(),
            `# Every request with everything that was sent and answered, as DISA STIG V-242403 demands. The log
# then holds every Secret and token: guard it like etcd. It is also huge.
apiVersion: audit.k8s.io/v1
kind: Policy
rules:
  # Everything, credentials included.
  # kube-audit: ignore credential-body -- the guide demands everything
  # kube-audit: ignore sensitive-body -- the guide demands everything
  # kube-audit: ignore bodies-of-reads -- the guide demands everything
  # kube-audit: ignore node-leases -- the guide demands everything
  - level: RequestResponse
`,
        );
        const silences = all.map(({ preset, values }) => [
            preset.name,
            ...(preset.render(...values).match(/^ *# kube-audit: ignore \S+ -- .+$/gm) ?? []).map(
                (line) => line.trim().split(" ")[3],
            ),
        ]);
        assert.deepEqual(
            silences.filter(([, ...codes]) => codes.length > 0),
            [
                ["metadata", "node-leases"],
                ["stig", "credential-body", "sensitive-body", "bodies-of-reads", "node-leases"],
                ["gce", "one-events-group", "sensitive-body", "node-leases"],
                ["openshift-default", "node-leases"],
                ["openshift-write-request-bodies", "sensitive-body", "node-leases"],
                ["openshift-all-request-bodies", "sensitive-body", "bodies-of-reads", "node-leases"],
            ],
        );
    });
});

const users = [
    "nobody",
    "system:anonymous",
    "alice",
    "kubernetes-admin",
    "kubelet",
    "system:node:n1",
    "system:apiserver",
    "system:kube-controller-manager",
    "system:kube-scheduler",
    "system:kube-proxy",
    "system:serviceaccount:default:app",
    "system:serviceaccount:kube-system:namespace-controller",
];
const verbs = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", ""];

/** Requests of every user with every verb about a target, as {@link request} reads it. */
function everyRequest(...targets: string[]): Attributes[] {
    return users.flatMap((user) =>
        verbs.flatMap((verb) => targets.map((target) => request(`${verb} ${user} ${target}`))),
    );
}

function levels(key: Name, requests: Attributes[]): Set<Level> {
    const { policy } = all.find((one) => one.key === key)!;
    return new Set(requests.map((attributes) => evaluate(policy, attributes).level));
}

describe("mistakes of well-known policies, which the presets do not repeat", () => {
    const ours: Name[] = ["recommended", "minimal", "metadata", "cis", "falco"];
    const credentials = everyRequest(
        ":secrets in default named a",
        ":secrets",
        ":serviceaccounts/token in default named a",
        "authentication.k8s.io:tokenreviews",
        "certificates.k8s.io:certificatesigningrequests named a",
        "certificates.k8s.io:certificatesigningrequests/approval named a",
        "certificates.k8s.io:certificatesigningrequests/status named a",
        "certificates.k8s.io:podcertificaterequests in default named a",
        "certificates.k8s.io:podcertificaterequests/status in default named a",
    );

    for (const key of ours) {
        it(`${key}: no body of what holds credentials, whoever asks and however`, () => {
            const recorded = levels(key, credentials);
            assert.deepEqual([recorded.has("Request"), recorded.has("RequestResponse")], [false, false]);
        });

        it(`${key}: events are treated alike in both of their groups`, () => {
            const { policy } = all.find((one) => one.key === key)!;
            const decide = (target: string) => everyRequest(target).map((one) => evaluate(policy, one).level);
            assert.deepEqual(decide(":events in default"), decide("events.k8s.io:events in default"));
        });

        it(`${key}: requests that fail to authenticate keep the only stage at which they have an event`, () => {
            const { policy } = all.find((one) => one.key === key)!;
            const targets = [":pods in default", ":secrets", "apps:deployments", "/metrics", "/version", "/api/v1"];
            const omitted = everyRequest(...targets, ":pods/exec in default named a")
                .filter(({ user }) => user === undefined)
                .flatMap((one) => evaluate(policy, one).omitStages);
            assert.deepEqual([...new Set(omitted)], policy.omitStages);
            assert.ok(!omitted.includes("ResponseStarted"));
        });
    }

    for (const key of ours.filter((name) => name !== "metadata")) {
        it(`${key}: heartbeats and leader elections are not recorded`, () => {
            const leases = [
                "update system:node:n1 coordination.k8s.io:leases in kube-node-lease named n1",
                "get system:node:n1 coordination.k8s.io:leases in kube-node-lease named n1",
                "update system:kube-scheduler coordination.k8s.io:leases in kube-system named kube-scheduler",
                "update system:kube-controller-manager coordination.k8s.io:leases in kube-system named a",
                "update system:apiserver coordination.k8s.io:leases in kube-system named apiserver-x",
            ];
            assert.deepEqual(levels(key, leases.map(request)), new Set(["None"]));
        });
    }

    it("recommended and cis: ConfigMaps have no bodies when read, and in cis never", () => {
        const configMaps = everyRequest(":configmaps in default named a");
        const reads = configMaps.filter(({ verb }) => ["get", "list", "watch"].includes(verb));
        assert.deepEqual(levels("recommended", reads), new Set(["Metadata", "None"]));
        assert.deepEqual(levels("cis", configMaps), new Set(["Metadata"]));
    });

    it("sessions keep all stages but RequestReceived, for whomever they are", () => {
        const sessions = everyRequest(":pods/exec in default named a", ":pods/attach in default named a");
        for (const key of ours.filter((name) => name !== "metadata")) {
            const { policy } = all.find((one) => one.key === key)!;
            const decisions = sessions.map((one) => evaluate(policy, one));
            assert.ok(decisions.every(({ level }) => level === "Metadata"));
            assert.ok(decisions.every(({ omitStages }) => omitStages.join() === "RequestReceived"));
        }
    });

    it("every kind is named in the group that serves it", () => {
        const groupOf: Record<string, string> = {
            deployments: "apps",
            ingresses: "networking.k8s.io",
            roles: "rbac.authorization.k8s.io",
            clusterroles: "rbac.authorization.k8s.io",
            clusterrolebindings: "rbac.authorization.k8s.io",
            leases: "coordination.k8s.io",
            endpointslices: "discovery.k8s.io",
            selfsubjectreviews: "authentication.k8s.io",
            certificatesigningrequests: "certificates.k8s.io",
            podcertificaterequests: "certificates.k8s.io",
        };
        const core = /^(\*|configmaps|endpoints|namespaces|nodes|pods|secrets|serviceaccounts|services)$/;
        const inSeveralGroups = /^(events|tokenreviews)$/;
        const wrong = all
            .filter(({ key }) => !key.startsWith("openshift"))
            .flatMap(({ policy }) => policy.rules.flatMap(({ resources = [] }) => resources))
            .flatMap(({ group = "", resources = [] }) =>
                resources.map((pattern) => [group, pattern.split("/")[0]!] as const),
            )
            .filter(([, kind]) => kind !== "*" && !inSeveralGroups.test(kind))
            .filter(([group, kind]) => group !== (groupOf[kind] ?? (core.test(kind) ? "" : "unknown")));
        assert.deepEqual(wrong, []);
    });

    it("gce and OpenShift's keep what upstream does: equal in effect includes the gaps", () => {
        assert.deepEqual(
            levels("gce", [request("create system:node:n1 events.k8s.io:events in a")]),
            new Set(["Metadata"]),
        );
        assert.deepEqual(
            levels("openshiftDefault", [request("create system:node:n1 :events in a")]),
            new Set(["Metadata"]),
        );
        assert.deepEqual(levels("openshiftDefault", credentials), new Set(["Metadata"]));
    });
});
