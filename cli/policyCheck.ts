import { inspectManifest, ManifestError, manifestSettings } from "../host/kubeadmManifest";
import { checkPolicy, type PolicyCheck } from "../policy/check";
import { newestMinor, oldestMinor, type KubernetesMinor } from "../policy/kubernetes";
import { painter, type Colour, type Paint } from "../policy/paint";
import { frameworkNames, judge, readFlags, type Verdict, type VerdictResult } from "../policy/verdicts";
import { defineCommand, UsageError } from "./command";
import { CommandError, ExitCode, fileName, printJson, type CommandIO } from "./io";
import { parseVersion } from "./policyInput";
import { printFindings } from "./printFindings";

const usage =
    () => `usage: kube-audit policy check FILE… [--kubernetes VERSION] [--faithful] [--framework NAME]… [--json]

Says whether the API server would start with an audit policy, and whether it would silently ignore a part of it:
unknown and misspelt fields, duplicate keys, further documents.

  FILE                  the policy, YAML or JSON; - reads standard input
  --kubernetes VERSION  the API server's version, such as 1.34 or v1.34.4;
                        default: valid for at least one of 1.${oldestMinor} to 1.${newestMinor}, with a warning where they differ
  --faithful            refuse exactly what the API server refuses, of 1.${newestMinor} by default; all else is a warning
  --framework NAME      also say what a framework has to say of the policy and of the flags: cis, the benchmark for the
                        version, or one of ${frameworkNames().join(", ")}; all for all of
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
        const frameworks = chooseFrameworks(values.framework);
        const flags =
            frameworks && readFlags(values.manifest === undefined ? DEFAULT_FLAGS() : flagsOf(values.manifest, io));
        const mode = values.faithful ? "faithful" : "strict";
        const checked = positionals.map((path): Checked => {
            const bytes = io.readFile(path);
            const check = checkPolicy(bytes, { kubernetes, mode });
            const file = fileName(path);
            const verdicts =
                flags && check.policy
                    ? judge({ policy: check.policy, flags }, { kubernetes, ...frameworks })
                    : undefined;
            return { file, text: bytes.toString("utf8"), check, ...(verdicts && { verdicts }) };
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

const DEFAULT_FLAGS = () => manifestSettings({ policyFile: "/etc/kubernetes/audit/policy.yaml", log: {} }).flags;

/** The option of `judge`; nothing where no framework was asked for. */
function chooseFrameworks(names: readonly string[]): { frameworks?: string[] } | undefined {
    const unknown = names.find((name) => !["all", "cis", ...frameworkNames()].includes(name));
    if (unknown !== undefined) {
        throw new CommandError(`there is no framework ${unknown}; there are all, cis, ${frameworkNames().join(", ")}`);
    }
    return names.length === 0 ? undefined : names.includes("all") ? {} : { frameworks: [...names] };
}

function flagsOf(path: string, io: CommandIO): readonly string[] {
    try {
        return inspectManifest(io.readFile(path).toString("utf8")).flags;
    } catch (error) {
        throw error instanceof ManifestError ? new CommandError(`${fileName(path)}: ${error.message}`) : error;
    }
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
    { file, text, check: { policy, findings }, verdicts = [] }: Checked,
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
    io.stderr([`${file}: ${conclusion}`, ...verdicts.map((one) => inWords(one, paint))].join("\n") + "\n");
}

const resultColours: Readonly<Record<VerdictResult, Colour>> = {
    pass: "green",
    fail: "red",
    manual: "yellow",
    "not-applicable": "dim",
};

function inWords({ framework, id, title, result, reason, contradicts }: Verdict, paint: Paint): string {
    const against = contradicts.length === 0 ? "" : `\n    demands the opposite of ${contradicts.join(", ")}`;
    return `${paint(resultColours[result], result.padEnd(14))} ${framework} ${id}: ${title}\n    ${reason}${against}`;
}

function count(number: number, noun: string): string {
    return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
