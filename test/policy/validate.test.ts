import assert from "node:assert/strict";
import { aggregateMessage, validatePolicy, type UnvalidatedPolicy, type Violation } from "../../policy/validate";

const subdomain =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

const invalidCases: Record<string, [UnvalidatedPolicy, Violation[]]> = {
    "a rule without a level": [
        { rules: [{}] },
        [{ code: "level-required", path: "rules[0].level", message: "rules[0].level: Required value" }],
    ],
    "an unknown level": [
        { rules: [{ level: "None" }, { level: "metadata" }] },
        [
            {
                code: "level-unsupported",
                path: "rules[1].level",
                message:
                    'rules[1].level: Unsupported value: "metadata": supported values: "None", "Metadata", "Request", "RequestResponse"',
            },
        ],
    ],
    "a path without a leading slash": [
        { rules: [{ level: "None", nonResourceURLs: ["/ok", "healthz"] }] },
        [
            {
                code: "url-without-slash",
                path: "rules[0].nonResourceURLs[1]",
                message:
                    "rules[0].nonResourceURLs[1]: Invalid value: \"healthz\": non-resource URL rules must begin with a '/' character",
            },
        ],
    ],
    "a path that is wrong in two ways": [
        { rules: [{ level: "None", nonResourceURLs: ["*", "**"] }] },
        [
            {
                code: "url-without-slash",
                path: "rules[0].nonResourceURLs[1]",
                message:
                    "rules[0].nonResourceURLs[1]: Invalid value: \"**\": non-resource URL rules must begin with a '/' character",
            },
            {
                code: "url-wildcard",
                path: "rules[0].nonResourceURLs[1]",
                message:
                    "rules[0].nonResourceURLs[1]: Invalid value: \"**\": non-resource URL wildcards '*' must be the final character of the rule",
            },
        ],
    ],
    "a group with its version": [
        { rules: [{ level: "None", resources: [{ group: "" }, { group: "apps/v1" }] }] },
        [
            {
                code: "group-name",
                path: "rules[0].resources[1].group",
                message: `rules[0].resources.group: Invalid value: "apps/v1": ${subdomain}`,
            },
        ],
    ],
    "a group that is too long": [
        { rules: [{ level: "None", resources: [{ group: "a".repeat(254) }] }] },
        [
            {
                code: "group-name",
                path: "rules[0].resources[0].group",
                message: `rules[0].resources.group: Invalid value: "${"a".repeat(254)}": must be no more than 253 characters`,
            },
        ],
    ],
    "names of no resource": [
        { rules: [{ level: "None", resources: [{ resourceNames: ["a", "<b>"] }] }] },
        [
            {
                code: "resource-names-without-resources",
                path: "rules[0].resources[0].resourceNames",
                message:
                    'rules[0].resources.resourceNames: Invalid value: ["a","\\u003cb\\u003e"]: using resourceNames requires at least one resource',
            },
        ],
    ],
    "unknown stages": [
        { omitStages: ["Panic", "foo"], rules: [{ level: "None", omitStages: ["panic"] }] },
        [
            {
                code: "stage-unknown",
                path: "omitStages[1]",
                message:
                    'omitStages[1]: Invalid value: "foo": allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic',
            },
            {
                code: "stage-unknown",
                path: "rules[0].omitStages[0]",
                message:
                    'rules[0].omitStages[0]: Invalid value: "panic": allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic',
            },
        ],
    ],
    "paths and a namespace": [
        { rules: [{ level: "None", nonResourceURLs: ["/a", "/b"], namespaces: ["x"] }] },
        [
            {
                code: "urls-with-resources",
                path: "rules[0].nonResourceURLs",
                message:
                    'rules[0].nonResourceURLs: Invalid value: ["/a","/b"]: rules cannot apply to both regular resources and non-resource URLs',
            },
        ],
    ],
};

describe("validatePolicy", () => {
    for (const [name, [policy, violations]] of Object.entries(invalidCases)) {
        it(`finds ${name}`, () => {
            assert.deepEqual(validatePolicy(policy, 34), violations);
        });
    }

    it("has nothing against a policy without rules, which the loader refuses", () => {
        assert.deepEqual(validatePolicy({ rules: [] }), []);
    });

    it("accepts the group * from 1.36 on, and before it not", () => {
        const policy = { rules: [{ level: "None", resources: [{ group: "*" }] }] };
        const counts = [24, 34, 35, 36, 37].map((minor) => validatePolicy(policy, minor).length);
        assert.deepEqual(counts, [1, 1, 1, 0, 0]);
    });

    it("prints lists and levels as Go before 1.34", () => {
        const policy = {
            rules: [{ level: "<&>", nonResourceURLs: ["/a\u200b"], namespaces: [""] }],
        };
        assert.deepEqual(
            validatePolicy(policy, 33).map(({ message }) => message),
            [
                'rules[0].level: Unsupported value: "<&>": supported values: "None", "Metadata", "Request", "RequestResponse"',
                'rules[0].nonResourceURLs: Invalid value: []string{"/a\\u200b"}: rules cannot apply to both regular resources and non-resource URLs',
            ],
        );
    });
});

describe("aggregateMessage", () => {
    const violation = (message: string): Violation => ({ code: "group-name", path: "", message });

    it("is the one message as it is", () => {
        assert.equal(aggregateMessage([violation("a")]), "a");
    });

    it("puts several in brackets, each once", () => {
        assert.equal(aggregateMessage(["a", "b", "a", "c"].map(violation)), "[a, b, c]");
    });

    it("needs no brackets for one message twice", () => {
        assert.equal(aggregateMessage(["a", "a"].map(violation)), "a");
    });
});
