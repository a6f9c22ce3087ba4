import { spawnSync } from "node:child_process";
import { lastLine } from "../host/script";
import { toHosts, type LogHost } from "./hostsFile";
import { CommandError, type CommandIO } from "./io";

/** The stack's output that says which hosts there are and how they are reached. */
const OUTPUT = "kubeAudit";

/**
 * Asks the Pulumi CLI for the hosts of a stack, in the working directory's project. What it answers holds credentials, and is
 * shown nowhere.
 *
 * @throws CommandError that says what is wrong, without a credential in it
 */
export function readStackHosts(stack: string, io: CommandIO): LogHost[] {
    const words = ["stack", "output", OUTPUT, "--json", "--show-secrets", "--non-interactive", `--stack=${stack}`];
    const { error, status, stdout, stderr } = spawnSync("pulumi", words, {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
    });
    const name = `output ${OUTPUT} of the stack ${stack}`;
    if (error !== undefined) {
        const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
        throw new CommandError(`--stack: ${missing ? "there is no pulumi on PATH" : error.message}`);
    }
    if (status !== 0) {
        const said = lastLine(stderr);
        throw new CommandError(
            `the ${name} cannot be read: ${said}. Where it has none, export the component's: ` +
                `export const ${OUTPUT} = audit.${OUTPUT}; then run pulumi up.`,
        );
    }
    return toHosts(parse(stdout), { file: name, directory: process.cwd() }, io);
}

/** What it is not is not shown either: it may be half of a secret. */
function parse(json: string): unknown {
    try {
        return JSON.parse(json);
    } catch {
        return undefined;
    }
}
