/** What somebody may do to a host whose API server is a unit, behind the program's back. */

import assert from "node:assert/strict";
import { policyPath } from "../../host/flags";
import { APPLIED_POLICY, RECEIPT } from "../../host/paths";
import type { SandboxNode } from "../../sandbox";
import { LOG_DIRECTORY } from "../e2e/subject";
import { DROP_IN, RELOAD, restarting, UNIT, UNIT_FILE } from "./systemdHosts";

export const POLICY = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: Request
    resources: [{ group: "", resources: [configmaps] }]
    namespaces: [default]
  - level: Metadata
    nonResourceURLs: [/version]
`;
const POLICY_FILE = policyPath(POLICY);
export const FLAGS = [
    `--audit-policy-file=${POLICY_FILE}`,
    `--audit-log-path=${LOG_DIRECTORY}/audit.log`,
    "--audit-log-maxage=30",
    "--audit-log-maxbackup=10",
    "--audit-log-maxsize=100",
];
const HEAD = `--- ${DROP_IN} (as applied)\n+++ ${DROP_IN} (now)\n`;
const GONE = FLAGS.map((flag) => `-    - ${flag}`).join("\n");
const STALE = `${DROP_IN}: the other files of ${UNIT} were changed since this one was made from them (by a package upgrade, for instance).`;

/** Something that somebody does to a host behind the program's back. */
export interface Drift {
    readonly name: string;
    readonly make: (node: SandboxNode) => Promise<unknown>;
    /** What the preview says of it, after the host's name; processes and times are replaced by these words. */
    readonly warning: string;
    readonly restarts: boolean;
    readonly repairWarnings?: readonly string[];
    readonly check?: (node: SandboxNode) => Promise<unknown>;
}

export const DRIFTS: readonly Drift[] = [
    {
        name: "a flag that was removed",
        make: (node) => restarting(node, `sed -i '/--audit-log-maxage/d' ${DROP_IN} && ${RELOAD}`),
        warning: `${DROP_IN}: the flag --audit-log-maxage was removed.\n${HEAD}-    - --audit-log-maxage=30`,
        restarts: true,
    },
    {
        name: "a flag with another value, which systemd has not read",
        make: (node) => node.check(`sed -i 's/maxbackup=10/maxbackup=11/' ${DROP_IN}`),
        warning: `${DROP_IN}: the flag --audit-log-maxbackup was changed.\n${HEAD}-    - --audit-log-maxbackup=10\n+    - --audit-log-maxbackup=11`,
        restarts: true,
    },
    {
        name: "a drop-in that was removed",
        make: (node) => restarting(node, `rm ${DROP_IN} && ${RELOAD}`),
        warning: `${DROP_IN}: the file was removed: all of the audit settings are gone.\n${HEAD}${GONE}`,
        restarts: true,
    },
    {
        name: "a policy that is gone, without which the API server does not start",
        make: (node) => node.check(`rm ${POLICY_FILE}; systemctl restart --no-block ${UNIT}; sleep 4`),
        warning: `${POLICY_FILE}: the policy file is missing.`,
        restarts: true,
        repairWarnings: ["The API server was not healthy before this repair."],
    },
    {
        name: "a policy that was edited",
        make: (node) => node.check(`sed -i 's/level: Request$/level: Metadata/' ${POLICY_FILE}`),
        warning: `${POLICY_FILE}: the policy was edited on the host.
--- ${POLICY_FILE} (as applied)
+++ ${POLICY_FILE} (now)
@@ -3,5 +3,5 @@
 omitStages: [RequestReceived]
 rules:
-  - level: Request
+  - level: Metadata
     resources: [{ group: "", resources: [configmaps] }]
     namespaces: [default]`,
        restarts: true,
    },
    {
        name: "a policy that everybody may read",
        make: (node) => node.check(`chmod 644 ${POLICY_FILE}`),
        warning: `${POLICY_FILE}: the mode was changed from 600 to 644.`,
        restarts: false,
    },
    {
        name: "a log directory that everybody may enter",
        make: (node) => node.check(`chmod 755 ${LOG_DIRECTORY}`),
        warning: `${LOG_DIRECTORY}: the mode was changed from 700 to 755.`,
        restarts: false,
    },
    {
        name: "a receipt that was deleted",
        make: (node) => node.check(`rm ${RECEIPT}`),
        warning: `${RECEIPT}: is missing, though ${DROP_IN} still has our settings.`,
        restarts: false,
        check: (node) => node.check(`test -s ${RECEIPT} && cmp ${APPLIED_POLICY} ${POLICY_FILE}`),
    },
    {
        name: "a process that is older than the drop-in",
        make: (node) => node.check(`touch ${DROP_IN}`),
        warning: `${DROP_IN}: the running API server (process PID, started TIME) is older than this file (changed TIME) and may run with other settings.`,
        restarts: true,
    },
    {
        name: "another command line in the unit, by a package upgrade",
        make: (node) =>
            restarting(node, `sed -i 's|^ExecStart=/usr/local/bin/kube-apiserver|& --v=1|' ${UNIT_FILE} && ${RELOAD}`),
        warning: STALE,
        restarts: true,
        check: async (node) => {
            await node.check("tr '\\0' '\\n' </proc/$(pgrep -x kube-apiserver)/cmdline | grep -x -- --v=1");
        },
    },
    {
        name: "a package upgrade that leaves the command line alone, and was not read by systemd",
        make: (node) => node.check(`sed -i 's/^Restart=.*/&\\nLimitCORE=0/' ${UNIT_FILE}`),
        warning: STALE,
        restarts: false,
        check: async (node) => {
            assert.equal(await node.check(`systemctl show --property=LimitCORE ${UNIT}`), "LimitCORE=0\n");
        },
    },
];
