import assert from "node:assert/strict";
import { dispatch } from "../../cli/dispatch";
import { runInMemory } from "./fakeIO";

const header = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n";
const files = {
    "old.yaml": `${header}- level: Metadata\n`,
    "new.yaml": `${header}- level: Request\n  verbs: [delete]\n  resources: [{ resources: [pods] }]\n- level: Metadata\n`,
    "same.yaml": `# the same\n${header}- level: Metadata\n  verbs: []\n`,
    "broken.yaml": "rules: 1\n",
};
const run = (...argv: string[]) => runInMemory((io) => dispatch(["policy", "diff", ...argv], io), { ...files });

describe("kube-audit policy diff", () => {
    it("names the requests that differ", async () => {
        assert.deepEqual(await run("old.yaml", "new.yaml"), {
            code: 1,
            stdout: "delete of pods by anybody: Metadata → Request\n    such as: delete pods example in default by jane\n",
            stderr: "",
        });
    });

    it("says nothing where nothing differs", async () => {
        assert.deepEqual(await run("old.yaml", "same.yaml"), { code: 0, stdout: "", stderr: "" });
    });

    it("writes JSON", async () => {
        const { code, stdout } = await run("old.yaml", "new.yaml", "--json");
        assert.equal(code, 1);
        const { differences } = JSON.parse(stdout) as { differences: Record<string, unknown>[] };
        assert.deepEqual(
            differences.map(({ description, entire, before, after }) => ({ description, entire, before, after })),
            [
                {
                    description: "delete of pods by anybody: Metadata → Request",
                    entire: true,
                    before: { level: "Metadata", rule: 0, omitStages: [], omitManagedFields: false },
                    after: { level: "Request", rule: 0, omitStages: [], omitManagedFields: false },
                },
            ],
        );
    });

    it("refuses what is not valid", async () => {
        const { code, stdout, stderr } = await run("old.yaml", "broken.yaml");
        assert.deepEqual([code, stdout], [1, ""]);
        assert.match(stderr, /^broken\.yaml:1:1: error: /);
    });

    for (const argv of [[], ["old.yaml"], ["old.yaml", "new.yaml", "same.yaml"], ["old.yaml", "nope.yaml"]]) {
        it(`takes "${argv.join(" ")}" for bad usage`, async () => {
            assert.equal((await run(...argv)).code, 2);
        });
    }
});
