/** Hosts that somebody changed after they were set up, by what was changed. */

import assert from "node:assert/strict";
import type { Drift } from "../../host/drift";
import type { Observation } from "../../host/observation";
import { APPLIED_POLICY, MANIFEST, POLICY_DIRECTORY, RECEIPT } from "../../host/paths";
import {
    APPLIED,
    appliedHost,
    freshHost,
    KUBEADM_MANIFEST,
    LOG_DIRECTORY,
    receiptOf,
    STARTED,
    WITH_THEIR_MOUNTS,
    wishOf,
    withFile,
    without,
    withProcess,
    withText,
} from "./observedHost";

/** A host in sync, from which the others are made. */
export const HOST = appliedHost();
export const POLICY_FILE = receiptOf(HOST).policyPath;
export const STRAY = "/etc/kubernetes/manifests/kube-apiserver.yaml.bak";
export const MANIFEST_HEAD = `--- ${MANIFEST} (as applied)\n+++ ${MANIFEST} (now)\n`;

const editManifest = (edit: (text: string) => string): Observation => {
    const edited = withText(HOST, MANIFEST, edit);
    assert.notEqual(edited.files.get(MANIFEST)!.text, HOST.files.get(MANIFEST)!.text, "the edit changes nothing");
    return edited;
};

/** The manifest without the lines that a pattern matches. */
const dropLines = (pattern: RegExp): Observation =>
    editManifest((text) =>
        text
            .split("\n")
            .filter((line) => !pattern.test(line))
            .join("\n"),
    );

export const STRAY_DRIFT: Drift = {
    file: STRAY,
    message:
        "a second kube-apiserver manifest beside /etc/kubernetes/manifests/kube-apiserver.yaml; the kubelet may run it " +
        "instead. The update will move it out of the way",
    restarts: true,
};

/** A host that was changed behind our back, and what there is to say of it. */
export interface DriftedHost {
    readonly what: string;
    readonly host: Observation;
    readonly expected: readonly Drift[];
}

