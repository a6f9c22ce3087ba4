import assert from "node:assert/strict";
import { stringify } from "yaml";
import { dispatch } from "../../cli/dispatch";
import type { HostReport } from "../../host/report";
import { giveShape, type SandboxNode, type Shape } from "../../sandbox";
import { runInMemory } from "../cli/fakeIO";
import { apiServer, auditFlags } from "../e2e/controlPlane";
import { hostOf, type AuditStack, type Message } from "../e2e/stack";
import { LOG_DIRECTORY } from "../e2e/subject";
import { DRIFTS, FLAGS, POLICY, type Drift } from "./systemdDrifts";
import {
    ENVIRONMENT_FILE,
    hostState,
    putBack,
    refusal,
    restarting,
    stackOf,
    systemdSandbox,
    UNIT,
    UNIT_FILE,
} from "./systemdHosts";
import { passed, settled } from "./verifications";

/** Without what is different each time: processes, and when they started. */
function withoutInstants({ severity, text }: Message): Message {
    return {
        severity,
        text: text.replace(/process \d+/g, "process PID").replace(/\d{4}-\d\d-\d\dT[\d:]+Z/g, "TIME"),
    };
}

/** A preview finds nothing to do, and does nothing but look. */
async function assertInSync(stack: AuditStack): Promise<void> {
    stack.sentCommands();
    const run = await stack.previewInSync();
    assert.equal(run.ok, true, run.output);
    assert.deepEqual([run.messages, stack.sentCommands()], [[], []]);
}

/** The running process has the flags, has read the policy and logs. */
async function assertInForce(node: SandboxNode): Promise<void> {
    const flags = await auditFlags(node);
    assert.deepEqual(flags.slice(-FLAGS.length), FLAGS);
    const name = `proof-${Date.now()}`;
    const created = await node.kubectl([
        ...["create", "configmap", name, "-n", "default", "--from-literal=a=b", "--dry-run=server"],
    ]);
    assert.equal(created.code, 0, created.stderr);
    const event = await node.check(`grep '"${name}"' ${LOG_DIRECTORY}/audit.log | tail -n 1`);
    const { level, stage, requestObject } = JSON.parse(event) as Record<string, unknown>;
    assert.deepEqual([level, stage, typeof requestObject], ["Request", "ResponseComplete", "object"]);
}

async function report(stack: AuditStack): Promise<HostReport> {
    const run = await stack.up();
    assert.equal(run.ok, true, run.output);
    const { reports } = await stack.outputs();
    return (reports!.value as HostReport[])[0]!;
}

async function findAndRepair(node: SandboxNode, stack: AuditStack, drift: Drift): Promise<void> {
    await drift.make(node);
    const before = (await node.exec("pgrep -x kube-apiserver")).stdout;
    const warning: Message = { severity: "warning", text: `${node.name}: ${drift.warning}` };
    const preview = await stack.preview();
    assert.equal(preview.ok, true, preview.output);
    assert.deepEqual(preview.messages.map(withoutInstants), [
        warning,
        {
            severity: "info",
            text: `${node.name}: the API server ${
                drift.restarts
                    ? "will be restarted: what drifted is repaired. As the only control-plane host given, it takes the API with it, for some seconds."
                    : "will not be restarted."
            }`,
        },
    ]);
    assert.ok(preview.changes > 0, preview.output);
    const { restarted, proof, warnings } = await report(stack);
    assert.deepEqual([restarted, proof, warnings], [drift.restarts, "event", drift.repairWarnings ?? []]);
    assert.equal((await apiServer(node)).split(" ")[0] === before.trim(), !drift.restarts);
    await assertInForce(node);
    await drift.check?.(node);
    await assertInSync(stack);
}

const SHAPES: readonly Shape[] = ["continued", "variable", "mixed"];

