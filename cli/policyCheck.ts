import { parseArgs } from "node:util";
import { checkPolicy, type PolicyCheck } from "../policy/check";
import { formatFinding } from "../policy/finding";
import { newestMinor, oldestMinor, parseKubernetesVersion, type KubernetesMinor } from "../policy/kubernetes";
import { CommandError, ExitCode, type CommandIO } from "./io";

const usage = `usage: kube-audit policy check FILE [--kubernetes VERSION] [--json]

Says whether the API server would start with an audit policy, and whether it would silently ignore a part of it:
unknown and misspelt fields, duplicate keys, further documents.

  FILE                  the policy, YAML or JSON; - reads standard input
  --kubernetes VERSION  the API server's version, such as 1.34 or v1.34.4;
                        default: valid for at least one of 1.${oldestMinor} to 1.${newestMinor}, with a warning where they differ
  --json                one JSON object on standard output instead of words on standard error:
                        {file, valid, kubernetes, rules, findings: [{code, severity, path, line, column, message,
                        reason, fix, kubernetes}]}

Exit codes: 0 the policy can be used, 1 it cannot, 2 bad usage or unreadable file.
`;

/** `kube-audit policy check FILE`. */
export function policyCheck(argv: string[], io: CommandIO): number {
    const { values, positionals } = parseArgs({
        args: argv,
        allowPositionals: true,
        options: {
            kubernetes: { type: "string" },
            json: { type: "boolean", default: false },
            help: { type: "boolean", short: "h", default: false },
        },
    });
    if (values.help) {
        io.stdout(usage);
        return ExitCode.Ok;
    }
    const [path, ...others] = positionals;
    if (path === undefined || others.length > 0) {
        throw new CommandError(`give one FILE\n\n${usage.trimEnd()}`);
    }
    const kubernetes = values.kubernetes === undefined ? undefined : parseVersion(values.kubernetes);
    const bytes = io.readFile(path);
    const check = checkPolicy(bytes, { kubernetes });
    const file = path === "-" ? "standard input" : path;
    if (values.json) {
        io.stdout(`${JSON.stringify(toJson(check, file, kubernetes), undefined, 2)}\n`);
    } else {
        io.stderr(toWords(check, file, bytes.toString("utf8"), kubernetes));
    }
    return check.policy ? ExitCode.Ok : ExitCode.Finding;
}

function parseVersion(version: string): KubernetesMinor {
    try {
        return parseKubernetesVersion(version);
    } catch (error) {
        throw new CommandError(error instanceof Error ? error.message : String(error));
    }
}

function toJson({ policy, findings }: PolicyCheck, file: string, kubernetes: KubernetesMinor | undefined): object {
    return {
        file,
        valid: policy !== undefined,
        kubernetes: kubernetes === undefined ? null : `1.${kubernetes}`,
        rules: policy?.rules.length ?? null,
        findings,
    };
}

function toWords(
    { policy, findings }: PolicyCheck,
    file: string,
    text: string,
    kubernetes: KubernetesMinor | undefined,
): string {
    const versions = kubernetes === undefined ? "" : ` for Kubernetes 1.${kubernetes}`;
    const errors = findings.filter(({ severity }) => severity === "error").length;
    const verdict = policy
        ? `${file}: valid${versions}, ${count(policy.rules.length, "rule")}`
        : `${file}: not valid${versions}, ${count(errors, "error")}`;
    return [...findings.map((finding) => formatFinding(finding, { file, text })), verdict, ""].join("\n");
}

function count(number: number, noun: string): string {
    return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