export const MANIFEST_DRIFTS: readonly DriftedHost[] = [
    {
        what: "a flag that was removed",
        host: dropLines(/--audit-log-maxage=/),
        expected: [
            {
                file: MANIFEST,
                message: "the flag --audit-log-maxage was removed",
                diff: `${MANIFEST_HEAD}-    - --audit-log-maxage=30`,
                restarts: true,
            },
        ],
    },
    {
        what: "a flag's value that was changed",
        host: editManifest((text) => text.replace("--audit-log-maxsize=100 ", "--audit-log-maxsize=7 ")),
        expected: [
            {
                file: MANIFEST,
                message: "the flag --audit-log-maxsize was changed",
                diff: `${MANIFEST_HEAD}-    - --audit-log-maxsize=100\n+    - --audit-log-maxsize=7`,
                restarts: true,
            },
        ],
    },
    {
        what: "a flag that was added",
        host: editManifest((text) => text.replace("    env:\n", "    - --audit-log-compress\n    env:\n")),
        expected: [
            {
                file: MANIFEST,
                message: "the flag --audit-log-compress was added",
                diff: `${MANIFEST_HEAD}+    - --audit-log-compress`,
                restarts: true,
            },
        ],
    },
    {
        what: "a flag that was given once more, with another value",
        host: editManifest((text) => text.replace("    env:\n", "    - --audit-log-maxage\n    - '1'\n    env:\n")),
        expected: [
            {
                file: MANIFEST,
                message: "the flag --audit-log-maxage was changed",
                diff: `${MANIFEST_HEAD}-    - --audit-log-maxage=30\n+    - --audit-log-maxage=1`,
                restarts: true,
            },
        ],
    },
    {
        what: "a mount that was removed",
        host: editManifest((text) =>
            text.replace(
                / {4}- mountPath: \/var\/log\/kubernetes\/audit .*\n {6}name: kube-apiserver-audit-log .*\n/,
                "",
            ),
        ),
        expected: [
            {
                file: MANIFEST,
                message: "the mount of /var/log/kubernetes/audit was removed or changed",
                diff: `${MANIFEST_HEAD}-    - mountPath: /var/log/kubernetes/audit (volume kube-apiserver-audit-log, rw)`,
                restarts: true,
            },
        ],
    },
    {
        what: "a mount that can be written to now",
        host: editManifest((text) => text.replace("readOnly: true # managed-by", "readOnly: false # managed-by")),
        expected: [
            {
                file: MANIFEST,
                message: "the mount of /etc/kubernetes/audit was removed or changed",
                diff: `${MANIFEST_HEAD}-    - mountPath: /etc/kubernetes/audit (volume kube-apiserver-audit-policy, ro)`,
                restarts: true,
            },
        ],
    },
    {
        what: "a volume that is another directory now",
        host: editManifest((text) => text.replace("path: /var/log/kubernetes/audit #", "path: /tmp #")),
        expected: [
            {
                file: MANIFEST,
                message: "the mount of /var/log/kubernetes/audit was removed or changed",
                diff: `${MANIFEST_HEAD}-    - mountPath: /var/log/kubernetes/audit (volume kube-apiserver-audit-log, rw)`,
                restarts: true,
            },
        ],
    },
    {
        what: "a manifest that was generated again, without the settings",
        host: editManifest(() => KUBEADM_MANIFEST),
        expected: [
            {
                file: MANIFEST,
                message:
                    "the file was regenerated without the audit settings (by kubeadm, for instance): all of them are gone",
                diff: [
                    `${MANIFEST_HEAD}-    - --audit-policy-file=${POLICY_FILE}`,
                    "-    - --audit-log-path=/var/log/kubernetes/audit/audit.log",
                    "-    - --audit-log-maxage=30",
                    "-    - --audit-log-maxbackup=10",
                    "-    - --audit-log-maxsize=100",
                    "-    - mountPath: /etc/kubernetes/audit (volume kube-apiserver-audit-policy, ro)",
                    "-    - mountPath: /var/log/kubernetes/audit (volume kube-apiserver-audit-log, rw)",
                ].join("\n"),
                restarts: true,
            },
        ],
    },
    {
        what: "several changes of the manifest at once",
        host: editManifest((text) =>
            text
                .replace(/.*--audit-log-path=.*\n/, "")
                .replace("--audit-log-maxage=30", "--audit-log-maxage=31")
                .replace("    env:\n", "    - --audit-log-mode=batch\n    env:\n"),
        ),
        expected: [
            {
                file: MANIFEST,
                message:
                    "the flag --audit-log-path was removed, the flag --audit-log-maxage was changed, " +
                    "the flag --audit-log-mode was added",
                diff: [
                    `${MANIFEST_HEAD}-    - --audit-log-path=/var/log/kubernetes/audit/audit.log`,
                    "-    - --audit-log-maxage=30",
                    "+    - --audit-log-maxage=31",
                    "+    - --audit-log-mode=batch",
                ].join("\n"),
                restarts: true,
            },
        ],
    },
];

const EDITED_POLICY_DIFF = [
    `--- ${POLICY_FILE} (as applied)`,
    `+++ ${POLICY_FILE} (now)`,
    "@@ -3,4 +3,4 @@",
    " rules:",
    "   - level: None",
    "-    users: [system:kube-proxy]",
    "+    users: [system:kube-proxy, mallory]",
    "   - level: Metadata",
].join("\n");

const editedPolicy = withText(HOST, POLICY_FILE, (text) => text.replace("kube-proxy]", "kube-proxy, mallory]"));

