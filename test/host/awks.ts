import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

/** The shells and the awks that hosts have. */
export const SHELLS = ["dash", "busybox sh"] as const;
export const AWKS = ["mawk", "gawk", "busybox awk"] as const;
export type Shell = (typeof SHELLS)[number];
export type Awk = (typeof AWKS)[number];

/** The functions of `manifest.sh`. */
const FUNCTIONS = readFileSync(join(__dirname, "../../host/manifest.sh"), "utf8");

/**
 * Runs a script that may use the functions of `manifest.sh`, with one of the awks as `awk`.
 *
 * @param directory - for what has to be made; the caller removes it
 * @throws Error when the script fails or says something on its standard error
 */
export async function runWithAwk(
    shell: Shell,
    awk: Awk,
    script: string,
    words: readonly string[],
    directory: string,
): Promise<void> {
    const tools = mkdtempSync(join(directory, "tools-"));
    // Busybox goes by the name that it is called by.
    const [program] = awk.split(" ") as [string];
    symlinkSync(execFileSync("which", [program], { encoding: "utf8" }).trim(), join(tools, "awk"));
    const [file, ...options] = shell.split(" ") as [string, ...string[]];
    const running = promisify(execFile)(file, [...options, "-s", ...words], {
        env: { PATH: `${tools}:${process.env.PATH ?? ""}`, LC_ALL: "C.UTF-8" },
    });
    running.child.stdin!.end(FUNCTIONS + script);
    const { stderr } = await running;
    if (stderr !== "") {
        throw new Error(stderr);
    }
}
