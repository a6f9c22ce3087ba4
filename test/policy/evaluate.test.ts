import assert from "node:assert/strict";
import { evaluate, type Attributes } from "../../policy/evaluate";
import { resolveRequest } from "../../policy/requestInfo";
import type { Policy, PolicyRule } from "../../policy/types";

const deletion: Attributes = {
    user: "tim",
    groups: ["system:authenticated"],
    verb: "delete",
    namespace: "prod-namespace",
    apiGroup: "",
    resource: "pods",
    name: "webapp-pod",
    isResource: true,
};
const logs: Attributes = { ...deletion, verb: "get", subresource: "log" };
const health: Attributes = { verb: "get", path: "/healthz/etcd", isResource: false };

const matches: [string, Omit<PolicyRule, "level">, Attributes, boolean][] = [
    ["an empty rule and a resource", {}, deletion, true],
    ["an empty rule and a path", {}, health, true],
    ["the user", { users: ["system:x", "tim"] }, deletion, true],
    ["another user", { users: ["tom"] }, deletion, false],
    ["a user when nobody is authenticated", { users: [""] }, health, false],
    ["one of the groups", { userGroups: ["a", "system:authenticated"] }, deletion, true],
    ["a group when nobody is authenticated", { userGroups: ["system:unauthenticated"] }, health, false],
    ["empty lists, as if they were not there", { users: [], verbs: [], namespaces: [], resources: [] }, health, true],
    ["the verb", { verbs: ["delete"] }, deletion, true],
    ["the verb in another case", { verbs: ["DELETE"] }, deletion, false],
    ["the namespace", { namespaces: ["prod-namespace"] }, deletion, true],
    ["the namespace of a path", { namespaces: [""] }, health, false],
    ["no namespace", { namespaces: [""] }, { ...deletion, namespace: "" }, true],
    ["the whole group", { resources: [{ group: "" }] }, deletion, true],
    ["another group", { resources: [{ group: "apps", resources: ["pods"] }] }, deletion, false],
    ["an absent group, which is the core group", { resources: [{ resources: ["pods"] }] }, deletion, true],
    ["the second entry", { resources: [{ group: "apps" }, { resources: ["secrets", "pods"] }] }, deletion, true],
    ["pods, not their log", { resources: [{ resources: ["pods"] }] }, logs, false],
    ["pods/log", { resources: [{ resources: ["pods/log"] }] }, logs, true],
    ["* and a subresource", { resources: [{ resources: ["*"] }] }, logs, true],
    ["*/log", { resources: [{ resources: ["*/log"] }] }, logs, true],
    ["*/log and plain pods", { resources: [{ resources: ["*/log"] }] }, deletion, false],
    ["pods/* and a subresource", { resources: [{ resources: ["pods/*"] }] }, logs, true],
    ["pods/* and plain pods", { resources: [{ resources: ["pods/*"] }] }, deletion, true],
    ["*/*, which is nothing", { resources: [{ resources: ["*/*"] }] }, logs, false],
    ["the name", { resources: [{ resources: ["pods"], resourceNames: ["webapp-pod"] }] }, deletion, true],
    ["another name", { resources: [{ resources: ["pods"], resourceNames: ["web"] }] }, deletion, false],
    ["names without resources, which do not count", { resources: [{ resourceNames: ["web"] }] }, deletion, true],
    ["a resource, for a path", { resources: [{ group: "" }] }, health, false],
    ["a path with its wildcard", { nonResourceURLs: ["/healthz*"] }, health, true],
    ["a path without wildcard", { nonResourceURLs: ["/healthz"] }, health, false],
    ["every path", { nonResourceURLs: ["*"] }, health, true],
    ["every path, for a resource", { nonResourceURLs: ["*"] }, { ...deletion, path: "/api/v1" }, false],
    ["a path that ends in several wildcards", { nonResourceURLs: ["/healthz**"] }, health, true],
];

describe("evaluate", () => {
    for (const [name, rule, attributes, expected] of matches) {
        it(`${expected ? "matches" : "does not match"} ${name}`, () => {
            const { rule: index } = evaluate({ rules: [{ level: "Metadata", ...rule }] }, attributes);
            assert.equal(index, expected ? 0 : undefined);
        });
    }

    it("takes the first rule that matches", () => {
        const policy: Policy = {
            rules: [{ level: "Request", verbs: ["get"] }, { level: "None" }, { level: "RequestResponse" }],
        };
        assert.deepEqual(evaluate(policy, deletion), {
            level: "None",
            rule: 1,
            omitStages: [],
            omitManagedFields: false,
        });
    });

    it("records nothing when no rule matches, and keeps the policy's own settings", () => {
        const policy: Policy = {
            omitStages: ["Panic", "RequestReceived", "Panic"],
            omitManagedFields: true,
            rules: [{ level: "Request", verbs: ["get"], omitStages: ["ResponseComplete"], omitManagedFields: false }],
        };
        assert.deepEqual(evaluate(policy, deletion), {
            level: "None",
            rule: undefined,
            omitStages: ["RequestReceived", "Panic"],
            omitManagedFields: true,
        });
    });

    it("adds the rule's stages to the policy's, and lets the rule decide about managed fields", () => {
        const policy: Policy = {
            omitStages: ["RequestReceived"],
            omitManagedFields: true,
            rules: [{ level: "Request", omitStages: ["ResponseStarted", "RequestReceived"], omitManagedFields: false }],
        };
        assert.deepEqual(evaluate(policy, deletion), {
            level: "Request",
            rule: 0,
            omitStages: ["RequestReceived", "ResponseStarted"],
            omitManagedFields: false,
        });
    });

    it("takes no byte of a request that is not UTF-8 for the character that stands for such bytes elsewhere", () => {
        const policy: Policy = {
            rules: [{ level: "Request", resources: [{ resources: ["pods"], resourceNames: ["\ufffd"] }] }],
        };
        const rules = ["/api/v1/namespaces/a/pods/%FF", "/api/v1/namespaces/a/pods/%EF%BF%BD"].map(
            (url) => evaluate(policy, resolveRequest({ method: "GET", url })).rule,
        );
        assert.deepEqual(rules, [undefined, 0]);
    });

    it("knows the group * from 1.36 on", () => {
        const policy: Policy = { rules: [{ level: "Request", resources: [{ group: "*", resources: ["pods"] }] }] };
        const rules = [34, 35, 36, undefined].map((version) => evaluate(policy, deletion, version).rule);
        assert.deepEqual(rules, [undefined, undefined, 0, 0]);
    });
});
