import assert from "node:assert/strict";
import { dispatch } from "../../cli/dispatch";
import { presets } from "../../policy/presets";
import { runInMemory } from "./fakeIO";

const run = (...argv: string[]) => runInMemory((io) => dispatch(["policy", "preset", ...argv], io));

describe("kube-audit policy preset", () => {
    it("prints a preset with its reasons", async () => {
        assert.deepEqual(await run("recommended"), {
            code: 0,
            stdout: presets.recommended.render(),
            stderr: "",
        });
    });

    it("fills in what is given", async () => {
        assert.equal(
            (await run("pod-deletions", "prod-namespace", "webapp-pod")).stdout,
            presets.podDeletions.render("prod-namespace", "webapp-pod"),
        );
    });

    it("prints JSON", async () => {
        assert.deepEqual(JSON.parse((await run("minimal", "--json")).stdout), presets.minimal.policy());
    });

    it("lists them", async () => {
        const { code, stdout } = await run("--list");
        const names = stdout.split("\n").map((line) => line.trim().split(" ")[0]);
        const expected = Object.values(presets).map(({ name }) => name);
        assert.deepEqual([code, names], [0, [...expected, ""]]);
        const json = JSON.parse((await run("--list", "--json")).stdout) as { name: string }[];
        assert.deepEqual(
            json.map(({ name }) => name),
            expected,
        );
    });

    const wrong: [string, ...string[]][] = [
        ["give one of recommended, "],
        ["give one of recommended, ", "best"],
        ["pod-deletions needs namespace and name\n", "pod-deletions", "a"],
        ["minimal needs nothing more\n", "minimal", "a"],
    ];
    for (const [message, ...argv] of wrong) {
        it(`takes "${argv.join(" ")}" for bad usage`, async () => {
            const { code, stderr } = await run(...argv);
            assert.equal(code, 2);
            assert.ok(stderr.startsWith(`kube-audit policy preset: ${message}`), stderr);
        });
    }
});
