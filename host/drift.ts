import { createRequire } from "node:module";
import type * as diff from "diff";
import { inspectManifest, isApiServerPod, mountOf, type ApiServerManifest } from "./kubeadmManifest";
import type { Observation, ObservedFile, ObservedProcess } from "./observation";
import { APPLIED_POLICY, MANIFEST, POLICY_DIRECTORY, RECEIPT } from "./paths";
import type { Receipt } from "./receipt";
import { sha256 } from "./wish";

/** One way in which a host is no longer as it was left. */
export interface Drift {
    readonly file: string;
    /** What changed, in words. */
    readonly message: string;
    /** The changed lines, where there are lines; never more of a manifest than our own. */
    readonly diff?: string;
    /** Whether repairing it restarts the API server. */
    readonly restarts: boolean;
}

/**
 * Compares a host with what was last applied to it. What the program wants now plays no part: a pending change is no drift.
 *
 * @param receipt - undefined where it is missing or damaged
 * @param facts - what the host's manifest says, from who has read it already
 */
export function findDrift(
    observation: Observation,
    receipt: Receipt | undefined,
    facts: ApiServerManifest = inspectManifest(observation.files.get(MANIFEST)?.text ?? ""),
): Drift[] {
    const manifest = observation.files.get(MANIFEST);
    if (receipt === undefined) {
        return isMarked(manifest) ? [lostReceipt(observation)] : [];
    }
    const files = [
        ...manifestDrift(facts, receipt),
        ...fileDrift(observation, receipt),
        ...secondManifests(observation),
    ];
    // Where a file differs, the process that read it needs no word of its own.
    return files.some((drift) => drift.diff !== undefined)
        ? files
        : [...files, ...processDrift(observation, receipt, MANIFEST, runningProcess(observation, facts))];
}

/** What differs of the files that are there before an API server is: the policy, and the log's directory. */
export function fileDrift(observation: Observation, receipt: Receipt): Drift[] {
    return [...policyDrift(observation, receipt), ...logDirectoryDrift(observation, receipt)];
}

/** Other files of the manifests directory that the kubelet takes for a kube-apiserver pod. */
export function strayManifests(observation: Observation): ObservedFile[] {
    return [...observation.files.values()].filter(
        (file) =>
            file.path !== MANIFEST &&
            file.path.startsWith("/etc/kubernetes/manifests/") &&
            file.text !== undefined &&
            isApiServerPod(file.text),
    );
}

/** The running API server of this manifest: of several, as with nested clusters, the one with its address. */
export function runningProcess(observation: Observation, manifest: ApiServerManifest): ObservedProcess | undefined {
    return observation.processes.find(({ commandLine }) => {
        const address = commandLine.find((argument) => argument.startsWith("--advertise-address="));
        return address === undefined || address === `--advertise-address=${manifest.advertiseAddress ?? ""}`;
    });
}

function isMarked(manifest: ObservedFile | undefined): boolean {
    return manifest?.text?.includes(" # managed-by: kube-apiserver-audit") ?? false;
}

export function lostReceipt(observation: Observation, settings = MANIFEST): Drift {
    const what = observation.files.has(RECEIPT) ? "is damaged" : "is missing";
    return { file: RECEIPT, message: `${what}, though ${settings} still has our settings`, restarts: false };
}

/** Flags that differ, in words and as lines of a diff. */
export function flagDrift(flags: readonly string[], receipt: Receipt): { words: string[]; lines: string[] } {
    const wanted = byName(receipt.flags);
    const found = byName(flags.filter((flag) => /^--audit-(log|policy)-/.test(flag)));
    const lines: string[] = [];
    const words: string[] = [];
    for (const name of new Set([...wanted.keys(), ...found.keys()])) {
        const before = wanted.get(name);
        const after = found.get(name);
        if (before === after) {
            continue;
        }
        lines.push(
            ...(before === undefined ? [] : [`-    - ${before}`]),
            ...(after === undefined ? [] : [`+    - ${after}`]),
        );
        words.push(
            after === undefined
                ? `the flag ${name} was removed`
                : before === undefined
                  ? `the flag ${name} was added`
                  : `the flag ${name} was changed`,
        );
    }
    return { words, lines };
}

function manifestDrift(manifest: ApiServerManifest, receipt: Receipt): Drift[] {
    const { words, lines } = flagDrift(manifest.flags, receipt);
    for (const mount of receipt.mounts) {
        const [name, mode, path] = mount.split(" ") as [string, string, string];
        if (mountOf(path, manifest.mounts)?.readOnly !== (mode === "ro")) {
            lines.push(`-    - mountPath: ${path} (volume ${name}, ${mode})`);
            words.push(`the mount of ${path} was removed or changed`);
        }
    }
    if (words.length === 0) {
        return [];
    }
    return [
        {
            file: MANIFEST,
            message: manifest.flags.every((flag) => !/^--audit-(log|policy)-/.test(flag))
                ? "the file was regenerated without the audit settings (by kubeadm, for instance): all of them are gone"
                : words.join(", "),
            diff: [`--- ${MANIFEST} (as applied)`, `+++ ${MANIFEST} (now)`, ...lines].join("\n"),
            restarts: true,
        },
    ];
}