export const FILE_DRIFTS: readonly DriftedHost[] = [
    {
        what: "an edited policy",
        host: editedPolicy,
        expected: [
            {
                file: POLICY_FILE,
                message: "the policy was edited on the host",
                diff: EDITED_POLICY_DIFF,
                restarts: true,
            },
        ],
    },
    {
        what: "an edited policy whose copy is lost, without a diff",
        host: without(editedPolicy, APPLIED_POLICY),
        expected: [{ file: POLICY_FILE, message: "the policy was edited on the host", restarts: true }],
    },
    {
        what: "an edited policy whose copy was edited, without a diff",
        host: withText(editedPolicy, APPLIED_POLICY, () => "rules: []\n"),
        expected: [{ file: POLICY_FILE, message: "the policy was edited on the host", restarts: true }],
    },
    {
        what: "a missing policy",
        host: without(HOST, POLICY_FILE),
        expected: [{ file: POLICY_FILE, message: "the policy file is missing", restarts: true }],
    },
    {
        what: "a policy that is a link now",
        host: withFile(HOST, POLICY_FILE, { kind: "link", text: undefined }),
        expected: [{ file: POLICY_FILE, message: "the policy file is missing", restarts: true }],
    },
    {
        what: "a policy with another mode",
        host: withFile(HOST, POLICY_FILE, { mode: "644" }),
        expected: [{ file: POLICY_FILE, message: "the mode was changed from 600 to 644", restarts: false }],
    },
    {
        what: "a policy with another owner",
        host: withFile(HOST, POLICY_FILE, { owner: "1000:4" }),
        expected: [
            { file: POLICY_FILE, message: "the owner was changed from 0:0 to 1000:4 (uid:gid)", restarts: false },
        ],
    },
    {
        what: "a directory of policies with another mode and owner",
        host: withFile(HOST, POLICY_DIRECTORY, { mode: "755", owner: "1:1" }),
        expected: [
            { file: POLICY_DIRECTORY, message: "the mode was changed from 700 to 755", restarts: false },
            { file: POLICY_DIRECTORY, message: "the owner was changed from 0:0 to 1:1 (uid:gid)", restarts: false },
        ],
    },
    {
        what: "a log directory with another mode",
        host: withFile(HOST, LOG_DIRECTORY, { mode: "755" }),
        expected: [{ file: LOG_DIRECTORY, message: "the mode was changed from 700 to 755", restarts: false }],
    },
    {
        what: "a log directory that its readers' group cannot read any more",
        host: withFile(appliedHost(wishOf({ readerGroup: "adm" })), LOG_DIRECTORY, { mode: "700", owner: "0:0" }),
        expected: [
            { file: LOG_DIRECTORY, message: "the mode was changed from 2750 to 700", restarts: false },
            { file: LOG_DIRECTORY, message: "the owner was changed from 0:4 to 0:0 (uid:gid)", restarts: false },
        ],
    },
    {
        what: "a missing log directory",
        host: without(HOST, LOG_DIRECTORY),
        expected: [{ file: LOG_DIRECTORY, message: "the log directory is missing", restarts: false }],
    },
    {
        what: "a file in the log directory's place",
        host: withFile(HOST, LOG_DIRECTORY, { kind: "file", text: "" }),
        expected: [{ file: LOG_DIRECTORY, message: "the log directory is missing", restarts: false }],
    },
    {
        what: "a second manifest",
        host: withFile(HOST, STRAY, { text: KUBEADM_MANIFEST }),
        expected: [STRAY_DRIFT],
    },
    {
        what: "a missing receipt",
        host: without(HOST, RECEIPT),
        expected: [
            {
                file: RECEIPT,
                message: `is missing, though ${MANIFEST} still has our settings`,
                restarts: false,
            },
        ],
    },
    {
        what: "a damaged receipt",
        host: withText(HOST, RECEIPT, (text) => text.slice(0, 100)),
        expected: [
            {
                file: RECEIPT,
                message: `is damaged, though ${MANIFEST} still has our settings`,
                restarts: false,
            },
        ],
    },
    {
        what: "several changes at once, in the order manifest, policy, log, second manifest",
        host: withFile(
            withFile(
                withFile(
                    editManifest(() => KUBEADM_MANIFEST),
                    POLICY_FILE,
                    { mode: "640" },
                ),
                LOG_DIRECTORY,
                {
                    mode: "777",
                },
            ),
            STRAY,
            { text: KUBEADM_MANIFEST },
        ),
        expected: [
            ...MANIFEST_DRIFTS.find(({ what }) => what.includes("generated again"))!.expected,
            { file: POLICY_FILE, message: "the mode was changed from 600 to 640", restarts: false },
            { file: LOG_DIRECTORY, message: "the mode was changed from 700 to 777", restarts: false },
            STRAY_DRIFT,
        ],
    },
];

const time = (seconds: number) => new Date(seconds * 1000).toISOString().replace(".000Z", "Z");

const older = (file: string, modified: number, started = STARTED): Drift => ({
    file,
    message:
        `the running API server (process 4321, started ${time(started)}) is older than this file (changed ` +
        `${time(modified)}) and may run with other settings`,
    restarts: true,
});

