import assert from "node:assert/strict";
import fc from "fast-check";
import { loggedRequests, type LoggedRequest } from "../../host/loggedRequests";
import type { KubeletClient } from "../../host/proof";
import { evaluate, levels, resolveRequest } from "../../policy";
import type { Level, PolicyRule } from "../../policy/types";

const every = (path: string, ...found: Level[]): LoggedRequest[] =>
    (["kubectl", "kubelet-client", "anonymous"] as const).map((client) => ({ client, path, levels: found }));

const absent = (rest: string) => `${rest}/kube-audit-verify`;

const CASES: readonly [string, PolicyRule[], KubeletClient, LoggedRequest[]][] = [
    ["everything", [{ level: "Request" }], "kubeadm", every("/version", "Request")],
    ["nothing", [{ level: "None" }], "kubeadm", []],
    [
        "one pod's deletion",
        [{ level: "Metadata", verbs: ["delete"], resources: [{ resources: ["pods"], resourceNames: ["web"] }] }],
        "kubeadm",
        [],
    ],
    [
        "secrets alone",
        [{ level: "Metadata", resources: [{ resources: ["secrets"] }] }],
        "kubeadm",
        every(absent("/api/v1/namespaces/default/secrets"), "Metadata"),
    ],
    [
        "the groups of rbac.authorization.k8s.io alone",
        [{ level: "RequestResponse", resources: [{ group: "rbac.authorization.k8s.io" }] }],
        "kubeadm",
        every(absent("/apis/rbac.authorization.k8s.io/v1/clusterroles"), "RequestResponse"),
    ],
    [
        "no stage of what is short",
        [{ level: "Metadata", omitStages: ["RequestReceived", "ResponseComplete"] }],
        "kubeadm",
        [],
    ],
    [
        "the administrator otherwise",
        [{ level: "Request", users: ["kubernetes-admin"] }, { level: "Metadata" }],
        { user: "ops", groups: [] },
        [
            { client: "kubectl", path: "/version", levels: ["Request"] },
            { client: "kubelet-client", path: "/version", levels: ["Metadata"] },
            { client: "anonymous", path: "/version", levels: ["Metadata"] },
        ],
    ],
    [
        "kubeadm's newer group otherwise",
        [{ level: "Request", userGroups: ["kubeadm:cluster-admins"] }, { level: "Metadata" }],
        "kubeadm",
        [
            { client: "kubectl", path: "/version", levels: ["Request", "Metadata"] },
            { client: "kubelet-client", path: "/version", levels: ["Request", "Metadata"] },
            { client: "anonymous", path: "/version", levels: ["Metadata"] },
        ],
    ],
    [
        "somebody otherwise, asked by somebody unknown",
        [{ level: "Request", users: ["jane"] }, { level: "Metadata" }],
        "unknown",
        [
            { client: "kubectl", path: "/version", levels: ["Metadata"] },
            { client: "kubelet-client", path: "/version", levels: ["Request", "Metadata"] },
            { client: "anonymous", path: "/version", levels: ["Metadata"] },
        ],
    ],
    [
        "all but somebody, asked by somebody unknown",
        [{ level: "None", users: ["jane"] }, { level: "Metadata" }],
        "unknown",
        [
            { client: "kubectl", path: "/version", levels: ["Metadata"] },
            { client: "anonymous", path: "/version", levels: ["Metadata"] },
        ],
    ],
];

describe("loggedRequests", () => {
    for (const [name, rules, kubeletClient, expected] of CASES) {
        it(`finds requests of a policy that logs ${name}`, () => {
            assert.deepEqual(loggedRequests({ rules }, kubeletClient), expected);
        });
    }

    it("takes the path that it is given, or none", () => {
        const rules: PolicyRule[] = [{ level: "Metadata", resources: [{ resources: ["pods"] }] }];
        assert.deepEqual(loggedRequests({ rules }, "kubeadm", "/version"), []);
        const path = "/api/v1/namespaces/shop/pods?limit=1";
        assert.deepEqual(loggedRequests({ rules }, "kubeadm", path), every(path, "Metadata"));
    });

    it("knows every level that the policy has for a user whom it does not know", () => {
        const users = ["jane", "ops", "root"];
        const rule = fc.record(
            {
                level: fc.constantFrom(...levels),
                users: fc.subarray(users, { minLength: 1 }),
                userGroups: fc.subarray(["a", "b"], { minLength: 1 }),
            },
            { requiredKeys: ["level"] },
        );
        fc.assert(
            fc.property(
                fc.array(rule, { minLength: 1, maxLength: 5 }),
                fc.constantFrom(...users, "another"),
                fc.subarray(["a", "b"]),
                (rules, user, groups) => {
                    const found = loggedRequests({ rules }, "unknown").find(
                        ({ client }) => client === "kubelet-client",
                    );
                    const request = resolveRequest({ method: "GET", url: found?.path ?? "/version", user, groups });
                    return found === undefined || found.levels.includes(evaluate({ rules }, request).level);
                },
            ),
        );
    });
});
