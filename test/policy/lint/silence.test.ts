import assert from "node:assert/strict";
import { lintPolicy } from "../../../policy/lint";

const header = "apiVersion: audit.k8s.io/v1\nkind: Policy\n";

/** Text after the header, and line and code of each finding that is left. */
const cases: Record<string, [string, [number, string][]]> = {
    "nothing without a comment": ["rules:\n- level: None\n  verbs: [GET]\n", [[5, "unknown-verb"]]],
    "a rule after the comment": [
        "rules:\n# kube-audit: ignore unknown-verb -- an old habit\n- level: None\n  verbs: [GET]\n- level: None\n  verbs: [GET]\n",
        [
            [7, "unreachable-rule"],
            [8, "unknown-verb"],
        ],
    ],
    "a field after the comment, with other comments and empty lines between": [
        "rules:\n- level: None\n  # kube-audit: ignore unknown-verb -- x\n\n  # more\n  verbs: [GET]\n",
        [],
    ],
    "a block list by its key": [
        "rules:\n- level: None\n  # kube-audit: ignore unknown-verb -- x\n  verbs:\n  - GET\n  - LIST\n",
        [],
    ],
    "an item by the comment at the end of its line": [
        "rules:\n- level: None\n  verbs:\n  - GET # kube-audit: ignore unknown-verb -- x\n  - LIST\n",
        [[7, "unknown-verb"]],
    ],
    "several codes": [
        "rules:\n# kube-audit: ignore unknown-verb, no-pattern -- x\n- level: None\n  verbs: [GET]\n  users: ['*']\n",
        [],
    ],
    "nothing without a reason": [
        "rules:\n# kube-audit: ignore unknown-verb\n- level: None\n  verbs: [GET]\n",
        [
            [4, "silence-without-reason"],
            [6, "unknown-verb"],
        ],
    ],
    "nothing where there is nothing": [
        "rules:\n# kube-audit: ignore unknown-verb -- x\n- level: None\n",
        [[4, "unused-silence"]],
    ],
    "nothing by a code that does not exist, or by none": [
        "rules:\n# kube-audit: ignore unknown-verbs -- x\n# kube-audit: ignore\n# kube-audit: ignor unknown-verb -- x\n- level: None\n",
        [
            [4, "silence-syntax"],
            [5, "silence-syntax"],
            [6, "silence-syntax"],
        ],
    ],
    "nothing by a text that looks like a comment": [
        "rules:\n- level: None\n  users: ['# kube-audit: ignore unknown-verb -- x']\n  verbs: [GET]\n",
        [[6, "unknown-verb"]],
    ],
};

describe("silence", () => {
    for (const [name, [text, expected]] of Object.entries(cases)) {
        it(`silences ${name}`, () => {
            const found = lintPolicy(`${header}${text}`);
            assert.deepEqual(
                found.map(({ line, code }) => [line, code]),
                expected,
            );
        });
    }

    it("explains a comment that does not do what it seems to", () => {
        assert.deepEqual(lintPolicy(`${header}rules:\n- level: None # kube-audit: ignore unused-silense -- x\n`), [
            {
                code: "silence-syntax",
                severity: "warning",
                path: "",
                line: 4,
                column: 15,
                message: 'there is no finding "unused-silense"',
                fix: "Did you mean unused-silence?",
            },
        ]);
    });

    it("can be asked to show everything", () => {
        const text = `${header}rules:\n# kube-audit: ignore unknown-verb -- x\n- level: None\n  verbs: [GET]\n`;
        const found = lintPolicy(text, { silence: false }).map(({ code }) => code);
        assert.deepEqual(found, ["unknown-verb"]);
    });

    it("leaves JSON alone", () => {
        const text =
            '{"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": [{"level": "None", "verbs": ["GET"]}]}';
        assert.deepEqual(
            lintPolicy(text).map(({ code }) => code),
            ["unknown-verb"],
        );
    });
});
