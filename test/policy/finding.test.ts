import assert from "node:assert/strict";
import { formatFinding, positionAt, type Finding } from "../../policy/finding";

const finding: Finding = {
    code: "unknown-field",
    severity: "error",
    path: "rules[0].verb",
    line: 2,
    column: 3,
    message: 'unknown field "rules[0].verb"',
    reason: "The API server ignores it.",
    fix: "Did you mean verbs?",
};

describe("formatFinding", () => {
    it("shows the place, the line and what to do", () => {
        assert.equal(
            formatFinding(finding, { file: "policy.yaml", text: "- level: None\n  verb: [get]\n" }),
            `policy.yaml:2:3: error: unknown field "rules[0].verb"
  2 |   verb: [get]
    |   ^
  reason: The API server ignores it.
  fix: Did you mean verbs?`,
        );
    });

    it("writes in a terminal's colours when asked to", () => {
        assert.equal(
            formatFinding(finding, { file: "policy.yaml", text: "- level: None\n  verb: [get]\n", colours: true }),
            `\x1b[1mpolicy.yaml:2:3:\x1b[0m \x1b[31merror:\x1b[0m unknown field "rules[0].verb"
  2 |   verb: [get]
    |   \x1b[31m^\x1b[0m
  \x1b[2mreason:\x1b[0m The API server ignores it.
  \x1b[32mfix:\x1b[0m Did you mean verbs?`,
        );
    });

    it("keeps tabs before the caret, and a carriage return out of the excerpt", () => {
        assert.equal(
            formatFinding(
                { code: "x", severity: "warning", path: "", line: 1, column: 3, message: "m" },
                { file: "f", text: "\ta b\r\n" },
            ),
            "f:1:3: warning: m\n  1 | \ta b\n    | \t ^",
        );
    });

    it("is one line without a text and a place", () => {
        assert.equal(
            formatFinding({ code: "no-rules", severity: "error", path: "rules", message: "m" }, { file: "policy" }),
            "policy: error: m",
        );
    });

    it("shows the part of a long line that the finding is in", () => {
        const text = `${"a".repeat(300)}X${"b".repeat(300)}`;
        const [, source, caret] = formatFinding({ ...finding, line: 1, column: 301 }, { file: "f", text }).split("\n");
        assert.equal(source, `  1 | ${"a".repeat(79)}X${"b".repeat(20)}`);
        assert.equal(caret, `    | ${" ".repeat(79)}^`);
    });

    it("lets no control character through", () => {
        assert.equal(
            formatFinding(
                { code: "x", severity: "error", path: "", line: 1, column: 1, message: "\u001b[31m" },
                { file: "f", text: "\u001b]0;x\u0007" },
            ),
            "f:1:1: error: \ufffd[31m\n  1 | \ufffd]0;x\ufffd\n    | ^",
        );
    });
});

describe("positionAt", () => {
    it("counts lines and characters from 1", () => {
        const text = "a\u{1f600}b\n\ncd";
        const places = [0, 3, 5, 7].map((offset) => positionAt(text, offset));
        assert.deepEqual(places, [
            { line: 1, column: 1 },
            { line: 1, column: 3 },
            { line: 2, column: 1 },
            { line: 3, column: 2 },
        ]);
    });
});
