import assert from "node:assert/strict";
import { dispatch } from "../../cli/dispatch";
import { runInMemory } from "./fakeIO";

const good = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n";
const misspelt = `${good}  verb: [get]\n`;
const anyGroup = `${good}  resources:\n  - group: "*"\n`;

describe("kube-audit policy check", () => {
    const files = {
        "good.yaml": good,
        "misspelt.yaml": misspelt,
        "any.yaml": anyGroup,
        "-": good,
        binary: Buffer.of(0xff),
    };
    const run = (...argv: string[]) => runInMemory((io) => dispatch(["policy", "check", ...argv], io), files);

    it("says in a line that a policy is valid", async () => {
        assert.deepEqual(await run("good.yaml"), { code: 0, stdout: "", stderr: "good.yaml: valid, 1 rule\n" });
    });

    it("says for which version, when one is given", async () => {
        assert.deepEqual(await run("good.yaml", "--kubernetes", "v1.34.4"), {
            code: 0,
            stdout: "",
            stderr: "good.yaml: valid for Kubernetes 1.34, 1 rule\n",
        });
    });

    it("reads standard input", async () => {
        assert.deepEqual(await run("-"), { code: 0, stdout: "", stderr: "standard input: valid, 1 rule\n" });
    });

    it("shows what is wrong and where", async () => {
        assert.deepEqual(await run("misspelt.yaml"), {
            code: 1,
            stdout: "",
            stderr: `misspelt.yaml:5:3: error: unknown field "rules[0].verb"
  5 |   verb: [get]
    |   ^
  reason: The API server ignores fields that it does not know, so the rule would match requests that it is not meant for.
  fix: Did you mean verbs?
misspelt.yaml: not valid, 1 error
`,
        });
    });

    it("writes one JSON object to standard output", async () => {
        const { code, stdout, stderr } = await run("--json", "misspelt.yaml");
        assert.deepEqual({ code, stderr }, { code: 1, stderr: "" });
        assert.deepEqual(JSON.parse(stdout), {
            file: "misspelt.yaml",
            valid: false,
            kubernetes: null,
            rules: null,
            findings: [
                {
                    code: "unknown-field",
                    severity: "error",
                    path: "rules[0].verb",
                    line: 5,
                    column: 3,
                    message: 'unknown field "rules[0].verb"',
                    reason: "The API server ignores fields that it does not know, so the rule would match requests that it is not meant for.",
                    fix: "Did you mean verbs?",
                },
            ],
        });
    });

    it("writes JSON of a valid policy, too", async () => {
        const { code, stdout } = await run("good.yaml", "--json", "--kubernetes=1.34");
        assert.deepEqual(
            { code, ...(JSON.parse(stdout) as object) },
            { code: 0, file: "good.yaml", valid: true, kubernetes: "1.34", rules: 1, findings: [] },
        );
    });

    it("warns of what only some versions accept, and refuses it for one that does not", async () => {
        const codes = await Promise.all([run("any.yaml"), run("any.yaml", "--kubernetes", "1.35")]);
        assert.deepEqual(
            codes.map(({ code, stderr }) => [code, stderr.split(": ")[1], stderr.trim().split("\n").at(-1)]),
            [
                [0, "warning", "any.yaml: valid, 1 rule"],
                [1, "error", "any.yaml: not valid for Kubernetes 1.35, 1 error"],
            ],
        );
    });

    it("refuses what is no text", async () => {
        assert.deepEqual(await run("binary"), {
            code: 1,
            stdout: "",
            stderr: "binary: error: the file is not UTF-8 text\n  fix: Save it as UTF-8.\nbinary: not valid, 1 error\n",
        });
    });

    it("explains itself", async () => {
        const { code, stdout, stderr } = await run("--help");
        assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
        assert.match(stdout, /^usage: kube-audit policy check FILE \[--kubernetes VERSION\] \[--json\]\n/);
    });

    const badUsage: [string[], string][] = [
        [["nope.yaml"], "kube-audit policy check: cannot read nope.yaml: no such file\n"],
        [["good.yaml", "--kubernetes", "1.12"], "kube-audit policy check: Kubernetes 1.12 is too old"],
        [["good.yaml", "--kubernetes", "new"], 'kube-audit policy check: "new" is not a Kubernetes version'],
        [["good.yaml", "--strict"], "kube-audit policy check: Unknown option '--strict'"],
        [["good.yaml", "--kubernetes"], "kube-audit policy check: Option '--kubernetes <value>' argument missing"],
        [[], "kube-audit policy check: give one FILE\n\nusage: "],
        [["good.yaml", "any.yaml"], "kube-audit policy check: give one FILE\n\nusage: "],
    ];
    for (const [argv, message] of badUsage) {
        it(`exits with 2 and nothing on standard output for "${argv.join(" ")}"`, async () => {
            const { code, stdout, stderr } = await run(...argv);
            assert.deepEqual([code, stdout, stderr.slice(0, message.length)], [2, "", message]);
        });
    }
});
