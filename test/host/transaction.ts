/** Scripts of transactions, taken apart and run on nothing but a temporary directory. */

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The shells that hosts have, with the option to read a script from standard input. */
export const SHELLS = { dash: ["dash", "-s"], "busybox sh": ["busybox", "sh", "-s"] } as const;

/** The files that a script carries, in its order. */
export function carriedFiles(script: string): Map<string, string> {
    const documents = script.matchAll(/^cat >"\$1\/(.*)" <<'(\w+)'\n([^]*?)^\2\n/gm);
    return new Map([...documents].map(([, name, , text]) => [name!, text!]));
}

/** The settings of a plan, a line each. */
export function carriedSettings(script: string): string[] {
    return carriedFiles(script).get("settings")!.split("\n").slice(0, -1);
}

/** What running a script did. */
export interface Delivered {
    readonly status: number | null;
    readonly stdout: string;
    readonly stderr: string;
    /** The files that the runner found, by name, when it was started; undefined where it was not. */
    readonly files: ReadonlyMap<string, string> | undefined;
    /** What was left in the place of `/run/kube-apiserver-audit`; undefined where it was not even made. */
    readonly left: readonly string[] | undefined;
}

/** Keeps what it finds, and reports that it was started. */
const DUMMY_RUNNER = `cp -r "$2" "ROOT/seen" && echo "$1 $3" >"$2/stdout" && : >"$2/stderr" && echo 0 >"$2/exit"\n`;

/**
 * Runs a script in whole or in part, its paths under a directory that is removed afterwards, its runner replaced.
 *
 * @param length - how much of the script arrives, after these replacements; default: all of it
 */
export function deliver(shell: readonly [string, ...string[]], script: string, length?: number): Delivered {
    const root = mkdtempSync(join(tmpdir(), "deliver-"));
    try {
        const input = Buffer.from(withDummyRunner(script).replaceAll("/run/", `${root}/`).replaceAll("ROOT", root));
        const [program, ...options] = shell;
        const { status, stdout, stderr } = spawnSync(program, [...options, "--", "apply"], {
            input: input.subarray(0, length),
            encoding: "utf8",
        });
        const seen = join(root, "seen");
        const run = join(root, "kube-apiserver-audit");
        return {
            status,
            stdout,
            stderr: stderr.replaceAll(root, "/run"),
            files: existsSync(seen)
                ? new Map(readdirSync(seen).map((name) => [name, readFileSync(join(seen, name), "utf8")]))
                : undefined,
            left: existsSync(run) ? readdirSync(run) : undefined,
        };
    } finally {
        rmSync(root, { recursive: true });
    }
}

/** The length of what {@link deliver} runs of a script. */
export function deliveredLength(script: string): number {
    const root = join(tmpdir(), "deliver-XXXXXX");
    return Buffer.byteLength(withDummyRunner(script).replaceAll("/run/", `${root}/`).replaceAll("ROOT", root));
}

function withDummyRunner(script: string): string {
    return script.replace(carriedFiles(script).get("runner.sh")!, () => DUMMY_RUNNER);
}
