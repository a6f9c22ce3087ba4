import { inspectManifest, ManifestError, manifestSettings } from "../host/kubeadmManifest";
import type { KubernetesMinor } from "../policy/kubernetes";
import { painter, type Colour } from "../policy/paint";
import type { Policy } from "../policy/types";
import { frameworkNames, judge, readFlags, type Verdict, type VerdictResult } from "../policy/verdicts";
import { CommandError, fileName, type CommandIO } from "./io";

/** The values of `--framework`, in words. */
export function frameworkList(): string {
    return frameworkNames().join(", ");
}

/**
 * Prepares to judge policies.
 *
 * @param names - the values of `--framework`, at least one
 * @param manifest - the path of the kube-apiserver's manifest; without it, the flags are those that ApiServerAudit sets
 * @throws CommandError when a framework is unknown, or the manifest cannot be read
 */
export function judgeBy(
    names: readonly string[],
    manifest: string | undefined,
    kubernetes: KubernetesMinor | undefined,
    io: CommandIO,
): (policy: Policy) => Verdict[] {
    const unknown = names.find((name) => !["all", "cis", ...frameworkNames()].includes(name));
    if (unknown !== undefined) {
        throw new CommandError(`there is no framework ${unknown}; there are all, cis, ${frameworkList()}`);
    }
    const flags = readFlags(manifest === undefined ? defaultFlags() : flagsOf(manifest, io));
    const frameworks = names.includes("all") ? {} : { frameworks: [...names] };
    return (policy) => judge({ policy, flags }, { ...(kubernetes !== undefined && { kubernetes }), ...frameworks });
}

function defaultFlags(): readonly string[] {
    return manifestSettings({ policyFile: "/etc/kubernetes/audit/policy.yaml", log: {} }).flags;
}

function flagsOf(path: string, io: CommandIO): readonly string[] {
    try {
        return inspectManifest(io.readFile(path).toString("utf8")).flags;
    } catch (error) {
        throw error instanceof ManifestError ? new CommandError(`${fileName(path)}: ${error.message}`) : error;
    }
}

const colours: Readonly<Record<VerdictResult, Colour>> = {
    pass: "green",
    fail: "red",
    manual: "yellow",
    "not-applicable": "dim",
};

/** Writes verdicts to standard error, each with its reason, in colours on a terminal. */
export function printVerdicts(verdicts: readonly Verdict[], io: CommandIO): void {
    const paint = painter(io.colours.stderr);
    for (const { framework, id, title, result, reason, contradicts } of verdicts) {
        const against = contradicts.length === 0 ? "" : `    demands the opposite of ${contradicts.join(", ")}\n`;
        io.stderr(
            `${paint(colours[result], result.padEnd(14))} ${framework} ${id}: ${title}\n    ${reason}\n${against}`,
        );
    }
}
