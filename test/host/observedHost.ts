/** Hosts as a probe finds them: made from a real manifest, changed one thing at a time. */

import assert from "node:assert/strict";
import { HostError } from "../../host/assess";
import { inspectManifest, manifestSettings, mountOf, patchManifest } from "../../host/kubeadmManifest";
import type { Observation, ObservedFile, ObservedProcess, ObservedUnit } from "../../host/observation";
import { APPLIED_POLICY, MANIFEST, POLICY_DIRECTORY, RECEIPT } from "../../host/paths";
import { parseReceipt, type Receipt } from "../../host/receipt";
import { logDirectoryMode, makeWish, sha256, type Wish, type WishArgs } from "../../host/wish";
import { manifestFixtures } from "./fixtures";

/** A secret in the fixture's environment variables: it may turn up nowhere. */
export const CANARY = "c4n4ry-s3cr3t";

/** What kubeadm 1.34.4 wrote, behind a proxy with a password. */
export const KUBEADM_MANIFEST = manifestFixtures("kubeadm").find(({ name }) => name.includes("v1.34.4"))!.text;

/** The manifest with volumes of theirs for the directories that ours would be for, written in another way. */
export const WITH_THEIR_MOUNTS = KUBEADM_MANIFEST.replace(
    "    volumeMounts:\n",
    [
        "    volumeMounts:",
        "    - mountPath: /etc/kubernetes/audit/",
        "      name: policies",
        "    - mountPath: /var/log/kubernetes/audit",
        "      name: logs",
        "",
    ].join("\n"),
).replace(
    "  volumes:\n",
    [
        "  volumes:",
        "  - hostPath:",
        "      path: /etc/kubernetes/audit",
        "    name: policies",
        "  - hostPath:",
        "      path: /var/log/kubernetes//audit/",
        "      type: DirectoryOrCreate",
        "    name: logs",
        "",
    ].join("\n"),
);

export const POLICY = [
    "apiVersion: audit.k8s.io/v1",
    "kind: Policy",
    "rules:",
    "  - level: None",
    "    users: [system:kube-proxy]",
    "  - level: Metadata",
    "",
].join("\n");

export const OWNER = "organization/project/stack/audit";
export const LOG_DIRECTORY = "/var/log/kubernetes/audit";

/** The tests' wish, where they do not say otherwise. */
export function wishOf(args: Partial<WishArgs> = {}): Wish {
    return makeWish({ owner: OWNER, policy: POLICY, ...args });
}

/** When everything of ours was written, in seconds since 1970, and when the API server was started after that. */
export const APPLIED = 1_700_000_000;
export const STARTED = APPLIED + 8;

/** A host that only kubeadm has touched. */
export function freshHost(manifest = KUBEADM_MANIFEST): Observation {
    const written = APPLIED - 86_400;
    const process = { pid: 1234, started: written + 8, commandLine: ["kube-apiserver", ...commandLineOf(manifest)] };
    return {
        machineId: "0123456789abcdef0123456789abcdef",
        files: new Map([[MANIFEST, { ...file(MANIFEST, manifest), modified: written, changed: written }]]),
        processes: [process],
    };
}

/** A host as a transaction for the wish leaves it. */
export function appliedHost(wish: Wish = wishOf(), manifest = KUBEADM_MANIFEST): Observation {
    const settings = manifestSettings(wish.settings);
    const patched = patchManifest(manifest, settings);
    const { mounts } = inspectManifest(patched);
    const receipt: Receipt = {
        schemaVersion: 1,
        generation: "0123456789abcdef",
        owner: wish.owner,
        flags: settings.flags,
        mounts: settings.mounts.map(
            ({ name, path }) => `${name} ${mountOf(path, mounts)?.readOnly ? "ro" : "rw"} ${path}`,
        ),
        manifestSha256: sha256(patched),
        policyPath: wish.settings.policyFile,
        policySha256: sha256(wish.policyText),
        directory: settings.mounts.length === 1 ? "" : settings.mounts[1]!.path,
        directoryMode: logDirectoryMode(wish),
        readerGroup: wish.readerGroup,
        directoryOwner: settings.mounts.length === 1 ? "" : wish.readerGroup === "" ? "0 0" : "0 4",
    };
    const files = [
        file(MANIFEST, patched),
        { ...file(RECEIPT, `${JSON.stringify(receipt, null, 4)}\n`), modified: STARTED + 3, changed: STARTED + 3 },
        file(APPLIED_POLICY, wish.policyText),
        directory(POLICY_DIRECTORY, "700"),
        file(receipt.policyPath, wish.policyText),
        ...(receipt.directory === ""
            ? []
            : [
                  {
                      ...directory(receipt.directory, receipt.directoryMode),
                      owner: receipt.directoryOwner.replace(" ", ":"),
                  },
              ]),
    ];
    return {
        ...freshHost(),
        files: new Map(files.map((each) => [each.path, each])),
        processes: [{ pid: 4321, started: STARTED, commandLine: ["kube-apiserver", ...commandLineOf(patched)] }],
    };
}

