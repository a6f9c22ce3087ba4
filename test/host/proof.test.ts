import assert from "node:assert/strict";
import fc from "fast-check";
import { proofs, type Proof } from "../../host/proof";
import { checkPolicy, evaluate, type Attributes } from "../../policy";
import type { Policy, PolicyRule } from "../../policy/types";

const NONE: Proof = {
    client: "none",
    value: "the policy logs none of the harmless requests GET /version, /readyz and /api/v1/namespaces/default.",
};

const clients = (kubectl?: string, kubelet?: string, anonymous?: string): Proof[] => [
    ...(kubectl === undefined ? [] : [{ client: "kubectl" as const, value: kubectl }]),
    ...(kubelet === undefined ? [] : [{ client: "kubelet-client" as const, value: kubelet }]),
    ...(anonymous === undefined ? [] : [{ client: "anonymous" as const, value: anonymous }]),
    NONE,
];

const everyone = (path: string): Proof[] => clients(path, path, path);

/** Who is not logged in may ask for no resource. */
const everyoneLoggedIn: Proof[] = clients("/api/v1/namespaces/default", "/api/v1/namespaces/default");

const rules = (...list: PolicyRule[]): Policy => ({ rules: list });

const NAMESPACE = "/api/v1/namespaces/default";

const CASES: readonly [string, Policy, Proof[]][] = [
    ["everything", rules({ level: "Metadata" }), everyone("/version")],
    ["nothing", rules({ level: "None" }), [NONE]],
    [
        "one pod's deletion",
        rules({ level: "Metadata", verbs: ["delete"], resources: [{ resources: ["pods"], resourceNames: ["web"] }] }),
        [NONE],
    ],
    [
        "all but the version",
        rules({ level: "None", nonResourceURLs: ["/version"] }, { level: "Request" }),
        everyone("/readyz"),
    ],
    [
        "all but paths that are no resource",
        rules({ level: "None", nonResourceURLs: ["*"] }, { level: "RequestResponse" }),
        everyoneLoggedIn,
    ],
    ["every resource", rules({ level: "Metadata", resources: [{}] }), everyoneLoggedIn],
    ["namespaces", rules({ level: "Metadata", resources: [{ resources: ["namespaces"] }] }), everyoneLoggedIn],
    [
        "namespaces of other names",
        rules({ level: "Metadata", resources: [{ resources: ["namespaces"], resourceNames: ["kube-system"] }] }),
        [NONE],
    ],
    ["what is in the namespace default", rules({ level: "Metadata", namespaces: ["default"] }), everyoneLoggedIn],
    ["what is in another namespace", rules({ level: "Metadata", namespaces: ["kube-system"] }), [NONE]],
    ["what changes something", rules({ level: "Metadata", verbs: ["create", "update", "patch", "delete"] }), [NONE]],
    ["lists and watches", rules({ level: "Metadata", verbs: ["list", "watch"] }), [NONE]],
    [
        "the administrator",
        rules({ level: "Metadata", users: ["kubernetes-admin"] }),
        clients("/version", undefined, undefined),
    ],
    [
        "all but the administrator",
        rules({ level: "None", users: ["kubernetes-admin"] }, { level: "Metadata" }),
        clients(undefined, "/version", "/version"),
    ],
    [
        "the kubelet's client",
        rules({ level: "Metadata", users: ["kube-apiserver-kubelet-client"] }),
        clients(undefined, "/version", undefined),
    ],
    [
        "who is not logged in",
        rules({ level: "Metadata", userGroups: ["system:unauthenticated"] }),
        clients(undefined, undefined, "/version"),
    ],
    [
        "who is logged in",
        rules({ level: "Metadata", userGroups: ["system:authenticated"] }),
        clients("/version", "/version"),
    ],
    // Which of the two groups an administrator is in depends on when the cluster was made.
    [
        "the group of administrators since 1.29",
        rules({ level: "Metadata", userGroups: ["kubeadm:cluster-admins"] }),
        [NONE],
    ],
    ["the group of administrators before 1.29", rules({ level: "Metadata", userGroups: ["system:masters"] }), [NONE]],
    [
        "both groups of administrators",
        rules({ level: "Metadata", userGroups: ["kubeadm:cluster-admins", "system:masters"] }),
        clients("/version", "/version"),
    ],
    [
        "the version of the administrator and resources of all",
        rules(
            { level: "Metadata", users: ["kubernetes-admin"], nonResourceURLs: ["/version"] },
            { level: "None", nonResourceURLs: ["*"] },
            { level: "Request" },
        ),
        clients("/version", NAMESPACE),
    ],
    [
        "all when it is received",
        { ...rules({ level: "Metadata" }), omitStages: ["ResponseComplete"] },
        everyone("/version"),
    ],
    [
        "all when it is complete",
        { ...rules({ level: "Metadata" }), omitStages: ["RequestReceived"] },
        everyone("/version"),
    ],
    [
        "nothing at the stages that a short request has",
        { ...rules({ level: "Metadata" }), omitStages: ["RequestReceived", "ResponseComplete"] },
        [NONE],
    ],
    [
        "nothing at those stages, by rule and policy together",
        {
            ...rules(
                { level: "Metadata", nonResourceURLs: ["*"], omitStages: ["ResponseComplete"] },
                { level: "Metadata" },
            ),
            omitStages: ["RequestReceived"],
        },
        everyoneLoggedIn,
    ],
];

