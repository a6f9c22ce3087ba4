import { join } from "node:path";
import { ProcessError, run } from "../../sandbox/process";

const MAIN = join(__dirname, "..", "..", "dist", "cli", "main.js");

/**
 * What `kube-audit … --json` prints, of the built package.
 *
 * @throws ProcessError where it cannot be used so
 */
export async function kubeAudit(args: readonly string[]): Promise<unknown> {
    const result = await run(process.execPath, [MAIN, ...args, "--json"]);
    if (result.code > 1 || result.stderr !== "") {
        throw new ProcessError("kube-audit", args, result);
    }
    return JSON.parse(result.stdout);
}
