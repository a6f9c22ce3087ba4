import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(__dirname, "../..");
const SCRIPTS = readdirSync(join(ROOT, "host"))
    .filter((name) => name.endsWith(".sh"))
    .sort();

const read = (name: string) => readFileSync(join(ROOT, "host", name), "utf8");

const run = (program: string, args: readonly string[], input?: string) => {
    const { status, stdout, stderr } = spawnSync(program, args, { cwd: ROOT, encoding: "utf8", input });
    return { status, stdout, stderr };
};

const CLEAN = { status: 0, stdout: "", stderr: "" };

describe("the scripts for the hosts", () => {
    it("are the ones that are known here", () => {
        assert.deepEqual(SCRIPTS, [
            "common.sh",
            "configMap.sh",
            "deliver.sh",
            "kubeadmConfig.sh",
            "manifest.sh",
            "peers.sh",
            "probe.sh",
            "readLogs.sh",
            "runner.sh",
            "unit.sh",
            "verify.sh",
        ]);
    });

    it("are clean for ShellCheck", () => {
        assert.deepEqual(
            run(
                "shellcheck",
                SCRIPTS.map((name) => `host/${name}`),
            ),
            CLEAN,
        );
    });

    it("have no words that only bash knows, which ShellCheck is set to find", () => {
        assert.equal(readFileSync(join(ROOT, ".shellcheckrc"), "utf8"), "shell=sh\n");
        const { status, stdout } = run(
            "shellcheck",
            ["--format=gcc", "-"],
            'f() { local a=1; [[ -n $a && $1 == "$a" ]]; }\n',
        );
        assert.equal(status, 1);
        assert.deepEqual([...stdout.matchAll(/SC3\d+/g)].map(String).sort(), ["SC3010", "SC3043"]);
    });

    it("switch off no check but that of words split on purpose", () => {
        const directives = SCRIPTS.flatMap((name) => [...read(name).matchAll(/# *shellcheck +(.*)/g)]);
        assert.deepEqual([...new Set(directives.map(([, directive]) => directive))], ["disable=SC2086"]);
    });

    for (const shell of [["dash"], ["busybox", "sh"]]) {
        for (const name of SCRIPTS) {
            it(`parse: ${name} under ${shell.join(" ")}`, () => {
                const [program, ...options] = shell;
                assert.deepEqual(run(program!, [...options, "-n"], read(name)), CLEAN);
            });
        }
    }

    it("evaluate nothing", () => {
        for (const name of SCRIPTS) {
            const code = read(name).replace(/^\s*#.*$/gm, "");
            assert.deepEqual(
                code.match(/(^[ \t]*|[;&|({`] *|\b(then|do|else|!) +)(eval|source|\.) .*/gm) ?? [],
                [],
                name,
            );
        }
    });

    it("do nothing by themselves: what they do is in functions, which the last line of a whole text calls", () => {
        for (const name of SCRIPTS) {
            const outside = read(name)
                .replace(/^[a-z0-9_]+\(\) \{\n[^]*?^\}\n/gm, "")
                .split("\n")
                .filter((line) => line !== "" && !line.startsWith("#"));
            const harmless = /^(set -\w+|export \w+=.*|unset [\w ]+|[a-z_]+=[\w./$"-]*)$/;
            assert.deepEqual(
                outside.filter((line) => !harmless.test(line)),
                [],
                name,
            );
        }
    });

    it("use lines of LF alone, in ASCII", () => {
        for (const name of SCRIPTS) {
            assert.match(read(name), /^[\n\x20-\x7e]*\n$/, name);
        }
    });
});
