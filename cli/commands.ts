import type { CommandIO } from "./io";
import { manifestPatch } from "./manifestPatch";
import { manifestStrip } from "./manifestStrip";
import { policyCheck } from "./policyCheck";

/**
 * One command: reads its arguments, does its work, and says how it went.
 *
 * @param argv - the arguments after the noun and the verb
 * @returns the exit code, one of `ExitCode`
 * @throws CommandError on bad usage or unreadable input; errors of `util.parseArgs` may pass through, too
 */
export type Command = (argv: string[], io: CommandIO) => number | Promise<number>;

interface CommandEntry {
    /** One line for the list of commands. */
    summary: string;
    run: Command;
}

/** Every command, by its noun and verb, in the order of the help text. */
export const commands: ReadonlyMap<string, CommandEntry> = new Map([
    [
        "policy check",
        {
            summary: "say whether the API server would accept an audit policy, and find misspelt fields",
            run: policyCheck,
        },
    ],
    ["manifest patch", { summary: "print a kube-apiserver manifest with audit logging turned on", run: manifestPatch }],
    ["manifest strip", { summary: "print a patched manifest as it was before, byte for byte", run: manifestStrip }],
]);
