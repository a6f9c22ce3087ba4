import assert from "node:assert/strict";
import fc from "fast-check";
import { stringify } from "yaml";
import { checkPolicy } from "../../policy/check";
import { FormatError, formatPolicy } from "../../policy/format";
import { renderPolicy } from "../../policy/render";
import { generatePolicy } from "../oracle/policies";
import { Random } from "../oracle/random";
import { writeBadly } from "../oracle/texts";

const validPolicies = fc.integer().map((seed) => generatePolicy(new Random(seed), { odd: 0 }));

/** What a policy is, apart from how it is written. */
const meaning = (text: string) => checkPolicy(text).policy;

describe("formatPolicy", () => {
    it("orders fields, takes needless quotes away, and leaves comments and short lists as they are", () => {
        assert.equal(
            formatPolicy(`# Who deletes what.

kind: Policy # not an object of the API
apiVersion: "audit.k8s.io/v1"
rules:
# The one pod.
- verbs: [ 'delete', "on" ]   # and not get
  level: RequestResponse
  resources:
  - resources: [pods]
    group: ''   # core

# Nothing else.
-   level: 'None'
    users:
    # the proxy
    - "system:kube-proxy"
    - '*'
omitStages: [RequestReceived]
# The end.
`),
            `# Who deletes what.

apiVersion: audit.k8s.io/v1
kind: Policy # not an object of the API
omitStages: [RequestReceived]
rules:
  # The one pod.
  - level: RequestResponse
    verbs: [delete, "on"] # and not get
    resources:
      - group: "" # core
        resources: [pods]

  # Nothing else.
  - level: None
    users:
      # the proxy
      - system:kube-proxy
      - "*"

# The end.
`,
        );
    });

    it("keeps JSON", () => {
        assert.equal(
            formatPolicy(
                '{"rules": [{"users": ["a"], "level": "None"}], "kind": "Policy", "apiVersion": "audit.k8s.io/v1"}',
            ),
            `{
  "apiVersion": "audit.k8s.io/v1",
  "kind": "Policy",
  "rules": [
    {
      "level": "None",
      "users": [
        "a"
      ]
    }
  ]
}
`,
        );
    });

    it("leaves what is meant twice behind its definition", () => {
        const text = `apiVersion: audit.k8s.io/v1
rules:
  - verbs: &changes [create, update]
    level: Request
  - verbs: *changes
    level: None
kind: Policy
`;
        assert.equal(formatPolicy(text), text);
    });

    it("has nothing to do on what renderPolicy has written", () => {
        fc.assert(
            fc.property(validPolicies, (policy) => {
                const text = renderPolicy(policy);
                assert.equal(formatPolicy(text), text);
            }),
            { numRuns: 100 },
        );
    });

    it("begins with no empty line, whatever it puts first", () => {
        const text = "kind: Policy\nrules:\n  - level: None\n\napiVersion: audit.k8s.io/v1\n";
        assert.equal(formatPolicy(text), "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n  - level: None\n");
    });

    it("refuses a text that YAML readers disagree on, and formats any other", () => {
        let formatted = 0;
        fc.assert(
            fc.property(fc.integer(), (seed) => {
                const text = Buffer.from(writeBadly(new Random(seed))).toString("utf8");
                fc.pre(meaning(text) !== undefined);
                try {
                    const once = formatPolicy(text);
                    assert.deepEqual(meaning(once), meaning(text));
                    assert.equal(formatPolicy(once), once);
                    formatted++;
                } catch (error) {
                    assert.ok(error instanceof FormatError, String(error));
                }
            }),
            { numRuns: 100 },
        );
        assert.ok(formatted > 90, String(formatted));
    });

    const styles = [
        {},
        { defaultStringType: "QUOTE_DOUBLE" },
        { defaultStringType: "QUOTE_SINGLE", indent: 4 },
        { collectionStyle: "flow" },
        { indentSeq: false, sortMapEntries: true },
    ] as const;

    it("changes neither the policy nor what it has formatted itself", () => {
        fc.assert(
            fc.property(validPolicies, fc.constantFrom(...styles), (policy, style) => {
                const header = { kind: "Policy", apiVersion: "audit.k8s.io/v1" };
                const text = stringify({ ...policy, ...header }, { version: "1.1", ...style });
                fc.pre(meaning(text) !== undefined);
                const formatted = formatPolicy(text);
                assert.deepEqual(meaning(formatted), meaning(text));
                assert.equal(formatPolicy(formatted), formatted);
            }),
            { numRuns: 150 },
        );
    });
});