describe("proofs", () => {
    for (const [what, policy, expected] of CASES) {
        it(`are ${expected.length - 1} ways for a policy that logs ${what}`, () => {
            assert.deepEqual(
                checkPolicy(policy).findings.filter(({ severity }) => severity === "error"),
                [],
            );
            assert.deepEqual(proofs(policy, {}, 34), expected);
        });
    }

    it("depend on the version, as every group is one only since 1.36", () => {
        const policy = rules({ level: "Metadata", resources: [{ group: "*", resources: ["namespaces"] }] });
        assert.deepEqual(
            [35, 36, undefined].map((version) => proofs(policy, {}, version)),
            [[NONE], everyoneLoggedIn, everyoneLoggedIn],
        );
    });

    it("are none where the log goes to standard output", () => {
        assert.deepEqual(proofs(rules({ level: "Metadata" }), { path: "-" }, 34), [
            { client: "none", value: "the log goes to the API server's standard output." },
        ]);
    });

    const held: Proof[] = [{ client: "none", value: "a batch may be held back longer than 30 s (log.batch.maxWait)." }];
    const waits: [string, Proof[]][] = [
        ["30s", everyone("/version")],
        ["31s", held],
        ["30.5s", held],
        ["0", everyone("/version")],
        ["0s", everyone("/version")],
        ["29s999ms", everyone("/version")],
        ["30000ms", everyone("/version")],
        ["30001ms", held],
        ["30000001us", held],
        ["30000000000ns", everyone("/version")],
        ["30000000001ns", held],
        ["1m", held],
        ["1h", held],
        ["20s20s", held],
    ];
    for (const [maxWait, expected] of waits) {
        it(`are ${expected.length - 1} ways for batches that wait ${maxWait}`, () => {
            const policy = rules({ level: "Metadata" });
            assert.deepEqual(proofs(policy, { mode: "batch", batch: { maxWait } }, 34), expected);
            // Only batches are held back.
            assert.deepEqual(proofs(policy, { mode: "blocking", batch: { maxWait } }, 34), everyone("/version"));
            assert.deepEqual(proofs(policy, { batch: { maxWait } }, 34), everyone("/version"));
        });
    }

    it("wait for no batch where nothing is said of how long it waits", () => {
        assert.deepEqual(proofs(rules({ level: "Metadata" }), { mode: "batch" }, 34), everyone("/version"));
    });

    it("name only requests that the policy logs, whichever group the user is in", () => {
        const requests: Record<string, Attributes> = {
            "/version": { verb: "get", path: "/version", isResource: false },
            "/readyz": { verb: "get", path: "/readyz", isResource: false },
            [NAMESPACE]: {
                verb: "get",
                path: NAMESPACE,
                isResource: true,
                resource: "namespaces",
                name: "default",
                namespace: "default",
            },
        };
        const groups = {
            kubectl: ["kubeadm:cluster-admins", "system:masters"],
            "kubelet-client": ["kubeadm:cluster-admins", "system:masters"],
            anonymous: ["system:unauthenticated"],
        };
        const users = {
            kubectl: "kubernetes-admin",
            "kubelet-client": "kube-apiserver-kubelet-client",
            anonymous: "system:anonymous",
        };
        const someOf = <T>(...values: T[]) => fc.subarray(values);
        const rule = fc.record<PolicyRule>({
            level: fc.constantFrom("None", "Metadata", "Request"),
            users: fc.oneof(fc.constant([]), someOf(...Object.values(users))),
            userGroups: fc.oneof(fc.constant([]), someOf(...groups.kubectl, ...groups.anonymous)),
            verbs: someOf("get", "list"),
            nonResourceURLs: fc.oneof(fc.constant([]), someOf("/version", "/readyz", "/r*")),
            omitStages: someOf("RequestReceived", "ResponseComplete"),
        });
        let named = 0;
        fc.assert(
            fc.property(fc.array(rule, { minLength: 1, maxLength: 4 }), (list) => {
                const policy = rules(...list);
                for (const { client, value } of proofs(policy, {}, 34)) {
                    if (client === "none") {
                        continue;
                    }
                    named += 1;
                    for (const group of groups[client]) {
                        const request = requests[value]!;
                        const decision = evaluate(policy, { ...request, user: users[client], groups: [group] }, 34);
                        assert.notEqual(decision.level, "None");
                        assert.notDeepEqual(decision.omitStages, ["RequestReceived", "ResponseComplete"]);
                    }
                }
            }),
        );
        assert.ok(named > 0);
    });
});
