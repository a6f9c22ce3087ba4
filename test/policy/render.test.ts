import assert from "node:assert/strict";
import fc from "fast-check";
import { checkPolicy } from "../../policy/check";
import { renderPolicy } from "../../policy/render";
import type { Policy } from "../../policy/types";
import { generatePolicy } from "../oracle/policies";
import { Random } from "../oracle/random";

const podDeletions: Policy = {
    rules: [
        {
            namespaces: ["prod-namespace"],
            resources: [{ resources: ["pods"], resourceNames: ["webapp-pod"], group: "" }],
            verbs: ["delete"],
            level: "RequestResponse",
            users: [],
        },
        { level: "None", omitManagedFields: false },
    ],
    omitStages: ["RequestReceived"],
    metadata: { name: "pod-deletions", labels: { "app.kubernetes.io/part-of": "yes" } },
};

const validPolicies = fc.integer().map((seed) => generatePolicy(new Random(seed), { odd: 0 }));

describe("renderPolicy", () => {
    it("writes the fields in their documented order, a value a line", () => {
        assert.equal(
            renderPolicy(podDeletions),
            `apiVersion: audit.k8s.io/v1
kind: Policy
metadata:
  name: pod-deletions
  labels:
    app.kubernetes.io/part-of: "yes"
omitStages:
  - RequestReceived
rules:
  - level: RequestResponse
    verbs:
      - delete
    resources:
      - group: ""
        resources:
          - pods
        resourceNames:
          - webapp-pod
    namespaces:
      - prod-namespace
  - level: None
    omitManagedFields: false
`,
        );
    });

    it("writes comments above the file and above rules, in lines of at most 100 characters, and nothing but comments", () => {
        const comments = {
            head: "Pods\nthat: were deleted",
            rules: ["", `The second. ${"word ".repeat(20)}#\u0085- level: None`],
        };
        assert.equal(
            renderPolicy({ rules: [{ level: "Metadata" }, { level: "None" }] }, comments),
            `# Pods
# that: were deleted
apiVersion: audit.k8s.io/v1
kind: Policy
rules:
  - level: Metadata
  # The second. word word word word word word word word word word word word word word word word word
  # word word word # - level: None
  - level: None
`,
        );
    });

    it("gives a text back byte for byte, with a newline at its end", () => {
        fc.assert(
            fc.property(fc.string(), (text) => {
                assert.equal(renderPolicy(`${text}x`), `${text}x\n`);
                assert.equal(renderPolicy(`${text}\n`), `${text}\n`);
            }),
        );
    });

    const awkward = [
        "yes",
        "1",
        "0o7",
        "~",
        "",
        "a: b",
        "a #b",
        "- a",
        "*",
        "\u2028",
        "\u0085",
        "\ufeff",
        "é",
        "\u{1f600}",
        'q"\\',
        "a:",
    ];
    it("quotes what YAML would take for something else", () => {
        const policy: Policy = { rules: [{ level: "None", users: awkward }] };
        const { policy: read, findings } = checkPolicy(renderPolicy(policy));
        assert.deepEqual({ users: read?.rules[0]?.users, findings }, { users: awkward, findings: [] });
    });

    it("writes what checkPolicy reads back", () => {
        fc.assert(
            fc.property(validPolicies, (policy) => {
                const text = renderPolicy(policy);
                const { policy: read, findings } = checkPolicy(text, { kubernetes: 34 });
                assert.deepEqual(findings, []);
                assert.equal(renderPolicy(read!), text);
                assert.deepEqual(withoutEmptyLists(read!), withoutEmptyLists(policy));
            }),
        );
    });

    it("changes only the lines of the rule that changes", () => {
        fc.assert(
            fc.property(validPolicies, fc.nat(), (policy, n) => {
                const index = n % policy.rules.length;
                const changed = policy.rules.map((rule, i) => (i === index ? { ...rule, users: ["changed"] } : rule));
                const before = renderPolicy(policy).split(/(?=^ {2}- level)/m);
                const after = renderPolicy({ ...policy, rules: changed }).split(/(?=^ {2}- level)/m);
                before.splice(index + 1, 1);
                after.splice(index + 1, 1);
                assert.deepEqual(after, before);
            }),
        );
    });
});

function withoutEmptyLists(policy: Policy): object {
    const text = JSON.stringify(policy, (key, value: unknown) =>
        (Array.isArray(value) && value.length === 0) || (key === "group" && value === "") ? undefined : value,
    );
    return JSON.parse(text) as object;
}
