import assert from "node:assert/strict";
import { dispatch } from "../../cli/dispatch";
import { manifestFixtures } from "../host/fixtures";
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
        "kube-apiserver.yaml": manifestFixtures("kubeadm")[0]!.text,
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

    it("writes in colours where they show", async () => {
        const coloured = (...argv: string[]) => runInMemory((io) => dispatch(argv, io), files, true);
        assert.deepEqual(await coloured("policy", "check", "good.yaml"), {
            code: 0,
            stdout: "",
            stderr: "good.yaml: \x1b[32mvalid\x1b[0m, 1 rule\n",
        });
        const { stderr } = await coloured("policy", "check", "misspelt.yaml");
        assert.ok(stderr.startsWith("\x1b[1mmisspelt.yaml:5:3:\x1b[0m \x1b[31merror:\x1b[0m unknown field"));
        assert.ok(stderr.endsWith("misspelt.yaml: \x1b[31mnot valid\x1b[0m, 1 error\n"));
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

    it("checks several files", async () => {
        assert.deepEqual(await run("good.yaml", "-"), {
            code: 0,
            stdout: "",
            stderr: "good.yaml: valid, 1 rule\nstandard input: valid, 1 rule\n",
        });
        const { code, stdout } = await run("good.yaml", "misspelt.yaml", "--json");
        const objects = JSON.parse(stdout) as { file: string; valid: boolean }[];
        assert.deepEqual(
            [code, objects.map(({ file, valid }) => [file, valid])],
            [
                1,
                [
                    ["good.yaml", true],
                    ["misspelt.yaml", false],
                ],
            ],
        );
    });

    it("accepts with a warning what the API server accepts, when it is to be faithful", async () => {
        const { code, stderr } = await run("misspelt.yaml", "--faithful");
        assert.equal(code, 0);
        assert.match(stderr, /^misspelt\.yaml:5:3: warning: unknown field "rules\[0\]\.verb"\n/);
        assert.match(stderr, /\nmisspelt\.yaml: valid, 1 rule\n$/);
        assert.equal((await run("any.yaml", "--faithful", "--kubernetes=1.35")).code, 1);
    });

    it("gives the verdicts of a framework over the policy and the default flags", async () => {
        const { code, stderr } = await run("good.yaml", "--framework", "checkov");
        assert.deepEqual(
            [code, stderr.split("\n").filter((line) => /^\w/.test(line))],
            [
                0,
                [
                    "good.yaml: valid, 1 rule",
                    "pass           checkov CKV_K8S_91: The audit log has a path",
                    "pass           checkov CKV_K8S_92: Rotated logs are kept for 30 days",
                    "pass           checkov CKV_K8S_93: 10 rotated logs are kept",
                    "pass           checkov CKV_K8S_94: A log is rotated at 100 MB, not earlier",
                ],
            ],
        );
    });

    it("finds what fails, and what demands the opposite", async () => {
        const { code, stderr } = await run("good.yaml", "--framework=cis", "--framework=stig");
        assert.equal(code, 1);
        assert.match(stderr, /\nfail {11}stig V-242403: .*\n {4}.*\n {4}demands the opposite of cis-1\.12 3\.2\.2\n/);
        const { stdout } = await run("good.yaml", "--framework=stig", "--json");
        const { verdicts } = JSON.parse(stdout) as { verdicts: { id: string; result: string }[] };
        assert.deepEqual(
            verdicts.map(({ id, result }) => [id, result]),
            [
                ["V-242402", "pass"],
                ["V-242403", "fail"],
                ["V-242461", "pass"],
                ["V-242462", "pass"],
                ["V-242463", "pass"],
                ["V-242464", "pass"],
            ],
        );
    });

    it("looks at the flags of a manifest", async () => {
        const { code, stderr } = await run("good.yaml", "--framework=checkov", "--manifest=kube-apiserver.yaml");
        assert.equal(code, 1);
        assert.match(stderr, /\nfail {11}checkov CKV_K8S_91: .*\n {4}--audit-log-path is not set\.\n/);
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
        assert.match(stdout, /^usage: kube-audit policy check FILE… \[--kubernetes VERSION\]/);
    });

    const badUsage: [string[], string][] = [
        [["nope.yaml"], "kube-audit policy check: cannot read nope.yaml: no such file\n"],
        [["good.yaml", "--kubernetes", "1.12"], "kube-audit policy check: Kubernetes 1.12 is too old"],
        [["good.yaml", "--kubernetes", "new"], 'kube-audit policy check: "new" is not a Kubernetes version'],
        [["good.yaml", "--strict"], "kube-audit policy check: Unknown option '--strict'"],
        [["good.yaml", "--kubernetes"], "kube-audit policy check: Option '--kubernetes <value>' argument missing"],
        [[], "kube-audit policy check: give at least one FILE\n\nusage: "],
        [
            ["good.yaml", "--framework=cis-2"],
            "kube-audit policy check: there is no framework cis-2; there are all, cis, ",
        ],
        [["good.yaml", "--framework=cis", "--manifest=good.yaml"], "kube-audit policy check: good.yaml: "],
    ];
    for (const [argv, message] of badUsage) {
        it(`exits with 2 and nothing on standard output for "${argv.join(" ")}"`, async () => {
            const { code, stdout, stderr } = await run(...argv);
            assert.deepEqual([code, stdout, stderr.slice(0, message.length)], [2, "", message]);
        });
    }
});
