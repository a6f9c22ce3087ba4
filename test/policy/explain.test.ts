import assert from "node:assert/strict";
import { explain } from "../../policy/explain";
import type { Attributes } from "../../policy/evaluate";
import type { PolicyRule } from "../../policy/types";

const DELETE: Attributes = {
    user: "alice",
    groups: ["developers", "system:authenticated"],
    verb: "delete",
    namespace: "prod-namespace",
    resource: "pods",
    name: "webapp-pod",
    isResource: true,
};

describe("explain", () => {
    it("gives the decision, and why each rule before did not make it", () => {
        const rules: PolicyRule[] = [
            { level: "None", users: ["system:kube-proxy"] },
            { level: "Metadata", verbs: ["get", "list"] },
            { level: "RequestResponse", resources: [{ resources: ["pods"] }] },
            { level: "Request" },
        ];
        assert.deepEqual(explain({ rules, omitStages: ["RequestReceived"] }, DELETE), {
            decision: {
                level: "RequestResponse",
                rule: 2,
                omitStages: ["RequestReceived"],
                omitManagedFields: false,
            },
            mismatches: [
                { path: "rules[0].users", reason: "the user alice is not among system:kube-proxy" },
                { path: "rules[1].verbs", reason: "the verb delete is not among get, list" },
            ],
        });
    });

    const cases: [string, Omit<PolicyRule, "level">, Partial<Attributes>, string, string][] = [
        [
            "a missing user",
            { users: ["bob"] },
            { user: undefined },
            "users",
            "the request has no user: its authentication failed",
        ],
        [
            "a missing user's groups",
            { userGroups: ["ops"] },
            { user: undefined },
            "userGroups",
            "the request has no user: its authentication failed",
        ],
        [
            "the groups",
            { userGroups: ["ops", "a b"] },
            {},
            "userGroups",
            'the user is in developers, system:authenticated, and not in ops, "a b"',
        ],
        ["no groups", { userGroups: ["ops"] }, { groups: [] }, "userGroups", "the user is in no group, and not in ops"],
        [
            "a path",
            { nonResourceURLs: ["/healthz*"] },
            { isResource: false, path: "/version" },
            "nonResourceURLs",
            "the path is /version, and not /healthz*",
        ],
        [
            "a resource for a path",
            { nonResourceURLs: ["/version", "*"] },
            {},
            "nonResourceURLs",
            "the request is about a resource, and not /version, *",
        ],
        [
            "a path for a resource",
            { resources: [{ resources: ["pods"] }] },
            { isResource: false },
            "resources",
            "the request is not about a resource",
        ],
        [
            "a path for a namespace",
            { namespaces: ["a"], resources: [{ resources: ["pods"] }] },
            { isResource: false },
            "namespaces",
            "the request is not about a resource",
        ],
        [
            "the namespace",
            { namespaces: ["", "a"] },
            {},
            "namespaces",
            'the namespace is prod-namespace, and not "", a',
        ],
        [
            "no namespace",
            { namespaces: ["a"] },
            { namespace: "" },
            "namespaces",
            "the request has no namespace, and not a",
        ],
        [
            "the API group",
            { resources: [{ group: "apps" }, { group: "batch", resources: ["jobs"] }, { group: "apps" }] },
            {},
            "resources",
            "the resource is of the core API group, and not of the API group apps or the API group batch",
        ],
        [
            "the core group",
            { resources: [{ group: "", resources: ["deployments"] }] },
            { apiGroup: "apps", resource: "deployments" },
            "resources",
            "the resource is of the API group apps, and not of the core API group",
        ],
        [
            "the resource",
            { resources: [{ resources: ["secrets"] }, { resources: ["configmaps", "pods/*"] }, { group: "apps" }] },
            { resource: "nodes" },
            "resources",
            "the resource nodes is not among secrets, configmaps, pods/*",
        ],
        [
            "the subresource",
            { resources: [{ resources: ["pods"] }] },
            { subresource: "log" },
            "resources",
            "the resource pods/log is not among pods",
        ],
        [
            "the name",
            { resources: [{ resources: ["pods"], resourceNames: ["other-pod"] }] },
            {},
            "resources",
            "the name is webapp-pod, and not other-pod",
        ],
        [
            "no name",
            { resources: [{ resources: ["*"], resourceNames: ["a", "b"] }] },
            { name: "" },
            "resources",
            "the request names no object, and not a, b",
        ],
    ];
    for (const [what, fields, attributes, field, reason] of cases) {
        it(`names ${what}`, () => {
            assert.deepEqual(explain({ rules: [{ level: "None", ...fields }] }, { ...DELETE, ...attributes }), {
                decision: { level: "None", rule: undefined, omitStages: [], omitManagedFields: false },
                mismatches: [{ path: `rules[0].${field}`, reason }],
            });
        });
    }

    it("takes the group * for any group from 1.36 on", () => {
        const policy = { rules: [{ level: "Request" as const, resources: [{ group: "*" }] }] };
        assert.deepEqual(
            [explain(policy, DELETE, 35), explain(policy, DELETE, 36)].map(({ mismatches }) => mismatches),
            [
                [
                    {
                        path: "rules[0].resources",
                        reason: "the resource is of the core API group, and not of the API group *",
                    },
                ],
                [],
            ],
        );
    });
});
