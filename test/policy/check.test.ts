import assert from "node:assert/strict";
import fc from "fast-check";
import { checkPolicy } from "../../policy/check";
import type { Finding } from "../../policy/finding";
import type { Policy } from "../../policy/types";

const header = "apiVersion: audit.k8s.io/v1\nkind: Policy\n";
const rule = `${header}rules:\n- level: Metadata\n`;
const ignored = "The API server ignores fields that it does not know";
const widened = `${ignored}, so the rule would match requests that it is not meant for.`;
const emptyItem = {
    code: "null-item",
    severity: "warning",
    reason: 'The API server reads an empty item as the text "".',
    fix: 'Write "" if that is meant; else remove the item.',
} as const;

/** Text, and code, path, line:column, message, reason and fix of each error in it. */
const refused: Record<string, [string, [string, string, string, string, string?, string?][]]> = {
    "an empty file": [
        "",
        [
            [
                "api-version",
                "apiVersion",
                "1:1",
                "unknown group version field audit.k8s.io/__internal, Kind=Policy in policy",
                "The policy does not say which version of the audit API it is written in.",
                "Begin the file with apiVersion: audit.k8s.io/v1 and kind: Policy.",
            ],
        ],
    ],
    "a removed version": [
        "kind: Policy\napiVersion: audit.k8s.io/v1beta1\nrules: [{level: None}]\n",
        [
            [
                "api-version",
                "apiVersion",
                "2:13",
                'failed decoding: no kind "Policy" is registered for version "audit.k8s.io/v1beta1"',
                "audit.k8s.io/v1beta1 was removed in Kubernetes 1.24.",
                "Write apiVersion: audit.k8s.io/v1; the fields are the same.",
            ],
        ],
    ],
    "another kind": [
        "apiVersion: audit.k8s.io/v1\nkind: Event\n",
        [
            [
                "kind",
                "kind",
                "2:7",
                "failed decoding: converting (v1.Event) to (audit.Policy): unknown conversion",
                undefined,
                "Write kind: Policy.",
            ],
        ],
    ],
    "no rules": [
        header,
        [
            [
                "no-rules",
                "rules",
                "1:1",
                "loaded illegal policy with 0 rules",
                undefined,
                "Add a rule; - level: Metadata alone records all requests without their bodies.",
            ],
        ],
    ],
    "a list": [
        "- level: None\n",
        [
            [
                "wrong-type",
                "",
                "1:1",
                'failed decoding: couldn\'t get version/kind; json parse error: json: cannot unmarshal array into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }',
                "The document is a list where a mapping is needed.",
            ],
        ],
    ],
    "a text where a list is needed": [
        `${rule}  users: tim\n`,
        [
            [
                "wrong-type",
                "rules[0].users",
                "5:10",
                "failed decoding: json: cannot unmarshal string into Go struct field PolicyRule.rules.users of type []string",
                "rules[0].users is a text where a list is needed.",
                'Write it as a list: users: ["tim"].',
            ],
        ],
    ],
    "a truth value where a text is needed": [
        `${rule}  namespaces: [a, off]\n`,
        [
            [
                "wrong-type",
                "rules[0].namespaces[1]",
                "5:19",
                "failed decoding: json: cannot unmarshal bool into Go struct field PolicyRule.rules.namespaces of type string",
                "rules[0].namespaces[1] is a truth value where a text is needed: unquoted, off is not a text in YAML 1.1, which the API server reads.",
                'Quote it: "off".',
            ],
        ],
    ],
    "resources without their group": [
        `${rule}  resources: [pods]\n`,
        [
            [
                "wrong-type",
                "rules[0].resources[0]",
                "5:15",
                "failed decoding: json: cannot unmarshal string into Go struct field PolicyRule.rules.resources of type v1.GroupResources",
                "rules[0].resources[0] is a text where a mapping is needed.",
                'Write it with its API group: {group: "", resources: ["pods"]}.',
            ],
        ],
    ],
    "a quoted truth value": [
        `${rule}  omitManagedFields: "yes"\n`,
        [
            [
                "wrong-type",
                "rules[0].omitManagedFields",
                "5:22",
                "failed decoding: json: cannot unmarshal string into Go struct field PolicyRule.rules.omitManagedFields of type bool",
                "rules[0].omitManagedFields is a text where a truth value is needed.",
                "Write true or false, without quotes.",
            ],
        ],
    ],
    "misspelt fields": [
        `${rule}  verb: [get]\n  Users: [a]\n`,
        [
            ["unknown-field", "rules[0].verb", "5:3", 'unknown field "rules[0].verb"', widened, "Did you mean verbs?"],
            [
                "unknown-field",
                "rules[0].Users",
                "6:3",
                'unknown field "rules[0].Users"',
                widened,
                "Did you mean users?",
            ],
        ],
    ],
    "fields in the wrong place": [
        `${rule}  resourceNames: [x]\n  resources:\n  - verbs: [get]\n    apiGroups: [""]\n`,
        [
            [
                "unknown-field",
                "rules[0].resourceNames",
                "5:3",
                'unknown field "rules[0].resourceNames"',
                widened,
                "Move resourceNames into resources.",
            ],
            [
                "unknown-field",
                "rules[0].resources[0].verbs",
                "7:5",
                'unknown field "rules[0].resources[0].verbs"',
                widened.replace("requests", "resources"),
                "Move verbs out, to rules[0].",
            ],
            [
                "unknown-field",
                "rules[0].resources[0].apiGroups",
                "8:5",
                'unknown field "rules[0].resources[0].apiGroups"',
                widened.replace("requests", "resources"),
                "Did you mean group?",
            ],
        ],
    ],
    "a field that nothing is like": [
        `${rule}spec: {}\n`,
        [
            [
                "unknown-field",
                "spec",
                "5:1",
                'unknown field "spec"',
                `${ignored}.`,
                "Remove it; the fields here are apiVersion, kind, metadata, omitStages, omitManagedFields, rules.",
            ],
        ],
    ],
    "a field twice": [
        `${rule}  level: None\n`,
        [
            [
                "duplicate-key",
                "rules[0].level",
                "5:3",
                'key "level" already set in map',
                "The API server silently uses the last of them.",
                "Remove or merge one of them.",
            ],
        ],
    ],
    "a field twice in JSON": [
        '{"apiVersion": "audit.k8s.io/v1",\n "rules": [{"level": "None", "level": "Metadata"}]}',
        [
            [
                "duplicate-key",
                "rules[0].level",
                "2:30",
                'duplicate field "rules[0].level"',
                "The API server silently uses the last of them.",
                "Remove or merge one of them.",
            ],
        ],
    ],
    "a second document": [
        `${rule}---\nfoo: bar\n`,
        [
            [
                "several-documents",
                "",
                "5:1",
                "there is more than one document",
                "The API server reads the first document and silently ignores the others.",
                "Leave one document in the file.",
            ],
        ],
    ],
    "what begins like JSON and is none": [
        "{apiVersion: audit.k8s.io/v1}\n",
        [
            [
                "json-syntax",
                "",
                "1:2",
                "failed decoding: couldn't get version/kind; json parse error: invalid character 'a' looking for beginning of object key string",
                "The API server reads a file that begins with { as JSON.",
            ],
        ],
    ],
    "a tab as indentation": [
        `${rule}\tusers: [a]\n`,
        [
            [
                "yaml-syntax",
                "",
                "5:1",
                "failed decoding: yaml: line 5: found a tab character that violates indentation",
                undefined,
                "Use spaces.",
            ],
        ],
    ],
    "a tab before a text": [
        `${rule}  users:\n  - \t"tim"\n`,
        [
            [
                "yaml-syntax",
                "",
                "6:5",
                "failed decoding: yaml: line 6: found character that cannot start any token",
                undefined,
                "Use spaces.",
            ],
        ],
    ],
    "a NUL": [
        `${rule}\0`,
        [
            [
                "yaml-syntax",
                "",
                "5:1",
                "failed decoding: yaml: control characters are not allowed",
                undefined,
                "Remove the character, or write it as an escape in double quotes.",
            ],
        ],
    ],
    "a line break that few know": [
        `\ufeff${header}rules:\u2028- level: None\n`,
        [
            [
                "yaml-syntax",
                "",
                "3:7",
                "the character U+2028 is not read the same by every YAML reader",
                undefined,
                "End lines with a line feed; write the character as an escape in double quotes.",
            ],
        ],
    ],
    "a directive and a tag": [
        `%YAML 1.1\n---\n${rule}  users: [!!binary YQ==]\n`,
        [
            [
                "yaml-directive",
                "",
                "1:1",
                "a directive is of no use in a policy",
                "The API server reads YAML 1.1 and refuses a file that says it is another version.",
                "Remove the line.",
            ],
            [
                "yaml-tag",
                "rules[0].users[0]",
                "7:20",
                "the tag tag:yaml.org,2002:binary is of no use in a policy",
                undefined,
                "Remove the tag.",
            ],
        ],
    ],
    "an unknown anchor": [
        `${rule}  users: *them\n`,
        [["yaml-syntax", "", "5:10", "failed decoding: yaml: unknown anchor 'them' referenced"]],
    ],
    "an anchor that not every reader knows": [
        `${rule}  users: &ä [a]\n`,
        [
            [
                "yaml-syntax",
                "",
                "5:11",
                "failed decoding: yaml: line 5: did not find expected alphabetic or numeric character",
                undefined,
                "Use only letters, digits, _ and - in an anchor; quote a text that begins with & or *.",
            ],
        ],
    ],
    "a mark that flow style makes doubtful": [
        `${rule}  nonResourceURLs: [/a?b]\n`,
        [
            [
                "yaml-syntax",
                "",
                "5:23",
                "failed decoding: yaml: line 4: did not find expected ',' or ']'",
                undefined,
                "Between brackets, quote what holds ? or :, and put a space after a key's colon.",
            ],
        ],
    ],
    "an unknown level": [
        `${header}rules:\n- level: metadata\n`,
        [
            [
                "level-unsupported",
                "rules[0].level",
                "4:10",
                'rules[0].level: Unsupported value: "metadata": supported values: "None", "Metadata", "Request", "RequestResponse"',
                undefined,
                "Did you mean Metadata?",
            ],
        ],
    ],
};

