import assert from "node:assert/strict";
import { findBuiltinResource } from "../../policy/findResource";

const found = (name: string, kubernetes?: number) => {
    const type = findBuiltinResource(kubernetes)(name);
    return type && [type.group, type.resource, type.namespaced];
};

describe("findBuiltinResource", () => {
    const cases: [string, [string, string, boolean] | undefined][] = [
        ["pods", ["", "pods", true]],
        ["pod", ["", "pods", true]],
        ["Pod", ["", "pods", true]],
        ["po", ["", "pods", true]],
        ["deploy", ["apps", "deployments", true]],
        ["deployments.apps", ["apps", "deployments", true]],
        ["deployments.v1.apps", ["apps", "deployments", true]],
        ["deployments.batch", undefined],
        ["events", ["", "events", true]],
        ["events.events.k8s.io", ["events.k8s.io", "events", true]],
        ["csr", ["certificates.k8s.io", "certificatesigningrequests", false]],
        ["clusterrolebinding", ["rbac.authorization.k8s.io", "clusterrolebindings", false]],
        ["widgets", undefined],
    ];
    for (const [name, expected] of cases) {
        it(`finds ${expected?.[1] ?? "nothing"} for ${name}`, () => {
            assert.deepEqual(found(name), expected);
        });
    }

    it("goes by the version", () => {
        assert.deepEqual(found("podsecuritypolicies", 24), ["policy", "podsecuritypolicies", false]);
        assert.equal(found("podsecuritypolicies", 25), undefined);
    });
});
