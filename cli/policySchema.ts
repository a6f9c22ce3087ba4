import { policySchema } from "../policy/schema";
import { defineCommand, UsageError } from "./command";
import { ExitCode, printJson } from "./io";

const usage = `usage: kube-audit policy schema

Prints a JSON Schema of audit policies, for editors. With the YAML language server, kept beside the policy:

  kube-audit policy schema >audit-policy.schema.json

and, as the policy's first line:

  # yaml-language-server: $schema=audit-policy.schema.json

Exit codes: 0 printed, 2 bad usage.
`;

/** `kube-audit policy schema`. */
export const command = defineCommand({
    usage,
    options: { json: { type: "boolean" } },
    run({ positionals }, io) {
        if (positionals.length > 0) {
            throw new UsageError("there is nothing to be given");
        }
        printJson(policySchema(), io);
        return ExitCode.Ok;
    },
});
