import assert from "node:assert/strict";
import { dispatch } from "../../cli/dispatch";
import { policySchema } from "../../policy/schema";
import { runInMemory } from "./fakeIO";

const FORMATTED = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n  - level: None # nothing\n";
const UNTIDY = "kind: 'Policy'\nrules:\n- level:   None    # nothing\napiVersion: audit.k8s.io/v1\n";

describe("kube-audit policy fmt", () => {
    const run = async (...argv: string[]) => {
        const files: Record<string, string> = {
            "tidy.yaml": FORMATTED,
            "untidy.yaml": UNTIDY,
            "broken.yaml": "rules: 1\n",
            "odd.yaml": FORMATTED.replace("None # nothing", 'None\n    users: ["a\n  b"]'),
            "-": UNTIDY,
        };
        const outcome = await runInMemory((io) => dispatch(["policy", "fmt", ...argv], io), files);
        return { ...outcome, written: files["untidy.yaml"] };
    };

    const unwritten = { stderr: "", written: UNTIDY };

    it("prints one file, or standard input", async () => {
        const printed = { code: 0, stdout: FORMATTED, ...unwritten };
        assert.deepEqual(await run("untidy.yaml"), printed);
        assert.deepEqual(await run("tidy.yaml"), printed);
        assert.deepEqual(await run("-"), printed);
    });

    it("writes files", async () => {
        assert.deepEqual(await run("--write", "tidy.yaml", "untidy.yaml"), {
            code: 0,
            stdout: "",
            stderr: "",
            written: FORMATTED,
        });
    });

    it("checks files", async () => {
        assert.deepEqual(await run("--check", "tidy.yaml", "untidy.yaml"), {
            code: 1,
            stdout: "",
            stderr: "untidy.yaml: not formatted\n",
            written: UNTIDY,
        });
        assert.deepEqual(await run("--check", "tidy.yaml"), { code: 0, stdout: "", ...unwritten });
    });

    it("says it in JSON", async () => {
        const { stdout, ...rest } = await run("--check", "--json", "tidy.yaml", "untidy.yaml");
        assert.deepEqual(rest, { code: 1, ...unwritten });
        assert.deepEqual(JSON.parse(stdout), {
            files: [
                { file: "tidy.yaml", formatted: true },
                { file: "untidy.yaml", formatted: false },
            ],
        });
    });

    it("leaves what it cannot format as it is", async () => {
        assert.deepEqual(await run("--write", "odd.yaml", "untidy.yaml"), {
            code: 1,
            stdout: "",
            stderr: "odd.yaml: cannot be formatted without a change of what it means to the API server\n",
            written: UNTIDY,
        });
    });

    it("changes nothing where a policy is not valid", async () => {
        const { code, stdout, stderr, written } = await run("--write", "untidy.yaml", "broken.yaml");
        assert.deepEqual({ code, stdout, written }, { code: 1, stdout: "", written: UNTIDY });
        assert.match(stderr, /^broken\.yaml:1:1: error: /);
    });

    for (const argv of [[], ["tidy.yaml", "untidy.yaml"], ["--write", "--check", "tidy.yaml"], ["nope.yaml"]]) {
        it(`takes "${argv.join(" ")}" for bad usage`, async () => {
            assert.equal((await run(...argv)).code, 2);
        });
    }
});

describe("kube-audit policy schema", () => {
    it("prints the schema", async () => {
        const { code, stdout, stderr } = await runInMemory((io) => dispatch(["policy", "schema"], io));
        assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
        assert.deepEqual(JSON.parse(stdout), policySchema());
    });

    it("takes no file", async () => {
        assert.equal((await runInMemory((io) => dispatch(["policy", "schema", "a.yaml"], io))).code, 2);
    });
});
