import assert from "node:assert/strict";
import fc from "fast-check";
import { diffPolicies, formatDifferences } from "../../policy/diff";
import type { Policy, PolicyRule } from "../../policy/types";
import { assertDifferencesExact } from "./classes/exhaustive";
import { smallPolicies } from "./classes/generate";

const pods = [{ resources: ["pods"] }];
const quiet: PolicyRule[] = [
    { level: "None", users: ["system:kube-proxy"], verbs: ["watch"], resources: [{ resources: ["endpoints"] }] },
    { level: "None", nonResourceURLs: ["/healthz*", "/version"] },
    { level: "Metadata", resources: [{ resources: ["secrets", "serviceaccounts/token"] }] },
    { level: "Request", resources: [{ group: "" }, { group: "apps" }] },
    { level: "Metadata" },
];

/** Rules before and after, and the differences. */
const cases: Record<string, [PolicyRule[] | Policy, PolicyRule[] | Policy, string[]]> = {
    "nothing for the same policy": [quiet, structuredClone(quiet), []],
    "nothing for another order of rules that do the same": [
        [
            { level: "None", verbs: ["get"] },
            { level: "None", verbs: ["list"] },
        ],
        [{ level: "None", verbs: ["list"] }],
        [],
    ],
    "nothing for stages of what is not recorded": [
        { rules: [{ level: "None" }] },
        { rules: [{ level: "None" }], omitStages: ["RequestReceived"], omitManagedFields: true },
        [],
    ],
    "a rule that is added": [
        [{ level: "None" }],
        [
            { level: "RequestResponse", verbs: ["delete"], namespaces: ["prod-namespace"], resources: pods },
            { level: "None" },
        ],
        [
            "delete of pods in namespace prod-namespace by anybody: None → RequestResponse",
            "    such as: delete pods example in prod-namespace by jane",
        ],
    ],
    "a catch-all whose level changes": [
        quiet,
        [...quiet.slice(0, -1), { level: "None" }],
        [
            "any resource outside group core and apps by anybody: Metadata → None",
            "    such as: get mutatingadmissionpolicies.admissionregistration.k8s.io example by jane",
            "any non-resource URL except /healthz* and /version by anybody: Metadata → None",
            "    such as: get /other by jane",
        ],
    ],
    "a rule whose requests fall to a later one": [
        quiet,
        [...quiet.slice(0, 2), ...quiet.slice(3)],
        [
            "secrets and serviceaccounts/token by anybody: Metadata → Request",
            "    such as: get secrets example in default by jane",
        ],
    ],
    "a whole group but what earlier rules take": [
        quiet,
        [...quiet.slice(0, 3), { level: "Request", resources: [{ group: "apps" }] }, { level: "Metadata" }],
        [
            "any resource in group core except secrets and serviceaccounts/token by anybody, unless an earlier rule decides: Request → Metadata",
            "    such as: get serviceaccounts example in default by jane",
        ],
    ],
    everything: [
        [{ level: "Metadata" }],
        [{ level: "Request" }],
        ["everything by anybody: Metadata → Request", "    such as: get pods example in default by jane"],
    ],
    "stages and managed fields": [
        { rules: [{ level: "Request", omitStages: ["RequestReceived"] }], omitManagedFields: true },
        { rules: [{ level: "Request", omitStages: ["Panic", "RequestReceived"] }] },
        [
            "everything by anybody: Request without RequestReceived, managed fields → Request without RequestReceived, Panic",
            "    such as: get pods example in default by jane",
        ],
    ],
    "users and groups": [
        [
            { level: "None", users: ["a", "b"] },
            { level: "None", userGroups: ["g"], verbs: ["get"] },
            { level: "Metadata" },
        ],
        [{ level: "None", users: ["a"] }, { level: "Metadata" }],
        [
            "everything by b: None → Metadata",
            "    such as: get pods example in default by b",
            "get of everything by members of g but a and b: None → Metadata",
            "    such as: get pods example in default by jane, g",
        ],
    ],
    "subresources, names and namespaces": [
        [{ level: "Metadata" }],
        [
            {
                level: "None",
                namespaces: ["", "n"],
                resources: [
                    { group: "apps", resources: ["deployments/*"], resourceNames: ["x"] },
                    { resources: ["*/log"] },
                ],
            },
            { level: "Metadata" },
        ],
        [
            "deployments.apps/* named x and log of any resource in group core in namespace n or outside namespaces by anybody: Metadata → None",
            "    such as: get deployments.apps x in n by jane",
        ],
    ],
};

describe("diffPolicies", () => {
    for (const [name, [before, after, expected]] of Object.entries(cases)) {
        it(`names ${name}`, () => {
            const [one, other] = [before, after].map((given): Policy => ("rules" in given ? given : { rules: given }));
            assert.equal(formatDifferences(diffPolicies(one!, other!)), expected.join("\n"));
        });
    }

    it("gives the class as data, with both decisions and an example", () => {
        const rule: PolicyRule = { level: "Request", verbs: ["get"], resources: pods, userGroups: ["g"] };
        const earlier: PolicyRule = { level: "None", verbs: ["get"], userGroups: ["h"] };
        assert.deepEqual(diffPolicies({ rules: [rule] }, { rules: [earlier, rule] }), [
            {
                description: "get of pods by members of g who are members of h: Request → None",
                requests: {
                    users: { allBut: [] },
                    inGroups: [["g"], ["h"]],
                    notInGroups: [],
                    verbs: { only: ["get"] },
                    resources: {
                        namespaces: { allBut: [] },
                        targets: {
                            only: [
                                {
                                    apiGroups: { only: [""] },
                                    resources: { only: ["pods"] },
                                    subresources: { only: [""] },
                                    names: { allBut: [] },
                                },
                            ],
                            allBut: [],
                        },
                    },
                },
                entire: true,
                before: { level: "Request", rule: 0, omitStages: [], omitManagedFields: false },
                after: { level: "None", rule: 0, omitStages: [], omitManagedFields: false },
                example: {
                    user: "jane",
                    groups: ["g", "h"],
                    verb: "get",
                    namespace: "default",
                    apiGroup: "",
                    resource: "pods",
                    subresource: "",
                    name: "example",
                    isResource: true,
                },
            },
        ]);
    });

    it("knows the group * from 1.36 on", () => {
        const policy = (level: PolicyRule["level"]): Policy => ({ rules: [{ level, resources: [{ group: "*" }] }] });
        const differences = [35, 36].map((kubernetes) =>
            diffPolicies(policy("None"), policy("Metadata"), { kubernetes }).map(({ description }) => description),
        );
        assert.deepEqual(differences, [[], ["any resource by anybody: None → Metadata"]]);
    });

    it("names a class for each request that changes, and in each class one that does", () => {
        fc.assert(fc.property(smallPolicies, smallPolicies, fc.constantFrom(34, 36), assertDifferencesExact), {
            numRuns: 10,
        });
    });
});
