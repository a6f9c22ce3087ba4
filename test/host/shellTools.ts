import { execFileSync, spawnSync } from "node:child_process";

/** The shells and awks that hosts have; each is the name of the program and of its Debian package. */
const TOOLS = ["dash", "busybox", "mawk", "gawk"] as const;

/**
 * Makes sure that the shells and awks which the scripts must run under are there, with apt-get where they are not. A
 * test that cannot have them fails: one that is skipped proves nothing.
 *
 * @throws Error naming what to install
 */
export function requireShellTools(): void {
    const missing = TOOLS.filter((tool) => findTool(tool) === undefined);
    if (missing.length === 0) {
        return;
    }
    const root = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
    const install = [...root, "apt-get", "install", "-y", "--no-install-recommends", ...missing];
    if (!run(install)) {
        run([...root, "apt-get", "update"]);
        run(install);
    }
    const still = missing.filter((tool) => findTool(tool) === undefined);
    if (still.length > 0) {
        throw new Error(`These tests need ${still.join(", ")}, and apt-get could not install it. Install it by hand.`);
    }
}

/** Where a program is, by its name; undefined where it is not on the path. */
export function findTool(name: string): string | undefined {
    const found = spawnSync("sh", ["-c", 'command -v "$1"', "sh", name], { encoding: "utf8" });
    return found.status === 0 ? found.stdout.trim() : undefined;
}

function run([program, ...args]: string[]): boolean {
    try {
        execFileSync(program!, args, { stdio: "ignore" });
        return true;
    } catch {
        return false;
    }
}
