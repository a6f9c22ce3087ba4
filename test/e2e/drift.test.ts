import assert from "node:assert/strict";
import type { SandboxNode } from "../../sandbox";
import { policyPath } from "../../host/flags";
import { APPLIED_POLICY, MANIFEST, RECEIPT, STATE_DIRECTORY } from "../../host/paths";
import type { HostReport } from "../../host/report";
import { testCluster } from "./cluster";
import { apiServer, auditFlags, filterManifest, putBackOriginal, rememberOriginal, restarting } from "./controlPlane";
import { AuditStack, hostOf, login, type Message } from "./stack";

const POLICY = `apiVersion: audit.k8s.io/v1
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
const LOG_DIRECTORY = "/var/log/kubernetes/audit";
const STRAY = `${MANIFEST}.bak`;

const FLAGS = [
    `--audit-policy-file=${POLICY_FILE}`,
    `--audit-log-path=${LOG_DIRECTORY}/audit.log`,
    "--audit-log-maxage=30",
    "--audit-log-maxbackup=10",
    "--audit-log-maxsize=100",
];

const EDIT_POLICY = `sed 's/level: Request$/level: Metadata/' ${POLICY_FILE} >/root/edited`;
const ANOTHER_MANIFEST =
    `${STRAY}: a second kube-apiserver manifest beside ${MANIFEST}; the kubelet may run it instead. ` +
    "The update will move it out of the way.";

/** Something that somebody does to a host behind the program's back. */
interface Drift {
    readonly name: string;
    readonly make: (node: SandboxNode) => Promise<unknown>;
    /** What the preview says of it, after the host's name; processes and times are replaced by these words. */
    readonly warning: string;
    /** Whether the repair restarts the API server. */
    readonly restarts: boolean;
    /** What the repair says, after the host's name. */
    readonly repairWarnings?: readonly string[];
    /** What else holds after the repair. */
    readonly check?: (node: SandboxNode) => Promise<unknown>;
}

const DRIFTS: readonly Drift[] = [
    {
        name: "a flag that was removed",
        make: (node) => restarting(node, filterManifest("sed '/--audit-log-maxage=/d'")),
        warning: `${MANIFEST}: the flag --audit-log-maxage was removed.
--- ${MANIFEST} (as applied)
+++ ${MANIFEST} (now)
-    - --audit-log-maxage=30`,
        restarts: true,
    },
    {
        name: "a flag with another value",
        make: (node) => restarting(node, filterManifest("sed 's/--audit-log-maxbackup=10/--audit-log-maxbackup=11/'")),
        warning: `${MANIFEST}: the flag --audit-log-maxbackup was changed.
--- ${MANIFEST} (as applied)
+++ ${MANIFEST} (now)
-    - --audit-log-maxbackup=10
+    - --audit-log-maxbackup=11`,
        restarts: true,
    },
    {
        name: "a mount that was removed, without which the API server cannot start",
        make: async (node) => {
            await node.check(filterManifest("sed '/mountPath: .etc.kubernetes.audit /,+2d'"));
            await node.check("while pgrep -x kube-apiserver; do sleep 0.2; done");
        },
        warning: `${MANIFEST}: the mount of /etc/kubernetes/audit was removed or changed.
--- ${MANIFEST} (as applied)
+++ ${MANIFEST} (now)
-    - mountPath: /etc/kubernetes/audit (volume kube-apiserver-audit-policy, ro)`,
        restarts: true,
        repairWarnings: ["The API server was not healthy before this repair."],
    },
    {
        name: "a policy that was edited",
        make: (node) => node.check(`${EDIT_POLICY} && cat /root/edited >${POLICY_FILE}`),
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
        check: async (node) => {
            assert.equal(await node.check(`stat -c '%a %u %g' ${POLICY_FILE}`), "600 0 0\n");
        },
    },
    {
        name: "a policy of another owner",
        make: (node) => node.check(`chown 1234:5 ${POLICY_FILE}`),
        warning: `${POLICY_FILE}: the owner was changed from 0:0 to 1234:5 (uid:gid).`,
        restarts: false,
        check: async (node) => {
            assert.equal(await node.check(`stat -c '%a %u %g' ${POLICY_FILE}`), "600 0 0\n");
        },
    },
    {
        name: "a log directory that everybody may enter",
        make: (node) => node.check(`chmod 755 ${LOG_DIRECTORY}`),
        warning: `${LOG_DIRECTORY}: the mode was changed from 700 to 755.`,
        restarts: false,
        check: async (node) => {
            assert.equal(await node.check(`stat -c '%a %u %g' ${LOG_DIRECTORY}`), "700 0 0\n");
        },
    },
    {
        name: "a manifest that kubeadm made anew",
        make: (node) =>
            restarting(node, "kubeadm init phase control-plane apiserver --config /etc/kubeadm/config.yaml >/dev/null"),
        warning: `${MANIFEST}: the file was regenerated without the audit settings (by kubeadm, for instance): all of them are gone.
