import assert from "node:assert/strict";
import { checkPolicy } from "../../policy/check";
import { newestMinor, oldestMinor, strictDecodingSince } from "../../policy/kubernetes";

const rule = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n";

const refusals: [string, string, number | undefined, string][] = [
    ["an empty file", "", undefined, "unknown group version field audit.k8s.io/__internal, Kind=Policy in policy"],
    [
        "a version that was removed",
        rule.replace("v1", "v1beta1"),
        undefined,
        'failed decoding: no kind "Policy" is registered for version "audit.k8s.io/v1beta1"',
    ],
    ["bad YAML", "a: b: c\n", undefined, "failed decoding: yaml: mapping values are not allowed in this context"],
    [
        "a tab",
        `${rule}\tusers: []\n`,
        undefined,
        "failed decoding: yaml: line 5: found a tab character that violates indentation",
    ],
    [
        "bad JSON",
        '{"kind": Policy}',
        undefined,
        "failed decoding: couldn't get version/kind; json parse error: invalid character 'P' looking for beginning of value",
    ],
    [
        "a text where a list is needed",
        `${rule}  users: tim\n`,
        undefined,
        "failed decoding: json: cannot unmarshal string into Go struct field PolicyRule.rules.users of type []string",
    ],
    ["no rules", rule.replace(/rules[^]*/, ""), undefined, "loaded illegal policy with 0 rules"],
    [
        "several problems",
        `${rule}  nonResourceURLs: [a*b]\n`,
        undefined,
        `[rules[0].nonResourceURLs[0]: Invalid value: "a*b": non-resource URL rules must begin with a '/' character, ` +
            `rules[0].nonResourceURLs[0]: Invalid value: "a*b": non-resource URL wildcards '*' must be the final character of the rule]`,
    ],
    [
        "names without resources, as 1.33 prints them",
        `${rule}  resources: [{resourceNames: [a]}]\n`,
        33,
        'rules[0].resources.resourceNames: Invalid value: []string{"a"}: using resourceNames requires at least one resource',
    ],
    [
        "names without resources, as 1.34 prints them",
        `${rule}  resources: [{resourceNames: [a]}]\n`,
        34,
        'rules[0].resources.resourceNames: Invalid value: ["a"]: using resourceNames requires at least one resource',
    ],
];

const unknown = 'unknown field "rules[0].verb"';

describe("checkPolicy in faithful mode", () => {
    for (const [name, text, kubernetes, error] of refusals) {
        it(`refuses ${name}, in the API server's words`, () => {
            const { policy, apiServer } = checkPolicy(text, { mode: "faithful", kubernetes });
            assert.deepEqual({ policy, apiServer }, { policy: undefined, apiServer: { error } });
        });
    }

    it("gives the place, the reason and the fix of a refusal", () => {
        const { findings } = checkPolicy(`${rule}  users: tim\n`, { mode: "faithful" });
        assert.deepEqual(findings, [
            {
                code: "wrong-type",
                severity: "error",
                path: "rules[0].users",
                line: 5,
                column: 10,
                message:
                    "failed decoding: json: cannot unmarshal string into Go struct field PolicyRule.rules.users of type []string",
                reason: "rules[0].users is a text where a list is needed.",
                fix: 'Write it as a list: users: ["tim"].',
            },
        ]);
    });

    it("gives the place of each of the validator's complaints", () => {
        const { findings } = checkPolicy(`${rule}  omitStages: [panic]\n- level: all\n`, { mode: "faithful" });
        assert.deepEqual(
            findings.map(({ code, path, line, column }) => [code, path, line, column]),
            [
                ["stage-unknown", "rules[0].omitStages[0]", 5, 16],
                ["level-unsupported", "rules[1].level", 6, 10],
            ],
        );
    });

    for (const kubernetes of [oldestMinor, strictDecodingSince - 1, strictDecodingSince, newestMinor]) {
        const says = kubernetes >= strictDecodingSince ? "and says what 1.26 and later log" : "which logs nothing";
        it(`accepts unknown fields with a warning in 1.${kubernetes}, ${says}`, () => {
            const { policy, findings, apiServer } = checkPolicy(`${rule}  verb: [get]\n`, {
                mode: "faithful",
                kubernetes,
            });
            assert.deepEqual(policy?.rules, [{ level: "Metadata" }]);
            assert.deepEqual(
                findings.map(({ code, severity, message }) => [code, severity, message]),
                [["unknown-field", "warning", unknown]],
            );
            const log = `Audit policy contains errors, falling back to lenient decoding: strict decoding error: ${unknown}`;
            assert.deepEqual(apiServer, kubernetes >= strictDecodingSince ? { log } : {});
        });
    }

    it("accepts what YAML readers disagree on, as the API server reads it", () => {
        const text = `%TAG !a! tag:yaml.org,2002:\n--- !a!map\n${rule}  users: [!!binary YQ==, *a]\n`.replace(
            "*a",
            "&é b",
        );
        const { policy, apiServer } = checkPolicy(text.replace(", &é b", ""), { mode: "faithful" });
        assert.deepEqual([policy?.rules, apiServer], [[{ level: "Metadata", users: ["a"] }], {}]);
    });

    it("reads the first document only", () => {
        const { policy, findings } = checkPolicy(`${rule}---\nfoo: [\n`, { mode: "faithful" });
        assert.deepEqual(policy?.rules, [{ level: "Metadata" }]);
        assert.deepEqual(
            findings.map(({ severity }) => severity).filter((severity) => severity === "error"),
            [],
        );
    });

    it("lays one of several JSON fields over another, as Go does", () => {
        const text = `{"apiVersion": "audit.k8s.io/v1", "rules": [{"level": "None", "users": ["a"]}], "rules": [{"level": "Request"}]}`;
        const { policy } = checkPolicy(text, { mode: "faithful" });
        assert.deepEqual(policy?.rules, [{ level: "Request", users: ["a"] }]);
    });

    it("checks a policy that is an object", () => {
        const { policy, findings, apiServer } = checkPolicy({ rules: [{ level: "None" }] }, { mode: "faithful" });
        assert.deepEqual([policy?.rules, findings, apiServer], [[{ level: "None" }], [], {}]);
    });

    it("accepts any group from 1.36 on alone", () => {
        const text = `${rule}  resources: [{group: "*"}]\n`;
        const accepted = [35, 36].map((kubernetes) => checkPolicy(text, { mode: "faithful", kubernetes }).policy);
        assert.deepEqual(
            accepted.map((policy) => policy !== undefined),
            [false, true],
        );
    });
});