describe("checkPolicy", () => {
    for (const [name, [text, errors]] of Object.entries(refused)) {
        it(`refuses ${name}, and says where`, () => {
            const { policy, findings } = checkPolicy(text);
            const told = findings.map((f) => [f.code, f.path, `${f.line!}:${f.column!}`, f.message, f.reason, f.fix]);
            const wanted = errors.map((e) => [...e, ...Array<undefined>(6 - e.length).fill(undefined)]);
            assert.deepEqual({ policy, told }, { policy: undefined, told: wanted });
        });
    }

    it("gives the policy as the API server has it", () => {
        const text = `${rule}  users: &them [a]\n  userGroups: *them\n  namespaces: [2001-01-01, "yes"]\n  omitManagedFields: yes\n`;
        assert.deepEqual(checkPolicy(text), {
            policy: {
                apiVersion: "audit.k8s.io/v1",
                kind: "Policy",
                rules: [
                    {
                        level: "Metadata",
                        users: ["a"],
                        userGroups: ["a"],
                        namespaces: ["2001-01-01", "yes"],
                        omitManagedFields: true,
                    },
                ],
            },
            findings: [],
        });
    });

    it("takes a policy without a kind, with a byte order mark, with CRLF, and in JSON", () => {
        const json = '{"apiVersion": "audit.k8s.io/v1", "rules": [{"level": "None"}]}';
        const texts = [
            `apiVersion: audit.k8s.io/v1\nrules: [{level: None}]`,
            `\ufeff${rule}`,
            rule.replaceAll("\n", "\r\n"),
            json,
        ];
        assert.deepEqual(
            texts.map((text) => checkPolicy(text).findings),
            [[], [], [], []],
        );
    });

    it("warns of an empty list item", () => {
        const { policy, findings } = checkPolicy(`${rule}  users:\n  -\n  - tim\n`);
        assert.deepEqual(policy?.rules[0]?.users, ["", "tim"]);
        assert.deepEqual(findings, [
            { ...emptyItem, path: "rules[0].users[0]", line: 6, column: 4, message: "rules[0].users[0] is empty" },
        ]);
    });

    it("reads bytes, and refuses those that are not UTF-8", () => {
        assert.deepEqual(checkPolicy(Buffer.from(rule)).findings, []);
        assert.deepEqual(checkPolicy(Buffer.from([0x61, 0xff])), {
            findings: [
                {
                    code: "encoding",
                    severity: "error",
                    path: "",
                    message: "the file is not UTF-8 text",
                    fix: "Save it as UTF-8.",
                },
            ],
        });
    });

    it("checks a plain object by the same rules, without places", () => {
        const policy = { rules: [{ level: "Metadata", verb: ["get"] }] } as unknown as Policy;
        assert.deepEqual(checkPolicy(policy), {
            findings: [
                {
                    code: "unknown-field",
                    severity: "error",
                    path: "rules[0].verb",
                    message: 'unknown field "rules[0].verb"',
                    reason: widened,
                    fix: "Did you mean verbs?",
                },
            ],
        });
        assert.deepEqual(
            checkPolicy({ rules: [{ level: "None", users: undefined }] } as unknown as Policy).findings,
            [],
        );
    });

    describe("of a policy that only some versions accept", () => {
        const text = `${rule}  resources:\n  - group: "*"\n`;
        const message = (findings: Finding[]) =>
            findings.map(({ code, severity, kubernetes }) => [code, severity, kubernetes]);

        it("refuses it for a version that does not", () => {
            assert.deepEqual(message(checkPolicy(text, { kubernetes: 35 }).findings), [
                ["group-name", "error", undefined],
            ]);
        });

        it("accepts it for one that does", () => {
            assert.deepEqual(checkPolicy(text, { kubernetes: 36 }).findings, []);
        });

        it("warns, with the versions, when none is given", () => {
            const { policy, findings } = checkPolicy(text);
            assert.ok(policy);
            assert.deepEqual(message(findings), [["group-name", "warning", { from: 24, to: 35 }]]);
        });
    });

    it("says something about any text, and never throws", () => {
        fc.assert(
            fc.property(fc.string({ unit: "binary-ascii" }), (text) => {
                assert.notEqual(checkPolicy(text).findings.length, 0);
            }),
        );
    });

    it("is not overwhelmed by aliases of aliases, nor by depth", () => {
        const levels = Array.from({ length: 12 }, (_, i) => `a${i}: &a${i} [${`*a${i - 1},`.repeat(9)}]`);
        const bomb = `${rule}a: &a-1 [x]\n${levels.join("\n")}\n`
            .replaceAll("a-1", "start")
            .replace("[*a-1", "[*start");
        assert.ok(checkPolicy(bomb).findings.some(({ message }) => message.includes("excessive aliasing")));
        assert.ok(checkPolicy(`${rule}a: ${"[".repeat(10_000)}`).findings.length > 0);
        assert.ok(checkPolicy(`{"a": ${"[".repeat(20_000)}${"]".repeat(20_000)}}`).findings.length > 0);
    });
});
