import assert from "node:assert/strict";
import { describeRule } from "../../events/ruleWords";
import type { PolicyRule } from "../../policy/types";

const cases: [PolicyRule, string][] = [
    [{ level: "Metadata" }, "Metadata: everything by anybody"],
    [{ level: "None", nonResourceURLs: ["/healthz*"] }, "None: /healthz* by anybody"],
    [
        { level: "Request", verbs: ["get"], users: ["a", "b"], resources: [{ resources: ["pods", "pods/log"] }] },
        "Request: get of pods and pods/log by a or b",
    ],
    [
        { level: "Request", userGroups: ["ops"], namespaces: ["shop", ""], resources: [{ group: "apps" }] },
        "Request: any resource in group apps in namespace shop or outside namespaces by members of ops",
    ],
    [
        {
            level: "Metadata",
            resources: [{ resources: ["configmaps"], resourceNames: ["x"] }, { resources: ["pods/*"] }],
        },
        "Metadata: configmaps named x and pods/* by anybody",
    ],
    [
        { level: "Metadata", resources: [{ group: "*", resources: ["*/scale"] }] },
        "Metadata: scale of any resource by anybody",
    ],
    [{ level: "Metadata", namespaces: ["shop"] }, "Metadata: any resource in namespace shop by anybody"],
];

describe("describeRule", () => {
    for (const [rule, words] of cases) {
        it(words, () => {
            assert.equal(describeRule(rule), words);
        });
    }
});
