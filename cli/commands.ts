import type { CommandIO } from "./io";
import { manifestPatch } from "./manifestPatch";
import { manifestStrip } from "./manifestStrip";
import { policyCheck } from "./policyCheck";
import { policyDiff } from "./policyDiff";
import { policyEvaluate } from "./policyEvaluate";
import { policyExplain } from "./policyExplain";
import { policyFmt } from "./policyFmt";
import { policyLint } from "./policyLint";
import { policyPreset } from "./policyPreset";
import { policySchema } from "./policySchema";

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
    ["policy lint", { summary: "find what is valid in a policy and surely not meant", run: policyLint }],
    ["policy explain", { summary: "say which rule decides about a request, and why not another", run: policyExplain }],
    ["policy evaluate", { summary: "say what the API server records of given requests", run: policyEvaluate }],
    ["policy diff", { summary: "say for which requests two policies differ", run: policyDiff }],
    [
        "policy preset",
        { summary: "print a policy that is ready to be used, every rule with its reason", run: policyPreset },
    ],
    ["policy fmt", { summary: "write a policy in one form, comments and meaning kept", run: policyFmt }],
    ["policy schema", { summary: "print a JSON Schema of audit policies, for editors", run: policySchema }],
    ["manifest patch", { summary: "print a kube-apiserver manifest with audit logging turned on", run: manifestPatch }],
    ["manifest strip", { summary: "print a patched manifest as it was before, byte for byte", run: manifestStrip }],
]);
