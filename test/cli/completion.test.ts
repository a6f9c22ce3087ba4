import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { command } from "../../cli/completion";
import { runInMemory } from "./fakeIO";

const scripts = new Map<string, string>();

function script(shell: string): string {
    return scripts.get(shell) ?? assert.fail(`there is no script for ${shell}`);
}

/** What bash offers for the last of the words. */
function bash(...words: string[]): string[] {
    const list = words.map((word) => `'${word}'`).join(" ");
    const ask = `COMP_WORDS=(kube-audit ${list}); COMP_CWORD=${words.length}; _kube_audit; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const output = execFileSync("bash", ["-c", `${script("bash")}\n${ask}`], { encoding: "utf8" });
    return output.trim().split("\n");
}

/** What fish offers at the end of a command line. */
function fish(line: string): string[] {
    const program = `${script("fish")}\ncomplete -C '${line}'`;
    const output = execFileSync("fish", ["--no-config", "-c", program], { encoding: "utf8" });
    return output
        .trim()
        .split("\n")
        .map((offer) => offer.split("\t")[0]!);
}

describe("kube-audit completion", () => {
    before(async () => {
        for (const shell of ["bash", "zsh", "fish"]) {
            const { code, stdout, stderr } = await runInMemory((io) => command([shell], io));
            assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
            scripts.set(shell, stdout);
        }
    });

    it("offers commands, options and files in bash", () => {
        assert.deepEqual(bash("who-"), ["who-deleted", "who-can-see"]);
        assert.deepEqual(bash("manifest", ""), ["patch", "strip"]);
        assert.deepEqual(bash("logs", "--min"), ["--min-latency"]);
        assert.deepEqual(bash("policy", "check", "--fa"), ["--faithful"]);
        assert.deepEqual(bash("logs", "package.js"), ["package.json"]);
    });

    it("offers commands and options in fish", () => {
        assert.deepEqual(fish("kube-audit who-"), ["who-can-see", "who-deleted"]);
        assert.deepEqual(fish("kube-audit manifest s"), ["strip"]);
        assert.deepEqual(fish("kube-audit logs --min"), ["--min-latency"]);
    });

    it("is a script that zsh can read", () => {
        const text = `compdef() { print -- $1 $2 }\n${script("zsh")}`;
        assert.equal(execFileSync("zsh", ["-f", "-c", text], { encoding: "utf8" }), "_kube_audit kube-audit\n");
    });
});
