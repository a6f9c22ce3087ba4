import assert from "node:assert/strict";
import type { Attributes } from "../../policy/evaluate";
import { resolveRequest } from "../../policy/requestInfo";

const nothing = { namespace: "", apiGroup: "", resource: "", subresource: "", name: "" };
const pods: Attributes = { ...nothing, verb: "list", resource: "pods", path: "/api/v1/pods", isResource: true };
const inDefault = "/api/v1/namespaces/default";

const requests: [string, Partial<Attributes>][] = [
    ["GET /api/v1/pods", {}],
    ["GET /api/v1/pods?watch=1", { verb: "watch" }],
    ["GET /api/v1/pods?watch=", { verb: "watch" }],
    ["GET /api/v1/pods?watch=False", {}],
    ["GET /api/v1/pods?limit=many&fieldSelector=metadata.name=x", {}],
    ["GET /api/v1/pods?labelSelector=a=-&fieldSelector=metadata.name=x&watch=1", { verb: "watch" }],
    ["GET /api/v1/pods?fieldSelector=metadata.name%3Dx", { name: "x" }],
    ["GET /api/v1/pods?fieldSelector=metadata.name=..", {}],
    ["HEAD /api/v1/pods/x", { verb: "get", name: "x", path: "/api/v1/pods/x" }],
    ["POST /api/v1/pods", { verb: "create" }],
    ["PUT /api/v1/pods", { verb: "update" }],
    ["PATCH /api/v1/pods", { verb: "patch" }],
    ["OPTIONS /api/v1/pods", { verb: "" }],
    ["DELETE /api/v1/pods", { verb: "deletecollection" }],
    ["DELETE /api/v1/pods?fieldSelector=metadata.name=x", { verb: "deletecollection" }],
    ["GET /api/v1/watch/pods", { verb: "watch", path: "/api/v1/watch/pods" }],
    [`DELETE /api/v1/proxy/pods/x/y`, { verb: "proxy", name: "x", subresource: "", path: "/api/v1/proxy/pods/x/y" }],
    [`GET ${inDefault}/pods/`, { namespace: "default", path: `${inDefault}/pods/` }],
    [
        `GET ${inDefault}/pods/x/log?follow=true`,
        { verb: "get", namespace: "default", name: "x", subresource: "log", path: `${inDefault}/pods/x/log` },
    ],
    [
        `GET ${inDefault}`,
        { verb: "get", namespace: "default", resource: "namespaces", name: "default", path: inDefault },
    ],
    [
        `PUT ${inDefault}/finalize`,
        {
            verb: "update",
            namespace: "default",
            resource: "namespaces",
            name: "default",
            subresource: "finalize",
            path: `${inDefault}/finalize`,
        },
    ],
    [
        "GET /apis/apps/v1/namespaces/x/deployments?watch=1",
        {
            verb: "watch",
            namespace: "x",
            apiGroup: "apps",
            resource: "deployments",
            path: "/apis/apps/v1/namespaces/x/deployments",
        },
    ],
    ["GET /api/v1/p%6Fds", {}],
    ["GET /api/v1/a%FFb%C3%A9", { resource: "a\udcffb\u00e9", path: "/api/v1/a\udcffb\u00e9" }],
    ["GET /healthz?verbose", { verb: "get", resource: "", path: "/healthz", isResource: false }],
    ["POST /api/v1", { verb: "post", resource: "", path: "/api/v1", isResource: false }],
    ["GET /apis/apps/v1", { verb: "get", resource: "", path: "/apis/apps/v1", isResource: false }],
    ["OPTIONS *", { verb: "options", resource: "", path: "*", isResource: false }],
];

describe("resolveRequest", () => {
    for (const [request, expected] of requests) {
        it(request, () => {
            const [method = "", url = ""] = request.split(" ");
            assert.deepEqual(resolveRequest({ method, url }), { ...pods, ...expected });
        });
    }

    it("passes the user and the groups on", () => {
        const { user, groups } = resolveRequest({ method: "GET", url: "/", user: "tim", groups: ["a"] });
        assert.deepEqual([user, groups], ["tim", ["a"]]);
    });

    for (const [url, message] of [
        ["/api/v1/watch", /unable to determine kind and namespace/],
        ["/%zz", /invalid URL escape/],
        ["pods", /invalid URI for request/],
        ["/a b", /no spaces/],
    ] as const) {
        it(`refuses ${url}, as the API server does before it audits`, () => {
            assert.throws(() => resolveRequest({ method: "GET", url }), message);
        });
    }

    it("refuses what is no method", () => {
        assert.throws(() => resolveRequest({ method: "G T", url: "/" }), /invalid method/);
    });
});