--- ${MANIFEST} (as applied)
+++ ${MANIFEST} (now)
${FLAGS.map((flag) => `-    - ${flag}\n`).join("")}-    - mountPath: /etc/kubernetes/audit (volume kube-apiserver-audit-policy, ro)
-    - mountPath: ${LOG_DIRECTORY} (volume kube-apiserver-audit-log, rw)`,
        restarts: true,
    },
    {
        name: "a receipt that was deleted",
        make: (node) => node.check(`rm ${RECEIPT}`),
        warning: `${RECEIPT}: is missing, though ${MANIFEST} still has our settings.`,
        restarts: false,
        check: (node) => node.check(`test -s ${RECEIPT} && cmp ${APPLIED_POLICY} ${POLICY_FILE}`),
    },
    {
        name: "a process that is older than its manifest",
        make: (node) => node.check(`touch ${MANIFEST}`),
        warning: `${MANIFEST}: the running API server (process PID, started TIME) is older than this file (changed TIME) and may run with other settings.`,
        restarts: true,
    },
    {
        name: "a manifest with a time to come, from a wrong clock",
        make: (node) => node.check(`touch -d '1 hour' ${MANIFEST}`),
        warning: `${MANIFEST}: the running API server (process PID, started TIME) is older than this file (changed TIME) and may run with other settings.`,
        restarts: true,
    },
    {
        name: "a process that has read another policy, though the right one was put back",
        make: async (node) => {
            await node.check(
                `cp -p ${POLICY_FILE} /etc/kubernetes/saved && ${EDIT_POLICY} && cat /root/edited >${POLICY_FILE}`,
            );
            await restarting(node, "pkill -TERM -x kube-apiserver");
            // With the old time of change, as a move or `cp -p` leaves it.
            await node.check(`sleep 2; mv /etc/kubernetes/saved ${POLICY_FILE}`);
        },
        warning: `${POLICY_FILE}: the running API server (process PID, started TIME) is older than this file (changed TIME) and may run with other settings.`,
        restarts: true,
    },
    {
        name: "a copy of the manifest beside it",
        make: (node) => restarting(node, `cp -p ${MANIFEST} /etc/kubernetes/copy && mv /etc/kubernetes/copy ${STRAY}`),
        warning: ANOTHER_MANIFEST,
        restarts: true,
        repairWarnings: [
            `${STRAY}, a second kube-apiserver pod, was moved to ${STATE_DIRECTORY}/strays/kube-apiserver.yaml.bak.`,
        ],
        check: assertNoStray,
    },
    {
        name: "a second manifest with another flag, which the kubelet prefers",
        make: (node) =>
            restarting(
                node,
                `sed 's/    - --audit-log-maxage=30/    - --v=1\\n&/' ${MANIFEST} >/etc/kubernetes/copy && mv /etc/kubernetes/copy ${STRAY}`,
                "--v=1",
            ),
        warning: ANOTHER_MANIFEST,
        restarts: true,
        repairWarnings: [
            `${STRAY}, a second kube-apiserver pod, was moved to ${STATE_DIRECTORY}/strays/kube-apiserver.yaml.bak.`,
        ],
        check: async (node) => {
            await assertNoStray(node);
            assert.equal(
                (await node.exec("tr '\\0' '\\n' </proc/$(pgrep -x kube-apiserver)/cmdline | grep -x -- --v=1")).code,
                1,
            );
        },
    },
];

async function assertNoStray(node: SandboxNode): Promise<void> {
    assert.equal(
        await node.check("ls /etc/kubernetes/manifests"),
        "etcd.yaml\nkube-apiserver.yaml\nkube-controller-manager.yaml\nkube-scheduler.yaml\n",
    );
}

/** A host in sync, and the stack that keeps it so. */
interface Subject {
    readonly node: SandboxNode;
    readonly stack: AuditStack;
}

describe("drift", () => {
    let subjects: readonly Subject[];
    const outcomes = new Map<Drift, Promise<void>>();

    before("audit logging is turned on, on each host by a stack of its own", async () => {
        const { nodes } = await testCluster();
        subjects = await Promise.all(nodes.map(turnOn));
        // Each host goes through its share of the drifts, all hosts at the same time.
        for (const [index, subject] of subjects.entries()) {
            let previous: Promise<unknown> = Promise.resolve();
            for (const drift of DRIFTS.filter((_, number) => number % subjects.length === index)) {
                const outcome = previous.then(() => findAndRepair(subject, drift));
                outcomes.set(drift, outcome);
                previous = outcome.catch(() => subject.stack.up());
            }
        }
    });

    after("the hosts are as kubeadm left them", async () => {
        await Promise.allSettled(outcomes.values());
        const { nodes } = await testCluster();
        await Promise.all(nodes.map(putBackOriginal));
    });

    for (const drift of DRIFTS) {
        it(`is found and repaired: ${drift.name}`, () => outcomes.get(drift));
    }
});

async function turnOn(node: SandboxNode): Promise<Subject> {
    await rememberOriginal(node);
    await putBackOriginal(node);
    const stack = await AuditStack.create({ hosts: [hostOf(node)], connection: await login(), policy: POLICY });
    const run = await stack.up();
    assert.equal(run.ok, true, run.output);
    await assertInSync({ node, stack });
    return { node, stack };
}

async function findAndRepair(subject: Subject, drift: Drift): Promise<void> {
    const { node, stack } = subject;
    await drift.make(node);
    const before = (await node.exec("pgrep -x kube-apiserver")).stdout;
    const warning: Message = { severity: "warning", text: `${node.name}: ${drift.warning}` };
    const restart = drift.restarts
        ? "will be restarted: what drifted is repaired. As the only control-plane host given, it takes the API with it, for about 40 s."
        : "will not be restarted.";

    const preview = await stack.preview();
    assert.equal(preview.ok, true, preview.output);
    assert.deepEqual(preview.messages.map(withoutInstants), [
        warning,
        { severity: "info", text: `${node.name}: the API server ${restart}` },
    ]);
    assert.ok(preview.changes > 0, preview.output);
    assert.deepEqual(stack.sentCommands(), []);

    const up = await stack.up();
    assert.equal(up.ok, true, up.output);
    assert.deepEqual(up.messages.map(withoutInstants), [warning]);
    const { reports } = await stack.outputs();
    const [report] = reports!.value as [HostReport];
    assert.deepEqual(
        [report.restarted, report.proof, report.warnings],
        [drift.restarts, "event", drift.repairWarnings ?? []],
    );
    assert.equal((await apiServer(node)).split(" ")[0] === before.trim(), !drift.restarts);

    await assertInForce(node);
    await drift.check?.(node);
    await assertInSync(subject);
}

/** Without what is different each time: processes, and when they started. */
function withoutInstants({ severity, text }: Message): Message {
    return {
        severity,
        text: text.replace(/process \d+/g, "process PID").replace(/\d{4}-\d\d-\d\dT[\d:]+Z/g, "TIME"),
    };
}

/** The running process has the flags and has read the policy. */
async function assertInForce(node: SandboxNode): Promise<void> {
    assert.deepEqual(await auditFlags(node), FLAGS);
    const name = `proof-${Date.now()}`;
    const create = ["create", "configmap", name, "-n", "default", "--from-literal=a=b", "--dry-run=server"];
    const created = await node.kubectl(create);
    assert.equal(created.code, 0, created.stderr);
    const event = await node.check(`grep '"${name}"' ${LOG_DIRECTORY}/audit.log | tail -n 1`);
    const { level, stage, requestObject } = JSON.parse(event) as Record<string, unknown>;
    assert.deepEqual([level, stage, typeof requestObject], ["Request", "ResponseComplete", "object"]);
}

/** A preview finds nothing to do, and does nothing but look. */
async function assertInSync({ stack }: Subject): Promise<void> {
    stack.sentCommands();
    const run = await stack.previewInSync();
    assert.equal(run.ok, true, run.output);
    assert.deepEqual([run.messages, stack.sentCommands()], [[], []]);
}
