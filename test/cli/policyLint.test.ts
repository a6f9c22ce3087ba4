import assert from "node:assert/strict";
import { dispatch } from "../../cli/dispatch";
import { lintRules } from "../../policy/lint/rules";
import { runInMemory } from "./fakeIO";

const header = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n  verbs: [delete]\n";
const shadowed = "- level: None\n  verbs: [delete]\n  users: [system:kube-proxy]\n";
const files = {
    "clean.yaml": header,
    "shadowed.yaml": `${header}${shadowed}`,
    "silenced.yaml": `${header}# kube-audit: ignore unreachable-rule -- kept for the auditors\n${shadowed}`,
    "broken.yaml": "rules: 1\n",
};
const run = (...argv: string[]) => runInMemory((io) => dispatch(["policy", "lint", ...argv], io), { ...files });

describe("kube-audit policy lint", () => {
    it("says nothing of a policy without a fault, or whose fault is excused", async () => {
        assert.deepEqual(await run("clean.yaml", "silenced.yaml"), { code: 0, stdout: "", stderr: "" });
    });

    it("shows what it finds, and where", async () => {
        const { code, stdout, stderr } = await run("shadowed.yaml", "clean.yaml");
        assert.deepEqual([code, stdout], [1, ""]);
        assert.match(stderr, /^shadowed\.yaml:6:3: warning: .*\n {2}6 \| - level: None\n/);
    });

    it("writes JSON", async () => {
        const { code, stdout } = await run("shadowed.yaml", "clean.yaml", "--json");
        const { files } = JSON.parse(stdout) as {
            files: { file: string; findings: { code: string; path: string }[] }[];
        };
        assert.deepEqual(
            [code, files.map(({ file, findings }) => [file, findings.map((finding) => [finding.code, finding.path])])],
            [
                1,
                [
                    ["shadowed.yaml", [["unreachable-rule", "rules[1]"]]],
                    ["clean.yaml", []],
                ],
            ],
        );
    });

    it("refuses what is not valid", async () => {
        const { code, stderr } = await run("broken.yaml");
        assert.equal(code, 1);
        assert.match(stderr, /^broken\.yaml:1:1: error: /);
    });

    it("lists its codes", async () => {
        const lines = (await run("--list")).stdout.split("\n");
        assert.deepEqual(
            lines.map((line) => line.split(" ")[0]),
            [...Object.keys(lintRules), ""],
        );
        assert.deepEqual(JSON.parse((await run("--list", "--json")).stdout), lintRules);
    });

    for (const argv of [[], ["nope.yaml"]]) {
        it(`takes "${argv.join(" ")}" for bad usage`, async () => {
            assert.equal((await run(...argv)).code, 2);
        });
    }
});
