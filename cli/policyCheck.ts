import { inspectPolicy, type PolicyCheck } from "../policy/check";
import { newestMinor, oldestMinor, type KubernetesMinor } from "../policy/kubernetes";
import { painter } from "../policy/paint";
import type { Verdict } from "../policy/verdicts";
import { defineCommand, UsageError } from "./command";
import { ExitCode, fileName, printJson, type CommandIO } from "./io";
import { parseVersion } from "./policyInput";
import { printFindings } from "./printFindings";

/** Loads the frameworks, and what they judge the flags by: not every check asks for them, and loading them takes longer. */
const loadFrameworks = () => require("./verdicts") as typeof import("./verdicts");

const usage =
    () => `usage: kube-audit policy check FILE… [--kubernetes VERSION] [--faithful] [--framework NAME]… [--json]

Says whether the API server would start with an audit policy, and whether it would silently ignore a part of it:
unknown and misspelt fields, duplicate keys, further documents.

  FILE                  the policy, YAML or JSON; - reads standard input
  --kubernetes VERSION  the API server's version, such as 1.34 or v1.34.4;
                        default: valid for at least one of 1.${oldestMinor} to 1.${newestMinor}, with a warning where they differ
  --faithful            refuse exactly what the API server refuses, of 1.${newestMinor} by default; all else is a warning
  --framework NAME      also say what a framework has to say of the policy and of the flags: cis, the benchmark for the
                        version, or one of ${loadFrameworks().frameworkList()}; all for all of
                        these for the version; can be repeated
  --manifest MANIFEST   the kube-apiserver's manifest, whose flags the frameworks look at; default: the flags that
                        ApiServerAudit sets
  --json                one JSON object on standard output instead of words on standard error, a list of them where there
                        are several files: {file, valid, kubernetes, rules, findings: [{code, severity, path, line,
                        column, message, reason, fix, kubernetes}], verdicts: [{framework, id, title, result, reason,
                        contradicts}]}; verdicts only with --framework

Exit codes: 0 the policies can be used and no framework's verdict is fail, 1 that is not so, 2 bad usage or unreadable
file.
`;

/** `kube-audit policy check FILE…`. */
export const command = defineCommand({
    usage,
    options: {
        kubernetes: { type: "string" },
        faithful: { type: "boolean", default: false },
        framework: { type: "string", multiple: true, default: [] },
        manifest: { type: "string" },
        json: { type: "boolean", default: false },
    },
    run({ values, positionals }, io) {
        if (positionals.length === 0) {
            throw new UsageError("give at least one FILE");
        }
        const kubernetes = parseVersion(values.kubernetes);
        const judge =
            values.framework.length === 0
                ? undefined
                : loadFrameworks().judgeBy(values.framework, values.manifest, kubernetes, io);
        const mode = values.faithful ? "faithful" : "strict";
        const checked = positionals.map((path): Checked => {
            const bytes = io.readFile(path);
            const { text = bytes.toString("utf8"), ...check } = inspectPolicy(bytes, { kubernetes, mode });
            const verdicts = check.policy && judge?.(check.policy);
            return { file: fileName(path), text, check, ...(verdicts && { verdicts }) };
        });
        if (values.json) {
            const objects = checked.map((one) => toJson(one, kubernetes));
            printJson(objects.length === 1 ? objects[0] : objects, io);
        } else {
            checked.forEach((one) => {
                printWords(one, kubernetes, io);
            });
        }
        return checked.every(isFine) ? ExitCode.Ok : ExitCode.Finding;
    },
});

interface Checked {
    file: string;
    text: string;
    check: PolicyCheck;
    /** Where frameworks were asked for, and the policy is valid. */
    verdicts?: Verdict[];
}

function isFine({ check, verdicts = [] }: Checked): boolean {
    return check.policy !== undefined && verdicts.every(({ result }) => result !== "fail");
}

function toJson({ file, check: { policy, findings }, verdicts }: Checked, kubernetes: KubernetesMinor | undefined) {
    return {
        file,
        valid: policy !== undefined,
        kubernetes: kubernetes === undefined ? null : `1.${kubernetes}`,
        rules: policy?.rules.length ?? null,
        findings,
        ...(verdicts && { verdicts }),
    };
}

function printWords(
    { file, text, check: { policy, findings }, verdicts }: Checked,
    kubernetes: KubernetesMinor | undefined,
    io: CommandIO,
): void {
    const paint = painter(io.colours.stderr);
    const versions = kubernetes === undefined ? "" : ` for Kubernetes 1.${kubernetes}`;
    const errors = findings.filter(({ severity }) => severity === "error").length;
    printFindings(findings, { file, text }, io);
    const conclusion = policy
        ? `${paint("green", "valid")}${versions}, ${count(policy.rules.length, "rule")}`
        : `${paint("red", "not valid")}${versions}, ${count(errors, "error")}`;
    io.stderr(`${file}: ${conclusion}\n`);
    if (verdicts) {
        loadFrameworks().printVerdicts(verdicts, io);
    }
}

function count(number: number, noun: string): string {
    return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