/** The receipt of a host that has a whole one. */
export function receiptOf(observation: Observation): Receipt {
    return parseReceipt(observation.files.get(RECEIPT)!.text!)!;
}

/** The host with a file changed, or a new one. */
export function withFile(observation: Observation, path: string, change: Partial<ObservedFile>): Observation {
    const changed = { ...(observation.files.get(path) ?? file(path, "")), ...change };
    return { ...observation, files: new Map([...observation.files, [path, changed]]) };
}

/** The host with another text in a file, written in place: by default in the same second as everything else. */
export function withText(observation: Observation, path: string, edit: (text: string) => string): Observation {
    return withFile(observation, path, { text: edit(observation.files.get(path)!.text!) });
}

export function without(observation: Observation, path: string): Observation {
    return { ...observation, files: new Map([...observation.files].filter(([each]) => each !== path)) };
}

export function withProcess(observation: Observation, change: Partial<ObservedProcess>): Observation {
    return { ...observation, processes: observation.processes.map((process) => ({ ...process, ...change })) };
}

const KINDS: Readonly<Record<ObservedFile["kind"], string>> = {
    file: "regular file",
    directory: "directory",
    link: "symbolic link",
    other: "fifo",
};

/** What probe.sh prints of the host. */
export function printed({ machineId, files, processes, unit }: Observation): string {
    const base64 = (text: string) => {
        const lines =
            Buffer.from(text)
                .toString("base64")
                .match(/.{1,76}/g) ?? [];
        return ["text", ...lines, "end"];
    };
    const boot = APPLIED - 1_000_000;
    return [
        "kube-apiserver-audit observation 1",
        `machine ${machineId}`,
        ...[...files.values()].flatMap(({ path, inode, changed, modified, mode, owner, kind, text }) => [
            `file ${inode} ${changed} ${modified} ${mode} ${owner.replace(":", " ")} ${KINDS[kind]}|${path}`,
            ...(text === undefined ? [] : base64(text)),
        ]),
        ...(unit === undefined ? [] : printedUnit(unit)),
        `clock ${boot + 500} 500.00`,
        ...processes.flatMap(({ pid, started, commandLine }) => [
            `process ${pid} ${(started - boot) * 100}`,
            ...base64(commandLine.map((word) => `${word}\0`).join("")),
        ]),
        "done",
        "",
    ].join("\n");
}

function printedUnit(unit: ObservedUnit): string[] {
    const { name, loadState, activeState, mainPid, needsReload, version } = unit;
    return [
        `unit ${loadState} ${activeState} ${mainPid} ${needsReload ? "yes" : "no"} ${name}`,
        ...unit.files.map((path) => `unit-file ${path}`),
        ...unit.environmentFiles.map((path) => `environment-file ${path}`),
        ...(version === undefined ? [] : [`version ${version}`]),
    ];
}

function file(path: string, text: string): ObservedFile {
    return { ...directory(path, "600"), kind: "file", text };
}

/** Every path has an inode of its own, the same in every observation. */
function directory(path: string, mode: string): ObservedFile {
    const inode = String(parseInt(sha256(path).slice(0, 8), 16));
    return { path, inode, modified: APPLIED, changed: APPLIED, mode, owner: "0:0", kind: "directory" };
}

function commandLineOf(manifest: string): string[] {
    return [...manifest.matchAll(/^ {4}- (--\S+)/gm)].map(([, flag]) => flag!);
}

/** What a host of 1.34 is refused with where the policy has `group: "*"` in its first rule. */
export const ANY_GROUP_REFUSED =
    'the kube-apiserver 1.34 would refuse these settings: rules[0].resources.group: Invalid value: "*": a lowercase RFC ' +
    "1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an " +
    "alphanumeric character (e.g. 'example.com', regex used for validation is " +
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*'). List the groups, or leave resources out to match " +
    "all of them.";

/** Why a host is refused. */
export function refusalOf(run: () => unknown): string {
    try {
        run();
    } catch (error) {
        assert.ok(error instanceof HostError, String(error));
        return error.message;
    }
    assert.fail("Nothing was refused.");
}
