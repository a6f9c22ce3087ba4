import assert from "node:assert/strict";
import { attributesOf } from "../../events/attributes";
import { changeOf, PolicyComparison } from "../../events/comparison";
import { evaluate, type Decision } from "../../policy/evaluate";
import type { Policy } from "../../policy/types";
import { event } from "./event";

const decision = (more: Partial<Decision>): Decision => ({
    level: "Metadata",
    rule: 0,
    omitStages: [],
    omitManagedFields: false,
    ...more,
});
const get = "GET /api/v1/namespaces/shop/pods/web by alice";

const cases: [request: string, old: Partial<Decision>, now: Partial<Decision>, change: string][] = [
    [get, {}, {}, "same"],
    [get, {}, { level: "None" }, "lost"],
    [get, { level: "None" }, {}, "gained"],
    [get, { level: "None" }, { level: "None", omitStages: ["Panic"] }, "same"],
    [get, { level: "Request" }, {}, "less"],
    [get, {}, { level: "RequestResponse", omitStages: ["RequestReceived"] }, "more"],
    [get, {}, { omitStages: ["RequestReceived"] }, "less"],
    [get, { omitStages: ["RequestReceived"] }, {}, "more"],
    [get, {}, { omitStages: ["RequestReceived", "ResponseComplete"] }, "lost"],
    [get, {}, { omitStages: ["ResponseStarted", "Panic"] }, "same"],
    [get, { level: "Request" }, { level: "Request", omitManagedFields: true }, "less"],
    [get, {}, { omitManagedFields: true }, "same"],
    ["GET /healthz by alice", { level: "Request" }, { level: "Request", omitManagedFields: true }, "same"],
    ["GET /api/v1/namespaces/shop/pods/web", {}, { omitStages: ["ResponseStarted"] }, "lost"],
];

describe("changeOf", () => {
    for (const [request, old, now, change] of cases) {
        it(`${request}, ${JSON.stringify(old)} to ${JSON.stringify(now)}: ${change}`, () => {
            assert.equal(changeOf(attributesOf(event(request)), decision(old), decision(now)), change);
        });
    }
});

describe("PolicyComparison", () => {
    it("counts the kinds of requests that change, each with an example", () => {
        const old: Policy = { rules: [{ level: "Request" }] };
        const now: Policy = {
            rules: [{ level: "None", verbs: ["get"] }, { level: "Metadata", verbs: ["delete"] }, { level: "Request" }],
        };
        const comparison = new PolicyComparison();
        const requests = [
            get,
            "GET /api/v1/namespaces/shop/pods/db by bob",
            "GET /healthz by bob",
            "DELETE /api/v1/nodes/a by bob",
            "POST /api/v1/nodes by bob",
        ];
        requests.forEach((request, index) => {
            const one = event(request, { auditID: `id-${index}` });
            const attributes = attributesOf(one);
            comparison.add(one, attributes, evaluate(old, attributes), evaluate(now, attributes));
        });
        const requestReceivedTimestamp = "2026-01-01T10:00:00.000000Z";
        assert.deepEqual(comparison.result(5), {
            requests: { lost: 3, less: 1, more: 0, gained: 0, same: 1 },
            changed: [
                {
                    change: "lost",
                    before: "Request",
                    after: "None",
                    verb: "get",
                    resource: "pods",
                    requests: 2,
                    surplus: 0,
                    example: {
                        auditID: "id-0",
                        user: "alice",
                        requestURI: "/api/v1/namespaces/shop/pods/web",
                        requestReceivedTimestamp,
                    },
                },
                {
                    change: "lost",
                    before: "Request",
                    after: "None",
                    verb: "get",
                    resource: "/healthz",
                    requests: 1,
                    surplus: 0,
                    example: { auditID: "id-2", user: "bob", requestURI: "/healthz", requestReceivedTimestamp },
                },
                {
                    change: "less",
                    before: "Request",
                    after: "Metadata",
                    verb: "delete",
                    resource: "nodes",
                    requests: 1,
                    surplus: 0,
                    example: { auditID: "id-3", user: "bob", requestURI: "/api/v1/nodes/a", requestReceivedTimestamp },
                },
            ],
        });
    });
});
