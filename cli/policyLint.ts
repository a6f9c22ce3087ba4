import { lintInspected } from "../policy/lint";
import { lintRules } from "../policy/lint/rules";
import { defineCommand, UsageError } from "./command";
import { ExitCode, printJson } from "./io";
import { parseVersion, readPolicy } from "./policyInput";
import { printFindings } from "./printFindings";

const usage = `usage: kube-audit policy lint FILE… [--kubernetes VERSION] [--json]

Finds what is valid in a policy and surely not meant: rules that no request reaches, names that match nothing,
credentials recorded with bodies, stages whose absence hides something, and more. --list has all of it.

A comment silences a finding, on the line before it or at its end, when it gives a reason:

  # kube-audit: ignore CODE -- REASON

  FILE                  the policy, YAML or JSON; - reads standard input
  --kubernetes VERSION  the API server's version, such as 1.34 or v1.34.4; default: what any known version has counts
  --list                the codes, with what each means
  --json                one JSON object on standard output instead of words on standard error:
                        {files: [{file, findings: [{code, severity, path, line, column, message, reason, fix}]}]}

Exit codes: 0 nothing found, 1 something found, or a policy is not valid, 2 bad usage or unreadable file.
`;

/** `kube-audit policy lint FILE…`. */
export const command = defineCommand({
    usage,
    options: {
        kubernetes: { type: "string" },
        list: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
    },
    run({ values, positionals }, io) {
        if (values.list) {
            if (values.json) {
                printJson(lintRules, io);
            } else {
                io.stdout(list());
            }
            return ExitCode.Ok;
        }
        if (positionals.length === 0) {
            throw new UsageError("give at least one FILE");
        }
        const kubernetes = parseVersion(values.kubernetes);
        const results = positionals.map((path) => {
            const input = readPolicy(path, kubernetes, io);
            return { ...input, findings: lintInspected(input, { kubernetes }) };
        });
        if (values.json) {
            const files = results.map(({ file, findings }) => ({ file, findings }));
            printJson({ files }, io);
        } else {
            for (const { file, text, findings } of results) {
                printFindings(findings, { file, text }, io);
            }
        }
        const clean = results.every(({ policy, findings }) => policy !== undefined && findings.length === 0);
        return clean ? ExitCode.Ok : ExitCode.Finding;
    },
});

function list(): string {
    const width = Math.max(...Object.keys(lintRules).map((code) => code.length));
    return Object.entries(lintRules)
        .map(([code, meaning]) => `${code.padEnd(width)}  ${meaning}\n`)
        .join("");
}
