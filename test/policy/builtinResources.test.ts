import assert from "node:assert/strict";
import { builtinResources } from "../../policy/builtinResources";

function names(group: string, minor?: number): string[] {
    return builtinResources(minor)
        .filter((entry) => entry.group === group)
        .map(({ resource, subresource }) => (subresource === "" ? resource : `${resource}/${subresource}`));
}

describe("builtinResources", () => {
    it("knows each resource's kind, scope, verbs, versions and short names", () => {
        const found = builtinResources().filter(
            ({ group, resource }) => group === "" && resource === "replicationcontrollers",
        );
        const common = { group: "", resource: "replicationcontrollers", namespaced: true, minors: [[24, 36]] };
        assert.deepEqual(found, [
            {
                ...common,
                subresource: "",
                kind: "ReplicationController",
                verbs: ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
                shortNames: ["rc"],
            },
            { ...common, subresource: "scale", kind: "Scale", verbs: ["get", "patch", "update"], shortNames: [] },
            {
                ...common,
                subresource: "status",
                kind: "ReplicationController",
                verbs: ["get", "patch", "update"],
                shortNames: [],
            },
        ]);
    });

    it("has what a version serves, and nothing else", () => {
        assert.deepEqual(names("policy", 24), [
            "poddisruptionbudgets",
            "poddisruptionbudgets/status",
            "podsecuritypolicies",
        ]);
        assert.deepEqual(names("policy", 25), ["poddisruptionbudgets", "poddisruptionbudgets/status"]);
        assert.deepEqual(names("resource.k8s.io", 25), []);
        assert.deepEqual(names("batch", 36), ["cronjobs", "cronjobs/status", "jobs", "jobs/status"]);
    });

    it("takes a version newer than known for the newest known", () => {
        assert.deepEqual(builtinResources(99), builtinResources(36));
    });

    it("has every group of the newest release", () => {
        assert.deepEqual(
            [...new Set(builtinResources(36).map(({ group }) => group))],
            [
                "",
                "admissionregistration.k8s.io",
                "apiextensions.k8s.io",
                "apiregistration.k8s.io",
                "apps",
                "authentication.k8s.io",
                "authorization.k8s.io",
                "autoscaling",
                "batch",
                "certificates.k8s.io",
                "coordination.k8s.io",
                "discovery.k8s.io",
                "events.k8s.io",
                "flowcontrol.apiserver.k8s.io",
                "internal.apiserver.k8s.io",
                "networking.k8s.io",
                "node.k8s.io",
                "policy",
                "rbac.authorization.k8s.io",
                "resource.k8s.io",
                "scheduling.k8s.io",
                "storage.k8s.io",
                "storagemigration.k8s.io",
            ],
        );
    });
});
