import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "..", "..");

function node(args: string[], input = ""): { status: number | null; stdout: string; stderr: string } {
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--require", "tsx/cjs", ...args], {
        cwd: root,
        input,
        encoding: "utf8",
    });
    return { status, stdout, stderr };
}

describe("kube-audit as a process", () => {
    it("reads standard input and exits with the command's code", () => {
        const { status, stdout, stderr } = node(["cli/main.ts", "policy", "check", "-"], "rules: []\n");
        assert.deepEqual({ status, stdout }, { status: 1, stdout: "" });
        assert.match(stderr, /^standard input:1:1: error: unknown group version field /);
    });

    it("says what it cannot read", () => {
        assert.deepEqual(node(["cli/main.ts", "policy", "check", "test"]), {
            status: 2,
            stdout: "",
            stderr: "kube-audit policy check: cannot read test: it is a directory\n",
        });
    });

    it("writes colours to a terminal alone, and none where NO_COLOR is set", () => {
        const command = `${process.execPath} --require tsx/cjs cli/main.ts policy check test/cli/fixtures/metadata.yaml`;
        const onTerminal = (environment: object) =>
            spawnSync("script", ["--quiet", "--command", command, "/dev/null"], {
                cwd: root,
                encoding: "utf8",
                // Nothing else of this process's: Node.js takes a terminal of CI systems for one without colours.
                env: { PATH: process.env.PATH, TERM: "xterm-256color", ...environment },
            }).stdout;
        assert.deepEqual(
            [onTerminal({}), onTerminal({ NO_COLOR: "1" }), node(command.split(" ").slice(3)).stderr],
            [
                "test/cli/fixtures/metadata.yaml: \x1b[32mvalid\x1b[0m, 1 rule\r\n",
                "test/cli/fixtures/metadata.yaml: valid, 1 rule\r\n",
                "test/cli/fixtures/metadata.yaml: valid, 1 rule\n",
            ],
        );
    });

    it("begins with the line that makes it a program", () => {
        assert.match(readFileSync(join(root, "cli", "main.ts"), "utf8"), /^#!\/usr\/bin\/env node\n/);
    });

    describe("loads what it needs", () => {
        const packages = (loading: string) => {
            const program = `
                const { commands } = require("./cli/commands.ts");
                ${loading}
                const packages = Object.keys(require.cache).map((path) => /node_modules[/]((@[^/]+[/])?[^/]+)/.exec(path)?.[1]);
                console.log(JSON.stringify([...new Set(packages)].filter((name) => name && !["tsx", "esbuild"].includes(name)).sort()));`;
            return node(["--eval", program]);
        };

        it("neither Pulumi nor ssh2 for any command", () => {
            const loading = "commands.forEach(({ load }) => load());";
            assert.deepEqual(packages(loading), { status: 0, stdout: '["yaml"]\n', stderr: "" });
        });

        it("no package at all to check a policy", () => {
            const loading = 'commands.get("policy check").load();';
            assert.deepEqual(packages(loading), { status: 0, stdout: "[]\n", stderr: "" });
        });
    });
});