/** Flags by their name; of a repeated one the last counts, as for the API server. */
function byName(flags: readonly string[]): Map<string, string> {
    return new Map(flags.map((flag) => [flag.split("=", 1)[0]!, flag]));
}

export function policyDrift(observation: Observation, receipt: Receipt): Drift[] {
    const directory = observation.files.get(POLICY_DIRECTORY);
    const policy = observation.files.get(receipt.policyPath);
    if (policy?.text === undefined) {
        return [{ file: receipt.policyPath, message: "the policy file is missing", restarts: true }];
    }
    const drifts: Drift[] = [];
    if (sha256(policy.text) !== receipt.policySha256) {
        const applied = observation.files.get(APPLIED_POLICY)?.text;
        drifts.push({
            file: policy.path,
            message: "the policy was edited on the host",
            restarts: true,
            ...(applied !== undefined &&
                sha256(applied) === receipt.policySha256 && {
                    diff: unifiedDiff(policy.path, applied, policy.text),
                }),
        });
    }
    return [
        ...drifts,
        ...accessDrift(policy, "600", "0:0"),
        ...(directory === undefined ? [] : accessDrift(directory, "700", "0:0")),
    ];
}

const load = createRequire(__filename);

function unifiedDiff(path: string, before: string, after: string): string {
    // Half of what loading this package would cost, for what hardly any host has to show.
    const { createTwoFilesPatch } = load("diff") as typeof diff;
    return createTwoFilesPatch(`${path} (as applied)`, `${path} (now)`, before, after, undefined, undefined, {
        context: 2,
    })
        .replace(/^=+\n/, "")
        .trimEnd();
}

function accessDrift(file: ObservedFile, mode: string, owner: string): Drift[] {
    const messages = [
        ...(file.mode === mode ? [] : [`the mode was changed from ${mode} to ${file.mode}`]),
        ...(file.owner === owner ? [] : [`the owner was changed from ${owner} to ${file.owner} (uid:gid)`]),
    ];
    return messages.map((message) => ({ file: file.path, message, restarts: false }));
}

export function logDirectoryDrift(observation: Observation, receipt: Receipt): Drift[] {
    if (receipt.directory === "") {
        return [];
    }
    const directory = observation.files.get(receipt.directory);
    return directory?.kind === "directory"
        ? accessDrift(directory, receipt.directoryMode, receipt.directoryOwner.replace(" ", ":"))
        : [{ file: receipt.directory, message: "the log directory is missing", restarts: false }];
}

function secondManifests(observation: Observation): Drift[] {
    return strayManifests(observation).map(({ path }) => ({
        file: path,
        message: `a second kube-apiserver manifest beside ${MANIFEST}; the kubelet may run it instead. The update will move it out of the way`,
        restarts: true,
    }));
}

/** @param settings - the manifest, or what stands in its place */
export function processDrift(
    observation: Observation,
    receipt: Receipt,
    settings: string,
    process: ObservedProcess | undefined,
): Drift[] {
    if (process === undefined) {
        // It is down or between two starts: nothing on the host was changed, and the update looks at its health.
        return [];
    }
    const older = [settings, receipt.policyPath]
        .map((path) => observation.files.get(path))
        .filter((file) => file !== undefined)
        .map((file) => ({ path: file.path, changed: contentChanged(file, observation, process, receipt) }))
        .find(({ changed }) => process.started < changed - 1);
    if (older !== undefined) {
        return [
            {
                file: older.path,
                message:
                    `the running API server (process ${process.pid}, started ${time(process.started)}) is older than ` +
                    `this file (changed ${time(older.changed)}) and may run with other settings`,
                restarts: true,
            },
        ];
    }
    const missing = receipt.flags.filter((flag) => !process.commandLine.includes(flag));
    return missing.length === 0
        ? []
        : [
              {
                  file: settings,
                  message: `the running API server (process ${process.pid}) was started without ${missing.join(" ")}`,
                  restarts: true,
              },
          ];
}

/**
 * Since when a file surely has its content. A policy that was put back may bring its old time with it, as a move does;
 * only a process that the last transaction has proven is known to have read the right one.
 */
function contentChanged(
    file: ObservedFile,
    observation: Observation,
    process: ObservedProcess,
    receipt: Receipt,
): number {
    const proven = observation.files.get(RECEIPT)?.modified ?? 0;
    return file.path !== receipt.policyPath || process.started <= proven
        ? file.modified
        : Math.max(file.modified, file.changed);
}

function time(seconds: number): string {
    return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}
