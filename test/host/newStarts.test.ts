import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { SHELLS } from "./transaction";

const RUNNER = readFileSync(join(__dirname, "../../host/runner.sh"), "utf8");
const FUNCTIONS = ["save_old_flags", "note_logs", "new_logs", "new_starts", "last_words"].map(
    (name) => new RegExp(`^${name}\\(\\) \\{$[^]*?^\\}$`, "m").exec(RUNNER)![0],
);

/** A log by the manifest of its pod and the number of its container. */
const logOf = (pod: string, start: number) => `pods/kube-system_kube-apiserver-none_${pod}/kube-apiserver/${start}.log`;

interface Case {
    readonly restart: "yes" | "forced";
    /** What the logs say that were there before the manifest was written, and those that came later. */
    readonly before: Readonly<Record<string, string>>;
    readonly later: Readonly<Record<string, string>>;
    readonly found: string;
}

const HAS_NONE = "It has no log of its own yet.\n";
const LAST = (word: string) => `The last lines of its own log:\n    ${word}\n`;

const CASES: Readonly<Record<string, Case>> = {
    "none, on a host without any": { restart: "yes", before: {}, later: {}, found: `0\n${HAS_NONE}` },
    "each of the new manifest's pod": {
        restart: "yes",
        before: { [logOf("old", 0)]: "served\n" },
        later: { [logOf("new", 0)]: "first\n", [logOf("new", 1)]: "second\n" },
        found: `2\n${LAST("second")}`,
    },
    "no container that could not be started": {
        restart: "yes",
        before: { [logOf("old", 0)]: "served\n" },
        later: { [logOf("new", 0)]: "", [logOf("new", 1)]: "", [logOf("new", 2)]: "" },
        found: `0\n${HAS_NONE}`,
    },
    "none of a pod that failed before, and goes on until the kubelet has replaced it": {
        restart: "yes",
        before: { [logOf("drifted", 0)]: "failed\n" },
        later: { [logOf("drifted", 1)]: "failed\n", [logOf("drifted", 2)]: "failed\n", [logOf("new", 0)]: "first\n" },
        found: `1\n${LAST("first")}`,
    },
    "each of the same pod, where the manifest stays": {
        restart: "forced",
        before: { [logOf("old", 0)]: "served\n", [logOf("old", 1)]: "" },
        later: { [logOf("old", 1)]: "said late\n", [logOf("old", 2)]: "first\n", [logOf("old", 3)]: "second\n" },
        found: `2\n${LAST("second")}`,
    },
};

describe("the starts of an API server that count against its settings", () => {
    for (const [name, shell] of Object.entries(SHELLS)) {
        for (const [what, { restart, before, later, found }] of Object.entries(CASES)) {
            it(`are ${what}, under ${name}`, () => {
                const root = mkdtempSync(join(tmpdir(), "new-starts-"));
                const write = (logs: Readonly<Record<string, string>>) => {
                    for (const [path, text] of Object.entries(logs)) {
                        mkdirSync(dirname(join(root, path)), { recursive: true });
                        writeFileSync(join(root, path), text);
                    }
                };
                const run = (calls: string) => {
                    const script = `set -eu\n${FUNCTIONS.join("\n")}\ndirectory=$1 restart=${restart} unit= old_process=\n${calls}\n`;
                    const [program, ...options] = shell;
                    const { stdout, stderr } = spawnSync(program, [...options, "--", root], {
                        input: script.replaceAll("/var/log/", `${root}/`),
                        encoding: "utf8",
                    });
                    assert.equal(stderr, "");
                    return stdout;
                };
                try {
                    write(before);
                    run("save_old_flags");
                    write(later);
                    assert.equal(run("new_starts\nlast_words"), found);
                } finally {
                    rmSync(root, { recursive: true });
                }
            });
        }
    }
});