describe("an API server that is a systemd unit", () => {
    let nodes: readonly SandboxNode[];
    const stacks = new Map<SandboxNode, AuditStack>();
    const pristine = new Map<SandboxNode, string>();

    before(async () => {
        ({ nodes } = await systemdSandbox());
        await Promise.all(
            nodes.map(async (node, index) => {
                await putBack(node);
                await giveShape(node, SHAPES[index]!);
                // One of them has a drop-in directory of its own.
                await node.check(
                    index === 0
                        ? `mkdir -p -m 755 ${UNIT_FILE}.d && printf '[Service]\\nLimitNOFILE=65000\\n' >${UNIT_FILE}.d/limits.conf && systemctl daemon-reload`
                        : ":",
                );
                pristine.set(node, await hostState(node));
                stacks.set(node, await stackOf(node, { policy: `${POLICY}# first\n` }));
            }),
        );
    });

    const everywhere = (work: (node: SandboxNode, stack: AuditStack) => Promise<unknown>) =>
        Promise.all(nodes.map((node) => work(node, stacks.get(node)!)));

    describe("without audit logging", () => {
        it("is found by itself, in all shapes, and the preview says that it will be restarted", () =>
            everywhere(async (node, stack) => {
                const run = await stack.preview();
                assert.equal(run.ok, true, run.output);
                assert.deepEqual(run.messages, [
                    {
                        severity: "info",
                        text:
                            `${node.name}: the API server will be restarted: audit logging is turned on. As the only ` +
                            "control-plane host given, it takes the API with it, for some seconds.",
                    },
                ]);
                assert.equal(await hostState(node), pristine.get(node));
            }));

        it("is given audit logging by an update, proven by an event", () =>
            everywhere(async (_, stack) => {
                const { restarted, proof, warnings } = await report(stack);
                assert.deepEqual([restarted, proof, warnings], [true, "event", []]);
                await assertInSync(stack);
            }));

        it("is restarted once for another policy", () =>
            everywhere(async (node, stack) => {
                stack.args = { ...stack.args, policy: POLICY };
                const preview = await stack.preview();
                assert.match(preview.output, /the API server will be restarted: the policy changes\./);
                const before = await apiServer(node);
                const { restarted } = await report(stack);
                assert.deepEqual([restarted, before === (await apiServer(node))], [true, false]);
                assert.equal(await node.check(`systemctl show --property=NRestarts ${UNIT}`), "NRestarts=0\n");
                await assertInForce(node);
            }));

        it("stays in sync over a restart and a reboot", () =>
            everywhere(async (node, stack) => {
                await restarting(node, `systemctl restart ${UNIT}`);
                await assertInSync(stack);
                await node.reboot();
                await assertInSync(stack);
            }));
    });

    describe("drifts", () => {
        const outcomes = new Map<Drift, Promise<void>>();

        before(() => {
            for (const [index, node] of nodes.entries()) {
                let previous: Promise<unknown> = Promise.resolve();
                for (const drift of DRIFTS.filter((_, number) => number % nodes.length === index)) {
                    const outcome = previous.then(() => findAndRepair(node, stacks.get(node)!, drift));
                    outcomes.set(drift, outcome);
                    previous = outcome.catch(() => stacks.get(node)!.up());
                }
            }
        });

        after(() => Promise.allSettled(outcomes.values()));

        for (const drift of DRIFTS) {
            it(`and is found and repaired: ${drift.name}`, () => outcomes.get(drift));
        }
    });

    describe("with audit logging", () => {
        it("is verified from the command line, as whoever the host can ask as", async () => {
            const { credentials } = await systemdSandbox();
            const connection = { user: nodes[0]!.users.admin, privateKey: credentials.privateKey };
            const files = { "kube-audit.yaml": stringify({ hosts: nodes.map(hostOf), connection }) };
            const away = ["/etc/kubernetes/admin.conf", "/etc/kubernetes/pki/apiserver-kubelet-client.key"];
            /** The first host has all of them, the second lacks one, the third both. */
            const move = (command: (file: string) => string) =>
                Promise.all(
                    nodes.map((node, index) => node.check([":", ...away.slice(0, index).map(command)].join("\n"))),
                );
            await move((file) => `mv ${file} ${file}.away`);
            try {
                const { code, stdout, stderr } = await runInMemory(
                    (io) => dispatch(["verify", "--hosts", "kube-audit.yaml"], io),
                    files,
                );
                const clients = ["kubectl", "kubelet-client", "anonymous"];
                assert.deepEqual(
                    { code, stdout: settled(stdout), stderr },
                    { code: 0, stdout: nodes.map((node, index) => passed(node, clients[index])).join(""), stderr: "" },
                );
            } finally {
                await move((file) => `mv ${file}.away ${file}`);
            }
        });

        it("is as it was, byte for byte, when audit logging is removed", () =>
            everywhere(async (node, stack) => {
                // What the drifts have changed for good is put back first, as somebody who does so would.
                await node.check(
                    `sed -i 's|^\\(ExecStart=/usr/local/bin/kube-apiserver\\) --v=1|\\1|; /^LimitCORE=0$/d' ${UNIT_FILE} && systemctl daemon-reload`,
                );
                const destroyed = await stack.destroy();
                assert.equal(destroyed.ok, true, destroyed.output);
                await node.check(`rm -r ${LOG_DIRECTORY}`);
                assert.equal(await hostState(node), pristine.get(node));
            }));
    });

    describe("meets what it cannot or may not change", () => {
        async function isRefused(node: SandboxNode, stack: AuditStack, message: string): Promise<void> {
            const before = `${await hostState(node)}${await apiServer(node)}`;
            assert.equal(refusal(await stack.up()), `${node.name}: ${message} Nothing was changed.`);
            assert.equal(`${await hostState(node)}${await apiServer(node)}`, before);
        }

        it("a script, and says what to do", async () => {
            const node = nodes[2]!;
            await giveShape(node, "wrapper");
            await isRefused(
                node,
                await stackOf(node),
                `${UNIT} starts /usr/local/bin/start-apiserver.sh (ExecStart= in ${UNIT_FILE}), not kube-apiserver itself, so ` +
                    "its command line is not known here. Let ExecStart= start kube-apiserver with its flags, or with variables " +
                    "from an EnvironmentFile=; what a script prepares before that belongs into ExecStartPre=.",
            );
            await giveShape(node, "mixed");
        });

        it("another unit than there is", async () => {
            const node = nodes[2]!;
            await isRefused(
                node,
                await stackOf(node, { unit: "apiserver.service" }),
                "systemd knows no unit apiserver.service on this host. Give unit the name of the one that runs " +
                    "kube-apiserver, or take the host out of hosts.",
            );
        });

        it("a command line that a later drop-in gives", async () => {
            const node = nodes[0]!;
            const later = `${UNIT_FILE}.d/60-mine.conf`;
            await node.check(
                `{ echo '[Service]'; echo 'ExecStart='; sed -n '/^ExecStart=/,/[^\\]$/p' ${UNIT_FILE}; } >${later} && systemctl daemon-reload`,
            );
            await isRefused(
                node,
                await stackOf(node),
                `${later} gives ${UNIT} a command line, and is read after 50-kube-apiserver-audit.conf, whose flags it would ` +
                    "undo. Give it a name that sorts before 50-kube-apiserver-audit.conf, then run systemctl daemon-reload.",
            );
            await node.check(`rm ${later} && systemctl daemon-reload`);
        });

        it("an API server that is unhealthy already", async () => {
            const node = nodes[0]!;
            await node.check("pkill -STOP -x etcd; sleep 3");
            try {
                await isRefusedSaying(
                    node,
                    /is not healthy \(\/readyz\): etcd failed: reason withheld; .*Nothing was changed\.$/,
                );
            } finally {
                await node.check("pkill -CONT -x etcd");
                await node.waitHealthy();
            }
        });

        async function isRefusedSaying(node: SandboxNode, pattern: RegExp): Promise<void> {
            assert.match(refusal(await (await stackOf(node)).up()), pattern);
        }

        it("a directory that is mounted read-only", async () => {
            const node = nodes[0]!;
            await node.check(
                "mount --bind /etc/kubernetes /etc/kubernetes && mount -o remount,bind,ro /etc/kubernetes",
            );
            try {
                await isRefused(
                    node,
                    await stackOf(node),
                    "/etc/kubernetes is mounted read-only, so nothing can be written to /etc/kubernetes/audit. Mount it " +
                        "writable (mount -o remount,rw /etc/kubernetes), then run the update again.",
                );
            } finally {
                await node.check("umount /etc/kubernetes");
            }
        });

        it("little disk, which it warns of", async () => {
            const node = nodes[1]!;
            await node.check(
                "mkdir -p /var/log/kubernetes && mount -t tmpfs -o size=64m,mode=755 tmpfs /var/log/kubernetes",
            );
            try {
                const stack = await stackOf(node);
                const run = await stack.preview();
                assert.deepEqual(
                    run.messages.filter(({ severity }) => severity === "warning"),
                    [
                        {
                            severity: "warning",
                            text:
                                `${node.name}: the log settings allow 1100 MiB in ${LOG_DIRECTORY} (log.maxSize × (log.maxBackup + ` +
                                "1)), but its file system /var/log/kubernetes has 64 MiB free of 64 MiB. When it is full, audit " +
                                "events are lost. Make room there, or set log.maxSize and log.maxBackup lower.",
                        },
                    ],
                );
                stack.args = { ...stack.args, log: { maxSize: 10, maxBackup: 5 } };
                assert.deepEqual(
                    (await stack.preview()).messages.filter(({ severity }) => severity === "warning"),
                    [],
                );
            } finally {
                await node.check("umount /var/log/kubernetes");
            }
        });

        it("audit flags of somebody else, which it takes over where it is told to, and gives back", async () => {
            const node = nodes[1]!;
            await node.check(`cp -p ${ENVIRONMENT_FILE} /root/apiserver.env && mkdir -p /root/theirs &&
                printf 'apiVersion: audit.k8s.io/v1\\nkind: Policy\\nrules: [{ level: Metadata }]\\n' >/root/theirs/policy.yaml &&
                sed -i 's|^KUBE_APISERVER_ARGS="|&--audit-policy-file=/root/theirs/policy.yaml --audit-log-path=/root/theirs/audit.log |' ${ENVIRONMENT_FILE}`);
            await restarting(node, `systemctl restart ${UNIT}`);
            const theirs = await hostState(node);
            const stack = await stackOf(node, { policy: POLICY });
            await isRefused(
                node,
                stack,
                "its API server has audit settings already, which something else gave it: " +
                    "--audit-policy-file=/root/theirs/policy.yaml --audit-log-path=/root/theirs/audit.log. Take them out there, or " +
                    "set adopt: true here; then ours take their place, and theirs come back when ours are removed.",
            );
            stack.args = { ...stack.args, adopt: true };
            assert.equal((await report(stack)).proof, "event");
            await assertInForce(node);
            await assertInSync(stack);
            const destroyed = await stack.destroy();
            assert.equal(destroyed.ok, true, destroyed.output);
            await node.check(`rm -r ${LOG_DIRECTORY}`);
            assert.equal(await hostState(node), theirs);
            await restarting(node, `mv /root/apiserver.env ${ENVIRONMENT_FILE} && systemctl restart ${UNIT}`);
        });
    });
});
