import { parseArgs } from "node:util";
import { policySchema as makeSchema } from "../policy/schema";
import { CommandError, ExitCode, type CommandIO } from "./io";

const usage = `usage: kube-audit policy schema

Prints a JSON Schema of audit policies, for editors. With the YAML language server, kept beside the policy:

  kube-audit policy schema >audit-policy.schema.json

and, as the policy's first line:

  # yaml-language-server: $schema=audit-policy.schema.json

Exit codes: 0 printed, 2 bad usage.
`;

/** `kube-audit policy schema`. */
export function policySchema(argv: string[], io: CommandIO): number {
    const { values, positionals } = parseArgs({
        args: argv,
        allowPositionals: true,
        options: { json: { type: "boolean" }, help: { type: "boolean", short: "h", default: false } },
    });
    if (positionals.length > 0) {
        throw new CommandError(`there is nothing to be given\n\n${usage.trimEnd()}`);
    }
    io.stdout(values.help ? usage : `${JSON.stringify(makeSchema(), undefined, 2)}\n`);
    return ExitCode.Ok;
}