export const PROCESS_DRIFTS: readonly DriftedHost[] = [
    {
        what: "a process older than the manifest",
        host: withFile(HOST, MANIFEST, { modified: STARTED + 2 }),
        expected: [older(MANIFEST, STARTED + 2)],
    },
    {
        what: "a process older than the policy",
        host: withFile(HOST, POLICY_FILE, { modified: STARTED + 3600 }),
        expected: [older(POLICY_FILE, STARTED + 3600)],
    },
    {
        what: "a process that nobody has proven, and a policy put back after its start with its old time",
        host: withProcess(withFile(HOST, POLICY_FILE, { changed: STARTED + 7200 }), { started: STARTED + 3600 }),
        expected: [older(POLICY_FILE, STARTED + 7200, STARTED + 3600)],
    },
    {
        what: "a process older than both, with the manifest",
        host: withFile(withFile(HOST, MANIFEST, { modified: STARTED + 3 }), POLICY_FILE, { modified: STARTED + 2 }),
        expected: [older(MANIFEST, STARTED + 3)],
    },
    {
        what: "a process started without the flags",
        host: withProcess(HOST, { commandLine: freshHost().processes[0]!.commandLine }),
        expected: [
            {
                file: MANIFEST,
                message:
                    `the running API server (process 4321) was started without --audit-policy-file=${POLICY_FILE} ` +
                    "--audit-log-path=/var/log/kubernetes/audit/audit.log --audit-log-maxage=30 " +
                    "--audit-log-maxbackup=10 --audit-log-maxsize=100",
                restarts: true,
            },
        ],
    },
    {
        what: "a process beside what else changed without touching what it reads",
        host: withFile(withFile(HOST, MANIFEST, { modified: STARTED + 2 }), LOG_DIRECTORY, { mode: "755" }),
        expected: [
            { file: LOG_DIRECTORY, message: "the mode was changed from 700 to 755", restarts: false },
            older(MANIFEST, STARTED + 2),
        ],
    },
];

/** Hosts on which nothing of ours was changed. */
export const IN_SYNC: readonly [string, Observation][] = [
    ["a host as it was left", HOST],
    ["a host that only kubeadm has touched", freshHost()],
    ["a host without our marks, with a damaged receipt", withFile(freshHost(), RECEIPT, { text: "{" })],
    ["the log on standard output", appliedHost(wishOf({ log: { path: "-" } }))],
    ["readers of the log", appliedHost(wishOf({ readerGroup: "adm" }))],
    [
        "a policy touched by the transaction itself, after its process's start",
        withFile(HOST, POLICY_FILE, { changed: STARTED + 2 }),
    ],
    ["a manifest of another mode, after its process's start", withFile(HOST, MANIFEST, { changed: STARTED + 60 })],
    ["an API server that was started again", withProcess(HOST, { started: STARTED + 3600 })],
    ["a comment added to the manifest", editManifest((text) => `# by hand\n${text}`)],
    ["a flag of theirs added", editManifest((text) => text.replace("    env:\n", "    - --v=4\n    env:\n"))],
    [
        "a webhook for audit events, which is not ours",
        editManifest((text) => text.replace("    env:\n", "    - --audit-webhook-config-file=/x\n    env:\n")),
    ],
    [
        "our flags without our marks, as kubeadm upgrade can leave them",
        editManifest((text) => text.replaceAll(/ # managed-by.*/g, "")),
    ],
    ["mounts of theirs that were there before, and serve", appliedHost(wishOf(), WITH_THEIR_MOUNTS)],
    ["a process that is down", { ...HOST, processes: [] }],
    ["a process started within the second before the file", withFile(HOST, MANIFEST, { modified: STARTED + 1 })],
    [
        "another cluster's API server on the same host",
        {
            ...HOST,
            processes: [
                { pid: 1, started: APPLIED - 99, commandLine: ["kube-apiserver", "--advertise-address=192.0.2.99"] },
                ...HOST.processes,
            ],
        },
    ],
    ["another pod's manifest", withFile(HOST, "/etc/kubernetes/manifests/etcd.yaml", { text: "kind: Pod\n" })],
    ["a manifest's copy elsewhere", withFile(HOST, "/etc/kubernetes/audit/policy-x.yaml", { text: KUBEADM_MANIFEST })],
];
