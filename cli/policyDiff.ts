import { diffPolicies, formatDifferences } from "../policy/diff";
import { newestMinor } from "../policy/kubernetes";
import { defineCommand, UsageError } from "./command";
import { ExitCode, printJson } from "./io";
import { parseVersion, readPolicy } from "./policyInput";

const usage = `usage: kube-audit policy diff BEFORE AFTER [--kubernetes VERSION] [--json]

Says for which requests two policies differ in what is recorded: a line for each class of requests, with an example.
How the policies are written makes no difference.

  BEFORE, AFTER         the policies, YAML or JSON; - reads standard input
  --kubernetes VERSION  the API server's version, such as 1.34 or v1.34.4; default: the newest known, 1.${newestMinor}
  --json                one JSON object on standard output: {differences: [{description, requests, entire, before, after,
                        example}]}; before and after are {level, rule, omitStages, omitManagedFields}

Exit codes: 0 they record the same, 1 they differ, or one cannot be used, 2 bad usage or unreadable file.
`;

/** `kube-audit policy diff BEFORE AFTER`. */
export const command = defineCommand({
    usage,
    options: { kubernetes: { type: "string" }, json: { type: "boolean", default: false } },
    run({ values, positionals }, io) {
        const [first, second, ...others] = positionals;
        if (first === undefined || second === undefined || others.length > 0) {
            throw new UsageError("give two files");
        }
        const kubernetes = parseVersion(values.kubernetes) ?? newestMinor;
        const before = readPolicy(first, kubernetes, io).policy;
        const after = readPolicy(second, kubernetes, io).policy;
        if (before === undefined || after === undefined) {
            return ExitCode.Finding;
        }
        const differences = diffPolicies(before, after, { kubernetes });
        if (values.json) {
            printJson({ differences }, io);
        } else if (differences.length > 0) {
            io.stdout(`${formatDifferences(differences)}\n`);
        }
        return differences.length === 0 ? ExitCode.Ok : ExitCode.Finding;
    },
});
